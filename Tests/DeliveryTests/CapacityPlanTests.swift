import Delivery
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct CapacityPlanTests {
    private func plan(_ given: [CapacityInput: Double], years: Int = 2) -> CapacityPlan {
        CapacityPlan(
            given.mapValues { CapacityPlan.Figure($0, .given, from: "the test") }, years: years)
    }

    /// Worked by hand: 1,000 songs of 100 s at 80 kbit/s are a megabyte each.
    @Test func `a small fleet comes out as on paper`() {
        let plan = plan([
            .users: 8640, .playsPerUser: 10, .songs: 1000, .songSeconds: 100, .bitrateKbps: 80,
            .copies: 4, .metadataBytes: 300, .searchBytes: 200, .peakFactor: 3, .edgeHits: 75,
            .edgeShare: 10, .edges: 2, .edgeGbps: 0.01, .requestsPerPlay: 50,
            .requestsPerCore: 10, .serverCores: 2, .serverGbps: 1, .load: 50, .storagePrice: 0.05,
            .trafficPrice: 0.1, .machinePrice: 30, .songGrowth: 100, .userGrowth: 0,
        ])
        let now = plan.years[0]
        #expect(now.audioBytes == 1e9 && now.replicaBytes == 4e9)
        #expect(now.metadataBytes == 300_000 && now.searchBytes == 200_000)
        #expect(now.playsPerDay == 86_400 && now.trafficBytesPerDay == 86.4e9)
        #expect(now.originBytesPerDay == 21.6e9)
        #expect(now.peakPlaysPerSecond == 3 && now.peakRequestsPerSecond == 150)
        #expect(now.peakConcurrentStreams == 300)
        #expect(now.peakBitsPerSecond == 24e6 && now.originPeakBitsPerSecond == 6e6)
        // 24 Mbit/s over edges of 10, half of which may be used; 150 requests over 10 a server.
        #expect(now.edges == 5 && now.servers == 16)
        #expect(now.edgeBytes == 0.5e9)
        #expect(abs(now.storageUSDPerMonth - 4.5 * 0.05) < 1e-9)
        #expect(abs(now.trafficUSDPerMonth - (86.4 + 21.6) * 30 * 0.1) < 1e-9)
        #expect(now.machinesUSDPerMonth == 21 * 30)
        #expect(plan.years.map(\.songs) == [1000, 2000, 4000])
        #expect(plan.years.map(\.users) == [8640, 8640, 8640])
        #expect(plan.years[2].audioBytes == 4e9 && plan.years[2].edges == 5)
    }

    @Test func `servers go by the network where that is scarcer`() {
        let plan = plan([
            .users: 8640, .playsPerUser: 10, .songSeconds: 100, .bitrateKbps: 80, .peakFactor: 3,
            .edgeHits: 75, .load: 50, .requestsPerPlay: 1, .serverGbps: 0.001,
        ])
        // 6 Mbit/s from regions over half a megabit each, and one to spare.
        #expect(plan.years[0].servers == 13)
    }

    @Test func `without edges all comes from the regions`() {
        let year = plan([.edges: 0]).years[0]
        #expect(year.edges == 0 && year.edgeBytes == 0)
        #expect(year.originPeakBitsPerSecond == year.peakBitsPerSecond)
        #expect(year.originBytesPerDay == year.trafficBytesPerDay)
        #expect(
            abs(year.trafficUSDPerMonth - year.trafficBytesPerDay / 1e9 * 30 * 0.02) < 1e-6)
    }

    @Test func `more of anything never needs less`() {
        let base = plan([:]).years[2]
        for input in CapacityInput.allCases {
            let more = plan([input: input.description.standard * 1.5]).years[2]
            let needs: [KeyPath<CapacityPlan.Year, Double>] = [
                \.replicaBytes, \.edgeBytes, \.metadataBytes, \.searchBytes, \.playsPerDay,
                \.trafficBytesPerDay, \.peakRequestsPerSecond, \.peakBitsPerSecond, \.edges,
                \.servers, \.totalUSDPerMonth,
            ]
            let less = needs.count { more[keyPath: $0] < base[keyPath: $0] }
            // What one machine carries, and what edges answer, are what there may be more of.
            let relieves: Set<CapacityInput> = [
                .edgeHits, .edgeGbps, .serverGbps, .serverCores, .requestsPerCore, .load,
            ]
            #expect(less == 0 || relieves.contains(input), "\(input)")
        }
    }

    @Test func `every figure says where it comes from, and JSON keeps to the schema`() throws {
        let plan = plan([.songs: 5, .users: 1e10, .userGrowth: 300], years: 20)
        let json = try JSONValue.parse(plan.json.bytes, path: "capacity")
        #expect(try JSONSchema(named: "capacity").faults(json).isEmpty)
        let figures = try #require(json["figures"]?.array)
        #expect(figures.map { $0["name"]?.string } == CapacityInput.allCases.map(\.rawValue))
        #expect(figures.allSatisfy { $0["from"]?.string?.isEmpty == false })
        #expect(figures.count { $0["source"]?.string == "given" } == 3)
        #expect(json["years"]?.array?.count == 21)
    }

    @Test func `defaults are within what may be given`() {
        for input in CapacityInput.allCases {
            #expect(input.description.range.contains(input.description.standard), "\(input)")
        }
    }
}
