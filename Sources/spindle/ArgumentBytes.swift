import Glibc

/// The bytes of the command line's words: Swift's strings have lost those that are not UTF-8.
struct ArgumentBytes {
    private var words: [String: [[UInt8]]] = [:]

    init() {
        for index in (1..<max(1, Int(CommandLine.argc))).reversed() {
            guard let word = CommandLine.unsafeArgv[index] else { continue }
            let bytes = Array(UnsafeRawBufferPointer(start: word, count: strlen(word)))
            words[String(decoding: bytes, as: UTF8.self), default: []].append(bytes)
        }
    }

    /// Operands that look the same are told apart by their order.
    func paths(_ operands: [String]) -> [[UInt8]] {
        var words = words
        return operands.map { words[$0]?.popLast() ?? Array($0.utf8) }
    }
}
