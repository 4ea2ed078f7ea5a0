internal import COpenSSL
internal import Delivery
package import Storage

/// Makes the expiring URLs that an edge accepts.
///
/// The form is nginx's secure_link module with `secure_link_md5 "$secure_link_expires$uri SECRET"`
/// (<https://nginx.org/en/docs/http/ngx_http_secure_link_module.html>): MD5 because that module
/// knows nothing else; what it protects is who may fetch for some hours, not what is fetched.
///
///     /audio/<song_id>.mp3?e=1790000000&s=<22 characters>
package struct EdgeURLSigner: Sendable {
    private let secret: String
    private let lifetimeSeconds: Int

    /// - Parameter lifetimeSeconds: Longer than people listen: browsers go on using the redirected
    ///   URL for later ranges.
    package init(secret: String, lifetimeSeconds: Int) {
        self.secret = secret
        self.lifetimeSeconds = lifetimeSeconds
    }

    /// Reads the secret from a file's first line.
    ///
    /// - Throws: `FileError`; `FormatError` for a line that cannot be a secret.
    package init(secretFile path: String, lifetimeSeconds: Int) throws {
        let text = try FileSystem.readText(path)
        let line = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)[0]
        guard line.utf8.count >= 16, line.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw FormatError(
                path, "holds no secret of at least 16 printable characters without spaces",
                hint: "make one: openssl rand -hex 32 > \(path)")
        }
        self.init(secret: String(line), lifetimeSeconds: lifetimeSeconds)
    }

    /// - Parameter base: The edge's URL; a path in it is part of what is signed, as it is of `$uri`.
    package func url(base: String, song: Digest, now: Timestamp) -> String {
        let expires = now.milliseconds / 1000 + lifetimeSeconds
        let path = Self.path(of: base) + PrefetchManifest.path(of: song)
        let host = base.dropLast(Self.path(of: base).utf8.count)
        return "\(host)\(path)?e=\(expires)&s=\(token(path: path, expires: expires))"
    }

    package func token(path: String, expires: Int) -> String {
        base64URL(md5("\(expires)\(path) \(secret)"))
    }

    private static func path(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://"),
            let slash = url[scheme.upperBound...].firstIndex(of: "/")
        else { return "" }
        return String(url[slash...])
    }

    private func md5(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var digest = [UInt8](repeating: 0, count: 16)
        let done = EVP_Digest(bytes, bytes.count, &digest, nil, EVP_md5(), nil)
        // OpenSSL in FIPS mode has no MD5, and then no edge of this kind can be served.
        precondition(done == 1, "OpenSSL has no MD5")
        return digest
    }
}

/// The URL-safe alphabet without padding (RFC 4648, section 5).
func base64URL(_ bytes: [UInt8]) -> String {
    String(
        bytes.withUnsafeBytes(base64).compactMap {
            switch $0 {
            case "+": "-"
            case "/": "_"
            case "=": nil
            default: $0
            }
        })
}
