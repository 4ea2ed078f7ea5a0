internal import Glibc
package import Storage

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

    /// A folder that holds sources stands for them as well.
    ///
    /// - Parameters:
    ///   - folder: Where names begin that are not absolute.
    ///   - sources: Absolute paths; what lies below none of them is in `IngestSource.loose`.
    ///   - warehouse: Its own files are left out.
    package static func scope(
        _ names: [[UInt8]], from folder: String, sources: [String], warehouse: Warehouse
    ) -> Importer.Scope {
        let roots = sources.map { Array($0.utf8) + [47] }.sorted { $0.count > $1.count }
        let own = Array(FileSystem.absolute(warehouse.path).utf8) + [47]
        var bySource: [String: [[UInt8]]] = [:]
        var parents: [[UInt8]: [UInt8]] = [:]
        for name in names {
            guard let absolute = absolute(name, from: folder, &parents), !absolute.isEmpty else {
                continue
            }
            let asFolder = absolute + [47]
            guard !asFolder.starts(with: own) else { continue }
            func add(_ root: [UInt8], _ below: [UInt8]) {
                let source = String(decoding: root.dropLast(), as: UTF8.self)
                bySource[source, default: []].append(below)
            }
            for root in roots where root.count > asFolder.count && root.starts(with: asFolder) {
                add(root, [])
            }
            if let root = roots.first(where: { asFolder.starts(with: $0) }) {
                add(root, Array(absolute.dropFirst(root.count)))
            } else {
                bySource[IngestSource.loose, default: []].append(Array(absolute.dropFirst()))
            }
        }
        return .paths(bySource)
    }

    /// A path as the ledger has it: its folder without links and dots, its name as it is.
    ///
    /// - Returns: "" for the root of all; nil for no path.
    static func absolute(_ name: [UInt8], from folder: String) -> [UInt8]? {
        var parents: [[UInt8]: [UInt8]] = [:]
        return absolute(name, from: folder, &parents)
    }

    /// - Parameter parents: What the last one was; the next is often in the same folder.
    private static func absolute(
        _ name: [UInt8], from folder: String, _ parents: inout [[UInt8]: [UInt8]]
    ) -> [UInt8]? {
        var path = name.first == 47 ? name : Array(folder.utf8) + [47] + name
        while path.last == 47 { path.removeLast() }
        guard let slash = path.lastIndex(of: 47) else { return path.isEmpty ? path : nil }
        if [[46], [46, 46]].contains(path[(slash + 1)...]) { return resolve(path) }
        let parent = Array(path[..<slash])
        let resolved = parents[parent] ?? resolve(parent)
        parents = [parent: resolved]
        return resolved + path[slash...]
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
