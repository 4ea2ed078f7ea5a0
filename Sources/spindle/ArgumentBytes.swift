import Glibc

/// The bytes of the command line's words: Swift's strings have lost those that are not UTF-8.
struct ArgumentBytes {
    /// By what Swift makes of them, the first last.
    private let lossy: [String: [[UInt8]]]

    init() {
        var lossy: [String: [[UInt8]]] = [:]
        for index in (1..<max(1, Int(CommandLine.argc))).reversed() {
            guard let word = CommandLine.unsafeArgv[index] else { continue }
            let bytes = UnsafeRawBufferPointer(start: word, count: strlen(word))
            guard bytes.contains(where: { $0 >= 0x80 }) else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            if text.unicodeScalars.contains("\u{FFFD}") {
                lossy[text, default: []].append(Array(bytes))
            }
        }
        self.lossy = lossy
    }

    /// Operands that look the same are told apart by their order.
    func paths(_ operands: [String]) -> [[UInt8]] {
        if lossy.isEmpty { return operands.map { Array($0.utf8) } }
        var words = lossy
        return operands.map { words[$0]?.popLast() ?? Array($0.utf8) }
    }
}
