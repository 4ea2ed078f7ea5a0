import Foundation
import Storage
import Testing

@testable import Plays

@Suite struct PlayEventParserTests {
    private struct Parsed: Equatable {
        let eventID: String
        let userID: String
        let songID: String
        let region: String
        let playedMs: Int
        let durationMs: Int
        let day: String
    }

    private func parse(_ bytes: [UInt8]) -> Result<Parsed, RejectedLine> {
        var parser = PlayEventParser()
        // A copy of exactly this size lets the sanitizer see any byte read beyond it.
        return bytes.withUnsafeBytes { line in
            if let rejection = parser.parse(line) { return .failure(RejectedLine(rejection)) }
            return .success(
                Parsed(
                    eventID: text(parser.event.eventID), userID: text(parser.event.userID),
                    songID: text(parser.event.songID), region: text(parser.event.region),
                    playedMs: parser.event.playedMs, durationMs: parser.event.durationMs,
                    day: "\(CalendarDate(dayNumber: parser.event.dayNumber))"))
        }
    }

    private struct RejectedLine: Error, Equatable {
        let reason: RejectReason
        let detail: String

        init(_ rejection: Rejection) {
            reason = rejection.reason
            detail = rejection.detail
        }
    }

    private func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private func reason(_ line: String) -> RejectReason? { reason(Array(line.utf8)) }

    private func reason(_ bytes: [UInt8]) -> RejectReason? {
        if case .failure(let line) = parse(bytes) { line.reason } else { nil }
    }

    /// The good line with something in the place of something else.
    private func line(_ old: String, _ new: String) -> String {
        let good = TestEvent().line
        let range = good.firstRange(of: old)!
        return String(good[..<range.lowerBound]) + new + String(good[range.upperBound...])
    }

