/// Queues of objects, each in at most one of them, linked both ways through arrays.
///
/// - Complexity: O(1) an operation; 9 bytes an object.
struct ObjectQueues {
    /// An object's queue where it is in none.
    static let none = UInt8.max

    private var newer: [UInt32]
    private var older: [UInt32]
    private var queues: [UInt8]
    private var heads: [UInt32]
    private var tails: [UInt32]
    private(set) var bytes: [Int]
    private let sizes: [Int]

    private static let end = UInt32.max

    /// - Parameter sizes: Bytes of each object.
    init(count: Int, sizes: [Int]) {
        newer = Array(repeating: Self.end, count: sizes.count)
        older = newer
        queues = Array(repeating: Self.none, count: sizes.count)
        heads = Array(repeating: Self.end, count: count)
        tails = heads
        bytes = Array(repeating: 0, count: count)
        self.sizes = sizes
    }

    @inline(__always)
    func queue(of object: Int) -> UInt8 { queues[object] }

    /// The object that has been longest in a queue.
    @inline(__always)
    func oldest(_ queue: Int) -> Int? {
        let object = tails[queue]
        return object == Self.end ? nil : Int(object)
    }

    /// Makes an object that is in no queue the newest of one.
    mutating func push(_ object: Int, to queue: Int) {
        let head = heads[queue]
        older[object] = head
        newer[object] = Self.end
        if head == Self.end {
            tails[queue] = UInt32(object)
        } else {
            newer[Int(head)] = UInt32(object)
        }
        heads[queue] = UInt32(object)
        queues[object] = UInt8(queue)
        bytes[queue] += sizes[object]
    }

    /// Takes an object out of its queue.
    mutating func remove(_ object: Int) {
        let queue = Int(queues[object])
        let (before, after) = (newer[object], older[object])
        if before == Self.end { heads[queue] = after } else { older[Int(before)] = after }
        if after == Self.end { tails[queue] = before } else { newer[Int(after)] = before }
        queues[object] = Self.none
        bytes[queue] -= sizes[object]
    }

    /// Makes an object the newest of its own queue, or of another one.
    mutating func move(_ object: Int, to queue: Int) {
        if queues[object] == UInt8(queue), heads[queue] == UInt32(object) { return }
        remove(object)
        push(object, to: queue)
    }
}
