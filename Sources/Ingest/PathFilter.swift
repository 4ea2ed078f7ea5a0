/// Which files of a source are read: those that a pattern includes, if there are such, and that none
/// excludes. What is for a folder is for everything below it.
package struct PathFilter: Equatable, Sendable {
    package var include: [GlobPattern] = []
    package var exclude: [GlobPattern] = []

    package init(include: [GlobPattern] = [], exclude: [GlobPattern] = []) {
        self.include = include
        self.exclude = exclude
    }

    package var isEmpty: Bool { include.isEmpty && exclude.isEmpty }

    /// Whether a file is read, by its path below the source.
    package func includes(_ path: [UInt8]) -> Bool {
        if isEmpty { return true }
        return (include.isEmpty || Self.matches(include, path)) && !Self.matches(exclude, path)
    }

    /// Whether a folder may hold files that are read.
    package func mayEnter(_ folder: [UInt8]) -> Bool {
        exclude.isEmpty || !Self.matches(exclude, folder, isFolder: true)
    }

    /// Whether a pattern is for the path or for a folder above it.
    private static func matches(
        _ patterns: [GlobPattern], _ path: [UInt8], isFolder: Bool = false
    ) -> Bool {
        patterns.contains { pattern in
            if isFolder || !pattern.isForFoldersOnly, pattern.matches(path) { return true }
            return path.indices.contains { path[$0] == 47 && pattern.matches(Array(path[..<$0])) }
        }
    }
}
