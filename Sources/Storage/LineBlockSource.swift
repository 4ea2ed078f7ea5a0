/// Hands the lines of files to several workers in blocks, which are numbered by file and place.
///
/// A plain file is cut into ranges of bytes that a worker reads for itself; a line belongs to the
/// range in which it begins. A packed file is unpacked by whoever takes its next block, one at a
/// time, while others work on what they have. The earliest file that has something to do comes
/// first; where that has not, the next is opened, so that no worker waits while there are files.
///
/// Whoever waits until all earlier blocks are done must hold a block itself: then a worker that does
/// not wait has, or takes, the earliest.
package final class LineBlockSource: @unchecked Sendable {
    /// How much is read at once; other sizes than these are for tests.
    package struct Sizes: Sendable {
        /// The range of a plain file that makes a block.
        package var plainBlockBytes = 4 << 20
        /// What is read of it at once: it stays in the second level of the cache until it is parsed.
        package var plainReadBytes = 512 << 10
        /// Behind its end, for the rest of its last line.
        package var tailReadBytes = 4 << 10
        /// What is unpacked to one block.
        package var packedBlockBytes = 1 << 20

        package init() {}
    }

    let maximumLineBytes: Int
    let sizes: Sizes
    private let paths: [String]
    private let range: Range<Int>?
    private let monitor = Monitor()

    // Everything below is only touched within `monitor`.
    private var nextPath = 0
    private var open: [OpenFile] = []
    private var isStopped = false

    /// - Parameter range: Of the only file's bytes, which must be plain: the lines that begin there.
    package init(
        _ paths: [String], range: Range<Int>? = nil, maximumLineBytes: Int, sizes: Sizes = Sizes()
    ) {
        precondition(range == nil || paths.count == 1)
        self.paths = paths
        self.range = range
        self.maximumLineBytes = maximumLineBytes
        self.sizes = sizes
    }

    /// No more blocks are handed out: a worker has failed.
    package func stop() {
        monitor.locked {
            isStopped = true
            monitor.wakeAll()
        }
    }

    // MARK: What is read

    /// A file between its first and its last block.
    final class OpenFile {
        enum Content {
            /// Somebody is opening it.
            case unknown
            case plain(PlainFile)
            case packed(PackedFile)
        }

        let index: Int
        var content = Content.unknown
        var nextBlock = 0
        /// Its stream is in the hands of one worker.
        var isTaken = true

        init(_ index: Int) { self.index = index }
    }

    // Its parts do not change, and pread(2) may be called by several threads.
    final class PlainFile: @unchecked Sendable {
        let file: FileDescriptor
        /// What is read of it; what is added later is for the next time.
        let range: Range<Int>
        /// Where the file ends.
        let sizeBytes: Int
        private let blockBytes: Int

        init(
            _ file: consuming FileDescriptor, _ range: Range<Int>, sizeBytes: Int, blockBytes: Int
        ) {
            self.file = file
            self.range = range
            self.sizeBytes = sizeBytes
            self.blockBytes = blockBytes
        }

        /// One at least, so that an empty file has its place among the others.
        var blockCount: Int { max(1, (range.count - 1) / blockBytes + 1) }

        func range(of block: Int) -> Range<Int> {
            let start = range.lowerBound + block * blockBytes
            return start..<max(start, min(start + blockBytes, range.upperBound))
        }
    }

    /// Only touched by the worker that has taken it.
    final class PackedFile {
        let reader: ContentReader
        /// The beginning of a line of which the rest has not been unpacked.
        var begun: [UInt8] = []
        /// Within a line that was overlong and has been delivered.
        var isSkipping = false

        init(_ reader: ContentReader) { self.reader = reader }
    }

    enum Claim {
        case plain(PlainFile, file: Int, block: Int)
        case packed(PackedFile, OpenFile, block: Int)
    }

    /// The next block to read; nil when there are no more.
    ///
    /// - Throws: `FileError`, and `FormatError` for a range of a packed file.
    func claim() throws -> Claim? {
        while true {
            let step = monitor.locked { () -> Step in
                while true {
                    if isStopped { return .end }
                    if let claim = claimOpen() { return .claim(claim) }
                    if nextPath < paths.count {
                        let file = OpenFile(nextPath)
                        nextPath += 1
                        open.append(file)
                        return .open(file)
                    }
                    if open.isEmpty { return .end }
                    monitor.wait()
                }
            }
            switch step {
            case .end: return nil
            case .claim(let claim): return claim
            case .open(let file):
                do {
                    let content = try content(of: paths[file.index])
                    monitor.locked {
                        file.content = content
                        file.isTaken = false
                        monitor.wakeAll()
                    }
                } catch {
                    stop()
                    throw error
                }
            }
        }
    }

    private enum Step {
        case end
        case claim(Claim)
        case open(OpenFile)
    }

    private func claimOpen() -> Claim? {
        for (place, file) in open.enumerated() where !file.isTaken {
            let block = file.nextBlock
            file.nextBlock += 1
            switch file.content {
            case .unknown: preconditionFailure("a file that nobody opens")
            case .plain(let plain):
                if file.nextBlock == plain.blockCount { open.remove(at: place) }
                return .plain(plain, file: file.index, block: block)
            case .packed(let packed):
                file.isTaken = true
                return .packed(packed, file, block: block)
            }
        }
        return nil
    }

    /// Gives a packed file's stream back.
    func release(_ file: OpenFile, isAtEnd: Bool) {
        monitor.locked {
            file.isTaken = false
            if isAtEnd { open.removeAll { $0 === file } }
            monitor.wakeAll()
        }
    }

    private func content(of path: String) throws -> OpenFile.Content {
        let file = try FileDescriptor(path, .read)
        let compression = try withUnsafeTemporaryAllocation(byteCount: 4, alignment: 4) {
            let count = try file.read(into: $0, at: 0)
            return Compression(firstBytes: UnsafeRawBufferPointer(rebasing: $0[..<count]))
        }
        if case .none = compression {
            let size = try file.status().sizeBytes
            let part = (range ?? 0..<size).clamped(to: 0..<size)
            return .plain(
                PlainFile(file, part, sizeBytes: size, blockBytes: sizes.plainBlockBytes))
        }
        guard range == nil else {
            throw FormatError(path, "is packed: only a plain file can be read by ranges of bytes")
        }
        return .packed(PackedFile(try ContentReader(file)))
    }
}
