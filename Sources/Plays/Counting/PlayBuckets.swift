/// How events are spread over buckets: by the highest bits of hashes, which the records in a bucket
/// leave out.
///
/// At 50 million events a bucket's tables fit the second-level cache.
enum PlayBuckets {
    static let eventBits = 9
    static let listenerBits = 10
    static let songBits = 10
    static let addressBits = 6

    static let events = 1 << eventBits
    static let listeners = 1 << listenerBits
    static let songs = 1 << songBits
    static let addresses = 1 << addressBits

    @inline(__always)
    static func event(_ id: UInt64) -> Int { Int(truncatingIfNeeded: id >> (64 - 9)) }
    @inline(__always)
    static func listener(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> (64 - 10)) }
    @inline(__always)
    static func song(_ low: UInt64) -> Int { Int(truncatingIfNeeded: low >> (64 - 10)) }
    @inline(__always)
    static func address(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> (64 - 6)) }
}

/// An event on its way to its listener: five words, whose order is that in which events of one id
/// are preferred and in which a listener's day goes on.
///
///     0  54 bits of the listener, 10 of the time
///     1  17 of the time, 30 of the played time's complement, 10 of the completion, 7 flags
///     2  64 of the song
///     3  16 of the song, 16 of the region, 32 of the event's id
///     4  64 of the event's id
///
/// A sixth word with the address's hash follows where the flags say so.
struct EventRecord {
    var words: InlineArray<5, UInt64>
    var address: UInt64 = 0

    static let bytes = 40
    static let bytesWithAddress = 48

    enum Flag {
        static let stream: UInt64 = 1
        static let scrobble: UInt64 = 2
        static let timed: UInt64 = 4
        static let completed: UInt64 = 8
        /// Played hardly longer than a stream must be.
        static let threshold: UInt64 = 16
        static let address: UInt64 = 32
    }

    static let timeBits: UInt64 = 27
    static let playedMask: UInt64 = 0x3fff_ffff

    @inline(__always)
    var flags: UInt64 { words[1] & 0x7f }
    /// Thousandths of the song that were heard, at most 1,000.
    @inline(__always)
    var permille: UInt64 { words[1] >> 7 & 0x3ff }
    @inline(__always)
    var playedMs: UInt64 { (words[1] >> 17 & Self.playedMask) ^ Self.playedMask }
    /// Since the day began.
    @inline(__always)
    var timeMs: UInt64 { (words[0] & 0x3ff) << 17 | words[1] >> 47 }
    @inline(__always)
    var songHigh: UInt64 { words[3] >> 48 }
    @inline(__always)
    var region: Int { Int(truncatingIfNeeded: words[3] >> 32 & 0xffff) }
    @inline(__always)
    var idHigh: UInt64 { words[3] & 0xffff_ffff }

    /// Whether the events are deliveries of the same one.
    @inline(__always)
    func hasSameID(as other: EventRecord) -> Bool {
        words[4] == other.words[4] && idHigh == other.idHigh
    }

    /// The order of a listener's day; equal events are the same in all that counts.
    static func precedes(_ a: EventRecord, _ b: EventRecord) -> Bool {
        for index in 0..<5 where a.words[index] != b.words[index] {
            return a.words[index] < b.words[index]
        }
        return a.address < b.address
    }
}

/// A play on its way to its song: three words.
///
///     0  64 bits of the song
///     1  16 of the song, 16 of the region, 24 of the sketch's entry, 8 flags
///     2  30 of the played time, 10 of the completion, 5 of the hour
enum SongRecord {
    static let bytes = 24

    enum Flag {
        static let stream: UInt64 = 1
        static let scrobble: UInt64 = 2
        static let timed: UInt64 = 4
        static let completed: UInt64 = 8
        static let chart: UInt64 = 16
        /// The listener's first stream of the song.
        static let firstOfSong: UInt64 = 32
        /// The listener's first stream of the song in the region.
        static let firstOfRegion: UInt64 = 64
    }
}

/// 80 bits of a hash of a song's id: among a hundred million songs the chance that any two meet is
/// 4·10⁻⁹.
struct SongHash: Hashable {
    var low: UInt64
    var high: UInt64

    @inline(__always)
    init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inline(__always)
    init(_ id: UnsafeRawBufferPointer) {
        let hash = ByteHash.hash128(id)
        low = hash.0
        high = hash.1 >> 48
    }
}

extension EventRecord {
    /// - Parameter ranks: The places of the regions' numbers in byte order.
    @inline(__always)
    init(_ pointer: UnsafeRawPointer, _ ranks: borrowing [UInt16]) {
        words = pointer.loadUnaligned(as: InlineArray<5, UInt64>.self)
        if flags & Flag.address != 0 {
            address = pointer.loadUnaligned(fromByteOffset: 40, as: UInt64.self)
        }
        let region = Int(truncatingIfNeeded: words[3] >> 32 & 0xffff)
        words[3] = words[3] & ~(0xffff << 32) | UInt64(ranks[region]) << 32
    }

    /// The length of the record that begins there.
    @inline(__always)
    static func length(_ pointer: UnsafeRawPointer) -> Int {
        let word = pointer.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        return word & Flag.address == 0 ? bytes : bytesWithAddress
    }

    @inline(__always)
    static func forEach(in bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawPointer) -> Void) {
        guard var pointer = bytes.baseAddress else { return }
        let end = pointer + bytes.count
        while pointer < end {
            body(pointer)
            pointer += length(pointer)
        }
    }
}
