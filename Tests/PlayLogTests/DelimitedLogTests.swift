import Storage
import Testing

@testable import Plays

@Suite struct DelimitedLogTests {
    private let header = "event_id,ts,user_id,song_id,region,ms_played,duration_ms"
    private func row(_ id: Int) -> String {
        "e\(id),2026-11-19T12:00:0\(id % 10).000Z,u1,s\(id),us,60000,180000"
    }
    private func play(_ id: Int) -> String {
        "u1 s\(id) us 2026-11-19T12:00:0\(id % 10).000Z 60000 180000"
    }

    @Test func `rows are plays, and their texts may be quoted`() throws {
        let bench = try LogBench()
        let result = try bench.read(
            """
            ts,user_id,artist,title,ms_played,ip\r
            2026-11-19T12:00:00Z,"u,1","A ""quoted"" name","Two
            lines",1000,1.2.3.4\r
            1795089601,u2,,"",1000,\r
            "1795089601",u2,"",T,"1000",""\r

            """)
        #expect(
            result.plays == [
                "u,1 ?A \"quoted\" name / Two lines eu 2026-11-19T12:00:00.000Z 1000 0",
                "u2 ?T eu 2026-11-19T12:00:01.000Z 1000 0",
            ])
        #expect(result.addresses == ["1.2.3.4", ""])
        #expect(result.rejects == ["4 missing_field"])
        #expect(result.accounting.lines == 4)
        #expect(result.accounting.leftOut(for: .header) == 1)
        #expect(result.accounting.unresolved == 2)
    }

    /// A stray quote must not take the good lines behind it with it.
    @Test(arguments: [
        "e9,2026-11-19T12:00:00Z,u1,\"s9,us,60000,180000",
        "e9,2026-11-19T12:00:00Z,u1,\"s9\"x,us,60000,180000", "\"", "e9,\"\"\",,,,,",
    ])
    func `a quote that nothing closes spoils one line`(bad: String) throws {
        let bench = try LogBench()
        for count in [3, 40] {
            let rows = (0..<count).map(row)
            let text = ([header] + rows + [bad] + rows.map { $0.replacing("e", with: "f") })
                .joined(separator: "\n")
            let result = try bench.read(text)
            #expect(result.plays.count == 2 * count)
            #expect(result.rejects == ["\(count + 2) bad_quotes"])
        }
        // Also where another record has quotes, and another one is spoilt.
        let text = [
            header, row(1), bad, row(2), row(3).replacing("u1", with: "\"u1\""), bad, row(4),
        ]
        .joined(separator: "\n")
        let result = try bench.read(text)
        #expect(result.plays == [play(1), play(2), play(3), play(4)])
        #expect(result.rejects.map { $0.hasSuffix("bad_quotes") } == [true, true])
    }

    @Test func `in TSV a quote that is none is a character`() throws {
        let result = try LogBench().read(
            "ts\tuser\tartist\ttitle\n1795089600\tu\tDavid Bowie\t\"Heroes\" (live)\n"
                + "1795089600\tu\tA\t\"half\n1795089600\tu\tA\t\"whole\"\n")
        #expect(
            result.plays.map { $0.dropFirst(2) } == [
                "?David Bowie / \"Heroes\" (live) eu 2026-11-19T12:00:00.000Z 30000 0",
                "?A / \"half eu 2026-11-19T12:00:00.000Z 30000 0",
                "?A / whole eu 2026-11-19T12:00:00.000Z 30000 0",
            ])
    }

    @Test func `in TSV a line feed may be quoted, too`() throws {
        let result = try LogBench().read(
            "ts\tuser\ttitle\n1795089600\tu\t\"Two\nlines\"\n1795089600\tu\t\"half\n"
                + "1795089600\tu\t12\"\n1795089600\tu\t\"a\tb\nc\"\n1795089600\tu\t\"open\n")
        #expect(
            result.plays.map { $0.split(separator: " eu ")[0] } == [
                "u ?Two lines", "u ?\"half", "u ?12\"", "u ?a b c", "u ?\"open",
            ])
        #expect(result.rejects == [])
        #expect(result.accounting.lines == 6)
    }

    @Test func `a header that changes spoils what follows until it is back`() throws {
        let other = "ts,event_id,user_id,song_id,region,ms_played,duration_ms"
        let text = [
            header, row(1), header, row(2), other, row(3), "2026-11-19T12:00:00Z,e,u,s,us,1,1",
            header, row(4), row(5) + ",extra", row(6),
        ]
        let result = try LogBench().read(text.joined(separator: "\n"))
        #expect(result.plays == [play(1), play(2), play(4), play(6)])
        #expect(
            result.rejects == [
                "5 header_changed", "6 header_changed", "7 header_changed", "10 column_count",
            ])
        #expect(result.accounting.leftOut(for: .header) == 3)
    }

    @Test(
        arguments: [
            ("u1", "", "missing_field"), ("u1", "u\u{0}1", "bad_id"),
            ("u1", String(repeating: "u", count: 65), "bad_id"), (",us,", ",*,", "bad_id"),
            ("60000", "-1", "out_of_range"), ("60000", "604800001", "out_of_range"),
            ("180000", "99999999999", "out_of_range"), ("60000", "1.5", "wrong_type"),
            ("60000", "NaN", "wrong_type"), ("2026-11-19T12", "2026-11-19X12", "bad_timestamp"),
            ("2026", "1889", "bad_timestamp"), ("2026", "2226", "bad_timestamp"),
            ("2026-11-19T12:00:01.000Z", "", "missing_field"), (",s1,", ",,", "missing_field"),
            (",s1,", ",", "column_count"), ("s1", "\u{1}s1", nil),
        ] as [(String, String, String?)])
    func `a spoilt row has its reason`(old: String, new: String, reason: String?) throws {
        let bench = try LogBench()
        bench.options.listener = nil
        let text = [header, row(1).replacing(old, with: new), row(2)].joined(separator: "\n")
        let result = try bench.read(text)
        #expect(result.plays.last == play(2))
        // An id with a control character is none; the reference is shown without it.
        #expect(result.rejects == (reason.map { ["2 \($0)"] } ?? []))
    }

    @Test func `bytes that are no text and lines that are too long are set aside`() throws {
        var bytes = Array((header + "\n" + row(1) + "\n").utf8)
        bytes += Array("e,1795089600,".utf8) + [0xff, 0xfe] + Array(",s,us,1,1\n".utf8)
        bytes += [UInt8](repeating: 65, count: 10 << 20) + [10]
        bytes += Array("\"".utf8) + [UInt8](repeating: 66, count: 60_000) + [10]
        bytes += Array((row(2) + "\n").utf8) + [UInt8](repeating: 0, count: 100) + [10]
        bytes += Array(row(3).utf8)
        let result = try LogBench().read(bytes: bytes)
        #expect(result.plays == [play(1), play(2), play(3)])
        #expect(
            result.rejects == ["3 not_utf8", "4 too_long", "5 bad_quotes", "7 column_count"])
    }

    @Test func `columns are what they are said to be`() throws {
        let bench = try LogBench()
        bench.options.columns = [
            "ts": "when", "song_id": "what", "user_id": "Who?", "seconds_played": "secs",
        ]
        let result = try bench.read(
            "when,what,Who?,secs,ts,dur\n1795089600,s1,u,12.5,nonsense,x\n1795089600,s2,u,.5,,\n")
        #expect(result.plays == ["u s1 eu 2026-11-19T12:00:00.000Z 12500 0"])
        #expect(result.rejects == ["3 wrong_type"])
    }

    @Test func `a file without a header is refused where it is named CSV`() throws {
        let bench = try LogBench()
        bench.options.format = .csv
        #expect(throws: FormatError.self) { try bench.read(row(1)) }
    }
}
