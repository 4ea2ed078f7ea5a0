import Glibc
import HTTPTestClient
import Storage
import Streaming
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Reporting plays` {
    private func event(_ changes: [String: JSONValue?] = [:]) -> String {
        var fields: [String: JSONValue] = [
            "song_id": .string("s1"), "ms_played": .integer(31_000),
            "duration_ms": .integer(200_000),
            "reason_end": .string("trackdone"), "platform": .string("web"),
            "user_id": .string("u1"),
        ]
        for (key, value) in changes { fields[key] = value }
        var json = JSONWriter()
        json.value(.object(fields))
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test func `a play becomes a line that the plays stage reads`() throws {
        let service = try TestService(try TestWarehouse())
        let day = CalendarDate(dayNumber: Timestamp.now.milliseconds / 86_400_000 - 1)
        let answer = try service.request(
            "POST", "/v1/plays", ["Spindle-Region: eu-west"],
            body: event(["event_id": .string("e1"), "ts": .string("\(day)T03:04:05+01:00")]))
        #expect(answer.status == 202)
        #expect(answer.text == #"{"accepted":1,"rejected":0,"errors":[]}"# + "\n")
        #expect(
            try service.playLogLines() == [
                #"{"event_id":"e1","ts":"\#(day)T02:04:05.000Z","user_id":"u1","song_id":"s1","region":"eu-west","ms_played":31000,"duration_ms":200000,"reason_end":"trackdone","platform":"web"}"#
            ])
    }

    @Test(
        arguments: [
            (-604_800_001, nil), (-604_800_000, -604_800_000), (-1, -1), (0, 0), (1, 0),
            (300_000, 0), (300_001, nil),
        ] as [(Int, Int?)])
    func `a play is of the last seven days, a clock that is ahead a little is put right`(
        offset: Int, expected: Int?
    ) throws {
        let now = try #require(Timestamp("2026-11-19T23:59:00Z"))
        let ts = Timestamp(milliseconds: now.milliseconds + offset).description
        let json = try JSONValue.parse(Array(event(["ts": .string(ts)]).utf8), path: "")
        let time = (try? PlayEvent(json, region: "eu", now: now))?.time
        #expect(time?.milliseconds == expected.map { now.milliseconds + $0 })
    }

    @Test func `what is left out is filled in`() throws {
        let service = try TestService(try TestWarehouse(), region: "sa-east")
        let before = Timestamp.now
        _ = try service.request("POST", "/v1/plays", body: "[\(event()),\(event())]")
        let lines = try service.playLogLines().map { try JSONValue.parse(Array($0.utf8), path: "") }
        #expect(lines.count == 2)
        #expect(lines[0]["event_id"] != lines[1]["event_id"])
        #expect(lines[0]["event_id"]?.string?.utf8.count == 32)
        #expect(lines[0]["region"]?.string == "sa-east")
        let time = try #require(lines[0]["ts"]?.string.flatMap { Timestamp($0) })
        #expect(before <= time && time <= Timestamp.now)
    }

    @Test(
        arguments: [
            ("song_id", nil), ("song_id", .string("")), ("song_id", .integer(5)),
            ("song_id", .string(String(repeating: "x", count: 65))), ("user_id", .string("a\nb")),
            ("user_id", nil), ("ms_played", .integer(-1)), ("ms_played", .string("5")),
            ("ms_played", .integer(86_400_001)), ("ms_played", .number(1.5)), ("duration_ms", nil),
            ("reason_end", .null), ("platform", .array([])), ("event_id", .string("")),
            ("ts", .string("yesterday")), ("ts", .integer(5)),
            ("ts", .string("2999-01-01T00:00:00Z")),
            ("ts", .string("2026-01-02T03:04:05Z")),
        ] as [(String, JSONValue?)])
    func `an invalid play is refused with its field`(field: String, value: JSONValue?) throws {
        let service = try TestService(try TestWarehouse())
        let answer = try service.request("POST", "/v1/plays", body: event([field: value]))
        #expect(answer.status == 400)
        #expect(answer.text.contains("event 0: \(field) must be"))
        #expect(try service.playLogLines().isEmpty)
    }

    @Test func `in a batch the valid plays count`() throws {
        let service = try TestService(try TestWarehouse())
        let answer = try service.request(
            "POST", "/v1/plays", body: "[\(event()),{\"song_id\":1},\(event()),7]")
        let json = try JSONValue.parse(answer.body, path: "")
        #expect(answer.status == 202)
        #expect(json["accepted"]?.int == 2 && json["rejected"]?.int == 2)
        #expect(json["errors"]?.array?.compactMap { $0["index"]?.int } == [1, 3])
        #expect(try service.playLogLines().count == 2)
    }

    @Test(arguments: [
        ("", 400), ("[]", 400), ("{", 400), ("\"x\"", 400), ("null", 400), ("{}", 400),
        (String(repeating: "[", count: 60_000), 413),
        ("[" + String(repeating: "0,", count: 30_000) + "0]", 413),
        ("[" + String(repeating: "{},", count: 500) + "{}]", 413),
        (String(repeating: " ", count: 66_000), 413),
    ])
    func `a body that is no batch is refused`(body: String, status: Int) throws {
        let service = try TestService(try TestWarehouse())
        #expect(try service.request("POST", "/v1/plays", body: body).status == status)
        #expect(try service.get("/healthz").status == 200)
    }

    @Test func `a region that cannot be one is refused`() throws {
        let service = try TestService(try TestWarehouse())
        #expect(try service.request("POST", "/v1/plays?region=a%22b", body: event()).status == 400)
    }

    // MARK: The log itself

    @Test func `a line cut off by a crash is kept apart from the next`() throws {
        let fixture = try TestWarehouse()
        let now = Timestamp("2026-11-20T23:59:59.999Z")!
        let path = fixture.warehouse.playLogPath + "/date=2026-11-20/spindled-h.ndjson"
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
        try fixture.write("{\"whole\":1}\n{\"hal", to: path)
        let log = try PlayLog(directory: fixture.warehouse.playLogPath, host: "h", now: now)
        try log.append(Array("{\"new\":1}\n".utf8), now: now)
        #expect(try FileSystem.readText(path) == "{\"whole\":1}\n{\"hal\n{\"new\":1}\n")
        // The next day has a file of its own.
        try log.append(Array("{\"new\":2}\n".utf8), now: Timestamp("2026-11-21T00:00:00.000Z")!)
        #expect(
            try FileSystem.readText(
                fixture.warehouse.playLogPath + "/date=2026-11-21/spindled-h.ndjson")
                == "{\"new\":2}\n")
        try log.close()
    }

    @Test func `a file that was moved away is begun anew`() throws {
        let fixture = try TestWarehouse()
        let now = Timestamp.now
        let log = try PlayLog(directory: fixture.warehouse.playLogPath, host: "h", now: now)
        let path = fixture.warehouse.playLogPath + "/date=\(now.date)/spindled-h.ndjson"
        try log.append(Array("1\n".utf8), now: now)
        try FileSystem.remove(path)
        try log.append(Array("2\n".utf8), now: now)
        #expect(try FileSystem.readText(path) == "2\n")
    }

    /// With RLIMIT_FSIZE, which ends writes in the middle as a full disk does, in a process of its own.
    @Test func `a batch that does not fit is taken out again`() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            let fixture = try TestWarehouse()
            let now = Timestamp.now
            let log = try PlayLog(directory: fixture.warehouse.playLogPath, host: "h", now: now)
            let path = fixture.warehouse.playLogPath + "/date=\(now.date)/spindled-h.ndjson"
            try log.append(Array("first\n".utf8), now: now)
            var limit = rlimit(rlim_cur: 20, rlim_max: 20)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let isRefused: Bool
            do {
                try log.append(Array("a line of more than twenty bytes\n".utf8), now: now)
                isRefused = false
            } catch { isRefused = true }
            try log.append(Array("second\n".utf8), now: now)
            let text = try FileSystem.readText(path)
            exit(isRefused && text == "first\nsecond\n" ? 0 : 1)
        }
    }
}
