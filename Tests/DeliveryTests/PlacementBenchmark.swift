import Delivery
import Foundation
import Storage
import Testing

/// Figures, not checks: `SPINDLE_BENCHMARK=1 swift test -c release --filter PlacementBenchmark`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SPINDLE_BENCHMARK"] != nil))
struct PlacementBenchmark {
    @Test(arguments: [1.2...1.3, 2.5...3]) func `a million songs in eight regions`(
        tightness: ClosedRange<Double>
    ) throws {
        let count = 1_000_000
        var instance = RandomInstance(seed: 1)
        var problem = instance.problem(
            songs: count, regions: 8, replicas: 3, tightness: tightness)
        let before = residentMegabytes()
        for night in ["first", "same demand", "new demand"] {
            if night == "new demand" { problem.demand = instance.demand(songs: count, regions: 8) }
            let start = ContinuousClock.now
            let plan = try PlacementPlanner.plan(problem)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let added = plan.regions.map(\.addedSongs).reduce(0, +)
            print("BENCHMARK tightness \(tightness) \(night): \(seconds) s, \(plan.method)")
            print("  settled \(plan.isSettled), \(plan.gapPercent ?? .nan) % above the bound")
            print("  added copies \(added), MB before \(before), peak \(peakMegabytes())")
            problem.previous = plan.sets
        }
    }

    @Test func `both stages on files, a million songs in five regions`() throws {
        var instance = RandomInstance(seed: 2)
        let songs = instance.songs(1_000_000)
        let bytes = songs.sizesBytes.reduce(0, +)
        let night = try NightFixture(
            topology: StageTests.topology(
                capacity: bytes * 8 / 10, edgeCapacity: bytes / 20, budget: bytes / 50))
        try night.write(songs, instance.demand(songs: songs.count, regions: 5))
        var start = ContinuousClock.now
        func lap(_ what: String) {
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            print("BENCHMARK \(what): \(seconds) s, peak \(peakMegabytes()) MB")
            start = .now
        }
        let first = try night.place()
        lap("place, first night")
        let second = try night.place(previous: first.folder)
        lap("place, second night")
        let fill = try night.prefetch(placement: second.folder)
        lap("prefetch of \(night.topology.edges.count) edges, first night")
        _ = try night.prefetch(placement: second.folder, previous: fill.folder)
        lap("prefetch, second night")
    }

    private func status(_ key: String) -> Int {
        let text = (try? FileSystem.readText("/proc/self/status")) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
    }

    private func residentMegabytes() -> Int { status("VmRSS:") }
    private func peakMegabytes() -> Int { status("VmHWM:") }
}
