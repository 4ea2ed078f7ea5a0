internal import Glibc

/// ID3v2's stuffing of a zero behind each FF (ID3v2.4 structure, section 6.1).
enum Unsynchronisation {
    enum Result {
        /// Nothing was stuffed: the bytes are the content.
        case unchanged
        case undone([UInt8])
        /// The flag is wrong: FF is followed by E0 or more, which stuffing rules out.
        case notApplied
    }

    static func undo(_ bytes: UnsafeRawBufferPointer) -> Result {
        guard let base = bytes.baseAddress else { return .unchanged }
        var stuffed = 0
        var index = 0
        while let found = memchr(base + index, 0xff, bytes.count - index) {
            index = base.distance(to: UnsafeRawPointer(found)) + 1
            guard index < bytes.count else { break }
            if bytes[index] >= 0xe0 { return .notApplied }
            if bytes[index] == 0 { stuffed += 1 }
        }
        guard stuffed > 0 else { return .unchanged }
        return .undone(
            [UInt8](unsafeUninitializedCapacity: bytes.count - stuffed) { buffer, count in
                var read = 0
                while read < bytes.count {
                    let byte = bytes[read]
                    buffer[count] = byte
                    count += 1
                    read += 1
                    if byte == 0xff, read < bytes.count, bytes[read] == 0 { read += 1 }
                }
            })
    }
}
