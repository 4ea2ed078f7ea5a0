extension Topology {
    /// Whether a text can be the base of an edge's URLs.
    ///
    /// `spindled` puts it into a `Location` header and into its content security policy: http or
    /// https, a host, no slash at the end, and nothing that could end either.
    package static func isEdgeURL(_ url: String) -> Bool {
        let bytes = Array(url.utf8)
        guard
            let scheme = ["http://", "https://"].first(where: { bytes.starts(with: $0.utf8) }),
            // A host, and not a path or a port alone.
            let host = bytes.dropFirst(scheme.utf8.count).first, !"/:".utf8.contains(host)
        else { return false }
        return bytes.last != UInt8(ascii: "/")
            && bytes.allSatisfy { (0x21...0x7e).contains($0) && !"\"'\\,;?#".utf8.contains($0) }
    }
}
