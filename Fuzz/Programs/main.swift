import CLibFuzzer
import Glibc

// spindle-fuzz TARGET [what libFuzzer takes: -max_total_time=60 CORPUS…]

nonisolated(unsafe) var target = FuzzTarget.frames

func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    target.run(UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}

if CommandLine.arguments.dropFirst() == ["--targets"] {
    for target in FuzzTarget.allCases { print(target.rawValue) }
    exit(0)
}
guard CommandLine.argc > 1, let named = FuzzTarget(rawValue: CommandLine.arguments[1]) else {
    let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
    let usage = "usage: spindle-fuzz TARGET [libFuzzer's arguments]; targets: \(names)\n"
    _ = usage.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(64)
}
target = named

// libFuzzer keeps the list, and looks for what it takes to be leaked.
nonisolated(unsafe) let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
    capacity: CommandLine.arguments.count)
var count: Int32 = 0
for argument in CommandLine.arguments[0..<1] + CommandLine.arguments[2...] {
    list[Int(count)] = strdup(argument)
    count += 1
}
list[Int(count)] = nil
var start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = list
exit(LLVMFuzzerRunDriver(&count, &start, fuzzOne))
