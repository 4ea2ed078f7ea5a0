internal import COpenSSL

/// Bytes as text in base64 with padding (RFC 4648, section 4).
package func base64(_ bytes: UnsafeRawBufferPointer) -> String {
    var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
    // Ends what it writes with a NUL, which it does not count.
    let count = EVP_EncodeBlock(
        &text, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(bytes.count))
    return String(decoding: text[..<Int(count)], as: UTF8.self)
}
