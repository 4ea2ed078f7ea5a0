/// Objects by a key each, the least on top; on a tie the lower number.
///
/// - Complexity: O(log n) an operation; 12 bytes an object, and 4 for each that is in it.
struct ObjectHeap {
    private var keys: [Double]
    /// Where each object stands in `heap`; `nowhere` for those that are not in it.
    private var places: [UInt32]
    private var heap: [UInt32] = []

    private static let nowhere = UInt32.max

    init(objectCount: Int) {
        keys = Array(repeating: 0, count: objectCount)
        places = Array(repeating: Self.nowhere, count: objectCount)
    }

    @inline(__always)
    func contains(_ object: Int) -> Bool { places[object] != Self.nowhere }

    var count: Int { heap.count }
    var top: Int? { heap.first.map { Int($0) } }

    func key(_ object: Int) -> Double { keys[object] }

    /// The object at a place, in no order that means anything.
    subscript(place: Int) -> Int { Int(heap[place]) }

    mutating func insert(_ object: Int, key: Double) {
        keys[object] = key
        heap.append(UInt32(object))
        places[object] = UInt32(heap.count - 1)
        rise(heap.count - 1)
    }

    mutating func update(_ object: Int, key: Double) {
        keys[object] = key
        let place = Int(places[object])
        if rise(place) == place { sink(place) }
    }

    mutating func remove(_ object: Int) {
        let place = Int(places[object])
        places[object] = Self.nowhere
        let last = heap.removeLast()
        guard place < heap.count else { return }
        heap[place] = last
        places[Int(last)] = UInt32(place)
        if rise(place) == place { sink(place) }
    }

    mutating func pop() -> Int? {
        guard let top else { return nil }
        remove(top)
        return top
    }

    private func precedes(_ a: UInt32, _ b: UInt32) -> Bool {
        let (keyA, keyB) = (keys[Int(a)], keys[Int(b)])
        return keyA == keyB ? a < b : keyA < keyB
    }

    @discardableResult
    private mutating func rise(_ start: Int) -> Int {
        var place = start
        let object = heap[place]
        while place > 0 {
            let parent = (place - 1) / 2
            guard precedes(object, heap[parent]) else { break }
            heap[place] = heap[parent]
            places[Int(heap[place])] = UInt32(place)
            place = parent
        }
        heap[place] = object
        places[Int(object)] = UInt32(place)
        return place
    }

    private mutating func sink(_ start: Int) {
        var place = start
        let object = heap[place]
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, precedes(heap[child + 1], heap[child]) { child += 1 }
            guard precedes(heap[child], object) else { break }
            heap[place] = heap[child]
            places[Int(heap[place])] = UInt32(place)
            place = child
        }
        heap[place] = object
        places[Int(object)] = UInt32(place)
    }
}
