internal import Glibc

/// Converts from an encoding to Unicode by the C library's iconv(3), whose tables come with
/// Debian's `libc6` itself.
enum Transcoder {
    /// One open handle each, never used: without it the library would load an encoding's tables
    /// anew for every text, at a third of a millisecond.
    private static let held: Void = {
        for encoding in ["CP1251", "KOI8-R", "CP932", "GBK", "BIG5", "CP949", "CP1252"] {
            _ = iconv_open("UTF-32LE", encoding)
        }
    }()

    /// - Returns: nil when a byte means nothing in the encoding, or the encoding is not there.
    static func decode(_ bytes: [UInt8], from encoding: String) -> [Unicode.Scalar]? {
        _ = held
        let handle = iconv_open("UTF-32LE", encoding)
        // (iconv_t)-1, as the manual page has it.
        guard let handle, Int(bitPattern: handle) != -1 else { return nil }
        defer { iconv_close(handle) }
        var input = bytes
        // Each encoding here makes at most one scalar of a byte.
        var output = [UInt32](repeating: 0, count: bytes.count + 1)
        let made: Int? = input.withUnsafeMutableBytes { source in
            output.withUnsafeMutableBytes { target in
                var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
                var fromLeft = source.count
                var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                var toLeft = target.count
                guard iconv(handle, &from, &fromLeft, &to, &toLeft) != Int(bitPattern: UInt.max),
                    fromLeft == 0
                else { return nil }
                return (target.count - toLeft) / 4
            }
        }
        guard let made else { return nil }
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(made)
        for code in output[..<made] {
            guard let scalar = Unicode.Scalar(UInt32(littleEndian: code)) else { return nil }
            scalars.append(scalar)
        }
        return scalars
    }
}
