/// The ten bytes that begin an ID3v2 tag (ID3v2.4 structure, section 3.1).
struct ID3v2Header {
    let version: UInt8
    /// Header, body and footer.
    let totalBytes: Int

    /// - Returns: nil when the bytes begin no such tag.
    init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count >= 10, bytes.starts(with: "ID3".utf8), bytes[3] != 0xff,
            bytes[4] != 0xff, let body = Self.syncSafe(bytes[6..<10])
        else { return nil }
        version = bytes[3]
        totalBytes = 10 + body + (version == 4 && bytes[5] & 0x10 != 0 ? 10 : 0)
    }

    static func syncSafe(_ bytes: some Collection<UInt8>) -> Int? {
        bytes.allSatisfy { $0 < 0x80 } ? bytes.reduce(0) { $0 << 7 | Int($1) } : nil
    }
}
