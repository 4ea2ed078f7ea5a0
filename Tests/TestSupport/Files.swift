internal import Foundation

/// Calls `body` with the path of a new folder, and removes the folder afterwards.
package func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = NSTemporaryDirectory() + "/spindle-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

package func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
}

package func write(_ text: String, to path: String) throws { try write(text.utf8, to: path) }

package func contents(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Runs a program of the system and returns what it wrote to stdout; it must end with 0.
package func run(_ program: String, _ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
    try withTemporaryFolder { folder in
        try write(input, to: folder + "/in")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardInput = FileHandle(forReadingAtPath: folder + "/in")
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProgramFailed(program: program, status: process.terminationStatus)
        }
        return [UInt8](bytes)
    }
}

package struct ProgramFailed: Error {
    let program: String
    let status: Int32
}
