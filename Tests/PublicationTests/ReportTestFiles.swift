import Glibc

/// The process's environment.
enum Environment {
    static subscript(name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// Writes a text as a whole file.
func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw ReportTestError(path: path) }
    defer { fclose(file) }
    guard fputs(text, file) >= 0 else { throw ReportTestError(path: path) }
}

struct ReportTestError: Error {
    let path: String
}
