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

    /// - Parameter bytes: May end inside a character where `isBeginning` says that they go on.
    /// - Returns: The text, and of how many bytes it is; nil when a byte means nothing in the
    ///   encoding, or the encoding is not there.
    static func decode(
        _ bytes: [UInt8], from encoding: String, isBeginning: Bool = false
    ) -> (text: [Unicode.Scalar], byteCount: Int)? {
        _ = held
        let handle = iconv_open("UTF-32LE", encoding)
        // (iconv_t)-1, as the manual page has it.
        guard let handle, Int(bitPattern: handle) != -1 else { return nil }
        defer { iconv_close(handle) }
        var input = bytes
        // Each encoding here makes at most one scalar of a byte.
        var output = [UInt32](repeating: 0, count: bytes.count + 1)
        let made: (count: Int, from: Int)? = input.withUnsafeMutableBytes { source in
            output.withUnsafeMutableBytes { target in
                var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
                var fromLeft = source.count
                var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                var toLeft = target.count
                let result = iconv(handle, &from, &fromLeft, &to, &toLeft)
                // EINVAL: the last character is not all there.
                let isWhole = result != Int(bitPattern: UInt.max) && fromLeft == 0
                guard isWhole || (isBeginning && errno == EINVAL) else { return nil }
                return ((target.count - toLeft) / 4, source.count - fromLeft)
            }
        }
        guard let made else { return nil }
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(made.count)
        for code in output[..<made.count] {
            guard let scalar = Unicode.Scalar(UInt32(littleEndian: code)) else { return nil }
            scalars.append(scalar)
        }
        return (scalars, made.from)
    }
}
