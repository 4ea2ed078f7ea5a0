import HTTPServer
import HTTPTestClient
import Storage
import Streaming
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Streaming a song` {
    struct Case: Sendable, CustomTestStringConvertible {
        let headers: [String]
        let status: Int
        var range: Range<Int>?
        var testDescription: String { headers.joined(separator: "; ") }
    }

    static let songBytes = 1000
    // The first song of every test warehouse.
    static let tag =
        "\""
        + SHA256.hash((0..<songBytes).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }).hex
        + "\""

    @Test(arguments: [
        Case(headers: [], status: 200, range: 0..<1000),
        Case(headers: ["Range: bytes=0-0"], status: 206, range: 0..<1),
        Case(headers: ["Range: bytes=100-199"], status: 206, range: 100..<200),
        Case(headers: ["Range: bytes=990-"], status: 206, range: 990..<1000),
        Case(headers: ["Range: bytes=-10"], status: 206, range: 990..<1000),
        Case(headers: ["Range: bytes=-5000"], status: 206, range: 0..<1000),
        Case(headers: ["Range: bytes=0-10,5-20"], status: 206, range: 0..<21),
        Case(headers: ["Range: bytes=1000-"], status: 416),
        Case(headers: ["Range: bytes=5-2"], status: 416),
        Case(headers: ["Range: bytes=-0"], status: 416),
        Case(headers: ["Range: lines=1-2"], status: 200, range: 0..<1000),
        Case(headers: ["Range: bytes=0-999,0-999"], status: 200, range: 0..<1000),
        Case(headers: ["If-None-Match: \(tag)"], status: 304),
        Case(headers: ["If-None-Match: \"x\", W/\(tag)"], status: 304),
        Case(headers: ["If-None-Match: *"], status: 304),
        Case(headers: ["If-None-Match: \(tag)", "Range: bytes=0-1"], status: 304),
        Case(headers: ["If-None-Match: \"x\""], status: 200, range: 0..<1000),
        Case(headers: ["If-Match: \"x\""], status: 412),
        Case(headers: ["If-Match: \(tag)"], status: 200, range: 0..<1000),
        Case(headers: ["If-Range: \(tag)", "Range: bytes=0-1"], status: 206, range: 0..<2),
        Case(headers: ["If-Range: W/\(tag)", "Range: bytes=0-1"], status: 200, range: 0..<1000),
        Case(headers: ["If-Range: \"x\"", "Range: bytes=0-1"], status: 200, range: 0..<1000),
        Case(
            headers: ["If-Range: Mon, 23 Nov 2026 20:00:00 GMT", "Range: bytes=0-1"], status: 200,
            range: 0..<1000),
        Case(headers: ["If-Range: \"x\"", "Range: bytes=5000-"], status: 200, range: 0..<1000),
    ])
    func `conditions and ranges are answered as RFC 9110 says`(_ test: Case) throws {
        let fixture = try TestWarehouse(sizes: [Self.songBytes])
        try fixture.publish(1)
        let service = try TestService(fixture)
        let song = fixture.songs[0]
        let answer = try service.get("/v1/songs/\(song.id.hex)/stream", test.headers)
        #expect(answer.status == test.status)
        if let range = test.range {
            #expect(answer.body == Array(song.audio[range]))
            #expect(answer.header("Content-Type") == "audio/mpeg")
            #expect(answer.header("Accept-Ranges") == "bytes")
        }
        if test.status != 416, test.status != 412 {
            #expect(answer.header("ETag") == Self.tag)
            #expect(answer.header("Cache-Control") == "public, max-age=31536000, immutable")
        }
        let contentRange = answer.header("Content-Range")
        switch test.status {
        case 206:
            #expect(
                contentRange == "bytes \(test.range!.lowerBound)-\(test.range!.upperBound - 1)/1000"
            )
        case 416: #expect(contentRange == "bytes */1000")
        default: #expect(contentRange == nil)
        }
        // A HEAD is the same without a body, and knows no ranges.
        let connection = try TestConnection(port: service.port)
        let head = try connection.request("HEAD", "/v1/songs/\(song.id.hex)/stream", test.headers)
        let ignoresRange =
            test.headers.contains { $0.hasPrefix("Range") } && [206, 416].contains(test.status)
        #expect(head.status == (ignoresRange ? 200 : test.status))
        if head.status == 200 { #expect(head.header("Content-Length") == "1000") }
        // Nothing of a body was left on the connection.
        #expect(try connection.request("GET", "/healthz").status == 200)
    }

    @Test(arguments: [
        ("bytes=0-9,20-29", [0..<10, 20..<30]),
        ("bytes=-5,0-4", [995..<1000, 0..<5]),
        ("bytes=0-0,2-2,4-4,6-6", [0..<1, 2..<3, 4..<5, 6..<7]),
        ("bytes=0-9,5-14,500-", [0..<15, 500..<1000]),
    ])
    func `several ranges come as parts`(field: String, expected: [Range<Int>]) throws {
        let fixture = try TestWarehouse(sizes: [Self.songBytes])
        try fixture.publish(1)
        let service = try TestService(fixture)
        let song = fixture.songs[0]
        let answer = try service.get("/v1/songs/\(song.id.hex)/stream", ["Range: \(field)"])
        #expect(answer.status == 206)
        #expect(answer.header("Content-Range") == nil)
        let type = try #require(answer.header("Content-Type"))
        #expect(type.hasPrefix("multipart/byteranges; boundary="))
        let boundary = type.split(separator: "=")[1]
        var expectedBody: [UInt8] = []
        for (index, range) in expected.enumerated() {
            expectedBody += Array(
                """
                \(index == 0 ? "" : "\r\n")--\(boundary)\r
                Content-Type: audio/mpeg\r
                Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/1000\r
                \r

                """.utf8)
            expectedBody += song.audio[range]
        }
        expectedBody += Array("\r\n--\(boundary)--\r\n".utf8)
        #expect(answer.body == expectedBody)
    }

    @Test func `large ranges on one connection arrive whole`() throws {
        let fixture = try TestWarehouse(sizes: [3_000_000])
        try fixture.publish(1)
        let service = try TestService(fixture)
        let song = fixture.songs[0]
        let connection = try TestConnection(port: service.port)
        for range in [0..<3_000_000, 1_000_000..<2_999_999, 17..<524_305] {
            let answer = try connection.request(
                "GET", "/v1/songs/\(song.id.hex)/stream",
                ["Range: bytes=\(range.lowerBound)-\(range.upperBound - 1)"])
            let isSame = answer.body == Array(song.audio[range])
            #expect(isSame)
        }
    }

    @Test func `edges and regions find their songs at the origin under the path they hold them by`()
        throws
    {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        let song = fixture.songs[0]
        let answer = try service.get("/audio/\(song.id.hex).mp3")
        #expect(answer.status == 200)
        let isSame = answer.body == song.audio
        #expect(isSame)
        for path in [
            "/audio/\(song.id.hex)", "/audio/\(song.id.hex).ogg",
            "/audio/\(String(repeating: "0", count: 64)).mp3",
        ] {
            #expect(try service.get(path).status == 404, "\(path)")
        }
        #expect(try service.get("/audio/x.mp3").status == 400)
    }

    @Test func `audio that is missing or cut is refused, not sent`() throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        let store = BlobStore(fixture.warehouse)
        try store.remove(fixture.songs[0].id)
        try FileSystem.remove(store.path(fixture.songs[1].id))
        try fixture.write("half", to: store.path(fixture.songs[1].id))
        for song in fixture.songs.prefix(2) {
            let answer = try service.get("/v1/songs/\(song.id.hex)/stream")
            #expect(answer.status == 503 && answer.text.contains("audio_unavailable"))
        }
        #expect(service.messages.all.contains { $0.contains("another size") })
    }
}
