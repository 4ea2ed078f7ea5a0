internal import COpenSSL

/// A SHA-256 in the making (OpenSSL's EVP, which uses the processor's SHA instructions).
package struct SHA256: ~Copyable {
    private let context: OpaquePointer

    package init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        else { preconditionFailure("OpenSSL has no SHA-256") }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    package mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    /// The digest of all bytes so far; starts anew afterwards.
    package mutating func finish() -> Digest {
        var digest = Digest()
        withUnsafeMutableBytes(of: &digest.words) { buffer in
            let bytes = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
            EVP_DigestFinal_ex(context, bytes, nil)
            EVP_DigestInit_ex(context, EVP_sha256(), nil)
        }
        return digest
    }

    package static func hash(_ bytes: [UInt8]) -> Digest {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update($0) }
        return hash.finish()
    }

    package static func hash(_ text: String) -> Digest {
        var hash = SHA256()
        hash.update(text)
        return hash.finish()
    }

    package static func hash(fileAt path: String) throws(FileError) -> Digest {
        let file = try FileDescriptor(path, .read)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        var hash = SHA256()
        var offset = 0
        while true {
            let count = try file.read(into: buffer, at: offset)
            if count == 0 { return hash.finish() }
            hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
    }
}