    @Test func `a line of the player is read whole`() throws {
        let event = try parse(Array(TestEvent().line.utf8)).get()
        #expect(
            event
                == Parsed(
                    eventID: "e1", userID: "u1", songID: "s1", region: "eu-west", playedMs: 60_000,
                    durationMs: 180_000, day: "2026-11-19"))
    }

    @Test(arguments: [
        ("", "not_json"), ("{", "not_json"), ("[]", "not_json"), ("null", "not_json"),
        ("{}", "missing_field"), ("{} {}", "not_json"), ("{,}", "not_json"),
        ("{\"a\":1,}", "not_json"),
        ("{\"a\":01}", "not_json"), ("{\"a\":1.}", "not_json"), ("{\"a\":.5}", "not_json"),
        ("{\"a\":-}", "not_json"), ("{\"a\":1e}", "not_json"), ("{\"a\":+1}", "not_json"),
        ("{\"a\":tru}", "not_json"), ("{\"a\":True}", "not_json"), ("{\"a\":\"\\x\"}", "not_json"),
        ("{\"a\":\"\\u12g4\"}", "not_json"), ("{\"a\":\"\t\"}", "not_json"),
        ("{\"a\":[1,]}", "not_json"),
        ("{\"a\":[1 2]}", "not_json"), ("{\"a\":{\"b\"}}", "not_json"), ("{\"a\":[}", "not_json"),
        ("{\"a\":[}]", "not_json"), ("{\"a\":{]}", "not_json"), ("{'a':1}", "not_json"),
        ("{\"a\":1} x", "not_json"), ("{\"a\" 1}", "not_json"), ("{\"a\":NaN}", "not_json"),
        ("\u{feff}{}", "not_json"), ("{\"a\":1}\0", "not_json"),
    ])
    func `what is no JSON object is told from what lacks a field`(line: String, code: String) {
        #expect(reason(line)?.rawValue == code)
    }

    @Test(arguments: [
        ("\"event_id\":\"e1\",", "", "missing_field"), ("\"u1\"", "null", "missing_field"),
        ("song_id", "song", "missing_field"), ("\"duration_ms\":180000,", "", "missing_field"),
        ("60000", "\"60000\"", "wrong_type"), ("60000", "60000.0", "wrong_type"),
        ("60000", "6e4", "wrong_type"), ("60000", "true", "wrong_type"),
        ("\"s1\"", "7", "wrong_type"),
        ("\"s1\"", "[\"s1\"]", "wrong_type"), ("\"web\"", "{}", "wrong_type"),
        ("\"trackdone\"", "3", "wrong_type"), ("\"s1\"", "\"\"", "bad_id"),
        ("\"s1\"", "\"a\\tb\"", "bad_id"), ("\"s1\"", "\"a\\u000ab\"", "bad_id"),
        ("\"s1\"", "\"a\u{7f}b\"", "bad_id"), ("\"s1\"", "\"\\ud800\"", "bad_id"),
        ("\"eu-west\"", "\"*\"", "bad_id"), ("\"eu-west\"", "\"\\u002a\"", "bad_id"),
        ("2026-11-19T12", "2026-11-19 12", "bad_timestamp"),
        ("2026-11-19", "2026-02-30", "bad_timestamp"),
        (".000Z", "", "bad_timestamp"), (".000Z", ".Z", "bad_timestamp"),
        ("T12:", "T24:", "bad_timestamp"),
        ("2026-11-19T12:00:00.000Z", "1763553600", "bad_timestamp"),
        ("60000", "-1", "out_of_range"), ("60000", "604800001", "out_of_range"),
        ("180000", "-180000", "out_of_range"), ("60000", "99999999999999999999999", "out_of_range"),
    ])
    func `a spoilt field is set aside with its reason`(old: String, new: String, code: String) {
        #expect(reason(line(old, new))?.rawValue == code)
    }

    @Test(arguments: [
        ("\"s1\"", "\"\\u0073\\u0031\""), ("\"song_id\"", "\"\\u0073ong_id\""), ("60000", "-0"),
        ("\"web\"", "null"), (",\"platform\":\"web\"", ""), ("\"reason_end\":\"trackdone\",", ""),
        ("60000", "604800000"), (".000Z", "Z"), (".000Z", ".123456789Z"), ("T12", "t12"),
        ("12:00:00.000Z", "23:30:00+12:00"),
        ("{\"event", "  { \"x\" : [ { } , [ ] , \"}\" , -1.5E+3 ] , \"event"),
        ("{\"event", "{\"song_id\":7,\"event"), ("\"s1\"", "\"\\\"\\\\\\/\""),
        ("\"s1\"", "\"\(String(repeating: "ä", count: 32))\""),
        (
            "{\"event",
            "{\"event_ID\":1,\"ms_playem\":2,\"duration_m\":3,\"reason_enx\":4,\"tS\":5,\"event"
        ),
    ])
    func `what RFC 8259 and RFC 3339 allow is read`(old: String, new: String) {
        #expect(reason(line(old, new)) == nil)
    }

    @Test(arguments: [
        ("2026-11-19T12:34:56.789Z", 1_795_091_696_789),
        ("2026-11-19T12:34:56Z", 1_795_091_696_000),
        ("2026-11-19T12:34:56.7Z", 1_795_091_696_700),
        ("2026-11-19T12:34:56.7899Z", 1_795_091_696_789),
        ("2026-11-19T13:34:56.789+01:00", 1_795_091_696_789),
        ("2026-11-19T23:59:60Z", 1_795_132_800_000), ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2026-11-19T12:\\u00334:56.789Z", 1_795_091_696_789),
    ])
    func `the time of an event is in milliseconds`(ts: String, expected: Int) {
        var parser = PlayEventParser()
        // Twice, as the second line of a day is read another way.
        for _ in 0..<2 {
            var line = TestEvent(ts: ts).line
            line.withUTF8 { #expect(parser.parse(UnsafeRawBufferPointer($0)) == nil) }
            #expect(parser.event.timeMs == expected)
            let day = Int((Double(expected) / 86_400_000).rounded(.down))
            #expect(parser.event.dayNumber == day)
        }
    }

    @Test(
        arguments: [
            ("", "", nil), (",\"address\":\"203.0.113.7\"", "203.0.113.7", nil),
            (",\"address\":null", "", nil), (",\"address\":\"\"", "", nil),
            (",\"address\":7", "", .wrongType), (",\"address\":\"a\\nb\"", "", .badID),
            (",\"addresses\":7,\"addresx\":7", "", nil),
        ] as [(String, String, RejectReason?)])
    func `an address may be there`(key: String, address: String, reason: RejectReason?) {
        var parser = PlayEventParser()
        var line = self.line("\"platform\":\"web\"", "\"platform\":\"web\"\(key)")
        line.withUTF8 {
            #expect(parser.parse(UnsafeRawBufferPointer($0))?.reason == reason)
            if reason == nil { #expect(text(parser.event.address) == address) }
        }
    }

    @Test func `an id has at most 64 bytes, counted after its escapes`() {
        let longest = String(repeating: "a", count: 64)
        #expect(reason(line("\"s1\"", "\"\(longest)\"")) == nil)
        #expect(reason(line("\"s1\"", "\"\(longest)a\"")) == .badID)
        let escaped = String(repeating: "\\u0061", count: 64)
        #expect(reason(line("\"s1\"", "\"\(escaped)\"")) == nil)
        #expect(reason(line("\"s1\"", "\"\(escaped)b\"")) == .badID)
    }

    @Test(
        arguments: [
            [0xff], [0xc0, 0xaf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x80, 0x80, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xc3], [0xe2, 0x82], [0x80],
        ] as [[UInt8]])
    func `bytes that are not UTF-8 are told as such`(bytes: [UInt8]) {
        let parts = TestEvent().line.split(separator: "web")
        #expect(reason(Array(parts[0].utf8) + bytes + Array(parts[1].utf8)) == .notUTF8)
    }

    @Test func `nesting has an end`() {
        func nested(_ depth: Int) -> String {
            line(
                "{\"event",
                "{\"x\":" + String(repeating: "[", count: depth)
                    + String(repeating: "]", count: depth) + ",\"event")
        }
        #expect(reason(nested(64)) == nil)
        #expect(reason(nested(65)) == .notJSON)
        #expect(reason(nested(30_000)) == .notJSON)
    }

    @Test func `any cut of a line is refused and reads nothing beyond it`() {
        let whole = Array(TestEvent().line.utf8)
        for count in 0..<whole.count { #expect(reason(Array(whole[..<count])) == .notJSON) }
    }

    @Test func `any order of keys, escapes and spaces reads as the reference does`() throws {
        let seed = testSeed()
        var random = SeededGenerator(seed)
        for _ in 0..<3_000 {
            let line = randomLine(&random)
            let document = try JSONValue.parse(Array(line.utf8), path: "event")
            let event = try parse(Array(line.utf8)).get()
            #expect(event.eventID == document["event_id"]?.string, "seed \(seed): \(line)")
            #expect(event.userID == document["user_id"]?.string, "seed \(seed): \(line)")
            #expect(event.songID == document["song_id"]?.string, "seed \(seed): \(line)")
            #expect(event.region == document["region"]?.string, "seed \(seed): \(line)")
            #expect(event.playedMs == document["ms_played"]?.int, "seed \(seed): \(line)")
            #expect(event.durationMs == document["duration_ms"]?.int, "seed \(seed): \(line)")
            #expect(
                event.day == "\(Timestamp(document["ts"]!.string!)!.date)", "seed \(seed): \(line)")
        }
    }

    @Test func `changed bytes are accepted only where Foundation accepts them`() {
        let seed = testSeed()
        var random = SeededGenerator(seed)
        for _ in 0..<5_000 {
            var bytes = Array(randomLine(&random).utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    Bool.random(using: &random)
                    ? "\"\\{}[]:,0e-. ".utf8.randomElement(using: &random)!
                    : UInt8.random(in: 0...255, using: &random)
            }
            guard reason(bytes) == nil else { continue }
            #expect(
                (try? JSONDecoder().decode(AnyObject.self, from: Data(bytes))) != nil,
                "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    /// How often lines were read ahead, and the parsers' agreement on all of them.
    private func readAhead(_ bytes: [UInt8], behind: [UInt8], _ note: String) -> Int {
        var padded = bytes + behind.prefix(64)
        padded += [UInt8](repeating: 0, count: bytes.count + 64 - padded.count)
        var ahead = 0
        padded.withUnsafeBytes { padded in
            let lines = padded.part(0..<bytes.count)
            var parser = PlayEventParser()
            var start = 0
            while start < lines.count {
                let count = parser.parseAhead(lines.part(start..<lines.count))
                var line = lines.part(start..<(lines.first(10, from: start) ?? lines.count))
                start += line.count + 1
                if line.last == 13 { line = line.part(0..<line.count - 1) }
                let rejection = count > 0 ? nil : parser.parsePadded(line)
                var strict = PlayEventParser()
                #expect(strict.parse(line) == rejection, "\(note): \(line.text)")
                guard rejection == nil else { continue }
                #expect(count == 0 || count == line.count, "\(note): \(line.text)")
                #expect(parser.event.isSame(as: strict.event), "\(note): \(line.text)")
                if count > 0 { ahead += 1 }
            }
        }
        return ahead
    }

    /// A line as a program writes it, of one of several shapes.
    private func shapedLine(_ shape: Int, _ random: inout SeededGenerator) -> String {
        func isOdd() -> Bool { Int.random(in: 0..<30, using: &random) == 0 }
        func id() -> String {
            let length = [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65].randomElement(using: &random)!
            let text = String(repeating: "a", count: isOdd() ? length : 32)
            return isOdd()
                ? ["*", "é", "x\u{7f}", "\\n"].randomElement(using: &random)! : text
        }
        func number() -> String {
            isOdd()
                ? ["00", "604800000", "604800001", "-1", "1e3"].randomElement(using: &random)!
                : ["0", "7", "180000", "9999999", "99999999"].randomElement(using: &random)!
        }
        let ts = [
            "2026-11-19T20:15:04.120Z", "2026-11-18T23:59:59.999Z", "2026-11-19T20:15:04Z",
            "2026-11-19T24:00:00.000Z", "2026-11-19T20:60:04.120Z", "2026-11-19T20:15:0:.120Z",
            "2026-11-19T20:15:04.12Z", "2026-11-19 20:15:04.120Z", "2026-11-19T20:15:04.120+01:00",
        ][isOdd() ? Int.random(in: 0..<9, using: &random) : 0]
        let common = [
            "\"event_id\":\"\(id())\"", "\"ts\":\"\(ts)\"", "\"user_id\":\"\(id())\"",
            "\"song_id\":\"\(id())\"", "\"region\":\"\(id())\"", "\"ms_played\":\(number())",
            "\"duration_ms\":\(number())",
        ]
        return switch shape {
        case 0:
            "{"
                + (common + ["\"reason_end\":\"x\"", "\"platform\":\"web\""]).joined(separator: ",")
                + "}"
        case 1: "{" + (common.reversed() + ["\"address\":\"\(id())\""]).joined(separator: ",") + "}"
        case 2: "{" + common.joined(separator: ", ").replacing("\":", with: "\": ") + "}"
        case 3:
            "{\"seq\":\(random.next()),\"ok\":true," + common.joined(separator: ",")
                + ",\"address\":null}\r"
        case 4: "{" + (common + [common[3]]).joined(separator: ",") + "}"
        case 5: " { " + common.joined(separator: " ,\t") + " } "
        default: "{" + common.shuffled(using: &random).joined(separator: ",") + "}"
        }
    }

    @Test func `what is read ahead is read strictly, to the same event`() {
        let seed = testSeed()
        var random = SeededGenerator(seed)
        var ahead = 0
        for round in 0..<60 {
            var bytes: [UInt8] = []
            let shapes = [0, 1, 2, 3, 4, 5, 6].shuffled(using: &random)
                .prefix(Int.random(in: 1...7, using: &random))
            for _ in 0..<60 {
                bytes += Array(
                    (shapedLine(shapes.randomElement(using: &random)!, &random) + "\n").utf8)
            }
            if round % 3 > 0 {
                for _ in 0..<Int.random(in: 1...40, using: &random) {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[place] =
                        Bool.random(using: &random)
                        ? "\"\\{}[]:,0e-. \n\r\u{7f}".utf8.randomElement(using: &random)!
                        : UInt8.random(in: 0...255, using: &random)
                }
                bytes.removeLast(Int.random(in: 0...300, using: &random))
            }
            let behind = Bool.random(using: &random) ? bytes : Array(bytes.reversed())
            ahead += readAhead(bytes, behind: behind, "seed \(seed)")
        }
        #expect(ahead > 500, "\(ahead) of 3,600: what is compared is hardly used")
    }

    @Test func `any cut of lines is read as the lines that are left`() {
        let line = Array((TestEvent().line + "\n").utf8)
        let lines = line + line + line
        for count in line.count..<lines.count {
            // The rest stands behind the cut.
            let ahead = readAhead(
                Array(lines[..<count]), behind: Array(lines[count...]), "cut at \(count)")
            #expect(ahead == count / line.count)
        }
    }

    /// Decodes any JSON object.
    private struct AnyObject: Decodable {
        init(from decoder: any Decoder) throws {
            _ = try decoder.container(keyedBy: Key.self)
        }

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
    }

    private func randomLine(_ random: inout SeededGenerator) -> String {
        func space() -> String {
            ["", "", " ", "\t", "  "].randomElement(using: &random)!
        }
        func quoted(_ text: String) -> String {
            var result = "\""
            for unit in text.unicodeScalars {
                if unit == "\"" || unit == "\\" || Int.random(in: 0..<6, using: &random) == 0 {
                    for half in String(unit).utf16 {
                        let hex = String(half, radix: 16, uppercase: Bool.random(using: &random))
                        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                    }
                } else {
                    result.unicodeScalars.append(unit)
                }
            }
            return result + "\""
        }
        func id() -> String {
            (0..<Int.random(in: 1...12, using: &random)).map { _ in
                ["a", "7", "-", "\"", "\\", "é", "音", "🎵", "/", " "].randomElement(using: &random)!
            }.joined()
        }
        func number(_ limit: Int) -> String { String(Int.random(in: 0..<limit, using: &random)) }
        let time = Timestamp(milliseconds: Int.random(in: 0..<4_000_000_000_000, using: &random))
        var fields = [
            ("event_id", quoted(id())), ("user_id", quoted(id())), ("song_id", quoted(id())),
            ("region", quoted(id())), ("ts", quoted("\(time)")), ("ms_played", number(1_000_000)),
            ("duration_ms", number(1_000_000)),
        ]
        let extras = [
            "null", "true", "false", "-1.5e-3", "[]", "{}", "[1,[2,{\"a\":[]}],\"]\"]",
            "{\"song_id\":\"inner\",\"b\":{\"c\":null}}", "\"ts\"", "0", "[ \"{\" , \"\\\\\" ]",
        ]
        for index in 0..<Int.random(in: 0...3, using: &random) {
            fields.append(("extra\(index)", extras.randomElement(using: &random)!))
        }
        fields.shuffle(using: &random)
        return "{"
            + fields.map { space() + quoted($0.0) + space() + ":" + space() + $0.1 + space() }
            .joined(separator: ",") + "}"
    }
}
