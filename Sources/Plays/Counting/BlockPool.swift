internal import Glibc
internal import Storage

/// The memory in which shuffles hold their blocks: one mapping of a fixed size.
///
/// What no longer fits is written to the shuffles' temporary files and its memory used again, so
/// that the size is a limit whatever comes.
final class BlockPool: @unchecked Sendable {
    // Guarded by `lock`.
    private var used = 0
    private var free: [ContiguousArray<UnsafeMutableRawPointer>] = [[], [], []]
    /// Each is there until it unregisters, at its end.
    private var shuffles: [Unmanaged<Shuffle>] = []

    private let lock = Monitor()
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    /// What blocks of the three sizes have: a bucket starts with a small one, so that a day of a
    /// few events touches little memory.
    let sizes: (Int, Int, Int)
    /// Where temporary files go.
    let folder: String

    /// - Parameter streams: How many blocks are written to at once at most.
    init(bytes: Int, streams: Int, folder: String) {
        self.folder = folder
        // At most half of the memory lies in blocks that are not full.
        var block = 32 << 10
        while block > 256, block * streams > bytes / 2 { block /= 2 }
        sizes = (min(512, block), min(4 << 10, block), block)
        capacity = max(bytes, block * (streams + 16))
        let mapped = mmap(
            nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
            0)
        precondition(mapped != MAP_FAILED, "no \(capacity) bytes of address space")
        base = mapped!
        // Blocks are written in turn all over the mapping: small pages cost a lookup a write.
        if capacity >= 64 << 20 { madvise(base, capacity, MADV_HUGEPAGE) }
    }

    deinit { munmap(base, capacity) }

    func register(_ shuffle: Shuffle) {
        lock.locked { shuffles.append(Unmanaged.passUnretained(shuffle)) }
    }

    func unregister(_ shuffle: Shuffle) {
        lock.locked {
            let own = Unmanaged.passUnretained(shuffle).toOpaque()
            shuffles.removeAll { $0.toOpaque() == own }
        }
    }

    func bytes(of size: Int) -> Int {
        size == 0 ? sizes.0 : size == 1 ? sizes.1 : sizes.2
    }

    /// A block of one of the three sizes, from the memory of another one where none is left.
    func take(_ size: Int) throws -> UnsafeMutableRawPointer {
        if let block = fromMemory(size) { return block }
        let candidates = lock.locked { shuffles }
        for candidate in candidates {
            if let block = try candidate._withUnsafeGuaranteedRef({ try $0.evict() }) {
                if size == 2 { return block }
                carve(block, into: size)
                if let part = fromMemory(size) { return part }
            }
        }
        throw MemoryExceeded(detail: "there is no more memory for the blocks that are written to")
    }

    private func fromMemory(_ size: Int) -> UnsafeMutableRawPointer? {
        lock.locked {
            if let block = free[size].popLast() { return block }
            if size < 2, sizes.2 > bytes(of: size), let block = free[2].popLast() {
                return split(block, into: size)
            }
            guard used + sizes.2 <= capacity else { return nil }
            let block = base + used
            used += sizes.2
            return size == 2 || sizes.2 == bytes(of: size) ? block : split(block, into: size)
        }
    }

    private func carve(_ block: UnsafeMutableRawPointer, into size: Int) {
        lock.locked { free[size].append(split(block, into: size)) }
    }

    private func split(_ block: UnsafeMutableRawPointer, into size: Int) -> UnsafeMutableRawPointer
    {
        let part = bytes(of: size)
        for offset in stride(from: part, to: sizes.2, by: part) {
            free[size].append(block + offset)
        }
        return block
    }

    func give(_ block: UnsafeMutableRawPointer, size: Int) {
        lock.locked { free[size].append(block) }
    }
}

/// The memory that a count may have does not suffice.
struct MemoryExceeded: Diagnosed, CustomStringConvertible {
    let detail: String
    var message: String { "--memory is too small: \(detail)" }
    var description: String { message }
    var hint: String? { "give more with --memory" }
    var cause: FailureCause { .failed }
}
