internal import Glibc
internal import Synchronization

/// The folder that holds everything Spindle makes, and where in it each thing lies.
///
/// The one place that knows these paths; docs/FORMATS.md describes what is in each.
package struct Warehouse: Sendable {
    package let path: String

    package static let version = 1

    /// Opens a warehouse; does not touch the disk.
    package init(path: String) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    package var markerPath: String { path + "/warehouse.json" }
    package var lockPath: String { path + "/lock" }
    package var decodeLockPath: String { path + "/decode.lock" }
    package var scrubLockPath: String { path + "/scrub.lock" }
    package var scrubPath: String { path + "/scrub.ndjson" }
    package var ledgerPath: String { path + "/ledger.sqlite" }
    package var decodePath: String { path + "/decode.sqlite" }
    package var blobsPath: String { path + "/blobs" }
    package var temporaryPath: String { path + "/tmp" }
    package var coversPath: String { path + "/covers" }
    package var snapshotsPath: String { path + "/snapshots" }
    package var currentSnapshotPath: String { path + "/snapshots/current" }
    package var playLogPath: String { path + "/playlog" }

    /// The folder of one night's results of a stage, for example `plays/date=2026-11-19`.
    package func artefact(_ kind: String, _ date: CalendarDate) -> String {
        "\(path)/\(kind)/date=\(date)"
    }

    package func runRecord(_ stage: String, _ date: CalendarDate) -> String {
        "\(path)/runs/date=\(date)/\(stage).json"
    }

    package func rejects(_ stage: String) -> String { "\(path)/rejects/\(stage)" }

    package func snapshot(_ id: String) -> String { snapshotsPath + "/" + id }

    /// A path under `tmp/` that nothing else uses.
    package func temporaryPath(_ name: String) -> String {
        let number = Self.temporaryCount.wrappingAdd(1, ordering: .relaxed).newValue
        return "\(temporaryPath)/\(getpid())-\(number)-\(name)"
    }

    private static let temporaryCount = Atomic<Int>(0)

    /// Makes the folder when it is missing, and checks that it is a warehouse of this version.
    ///
    /// - Throws: `FileError`; `FormatError` when the folder holds something else or a later version.
    package func prepare() throws {
        try refuseForeignFolder()
        try FileSystem.makeDirectories(path)
        if FileSystem.exists(markerPath) {
            try check()
        } else {
            try FileSystem.makeDirectories(temporaryPath)
            var json = JSONWriter()
            json.object {
                $0.field("format", "spindle-warehouse")
                $0.field("version", Self.version)
            }
            json.newline()
            try writeAtomically(json.bytes, to: markerPath, in: self)
        }
        try FileSystem.makeDirectories(temporaryPath)
    }

    /// - Throws: `FormatError` when the folder holds something else than a warehouse.
    package func refuseForeignFolder() throws {
        guard FileSystem.exists(path), !FileSystem.exists(markerPath) else { return }
        // What another run that is just beginning may have made.
        let ours = ["lock", "tmp", FileSystem.name(of: markerPath)]
        let others = try FileSystem.list(path).filter { !ours.contains($0) }
        guard others.isEmpty else {
            throw FormatError(
                path, "is not empty and not a Spindle warehouse (it holds \(others[0]))",
                hint: "name an empty or a new folder with --warehouse")
        }
    }

    /// Checks that the folder is a warehouse that this version can read.
    ///
    /// - Throws: `WarehouseMissing` when nothing is there, `FormatError` when it is something else.
    package func check() throws {
        guard FileSystem.exists(markerPath) else { throw WarehouseMissing(path: path) }
        let marker = try JSONValue.read(markerPath)
        guard marker["format"]?.string == "spindle-warehouse", let version = marker["version"]?.int
        else {
            throw FormatError(
                markerPath, "does not mark a Spindle warehouse",
                hint: "name a warehouse, or an empty or a new folder, with --warehouse")
        }
        guard version <= Self.version else {
            throw FormatError(
                markerPath, "is of version \(version), later than this Spindle's \(Self.version)",
                hint: "run a newer Spindle")
        }
    }

    /// Removes what a run that was killed left in `tmp/`. Only for the holder of the lock.
    package func emptyTemporaryFolder() throws(FileError) {
        guard FileSystem.exists(temporaryPath) else { return }
        for name in try FileSystem.list(temporaryPath) {
            try FileSystem.removeTree(temporaryPath + "/" + name)
        }
    }
}

/// There is no warehouse where one was to be read.
package struct WarehouseMissing: Diagnosed, CustomStringConvertible {
    package let path: String

    package init(path: String) { self.path = path }

    package var message: String { "\(path): is no Spindle warehouse" }
    package var description: String { message }
    package var hint: String? { "run a night first, or name a warehouse with --warehouse" }
    package var cause: FailureCause { .inputMissing }
}
