import Foundation
import Testing

@testable import AudioAnalysis

/// Levels of signals whose levels are known.
@Suite struct MeterTests {
    private static func sine(_ hertz: Double, peak: Double, seconds: Int, phase: Double = 0)
        -> [Float]
    {
        (0..<seconds * 48_000).flatMap { index -> [Float] in
            let value = Float(peak * sin(2 * .pi * hertz * Double(index) / 48_000 + phase))
            return [value, value]
        }
    }

    /// EBU Tech 3341, minimum requirements, signals 1 and 2.
    @Test(arguments: [-23.0, -33.0])
    func `a stereo sine of so many dBFS has as many LUFS`(level: Double) throws {
        let meter = LoudnessMeter(channels: 2, sampleRateHz: 48_000, [.levels, .truePeak])!
        Self.sine(1000, peak: pow(10, level / 20), seconds: 20)
            .withUnsafeBufferPointer { meter.add($0) }
        let (loudness, range) = (meter.loudnessLUFS, meter.rangeLU)
        #expect(abs(try #require(loudness) - level) < 0.1)
        #expect(try #require(range) < 0.1)
    }

    @Test func `one channel is as loud as the same on two`() {
        let stereo = LoudnessMeter(channels: 2, sampleRateHz: 48_000, .levels)!
        let mono = LoudnessMeter(channels: 1, sampleRateHz: 48_000, .levels)!
        let signal = Self.sine(1000, peak: 0.1, seconds: 5)
        signal.withUnsafeBufferPointer { stereo.add($0) }
        stride(from: 0, to: signal.count, by: 2).map { signal[$0] }
            .withUnsafeBufferPointer { mono.add($0) }
        let difference = mono.loudnessLUFS! - stereo.loudnessLUFS!
        #expect(abs(difference) < 0.01)
    }

    /// A quarter of the sample rate, an eighth of a turn on: no sample is where the peak is.
    @Test func `the true peak lies between the samples`() {
        let meter = LoudnessMeter(channels: 2, sampleRateHz: 48_000, .truePeak)!
        Self.sine(12_000, peak: 0.5, seconds: 1, phase: .pi / 4)
            .withUnsafeBufferPointer { meter.add($0) }
        let (peak, loudness) = (meter.truePeak, meter.loudnessLUFS)
        #expect(abs(20 * log10(peak / 0.5)) < 0.5)
        #expect(loudness == nil)
    }

    @Test func `silence has no loudness`() {
        let meter = LoudnessMeter(channels: 2, sampleRateHz: 48_000, .levels)!
        [Float](repeating: 0, count: 480_000).withUnsafeBufferPointer { meter.add($0) }
        let (loudness, range) = (meter.loudnessLUFS, meter.rangeLU)
        #expect(loudness == nil && range == nil)
    }

    @Test func `silence at both ends is measured to the sample, and clipping counted`() {
        var meter = LevelMeter()
        var signal = [Float](repeating: 0.0009, count: 2000)
        signal[501] = 0.5
        signal[900] = -1.25
        signal[901] = 1.0
        signal[1500] = -0.002
        for start in stride(from: 0, to: 2000, by: 250) {
            signal[start..<start + 250].withUnsafeBufferPointer { meter.add($0, channels: 2) }
        }
        #expect(meter.leadingSilence == 250)
        #expect(meter.trailingSilence == 249)
        #expect(meter.peak == 1.25 && meter.clipped == 1 && !meter.isSilent)
    }

    @Test func `a song below the threshold is silent from end to end`() {
        var meter = LevelMeter()
        [Float](repeating: 0.0005, count: 100).withUnsafeBufferPointer {
            meter.add($0, channels: 1)
        }
        #expect(meter.isSilent && meter.leadingSilence == 100 && meter.trailingSilence == 100)
    }

    @Test func `what corrupt data decodes to is put back into bounds`() {
        var samples: [Float] = [0.5, .nan, .infinity, -1e6, 8, -8]
        var isWild = samples.withUnsafeMutableBufferPointer { LevelMeter.tame($0) }
        #expect(isWild)
        #expect(samples == [0.5, 0, 8, -8, 8, -8])
        isWild = samples.withUnsafeMutableBufferPointer { LevelMeter.tame($0) }
        #expect(!isWild)
    }

    @Test func `a measurement crosses the pipe whole`() {
        var full = SongMeasurement()
        full.warnings.counts = [.resync: 3, .badSideInfo: 1]
        full.warnings.firstOffset = 12
        full.detail = "big_values too large!"
        (full.frames, full.samples, full.expectedSamples) = (1, 2, 3)
        (full.sampleRateHz, full.channels) = (44_100, 2)
        full.levels = .init(
            loudnessLUFS: -14.25, rangeLU: nil, samplePeak: 0.1, clippedSamples: 4,
            leadingSilenceMs: 5, trailingSilenceMs: 6, isSilent: false)
        full.truePeak = 1.1
        full.fingerprint = .init(items: [0, .max, 17], compressed: "AQAA")
        for value in [full, SongMeasurement(), .init(failure: .notDecodable, "no frame")] {
            #expect(SongMeasurement(message: value.message) == value)
        }
        #expect(SongMeasurement(message: Array("nonsense".utf8)) == nil)
    }
}
