internal import Glibc
internal import Storage

/// Files that are named one by one, sorted by the sources that they lie in.
package enum FileList {
    /// Reads names, one a line or with NULs between; a list with a NUL in it is of the latter kind.
    package static func names(in bytes: [UInt8]) -> [[UInt8]] {
        let separator: UInt8 = bytes.contains(0) ? 0 : 10
        return bytes.split(separator: separator).map { line in
            // Lists that were written elsewhere end their lines in CR LF.
            Array(separator == 10 && line.last == 13 ? line.dropLast() : line)
        }.filter { !$0.isEmpty }
    }

    /// - Parameters:
    ///   - folder: Where names begin that are not absolute.
    ///   - sources: Absolute paths; what lies below none of them is in `IngestSource.loose`.
    package static func scope(_ names: [[UInt8]], from folder: String, sources: [String])
        -> Importer.Scope
    {
        let roots = sources.map { Array($0.utf8) + [47] }.sorted { $0.count > $1.count }
        var bySource: [String: [[UInt8]]] = [:]
        var parents: [[UInt8]: [UInt8]] = [:]
        for name in names {
            let path = name.first == 47 ? name : Array(folder.utf8) + [47] + name
            let slash = path.lastIndex(of: 47)!
            let parent = Array(path[..<slash])
            let resolved = parents[parent] ?? resolve(parent)
            parents = [parent: resolved]  // the next is often in the same folder
            let absolute = resolved + path[slash...]
            if let root = roots.first(where: { absolute.starts(with: $0) }) {
                let source = String(decoding: root.dropLast(), as: UTF8.self)
                bySource[source, default: []].append(Array(absolute[root.count...]))
            } else {
                bySource[IngestSource.loose, default: []].append(Array(absolute.dropFirst()))
            }
        }
        return .paths(bySource)
    }

    /// Without links and dots; as it is where it does not exist.
    private static func resolve(_ path: [UInt8]) -> [UInt8] {
        guard !path.isEmpty else { return [] }
        let resolved = (path + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { realpath($0.baseAddress!, nil) }
        }
        guard let resolved else { return path }
        defer { free(resolved) }
        let bytes = UnsafeRawBufferPointer(start: resolved, count: strlen(resolved))
        return bytes.elementsEqual([47]) ? [] : Array(bytes)
    }
}
