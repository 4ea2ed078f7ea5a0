internal import CChromaprint

/// Chromaprint over a song's first two minutes, as AcoustID takes it.
struct Fingerprinter: ~Copyable {
    /// Chromaprint's default algorithm (CHROMAPRINT_ALGORITHM_TEST2).
    package static let algorithm = 1
    /// What `fpcalc` and AcoustID go by.
    private static let maximumSeconds = 120

    private let context: OpaquePointer
    private var left: Int
    private var converted: [Int16] = []

    /// Why there is no Chromaprint on this machine; nil when there is.
    package static var unavailable: String? {
        spindle_chromaprint_load().map { String(cString: $0) }
    }

    /// - Returns: nil when the library is missing or has no memory.
    init?(channels: Int, sampleRateHz: Int) {
        guard Self.unavailable == nil, let context = spindle_chromaprint_new(Int32(Self.algorithm))
        else { return nil }
        guard spindle_chromaprint_start(context, Int32(sampleRateHz), Int32(channels)) == 1 else {
            spindle_chromaprint_free(context)
            return nil
        }
        self.context = context
        left = Self.maximumSeconds * sampleRateHz * channels
    }

    deinit { spindle_chromaprint_free(context) }

    var isFull: Bool { left == 0 }

    mutating func add(_ samples: UnsafeBufferPointer<Float>) {
        let count = min(left, samples.count)
        guard count > 0 else { return }
        left -= count
        converted.removeAll(keepingCapacity: true)
        for sample in samples[..<count] {
            // A NaN, which broken frames may decode to, is no sound.
            let scaled = sample.isNaN ? 0 : max(-32768, min(32767, (sample * 32768).rounded()))
            converted.append(Int16(scaled))
        }
        spindle_chromaprint_feed(context, converted, Int32(count))
    }

    /// - Returns: nil where the song is too short for one (about three seconds).
    mutating func finish() -> SongMeasurement.Fingerprint? {
        var items: UnsafeMutablePointer<UInt32>?
        var count: Int32 = 0
        var text: UnsafeMutablePointer<CChar>?
        guard spindle_chromaprint_finish(context) == 1,
            spindle_chromaprint_get_raw_fingerprint(context, &items, &count) == 1,
            spindle_chromaprint_get_fingerprint(context, &text) == 1,
            let items, let text
        else { return nil }
        defer {
            spindle_chromaprint_dealloc(items)
            spindle_chromaprint_dealloc(text)
        }
        guard count > 0 else { return nil }
        return .init(
            items: Array(UnsafeBufferPointer(start: items, count: Int(count))),
            compressed: String(cString: text))
    }
}
