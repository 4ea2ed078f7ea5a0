/// The fields of one record of CSV or TSV (RFC 4180).
///
/// They lie in the record, or, where quotes were doubled, in this; valid until the next record.
struct DelimitedFields: ~Copyable {
    enum Shape {
        case whole
        /// A quoted field has not ended: more lines may belong to the record.
        case open
        /// Something stands behind a closing quote.
        case broken
    }

    static let maximumColumns = 512

    private let delimiter: UInt8
    private let fields: UnsafeMutablePointer<UnsafeRawBufferPointer>
    private(set) var count = 0
    private let room: UnsafeMutableRawBufferPointer
    private var used = 0

    init(delimiter: UInt8) {
        self.delimiter = delimiter
        fields = .allocate(capacity: Self.maximumColumns)
        fields.initialize(repeating: .none, count: Self.maximumColumns)
        room = .allocate(byteCount: PlayEventParser.maximumLineBytes + 16, alignment: 16)
    }

    deinit {
        fields.deallocate()
        room.deallocate()
    }

    subscript(index: Int) -> UnsafeRawBufferPointer {
        index < 0 || index >= count ? .none : fields[index]
    }

    var texts: [String] { (0..<count).map { fields[$0].text } }

    mutating func split(_ record: UnsafeRawBufferPointer) -> Shape {
        if record.first(34) == nil {
            splitPlainly(record)
            return .whole
        }
        count = 0
        used = 0
        var index = 0
        while true {
            if index < record.count, record[index] == 34 {
                var start = index + 1
                let copied = used
                while true {
                    guard let quote = record.first(34, from: start) else { return .open }
                    let isDoubled = quote + 1 < record.count && record[quote + 1] == 34
                    if !isDoubled, used == copied {
                        add(record.part(index + 1..<quote))
                        index = quote + 1
                        break
                    }
                    copy(record.part(start..<(isDoubled ? quote + 1 : quote)))
                    start = quote + 2
                    if !isDoubled {
                        add(UnsafeRawBufferPointer(rebasing: room[copied..<used]))
                        index = quote + 1
                        break
                    }
                }
                if index == record.count { return .whole }
                guard record[index] == delimiter else { return .broken }
            } else {
                let end = record.first(delimiter, from: index) ?? record.count
                // RFC 4180, 2.5: a field that is not quoted holds no quotes. Many writers do not
                // keep to it, and nothing is unclear about it.
                add(record.part(index..<end))
                if end == record.count { return .whole }
                index = end
            }
            index += 1
        }
    }

    /// Without any quoting.
    mutating func splitPlainly(_ record: UnsafeRawBufferPointer) {
        count = 0
        guard let base = record.baseAddress else {
            add(.none)
            return
        }
        var start = 0
        // Fields are short: a word at a time finds the next delimiter faster than a call.
        let pattern = 0x0101_0101_0101_0101 &* UInt64(delimiter)
        var index = 0
        while index + 8 <= record.count {
            let word = (base + index).loadUnaligned(as: UInt64.self) ^ pattern
            // Exact for each byte, as all hits are used: no borrow between bytes.
            let low = (word & 0x7f7f_7f7f_7f7f_7f7f) &+ 0x7f7f_7f7f_7f7f_7f7f
            var hits = ~(low | word | 0x7f7f_7f7f_7f7f_7f7f)
            while hits != 0 {
                let place = index + hits.trailingZeroBitCount >> 3
                add(UnsafeRawBufferPointer(start: base + start, count: place - start))
                start = place + 1
                hits &= hits &- 1
            }
            index += 8
        }
        while index < record.count {
            if record[index] == delimiter {
                add(UnsafeRawBufferPointer(start: base + start, count: index - start))
                start = index + 1
            }
            index += 1
        }
        add(UnsafeRawBufferPointer(start: base + start, count: record.count - start))
    }

    /// Of more columns than there is room for only the count is kept.
    @inline(__always)
    private mutating func add(_ field: UnsafeRawBufferPointer) {
        if count < Self.maximumColumns {
            fields[count] = field
            count += 1
        }
    }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: room[used...]).copyMemory(from: bytes)
        used += bytes.count
    }
}
