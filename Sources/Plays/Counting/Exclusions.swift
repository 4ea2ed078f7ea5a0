internal import Storage

/// What one of a day's rules has set aside, by hashes: rules know no texts.
struct Exclusion {
    enum Reason: String, CaseIterable {
        case addressFarm = "address_farm"
        case impossibleHours = "impossible_hours"
        case thresholdLoop = "threshold_loop"
    }

    let reason: Reason
    var listener: UInt64?
    var song: SongHash?
    var address: UInt64?
    var events = 0
    var playedMs = 0
}

/// Writes them with the texts that went along with the events.
struct ExclusionsFile {
    static let fileName = "exclusions.tsv.zst"
    static let header = "reason\tuser_id\tsong_id\taddress\tevents\tplayed_ms\n"

    private let exclusions: [Exclusion]
    private let songs: [SongHash: [UInt8]]

    init(_ totals: ListenerTotals, songs: [SongHash: [UInt8]]) {
        exclusions = totals.exclusions + totals.farms.values
        self.songs = songs
    }

    func write(_ writer: FileWriter, _ day: DayEvents) throws {
        let users = try Self.names(Set(exclusions.compactMap(\.listener)), in: day.userNames)
        let addresses = try Self.names(Set(exclusions.compactMap(\.address)), in: day.addressNames)
        let lines = exclusions.map { exclusion in
            var line = Array(exclusion.reason.rawValue.utf8)
            line.append(9)
            if let listener = exclusion.listener { line += users[listener] ?? [] }
            line.append(9)
            if let song = exclusion.song { line += songs[song] ?? [] }
            line.append(9)
            if let address = exclusion.address { line += addresses[address] ?? [] }
            line += Array("\t\(exclusion.events)\t\(exclusion.playedMs)\n".utf8)
            return line
        }
        try writer.write(Self.header)
        for line in lines.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            try writer.write(line)
        }
    }

    /// The texts of a few hashes.
    private static func names(_ wanted: Set<UInt64>, in shuffle: Shuffle) throws -> [UInt64:
        [UInt8]]
    {
        if wanted.isEmpty { return [:] }
        var names: [UInt64: [UInt8]] = [:]
        let room = UnsafeMutableRawPointer.allocate(
            byteCount: shuffle.pool.sizes.2, alignment: 16)
        defer { room.deallocate() }
        for bucket in 0..<shuffle.bucketCount {
            try shuffle.scan(bucket, room: room) { bytes in
                var offset = 0
                while offset < bytes.count {
                    let hash = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    let start = offset + 9
                    offset = start + Int(bytes[offset + 8])
                    if wanted.contains(hash), names[hash] == nil {
                        names[hash] = Array(bytes[start..<offset])
                    }
                }
            }
        }
        return names
    }
}
