import Foundation
import TestSupport

/// A file below `Sources/`.
struct SourceFile {
    /// Below the repository.
    let path: String
    let text: String

    var module: String { String(path.split(separator: "/")[1]) }
    var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).count - 1 }

    var imports: Set<String> {
        let pattern =
            /^(?:@\w+(?:\(\w+\))? )*(?:package |internal |public |private |fileprivate )?import (?:(?:struct|enum|class|func|var|let|protocol|typealias) )?(\w+)/
        return Set(
            text.matches(of: pattern.anchorsMatchLineEndings()).map { String($0.output.1) })
    }

    static func modules() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: Repository.path + "/Sources").sorted()
    }

    static func all() throws -> [SourceFile] {
        try Repository.files(below: "Sources").map {
            SourceFile(path: $0, text: try Repository.text($0))
        }
    }
}

extension Repository {
    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: path + "/" + name, encoding: .utf8)
    }

    /// Paths of all files below a folder, from the repository on.
    static func files(below folder: String) throws -> [String] {
        let root = path + "/" + folder
        return try FileManager.default.subpathsOfDirectory(atPath: root).sorted().filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: root + "/" + $0, isDirectory: &isFolder)
                && !isFolder.boolValue
        }.map { folder + "/" + $0 }
    }

    /// Every page that is for people: README and docs.
    static func pages() throws -> String {
        let docs = try files(below: "docs").filter { $0.hasSuffix(".md") }
        return try (["README.md"] + docs).map(text).joined(separator: "\n")
    }

    static func formatPages() throws -> String {
        let pages = try files(below: "docs/formats").filter { $0.hasSuffix(".md") }
        return try (["docs/FORMATS.md"] + pages).map(text).joined(separator: "\n")
    }
}
