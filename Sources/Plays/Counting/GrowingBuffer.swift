/// Memory that a thread keeps from bucket to bucket and enlarges when one needs more.
struct GrowingBuffer<Element>: ~Copyable {
    private(set) var start: UnsafeMutablePointer<Element>
    private(set) var capacity: Int
    var count = 0

    /// - Parameter Element: A trivial type.
    init(capacity: Int = 64) {
        self.capacity = capacity
        start = .allocate(capacity: capacity)
    }

    deinit { start.deallocate() }

    /// Room for so many; what was there is lost.
    mutating func clear(room: Int = 0) {
        count = 0
        guard room > capacity else { return }
        start.deallocate()
        capacity = max(room, capacity * 3 / 2)
        start = .allocate(capacity: capacity)
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { enlarge() }
        (start + count).initialize(to: element)
        count += 1
    }

    @inline(never)
    private mutating func enlarge() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.update(from: start, count: count)
        start.deallocate()
        start = larger
        capacity *= 2
    }

    @inline(__always)
    subscript(_ index: Int) -> Element {
        get { start[index] }
        nonmutating set { start[index] = newValue }
    }

    var elements: UnsafeMutableBufferPointer<Element> {
        UnsafeMutableBufferPointer(start: start, count: count)
    }

    func sort(by precedes: (Element, Element) -> Bool) { sort(0..<count, by: precedes) }

    func sort(_ range: Range<Int>, by precedes: (Element, Element) -> Bool) {
        var part = UnsafeMutableBufferPointer(start: start + range.lowerBound, count: range.count)
        part.sort(by: precedes)
    }
}
