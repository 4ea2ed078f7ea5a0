import Storage
import TestSupport
import Testing

@testable import Plays

@Suite struct AccessLogTests {
    /// 200 s in 4,000,000 bytes: 20,000 bytes are a second.
    private let song = LogBench.id(0xabc)
    private static let firefox = "Mozilla/5.0 (X11; Linux x86_64) Firefox/148.0"

    private func bench() throws -> LogBench {
        let bench = try LogBench()
        try bench.makeCatalog([.init(id: song), .init(id: LogBench.id(2), title: "Other")])
        return bench
    }

    private func line(
        _ second: Int, _ bytes: Int, status: Int = 206, method: String = "GET",
        path: String? = nil, agent: String = firefox, address: String = "203.0.113.7",
        range: String = "", day: Int = 19
    ) -> String {
        let clock =
            "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        return
            "\(address) - - [\(day)/Nov/2026:\(clock) +0000] \"\(method) \(path ?? "/audio/\(song).mp3")"
            + " HTTP/1.1\" \(status) \(bytes) \"-\" \"\(agent)\""
            + (range.isEmpty ? "" : " \"\(range)\"")
    }

    private func played(_ result: LogBench.Outcome) -> [Int] {
        result.plays.map { Int($0.split(separator: " ")[4])! }
    }

    @Test func `ranges are united before anything counts`() throws {
        let result = try bench().read(
            [
                line(10, 400_000, range: "bytes 0-399999/4000000"),
                line(20, 400_000, range: "bytes 200000-599999/4000000"),
                line(30, 400_000, range: "bytes 200000-599999/4000000"),
                // The answer was broken off after 100,000 bytes.
                line(40, 100_000, range: "bytes=1000000-"),
            ].joined(separator: "\n"))
        #expect(played(result) == [35_000])
        #expect(result.plays[0].hasSuffix("\(song) eu 2026-11-19T00:00:10.000Z 35000 200000"))
        #expect(result.accounting.lines == 4 && result.accounting.folded == 3)
    }

    @Test func `a listener is an address and an agent`() throws {
        let result = try bench().read(
            [
                line(1, 4_000_000, status: 200), line(2, 4_000_000, status: 200, agent: "VLC"),
                line(3, 4_000_000, status: 200, address: "203.0.113.8"),
                line(4, 4_000_000, status: 200, path: "/audio/\(LogBench.id(2)).mp3"),
                line(5, 4_000_000, status: 200),
            ].joined(separator: "\n"))
        #expect(played(result) == [200_000, 200_000, 200_000, 200_000])
        #expect(Set(result.plays.map { $0.split(separator: " ")[0] }).count == 3)
        #expect(Set(result.addresses).count == 2)
        #expect(!result.plays.joined().contains("203.0.113"))
    }

    @Test func `what nobody listened to is left out by its reason`() throws {
        let cover = "/v1/songs/\(song)/cover"
        let result = try bench().read(
            [
                line(1, 0, status: 200, method: "HEAD"), line(2, 9, status: 200, method: "POST"),
                line(3, 9, status: 404), line(4, 0, status: 304), line(5, 9, status: 416),
                line(6, 0, status: 206), line(7, 9, status: 200, path: cover),
                line(8, 9, status: 200, path: "/index.html"),
                line(9, 9, status: 200, path: "/v1/songs/\(song)"),
                line(10, 9, status: 200, path: "/blobs/\(LogBench.id(77))"),
                line(11, 9, status: 200, agent: "Googlebot/2.1"),
                line(12, 9, status: 200, agent: "curl/8.5"),
                line(13, 4_000_000, status: 200, path: "/v1/songs/\(song)/stream?user_id=u"),
                "garbage", line(14, 9).replacing("Nov", with: "Now"),
            ].joined(separator: "\n"))
        #expect(played(result) == [200_000])
        let sum = result.accounting
        #expect(sum.leftOut(for: .otherMethod) == 2)
        #expect(sum.leftOut(for: .otherStatus) == 4)
        #expect(sum.leftOut(for: .otherObject) == 4)
        #expect(sum.leftOut(for: .bot) == 2)
        #expect(result.rejects == ["14 not_a_request", "15 bad_timestamp"])
    }

    @Test(arguments: [
        ("Mozilla/5.0 (compatible; bingbot/2.0)", true), ("AHC/2.1 Python-urllib/3.11", true),
        ("Mozilla/5.0 (Linux; Android 13; CUBOT P80)", false), ("VLC/3.0 LibVLC/3.0", false),
        ("okhttp/4.12", false), ("-", false), ("", false), ("Wget/1.2", true), ("BOT", true),
    ])
    func `robots say what they are`(agent: String, isRobot: Bool) {
        var robots = RobotList()
        var agent = agent
        // The second answer is remembered.
        for _ in 0..<2 {
            agent.withUTF8 {
                #expect(robots.contains(UnsafeRawBufferPointer($0)) == isRobot)
            }
        }
    }

