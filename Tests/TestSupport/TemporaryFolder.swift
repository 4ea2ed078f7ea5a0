internal import Foundation

/// A folder that goes when its owner goes.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        path = Self.root + "/spindle-test-" + UUID().uuidString
        // Others may enter: some tests run a program as another user.
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }

    /// In memory where there is room, unless `TMPDIR` says otherwise: most of a night on the sample
    /// is waiting for a disk, which nothing here needs (a killed process loses no page).
    private static let root: String = {
        if let chosen = ProcessInfo.processInfo.environment["TMPDIR"] { return chosen }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: "/dev/shm")
        let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
        return free > 1 << 30 && FileManager.default.isWritableFile(atPath: "/dev/shm")
            ? "/dev/shm" : "/tmp"
    }()

    deinit {
        // `rm`, as a test may have taken away permissions that FileManager would stumble over.
        _ = try? Program(path: "/bin/rm").run(["-rf", path])
    }

    package static func / (folder: TemporaryFolder, name: String) -> String {
        folder.path + "/" + name
    }
}
