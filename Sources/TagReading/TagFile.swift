package import Storage

/// Reads the beginning and the end of files, and their tags; its buffers serve one file after the
/// other.
package final class TagFile {
    /// Enough for a tag without a picture, or to know how long one is.
    private static let firstHeadBytes = 8 << 10
    /// Enough to find a tag behind junk.
    private static let headBytes = 64 << 10
    /// Enough for an ID3v1 tag and what may stand before it.
    private static let firstTailBytes = 1 << 10
    private static let tailBytes = 8 << 10
    /// Behind a tag: room for the next tag's header, or two frames.
    private static let slackBytes = 4 << 10
    /// Beyond it a tag is read as one that is cut short.
    private static let maximumHeadBytes = 160 << 20
    private static let maximumTailBytes = 64 << 20

    private var headBuffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: headBytes, alignment: 4096)
    private var tailBuffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: tailBytes, alignment: 4096)
    private var headCount = 0
    private var tailCount = 0
    /// Where the next leading tag would begin.
    private var tagStart = 0

    package init() {}

    deinit {
        headBuffer.deallocate()
        tailBuffer.deallocate()
    }

    /// The bytes that the last file's tags were read from; valid until the next file is read.
    package var head: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: headBuffer[..<headCount])
    }
    package var tail: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: tailBuffer[..<tailCount])
    }

    /// - Throws: `FileError`.
    package func read(
        _ file: borrowing FileDescriptor, sizeBytes: Int,
        options: TagReader.Options = TagReader.Options()
    ) throws(FileError) -> TagReader.Result {
        shrink()
        (headCount, tagStart) = (0, 0)
        try readHead(file, sizeBytes, atLeast: Self.firstHeadBytes)
        var places = try readTail(file, sizeBytes)
        if places.needsMoreHead, headCount < min(sizeBytes, Self.headBytes) {
            try readHead(file, sizeBytes, atLeast: Self.headBytes)
            places = TagPlaces(head: head, tail: tail)
        }
        return TagReader.read(places, head: head, tail: tail, options: options)
    }

    /// Goes on where the last call ended.
    private func readHead(
        _ file: borrowing FileDescriptor, _ sizeBytes: Int, atLeast count: Int
    ) throws(FileError) {
        var wanted = min(sizeBytes, count)
        while headCount < wanted {
            reserve(wanted)
            let more = UnsafeMutableRawBufferPointer(rebasing: headBuffer[headCount..<wanted])
            let count = try file.read(into: more, at: headCount)
            headCount += count
            if count < more.count { return }
            // Through the tags that are there so far, as far as they say they go.
            while tagStart + ID3v2Header.sizeBytes <= headCount,
                let header = ID3v2Header(
                    UnsafeRawBufferPointer(rebasing: headBuffer[tagStart..<headCount]))
            {
                tagStart += header.tagBytes
                wanted = min(sizeBytes, max(wanted, tagStart + Self.slackBytes))
                wanted = min(wanted, Self.maximumHeadBytes)
            }
        }
    }

    private func readTail(_ file: borrowing FileDescriptor, _ sizeBytes: Int) throws(FileError)
        -> TagPlaces
    {
        var wanted = min(sizeBytes, Self.firstTailBytes)
        while true {
            if tailBuffer.count < wanted {
                tailBuffer.deallocate()
                tailBuffer = .allocate(byteCount: wanted, alignment: 4096)
            }
            let buffer = UnsafeMutableRawBufferPointer(rebasing: tailBuffer[..<wanted])
            tailCount = try file.read(into: buffer, at: sizeBytes - wanted)
            let places = TagPlaces(head: head, tail: tail)
            if places.needsMoreTail, wanted < min(sizeBytes, Self.tailBytes) {
                wanted = min(sizeBytes, Self.tailBytes)
                continue
            }
            let more = min(sizeBytes, wanted + places.missingTailBytes + 512)
            guard places.missingTailBytes > 0, more > wanted, more <= Self.maximumTailBytes else {
                return places
            }
            wanted = more
        }
    }

    private func reserve(_ count: Int) {
        guard headBuffer.count < count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4096)
        larger.copyMemory(from: head)
        headBuffer.deallocate()
        headBuffer = larger
    }

    /// One file's huge cover must not hold memory for all that follow.
    private func shrink() {
        let keptBytes = 8 << 20
        if headBuffer.count > keptBytes {
            headBuffer.deallocate()
            headBuffer = .allocate(byteCount: Self.headBytes, alignment: 4096)
        }
        if tailBuffer.count > keptBytes {
            tailBuffer.deallocate()
            tailBuffer = .allocate(byteCount: Self.tailBytes, alignment: 4096)
        }
    }
}
