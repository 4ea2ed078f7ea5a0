import Foundation
import Storage
import TestSupport

/// A warehouse in a folder of its own, and the built `spindle` that works on it.
struct TestWarehouse: Sendable {
    let folder: TemporaryFolder
    let path: String

    init(named name: String = "warehouse") throws {
        folder = try TemporaryFolder()
        path = folder / name
    }

    /// A copy, with times and links, of a warehouse that is not to be changed.
    init(copyOf other: TestWarehouse) throws {
        try self.init()
        try shell("cp -a \(other.path) \(path)")
    }

    /// Runs `spindle COMMAND … --warehouse` here.
    @discardableResult
    func spindle(_ arguments: String...) throws -> Program.Result {
        try Program.spindle.run(arguments + ["--warehouse", path])
    }

    /// Runs the nightly pipeline, of the sample unless told otherwise.
    @discardableResult
    func night(_ arguments: [String] = []) throws -> Program.Result {
        try Program.spindle.run(["run", Repository.nightly, "--warehouse", path] + arguments)
    }

    func startNight(_ arguments: [String] = []) throws -> RunningProgram {
        try Program.spindle.start(["run", Repository.nightly, "--warehouse", path] + arguments)
    }

    /// The snapshot that is published; nil before the first.
    var currentID: String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path + "/snapshots/current")
    }

    var current: String { path + "/snapshots/current" }

    /// Every file below a folder by its content: digest, or where a link points.
    func tree(_ name: String = "") throws -> [String: String] {
        try fileTree(name.isEmpty ? path : path + "/" + name)
    }

    /// Everything but the lock file, which is a note about the last holder.
    func treeWithoutLock() throws -> [String: String] {
        try tree().filter { $0.key != "lock" }
    }

    /// What two undisturbed nights have in common, whenever they ran: all of a snapshot but the
    /// report, which tells how long things took.
    func artefacts() throws -> [String: String] {
        var files = try fileTree(path + "/snapshots/" + (currentID ?? "none"))
        files["report.html"] = nil
        var manifest = try jsonObject(current + "/manifest.json")
        manifest["report"] = nil
        let bytes = try JSONSerialization.data(withJSONObject: manifest, options: .sortedKeys)
        files["manifest.json"] = SHA256.hash([UInt8](bytes)).hex
        files["snapshot id"] = currentID
        return files
    }
}

/// The sample library's night, run once and then only read.
enum SampleNight {
    static let date = "2026-11-19"

    struct Outcome: Sendable {
        let warehouse: TestWarehouse
        let result: Program.Result
        let elapsedSeconds: Double
    }

    static let outcome: Outcome = {
        do {
            let warehouse = try TestWarehouse()
            removeAtExit = warehouse.folder.path
            // A static constant lives as long as the process; its folder should not live longer.
            atexit {
                guard let path = removeAtExit else { return }
                _ = try? Program(path: "/bin/rm").run(["-rf", path])
            }
            let started = ContinuousClock.now
            let result = try warehouse.night()
            let elapsed = ContinuousClock.now - started
            return Outcome(
                warehouse: warehouse, result: result,
                elapsedSeconds: Double(elapsed.components.seconds)
                    + Double(elapsed.components.attoseconds) * 1e-18)
        } catch {
            fatalError("the sample night cannot be run: \(error)")
        }
    }()

    static var warehouse: TestWarehouse { outcome.warehouse }
    static var snapshot: String { warehouse.current }

    // Written once, before anything can read it.
    nonisolated(unsafe) private static var removeAtExit: String?
}

/// A copy of the sample whose files a test may change.
struct SampleCopy: Sendable {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let sample = Repository.sample
        try shell("cp -a \(sample)/music \(sample)/plays \(sample)/*.json \(folder.path)")
    }

    var music: String { folder / "music" }
    var plays: String { folder / "plays" }
    var topology: String { folder / "topology.json" }
    var releases: String { folder / "releases.json" }

    /// What points the nightly pipeline at this copy.
    var settings: [String] {
        [
            "--set", "source=\(music)", "--set", "logs=\(plays)", "--set", "topology=\(topology)",
            "--set", "releases=\(releases)",
        ]
    }
}

struct ShellError: Error {
    let script: String
    let output: String
}

/// Runs a line of shell that must succeed.
@discardableResult
func shell(_ script: String) throws -> String {
    let result = try Program(path: "/bin/sh").run(["-ec", script])
    guard result.code == 0 else {
        throw ShellError(script: script, output: result.stdout + result.stderr)
    }
    return result.stdout
}

/// Every file below a folder, by its path: its SHA-256, or where a link points.
func fileTree(_ root: String) throws -> [String: String] {
    var files: [String: String] = [:]
    func walk(_ path: String, _ name: String) throws {
        guard let status = try FileStatus.of(path, followLinks: false) else { return }
        switch status.kind {
        case .directory:
            for entry in try FileSystem.list(path) {
                try walk(path + "/" + entry, name.isEmpty ? entry : name + "/" + entry)
            }
        case .file: files[name] = try SHA256.hash(fileAt: path).hex
        default: files[name] = "-> " + (FileSystem.readLink(path) ?? "?")
        }
    }
    try walk(root, "")
    return files
}

/// What differs between two trees, for messages.
func differences(_ a: [String: String], _ b: [String: String]) -> [String] {
    Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }.sorted()
}

struct UnexpectedFile: Error {
    let path: String
}

func jsonObject(_ path: String) throws -> [String: Any] {
    try jsonObject(Data(contentsOf: URL(filePath: path)), path)
}

func jsonObject(_ data: Data, _ path: String = "") throws -> [String: Any] {
    guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
        throw UnexpectedFile(path: path)
    }
    return object
}

/// The lines of a file, packed or not.
func textLines(_ path: String) throws -> [String] {
    var lines: [String] = []
    if let damage = try LineReader(path).forEach({
        lines.append(String(decoding: $0.bytes, as: UTF8.self))
    }) {
        throw damage
    }
    return lines
}

/// The rows of a tab-separated file by its header's names.
func tsvRows(_ path: String) throws -> [[String: String]] {
    let lines = try textLines(path)
    let names = lines[0].split(separator: "\t").map(String.init)
    return lines.dropFirst().map { line in
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        return Dictionary(uniqueKeysWithValues: zip(names, fields))
    }
}

/// The objects of a file with one a line.
func jsonLines(_ path: String) throws -> [[String: Any]] {
    try textLines(path).map { try jsonObject(Data($0.utf8), path) }
}
