internal import Storage

/// Several partials of a day, wherever each was made.
struct PartialSet {
    let folders: [String]
    let partials: [PlayPartial]
    let union: PlayPartial

    init(_ folders: [String]) throws {
        self.folders = folders
        partials = try folders.map { try PlayPartial.read($0) }
        union = try PlayPartial.union(partials, folders: folders)
        guard union.regions.count <= RegionTable.maximumCount else { throw TooManyRegions() }
    }

    // MARK: Counted

    /// Adds some buckets of one kind to a day.
    func load(_ content: ShuffleContent, into day: DayEvents, buckets: Range<Int>? = nil) throws {
        var writer = ShuffleWriter(content.shuffle(of: day))
        for (folder, partial) in zip(folders, partials) {
            let path = folder + "/" + content.fileName
            let reader = try ShuffleFile.Reader(path, buckets: content.buckets)
            let regions = union.renumbering(of: partial)
            for bucket in buckets ?? 0..<content.buckets {
                try content.add(
                    try reader.bytes(of: bucket), to: bucket, &writer, regions: regions, path: path)
            }
        }
        writer.finish()
    }

    /// A day that knows the regions of all partials by the numbers that they have here.
    func day(_ rules: PlayRules, _ pool: BlockPool) throws -> DayEvents {
        let day = DayEvents(rules, pool)
        for region in union.regions {
            _ = try Array(region.utf8).withUnsafeBytes { try day.regions.number(of: $0) }
        }
        return day
    }

    // MARK: What stands in order

    /// What one log, or the sessions of several, have put into a file of a partial.
    private struct Piece {
        let part: PlayPartial.Part
        /// nil for sessions.
        let log: Int?
        let folder: Int
        let start: Int
        let count: Int

        private var name: String { part.logs[log ?? 0].name }

        /// As one run over all logs writes: log by log, and what sessions came to behind them.
        static func precedes(_ a: Piece, _ b: Piece) -> Bool {
            if (a.log == nil) != (b.log == nil) { return b.log == nil }
            if !a.name.hasSameBytes(as: b.name) { return a.name.precedesInBytes(b.name) }
            return (a.part.range?.lowerBound ?? 0) < (b.part.range?.lowerBound ?? 0)
        }
    }

    private func pieces(_ bytes: (PlayPartial.Part) -> [Int]) -> [Piece] {
        var pieces: [Piece] = []
        for (number, partial) in partials.enumerated() {
            var start = 0
            for part in partial.parts {
                for (log, count) in bytes(part).enumerated() {
                    if count > 0 {
                        pieces.append(
                            Piece(
                                part: part, log: log < part.logs.count ? log : nil,
                                folder: number, start: start, count: count))
                    }
                    start += count
                }
            }
        }
        pieces.sort(by: Piece.precedes)
        return pieces
    }

    /// Calls `body` with the pieces of a file, in the order in which one run would have written them.
    func forEachPiece(
        of name: String, _ bytes: (PlayPartial.Part) -> [Int],
        _ body: (PlayPartial.Part, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        for piece in pieces(bytes) {
            try read(piece.count, at: piece.start, of: name, in: piece.folder) {
                try body(piece.part, $0)
            }
        }
    }

    private func read(
        _ count: Int, at start: Int, of name: String, in folder: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let path = folders[folder] + "/" + name
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        defer { buffer.deallocate() }
        let file = try FileDescriptor(path, .read)
        guard try file.read(into: buffer, at: start) == count else {
            throw FormatError(
                path, "ends early", hint: "remove the folder that it lies in and make it again")
        }
        try body(UnsafeRawBufferPointer(buffer))
    }

    /// Calls `body` with what each part has in a file, in the order of the union's parts.
    private func forEachPart(
        of name: String, _ bytes: (PlayPartial.Part) -> [Int],
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var places: [(part: PlayPartial.Part, folder: Int, start: Int, count: Int)] = []
        for (number, partial) in partials.enumerated() {
            var start = 0
            for part in partial.parts {
                let count = bytes(part).reduce(0, +)
                places.append((part, number, start, count))
                start += count
            }
        }
        places.sort { PlayPartial.Part.precedes($0.part, $1.part) }
        for place in places where place.count > 0 {
            try read(place.count, at: place.start, of: name, in: place.folder, body)
        }
    }

    // MARK: One of many

    /// Makes one partial of all; its bytes do not tell how they were grouped.
    func write(into folder: StagedDirectory) throws {
        for content in ShuffleContent.allCases {
            let path = folders[0] + "/" + content.fileName
            // `~Copyable` readers do not go into an array.
            let readers = try folders.map {
                Box(try ShuffleFile.Reader($0 + "/" + content.fileName, buckets: content.buckets))
            }
            try folder.write(content.fileName) { writer in
                try ShuffleFile.write(buckets: content.buckets, to: writer) { bucket in
                    var parts: [[UInt8]] = []
                    for (number, reader) in readers.enumerated() {
                        var bytes = try reader.reader.bytes(of: bucket)
                        if content == .events {
                            try renumber(&bytes, union.renumbering(of: partials[number]), path)
                        }
                        parts.append(bytes)
                    }
                    return try content.sorted(parts, path: path)
                }
            }
        }
        for (name, bytes) in Self.ordered {
            try folder.write(name) { writer in
                try forEachPart(of: name, bytes) { try writer.write($0) }
            }
        }
        try folder.write(PlayPartial.recordName) { writer in
            var json = JSONWriter(indented: true)
            json.value(union.json)
            json.newline()
            try writer.write(json.bytes)
        }
    }

    static var ordered: [(name: String, bytes: (PlayPartial.Part) -> [Int])] {
        [(PlayPartial.rejectsName, { $0.rejectBytes }), (PlayPartial.lateName, { $0.lateBytes })]
    }

    private final class Box {
        let reader: ShuffleFile.Reader
        init(_ reader: consuming ShuffleFile.Reader) { self.reader = reader }
    }

    private func renumber(_ bytes: inout [UInt8], _ regions: [UInt16], _ path: String) throws {
        try bytes.withUnsafeMutableBytes { bytes in
            var offset = 0
            while offset + EventRecord.bytes <= bytes.count {
                let record = bytes.baseAddress! + offset
                try ShuffleContent.renumber(record, regions, path)
                offset += EventRecord.length(UnsafeRawPointer(record))
            }
        }
    }
}
