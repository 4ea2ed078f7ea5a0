/// The streams of a window by song, region and day, packed into about a byte for each row of the
/// days' partitions, so that a forecast can go over them as often as it needs.
///
/// Songs are numbered as they are appended; regions as the window numbers them.
struct DemandHistory {
    struct Entry {
        let region: Int
        /// Place in the window.
        let day: Int
        let streams: Double
    }

    /// Whether a day's own logs were counted; others say nothing about how much was played.
    let isCounted: [Bool]
    /// Streams of all songs by region and day.
    private(set) var totals: [[Int]] = []
    // A cell (one song in one region): its region, then a byte for each day with streams, then 0.
    // The byte has the days without streams before it (three bits) and the streams (five bits); what
    // does not fit follows a 0x20 as two numbers of variable length.
    private var bytes: ContiguousArray<UInt8> = []
    private var starts: ContiguousArray<Int> = [0]

    /// 0 is Monday.
    let firstWeekday: Int

    init(isCounted: [Bool], firstWeekday: Int = 0) {
        self.isCounted = isCounted
        self.firstWeekday = firstWeekday
    }

    var days: Int { isCounted.count }
    var songs: Int { starts.count - 1 }
    var regions: Int { totals.count }
    /// Memory that the packed streams take.
    var sizeBytes: Int { bytes.count + 8 * starts.count }

    /// Adds a region of the song that is being appended; a region without streams says nothing.
    mutating func add(region: Int, streams: some Sequence<Int>) {
        var previous = -1
        for (day, count) in streams.enumerated() where count > 0 {
            if previous < 0 { write(region) }
            let gap = day - previous - 1
            previous = day
            addTotal(count, region, day)
            if gap < 8, count < 32 {
                bytes.append(UInt8(gap << 5 | count))
            } else {
                bytes.append(0x20)
                write(gap)
                write(count)
            }
        }
        if previous >= 0 { bytes.append(0) }
    }

    mutating func endSong() { starts.append(bytes.count) }

    /// Makes room for regions in which nothing was streamed.
    mutating func setRegions(_ count: Int) {
        while totals.count < count { totals.append(Array(repeating: 0, count: days)) }
    }

    private mutating func addTotal(_ count: Int, _ region: Int, _ day: Int) {
        setRegions(region + 1)
        totals[region][day] += count
    }

    private mutating func write(_ number: Int) {
        var rest = number
        while rest > 127 {
            bytes.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The song's days with streams within a range, region by region.
    func read(_ song: Int, _ days: Range<Int>, into entries: inout ContiguousArray<Entry>) {
        entries.removeAll(keepingCapacity: true)
        let end = starts[song + 1]
        var place = starts[song]
        bytes.withUnsafeBufferPointer { bytes in
            while place < end {
                let region = Self.number(bytes, &place)
                var day = -1
                while bytes[place] != 0 {
                    var streams = Int(bytes[place] & 31)
                    var gap = Int(bytes[place] >> 5)
                    place += 1
                    if streams == 0 {
                        gap = Self.number(bytes, &place)
                        streams = Self.number(bytes, &place)
                    }
                    day += gap + 1
                    if days.contains(day) {
                        entries.append(Entry(region: region, day: day, streams: Double(streams)))
                    }
                }
                place += 1
            }
        }
    }

    @inline(__always)
    private static func number(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> Int {
        var value = 0
        var shift = 0
        while true {
            let byte = Int(bytes[place])
            place += 1
            value |= (byte & 127) << shift
            if byte < 128 { return value }
            shift += 7
        }
    }

    /// The first day on which the song had streams.
    func firstDay(of song: Int, _ entries: inout ContiguousArray<Entry>) -> Int? {
        read(song, 0..<days, into: &entries)
        return entries.min { $0.day < $1.day }?.day
    }

    /// Whether a region's streams of a day can be gone by: the day was counted, and not all of the
    /// region's logs are missing.
    func isKnown(_ region: Int, _ day: Int) -> Bool { isCounted[day] && totals[region][day] > 0 }
}