    @Test func `a session ends 24 hours after it began`() throws {
        let result = try bench().read(
            [
                line(1, 200_000, status: 200), line(0, 300_000, status: 200, day: 20),
                line(1, 400_000, status: 200, day: 20), line(2, 500_000, status: 200, day: 20),
            ].joined(separator: "\n"))
        #expect(played(result) == [15_000, 25_000])
    }

    @Test func `the requests of a session may lie in several files, and a file may come twice`()
        throws
    {
        let bench = try bench()
        try bench.write("a.log", line(9, 300_000) + "\n" + line(9, 300_000))
        try bench.write("b.log", line(8, 100_000))
        var result = try bench.read()
        // Places are not told: the bytes are added up.
        #expect(played(result) == [35_000])
        try bench.write("c.log", line(9, 300_000))
        try bench.write("d.log", line(8, 100_000))
        result = try bench.read()
        #expect(played(result) == [35_000])
        #expect(result.accounting.folded == 4)
    }

    @Test func `more was not heard than there is`() throws {
        let result = try bench().read(
            [line(1, 3_000_000), line(2, 3_000_000)].joined(separator: "\n"))
        #expect(played(result) == [200_000])
    }

    @Test func `without a catalogue a bitrate is needed`() throws {
        let bench = try LogBench()
        let text = line(1, 960_000, status: 200) + "\n" + line(2, 9, status: 200, path: "/x/y.flac")
        #expect(try bench.read(text).rejects == ["1 missing_field", "2 missing_field"])
        bench.options.bitrateKbps = 256
        let result = try bench.read(text)
        #expect(played(result).sorted() == [0, 30_000])
        #expect(result.plays.contains { $0.contains(" ?/x/y.flac eu ") })
        #expect(result.accounting.unresolved == 1)
    }

    @Test func `regions come from the folder, an option or the edge`() throws {
        let bench = try bench()
        bench.options.region = nil
        try bench.write("a", line(1, 9, status: 200))
        #expect(try bench.read().rejects == ["1 missing_field"])
        try bench.write("a", "")
        try bench.write("region=ap-south/x/log", line(1, 9, status: 200))
        #expect(try bench.read().plays[0].contains(" ap-south "))
    }

    // MARK: CloudFront

    private static let fields = [
        "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)",
        "cs-uri-stem", "sc-status", "cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)",
        "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes",
        "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher",
        "x-edge-response-result-type",
        "cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port",
        "time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len",
        "sc-range-start", "sc-range-end",
    ]

    private func cloudFront(_ values: [String: String], _ order: [String] = fields) -> String {
        order.map { values[$0] ?? "-" }.joined(separator: "\t")
    }

