/// Small versions of covers, beside the blobs: `covers/300/ab/cd/abcd….jpg`.
///
/// Made of the blobs and nothing else, so that all of it may be removed at any time; the next
/// `spindle index` makes it again.
package struct CoverStore: Sendable {
    /// Longest sides in pixels, rising: a list, a tile, a page; the larger ones also for dense screens.
    package static let sizes = [96, 300, 600]

    private let warehouse: Warehouse

    package init(_ warehouse: Warehouse) { self.warehouse = warehouse }

    private var path: String { warehouse.coversPath }

    package func path(_ cover: Digest, size: Int) -> String {
        path(cover, in: "\(size)") + ".jpg"
    }

    private func path(_ cover: Digest, in folder: String) -> String {
        let hex = cover.hex
        return "\(path)/\(folder)/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
    }

    /// Why no small version could be made.
    private func refusalPath(_ cover: Digest) -> String { path(cover, in: "refused") + ".txt" }

    /// What became of a cover.
    package enum State: Equatable, Sendable {
        case missing
        case made
        case refused(String)
    }

    /// The smallest version comes last, and every picture has it: where it is, all are.
    package func state(_ cover: Digest) throws -> State {
        if FileSystem.exists(path(cover, size: Self.sizes[0])) { return .made }
        let refusal = refusalPath(cover)
        guard FileSystem.exists(refusal) else { return .missing }
        return .refused(try FileSystem.readText(refusal))
    }

    /// - Parameter made: Falling sizes; the smallest among them.
    package func save(_ cover: Digest, _ made: [(size: Int, jpeg: [UInt8])]) throws {
        for (size, jpeg) in made { try write(jpeg, to: path(cover, size: size)) }
    }

    package func refuse(_ cover: Digest, _ reason: String) throws {
        try write(Array(reason.utf8), to: refusalPath(cover))
    }

    /// The sizes to look for when one is asked for: the nearest that are at least as large.
    package static func sizes(for size: Int) -> [Int] { sizes.filter { $0 >= size } }

    /// Removes what was made of blobs that are gone.
    ///
    /// - Returns: How many files.
    package func prune() throws -> Int {
        let blobs = BlobStore(warehouse)
        var removed = 0
        for folder in try list(path) {
            for first in try list("\(path)/\(folder)") {
                for second in try list("\(path)/\(folder)/\(first)") {
                    let directory = "\(path)/\(folder)/\(first)/\(second)"
                    for name in try list(directory) {
                        let hex = String(name.prefix { $0 != "." })
                        if let cover = Digest(hex: hex), FileSystem.exists(blobs.path(cover)) {
                            continue
                        }
                        try FileSystem.remove(directory + "/" + name)
                        removed += 1
                    }
                }
            }
        }
        return removed
    }

    private func list(_ directory: String) throws -> [String] {
        guard FileSystem.exists(directory) else { return [] }
        return try FileSystem.list(directory)
    }

    /// Whole or not at all; not synced, as it can be made again.
    private func write(_ bytes: [UInt8], to target: String) throws {
        let temporary = warehouse.temporaryPath("cover")
        try FileSystem.makeDirectories(warehouse.temporaryPath)
        do {
            try bytes.withUnsafeBytes { buffer in
                try FileDescriptor(temporary, .createNew).write(buffer)
            }
            try FileSystem.makeDirectories(FileSystem.parent(of: target))
            try FileSystem.rename(temporary, to: target)
        } catch {
            try? FileSystem.remove(temporary)
            throw error
        }
    }
}
