internal import Storage

/// A folder of music, and what the operator says of it.
package struct IngestSource: Equatable, Sendable {
    /// Of files that were named one by one and lie in no source.
    package static let loose = ""

    /// What the names of archives begin with, as no absolute path does.
    package static let archivePrefix = "tar:"

    package static func isArchive(_ path: String) -> Bool { path.hasPrefix(archivePrefix) }

    /// Absolute, without links; or `loose`; or `archivePrefix` and the name of an archive.
    package let path: String
    package var owner: String?
    package var region: String?
    package var filter: PathFilter
    /// Whether owner and region are what the operator says of it, nothing included, and not just unsaid.
    package let isDescribed: Bool

    package init(
        _ path: String, owner: String? = nil, region: String? = nil,
        filter: PathFilter = PathFilter(), isDescribed: Bool = false
    ) {
        self.path = path.isEmpty || Self.isArchive(path) ? path : FileSystem.absolute(path)
        self.owner = owner
        self.region = region
        self.filter = filter
        self.isDescribed = isDescribed
    }

    /// Everything that decides what is taken from it, as one text.
    package var signature: String {
        ([path, owner ?? "", region ?? ""] + filter.include.map { "+\($0.text)" }
            + filter.exclude.map { "-\($0.text)" }).joined(separator: "\t")
    }
}