    @Test func `CloudFront's fields lie where its header says`() throws {
        let bench = try bench()
        bench.options.region = nil
        let request = [
            "date": "2026-11-19", "time": "12:34:56", "x-edge-location": "FRA56-P1",
            "sc-bytes": "700512", "c-ip": "2001:db8::7", "cs-method": "GET",
            "cs-uri-stem": "/audio/\(song).mp3", "sc-status": "206",
            "cs(User-Agent)": "Mozilla/5.0%20(iPhone)", "sc-content-len": "700000",
            "sc-range-start": "0", "sc-range-end": "699999",
        ]
        var robot = request
        robot["cs(User-Agent)"] = "Some%42ot/1.0"
        let reversed = Array(Self.fields.reversed())
        let text = [
            cloudFront(request), "#Version: 1.0", "#Fields: \(Self.fields.joined(separator: " "))",
            cloudFront(request), cloudFront(robot), cloudFront(request) + "\t",
            cloudFront(request.merging(["sc-bytes": "x"]) { $1 }),
            cloudFront(request.merging(["time": "25:00:00"]) { $1 }),
            "#Fields: \(reversed.joined(separator: " "))",
            cloudFront(request.merging(["sc-range-start": "700000"]) { $1 }, reversed),
            "#Fields: date time", "2026-11-19\t12:00:00",
        ].joined(separator: "\n")
        #expect(throws: FormatError.self) {
            try bench.read(
                String(text.dropFirst(cloudFront(request).utf8.count + 15)).replacing(
                    "#", with: "%"))
        }
        bench.options.format = .cloudFront
        let result = try bench.read(text)
        #expect(result.plays.count == 1)
        #expect(result.plays[0].hasSuffix("\(song) FRA 2026-11-19T12:34:56.000Z 70000 200000"))
        #expect(
            result.rejects == [
                "1 no_header", "6 column_count", "7 not_a_request", "8 bad_timestamp",
                "12 no_header",
            ])
        #expect(result.accounting.leftOut(for: .header) == 4)
        #expect(result.accounting.leftOut(for: .bot) == 1)
        bench.options.format = nil
    }

    @Test func `JSON access logs are the same requests`() throws {
        let bench = try bench()
        let requests = [(10, 400_000, 0), (20, 400_000, 200_000), (30, 100_000, 1_000_000)]
        let plain = try bench.read(
            requests.map { line($0, $1, range: "bytes \($2)-\($2 + $1 - 1)/4000000") }
                .joined(separator: "\n"))
        let json = try bench.read(
            requests.enumerated().map { index, request in
                let (second, bytes, start) = request
                let time =
                    index == 0
                    ? "\"msec\":\(1_795_046_400 + second).000"
                    : "\"time_iso8601\":\"2026-11-19T00:00:\(second)+00:00\""
                let asked =
                    index == 1
                    ? "\"request\":\"GET \\/audio/\(song).mp3 HTTP/1.1\""
                    : "\"request_method\":\"GET\",\"request_uri\":\"/audio/\(song).mp3\""
                return """
                    {\(time),"remote_addr":"203.0.113.7",\(asked),"status":\(index == 0 ? "206" : "\"206\""),\
                    "body_bytes_sent":"\(bytes)","http_user_agent":"\(Self.firefox)",\
                    "sent_http_content_range":"bytes \(start)-\(start + bytes - 1)/4000000"}
                    """
            }.joined(separator: "\n"))
        #expect(json.plays == plain.plays && json.plays.count == 1)
        #expect(json.eventIDs == plain.eventIDs)
        #expect(
            try bench.read(#"{"remote_addr":"1","request":"x","status":1}"#).rejects
                == ["1 missing_field"])
    }

    // MARK: In bounded memory

    /// The same sessions, whether requests are sorted in memory or in many parts on disk, and as a
    /// plain count over all bytes has them.
    @Test(arguments: SeededGenerator.seeds(6))
    func `parts on disk come to the same sessions`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let bench = try bench()
        struct Asked {
            let user: Int
            let timeMs: Int
            let start: Int
            let bytes: Int
        }
        let asked = (0..<2_000).map { _ in
            let start = Int.random(in: 0..<3_000, using: &random)
            return Asked(
                user: Int.random(in: 0..<40, using: &random),
                timeMs: 1_795_046_400_000 + Int.random(in: 0..<200_000, using: &random) * 1_000,
                start: start, bytes: Int.random(in: 1...500, using: &random))
        }
        func sessions(_ capacity: Int) throws -> [String] {
            let folded = ListeningSessions(
                in: bench.warehouse, SongResolver(bench.options, in: bench.warehouse),
                bitrateKbps: nil, capacity: capacity)
            for (index, asked) in asked.enumerated() {
                var address = "10.0.0.\(asked.user)"
                var path = "/audio/\(song).mp3"
                try address.withUTF8 { address in
                    try path.withUTF8 { path in
                        var request = AccessRequest()
                        request.timeMs = asked.timeMs
                        request.address = UnsafeRawBufferPointer(address)
                        let get: StaticString = "GET"
                        request.method = UnsafeRawBufferPointer(start: get.utf8Start, count: 3)
                        request.path = UnsafeRawBufferPointer(path)
                        request.status = 206
                        request.rangeStart = asked.start * 1_000
                        request.sentBytes = asked.bytes * 1_000
                        let region: StaticString = "eu"
                        let outcome = try folded.add(
                            request,
                            region: UnsafeRawBufferPointer(start: region.utf8Start, count: 2),
                            file: 0, line: index)
                        guard case .request = outcome else { throw FileError("add", "", code: 1) }
                    }
                }
            }
            var result: [String] = []
            try folded.finish {
                result.append("\($0.event.timeMs) \($0.event.playedMs) \($0.requestCount)")
            }
            return result.sorted()
        }
        var expected: [String] = []
        for user in 0..<40 {
            var rest = asked.filter { $0.user == user }.sorted { $0.timeMs < $1.timeMs }[...]
            while let first = rest.first {
                let session = rest.prefix { $0.timeMs < first.timeMs + 86_400_000 }
                rest = rest.dropFirst(session.count)
                var sent = Set<Int>()
                for asked in session { sent.formUnion(asked.start..<asked.start + asked.bytes) }
                expected.append("\(first.timeMs) \(sent.count * 50) \(session.count)")
            }
        }
        #expect(try sessions(1 << 20) == expected.sorted(), "seed \(seed)")
        #expect(try sessions(37) == expected.sorted(), "seed \(seed)")
        #expect(try FileSystem.list(bench.warehouse.temporaryPath) == [])
    }
}
