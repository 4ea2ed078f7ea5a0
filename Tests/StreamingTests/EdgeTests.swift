import HTTPTestClient
import Storage
import Streaming
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Redirects to edges` {
    private static let secret = "correct-horse-battery"

    /// Made with: printf '2147483647/audio/abc.mp3 correct-horse-battery' | openssl md5 -binary
    /// | openssl base64 | tr +/ -_ | tr -d =
    @Test func `the token is nginx's`() {
        let signer = EdgeURLSigner(secret: Self.secret, lifetimeSeconds: 60)
        #expect(
            signer.token(path: "/audio/abc.mp3", expires: 2_147_483_647) == "UIgOu7xT0dy8nWuZtS4h_Q"
        )
    }

    @Test func `a base with a path signs that path too`() {
        let signer = EdgeURLSigner(secret: Self.secret, lifetimeSeconds: 60)
        let song = SHA256.hash("song")
        let now = Timestamp(milliseconds: 1_000_999)
        let path = "/audio/\(song.hex).mp3"
        #expect(
            signer.url(base: "https://e.example", song: song, now: now)
                == "https://e.example\(path)?e=1060&s=\(signer.token(path: path, expires: 1060))")
        #expect(
            signer.url(base: "https://e.example:8443/a/b", song: song, now: now)
                == "https://e.example:8443/a/b\(path)?e=1060&s=\(signer.token(path: "/a/b" + path, expires: 1060))"
        )
    }

    @Test(arguments: [
        // song held by the edge, query, header, redirected
        (0, "?region=eu-west", "", true),
        (0, "", "Spindle-Region: eu-west", true),
        (0, "", "", false),
        (0, "?region=us-east", "Spindle-Region: eu-west", false),
        (0, "?region=eu-west&direct=1", "", false),
        (0, "", "Spindle-Region: eu west; drop", false),
        (1, "?region=eu-west", "", false),
        // Listed, but to be let go.
        (2, "?region=eu-west", "", false),
    ])
    func `a song goes to an edge of the listener's region that holds it`(
        song: Int, query: String, header: String, isRedirected: Bool
    ) throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1, edges: [("eu-west-1", [0])])
        let service = try TestService(fixture, secret: Self.secret)
        let id = fixture.songs[song].id.hex
        let answer = try service.get(
            "/v1/songs/\(id)/stream\(query)", header.isEmpty ? [] : [header])
        #expect(answer.status == (isRedirected ? 302 : 200))
        #expect(answer.header("Access-Control-Allow-Origin") == "*")
        guard isRedirected else { return }
        let location = try #require(answer.header("Location"))
        let path = "/music/audio/\(id).mp3"
        #expect(location.hasPrefix("https://eu-west-1.example\(path)?e="))
        #expect(answer.header("Cache-Control") == "no-store")
        let query = location.split(separator: "?")[1].split(separator: "&")
        let expires = try #require(Int(query[0].dropFirst(2)))
        #expect((3590...3601).contains(expires - Timestamp.now.milliseconds / 1000))
        let signer = EdgeURLSigner(secret: Self.secret, lifetimeSeconds: 1)
        #expect(query[1] == "s=" + signer.token(path: path, expires: expires))
    }

    @Test func `nobody is sent to an edge for a song under embargo`() throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1, edges: [("eu-west-1", [0, 1])], embargoed: [1])
        let service = try TestService(fixture, region: "eu-west", secret: Self.secret)
        for (song, status) in [(0, 302), (1, 200)] {
            let path = "/v1/songs/\(fixture.songs[song].id.hex)/stream"
            #expect(try service.get(path).status == status)
        }
    }

    @Test func `the default region counts, and without a secret nobody is redirected`() throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1, edges: [("eu-west-1", [0])])
        let path = "/v1/songs/\(fixture.songs[0].id.hex)/stream"
        #expect(
            try TestService(fixture, region: "eu-west", secret: Self.secret).get(path).status == 302
        )
        #expect(try TestService(fixture, region: "eu-west").get(path).status == 200)
        #expect(
            try TestService(fixture, secret: Self.secret).get(path + "?region=%2F").status == 400)
    }

    @Test func `of several edges a listener always gets the same one`() throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1, edges: [("eu-1", [0]), ("eu-2", [0]), ("eu-3", [1])])
        let service = try TestService(fixture, secret: Self.secret)
        var hosts: [String: Int] = [:]
        for user in 0..<40 {
            let path = "/v1/songs/\(fixture.songs[0].id.hex)/stream?region=eu-west&user_id=u\(user)"
            let locations = try (0..<2).map { _ in
                try #require(try service.get(path).header("Location")).split(separator: "/")[1]
            }
            #expect(locations[0] == locations[1])
            hosts[String(locations[0]), default: 0] += 1
        }
        #expect(Set(hosts.keys) == ["eu-1.example", "eu-2.example"])
        #expect(hosts.values.allSatisfy { $0 >= 8 }, "\(hosts)")
    }

    @Test(arguments: ["", "short", "has a space in the middle", "\n0123456789abcdef"])
    func `a file that holds no secret is refused`(text: String) throws {
        let fixture = try TestWarehouse()
        let path = fixture.warehouse.path + "/secret"
        try fixture.write(text, to: path)
        #expect(throws: FormatError.self) {
            try EdgeURLSigner(secretFile: path, lifetimeSeconds: 60)
        }
    }
}
