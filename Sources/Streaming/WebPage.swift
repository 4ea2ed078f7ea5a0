internal import Storage

/// The page that listeners open: one document with its style and its script in it.
///
/// Compiled into the binary, so that there is one file to install and nothing to mislay.
struct WebPage: Sendable {
    let bytes: [UInt8]
    let tag: String
    private let styleHash: String
    private let scriptHash: String

    init() {
        bytes = Array(
            Self.markup
                .replacing("/*STYLE*/", with: Self.style).replacing("/*SCRIPT*/", with: Self.script)
                .utf8)
        tag = "\"\(SHA256.hash(bytes).hex)\""
        styleHash = "'sha256-\(SHA256.hash(Self.style).bytes.withUnsafeBytes(base64))'"
        scriptHash = "'sha256-\(SHA256.hash(Self.script).bytes.withUnsafeBytes(base64))'"
    }

    /// Nothing but this very style and script, our own data, and songs from here and the edges.
    func policy(mediaOrigins: [String]) -> String {
        """
        default-src 'none'; script-src \(scriptHash); style-src \(styleHash); img-src 'self' data:; \
        connect-src 'self'; media-src \(mediaOrigins.joined(separator: " ")); base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'
        """
    }
}
