import Delivery
import Glibc

// Runs a trace through cache policies and prints what they hit:
//
//     CacheProbe TRACE CAPACITY lru,s3fifo,wtinylfu,belady,beladysize,bound
//     lru 200000 112311 9938112 4711032 0.021
//
// policy, requests, hits, bytes, bytes of hits, CPU seconds. The trace is libCacheSim's
// oracleGeneral: records of 24 bytes, little endian, with time (4), object (8), size (4) and the
// place of the next request (8), of which the last is not gone by.

private func fail(_ message: String) -> Never {
    let text = "CacheProbe: \(message)\n"
    write(2, text, text.utf8.count)
    exit(64)
}

private func readTrace(_ path: String) -> (objects: [UInt32], sizes: [Int]) {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { fail("cannot open \(path)") }
    let byteCount = Int(lseek(descriptor, 0, SEEK_END))
    guard byteCount > 0, byteCount % 24 == 0,
        let base = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
    else { fail("\(path) is no oracleGeneral trace") }
    var numbers: [UInt64: UInt32] = [:]
    var objects: [UInt32] = []
    var sizes: [Int] = []
    for start in stride(from: 0, to: byteCount, by: 24) {
        let id = base.loadUnaligned(fromByteOffset: start + 4, as: UInt64.self)
        if numbers[id] == nil {
            numbers[id] = UInt32(sizes.count)
            sizes.append(Int(base.loadUnaligned(fromByteOffset: start + 12, as: UInt32.self)))
        }
        objects.append(numbers[id]!)
    }
    return (objects, sizes)
}

private func cpuSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

private struct Run {
    let objects: [UInt32]
    let sizes: [Int]
    let bytes: Int

    func print(_ name: String, _ cache: consuming some CachePolicy) {
        var (hits, hitBytes) = (0, 0)
        let start = cpuSeconds()
        for object in objects where cache.request(Int(object)) {
            hits += 1
            hitBytes += sizes[Int(object)]
        }
        print(name, hits, hitBytes, cpuSeconds() - start)
    }

    func print(_ name: String, _ hits: Int, _ hitBytes: Int, _ seconds: Double) {
        Swift.print(
            name, objects.count, hits, bytes, hitBytes, Double(Int(seconds * 1000)) / 1000)
    }
}

guard CommandLine.arguments.count == 4, let capacity = Int(CommandLine.arguments[2]) else {
    fail("usage: CacheProbe TRACE CAPACITY POLICY,…")
}
private let (objects, sizes) = readTrace(CommandLine.arguments[1])
private let run = Run(
    objects: objects, sizes: sizes, bytes: objects.reduce(0) { $0 + sizes[Int($1)] })
private let nexts = nextUses(objects, objectCount: sizes.count)
for name in CommandLine.arguments[3].split(separator: ",").map(String.init) {
    switch name {
    case "lru": run.print(name, LRU(capacityBytes: capacity, sizes: sizes))
    case "s3fifo": run.print(name, S3FIFO(capacityBytes: capacity, sizes: sizes))
    case "wtinylfu": run.print(name, WTinyLFU(capacityBytes: capacity, sizes: sizes))
    case "belady":
        run.print(name, Belady(capacityBytes: capacity, sizes: sizes, nexts: nexts))
    case "beladysize":
        run.print(name, BeladySize(capacityBytes: capacity, sizes: sizes, nexts: nexts))
    case "seeded":
        let forecast = Array(repeating: 0.0, count: sizes.count)
        run.print(name, SeededLFU(capacityBytes: capacity, sizes: sizes, forecast: forecast))
    case "bound":
        let start = cpuSeconds()
        let bound = HitBound(objects, sizes: sizes).bound(capacityBytes: capacity)
        run.print(name, bound.requests, bound.bytes, cpuSeconds() - start)
    default: fail("no policy is called \(name)")
    }
}
