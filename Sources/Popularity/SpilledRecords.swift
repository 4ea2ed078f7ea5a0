internal import Storage

/// Records in groups, in the order in which they came, in a file that has no name.
///
/// In memory are half a thousand of each group that wait to be written; and a group while it is read.
struct SpilledRecords<Record: BitwiseCopyable>: ~Copyable {
    private struct Group {
        var waiting: ContiguousArray<Record> = []
        var blockOffsets: [Int] = []
        var count = 0
    }

    private let file: TemporaryFile
    private var end = 0
    private var groups: [Group] = []

    private static var blockRecords: Int { 512 }

    /// - Parameter folder: Where there is room for it.
    init(in folder: String) throws { file = try TemporaryFile(in: folder) }

    mutating func append(_ record: Record, group: Int) throws {
        while groups.count <= group { groups.append(Group()) }
        groups[group].waiting.append(record)
        groups[group].count += 1
        guard groups[group].waiting.count == Self.blockRecords else { return }
        try groups[group].waiting.withUnsafeBytes { try file.write($0, at: end) }
        groups[group].blockOffsets.append(end)
        end += Self.blockRecords * MemoryLayout<Record>.stride
        groups[group].waiting.removeAll(keepingCapacity: true)
    }

    /// All of a group.
    func records(group: Int) throws -> ContiguousArray<Record> {
        guard group < groups.count else { return [] }
        let stored = groups[group]
        return try ContiguousArray(unsafeUninitializedCapacity: stored.count) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            let blockBytes = Self.blockRecords * MemoryLayout<Record>.stride
            for (index, offset) in stored.blockOffsets.enumerated() {
                try file.read(
                    into: UnsafeMutableRawBufferPointer(
                        rebasing: bytes[index * blockBytes..<(index + 1) * blockBytes]),
                    at: offset)
                count += Self.blockRecords
            }
            for record in stored.waiting {
                (buffer.baseAddress! + count).initialize(to: record)
                count += 1
            }
        }
    }
}
