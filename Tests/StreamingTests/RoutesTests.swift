import HTTPServer
import HTTPTestClient
import Publication
import Storage
import Streaming
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Routes` {
    private static let unknownSong = String(repeating: "0", count: 64)

    @Test(arguments: [
        ("GET", "/healthz", 200), ("GET", "/readyz", 200), ("GET", "/v1/snapshot", 200),
        ("GET", "/v1/search?q=sakura", 200), ("GET", "/v1/search?q=", 200),
        ("GET", "/v1/search", 400), ("GET", "/v1/search?q=x&limit=0", 400),
        ("GET", "/v1/search?q=x&limit=201", 400), ("GET", "/v1/search?q=x&offset=-1", 400),
        ("GET", "/v1/search?q=%22%28%2A%20OR%20NEAR%20%27%3B--", 200),
        ("GET", "/v1/genres", 200), ("GET", "/v1/genres/00000000000000cc", 200),
        ("GET", "/v1/genres/00000000000000dd", 404), ("GET", "/v1/genres/xyz", 400),
        ("GET", "/v1/artists?limit=1&offset=0", 200), ("GET", "/v1/artists?limit=x", 400),
        ("GET", "/v1/artists/00000000000000aa", 200), ("GET", "/v1/artists/00000000000000AA", 400),
        ("GET", "/v1/albums", 200), ("GET", "/v1/albums/00000000000000bb", 200),
        ("GET", "/v1/albums/00000000000000bb/cover", 200),
        ("GET", "/v1/albums/0000000000000000", 404),
        ("GET", "/v1/charts", 200), ("GET", "/v1/charts/overall/*", 200),
        ("GET", "/v1/charts/region/eu-west", 200), ("GET", "/v1/charts/genre/R%26B%2FSoul", 200),
        ("GET", "/v1/charts/region/mars", 404), ("GET", "/v1/charts/nonsense/eu-west", 404),
        ("GET", "/v1/songs/\(unknownSong)", 404), ("GET", "/v1/songs/\(unknownSong)/stream", 404),
        ("GET", "/v1/songs/..%2F..%2Fetc%2Fpasswd/stream", 400),
        ("GET", "/v1/songs/../../etc/passwd", 404), ("GET", "/v1/songs/%00/stream", 400),
        ("GET", "/", 200), ("GET", "/report", 200), ("GET", "/nothing", 404),
        ("GET", "/v1/songs/", 400), ("POST", "/", 405), ("DELETE", "/v1/genres", 405),
        ("GET", "/v1/plays", 405), ("PUT", "/v1/plays", 405), ("BREW", "/v1/genres", 405),
        ("HEAD", "/v1/genres", 200), ("HEAD", "/v1/plays", 405), ("HEAD", "/", 200),
    ])
    func `each path answers with its status`(method: String, target: String, status: Int) throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        let answer = try service.request(method, target)
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.header("X-Content-Type-Options") == "nosniff" || status == 400)
        if status >= 400, method != "HEAD" {
            let error = try JSONValue.parse(answer.body, path: target)["error"]
            #expect(error?["code"]?.string != nil && error?["message"]?.string != nil)
            #expect(answer.header("Content-Type") == "application/json")
        }
        if status == 405 {
            let isPlays = target == "/v1/plays"
            #expect(answer.header("Allow") == (isPlays ? "POST" : "GET, HEAD"))
        }
    }

    @Test func `a song's metadata names all there is`() throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        let song = fixture.songs[0]
        let json = try service.json("/v1/songs/\(song.id.hex)")
        #expect(json["song_id"]?.string == song.id.hex)
        #expect(json["title"]?.string == "Sakura")
        #expect(json["album"]?.string == "Best of")
        #expect(json["duration_ms"]?.int == 200_000)
        #expect(json["isrc"] == .null)
        #expect(json["artists"]?.array?.first?["name"]?.string == "Trio")
        #expect(json["genres"]?.array?.first?["name"]?.string == "Klezmer")
        #expect(json["stream_url"]?.string == "/v1/songs/\(song.id.hex)/stream")
    }

    @Test func `search finds any part of a title without spaces and pages through results`() throws
    {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        #expect(try service.json("/v1/search?q=%E5%9F%8E%E3%81%AE")["songs"]?.array?.count == 1)
        #expect(
            try service.json("/v1/search?q=sak")["songs"]?.array?.first?["title"]?.string
                == "Sakura")
        let first = try service.json("/v1/search?q=trio&limit=2")
        let second = try service.json("/v1/search?q=trio&limit=2&offset=2")
        #expect(first["songs"]?.array?.count == 2 && second["songs"]?.array?.count == 1)
        #expect(first["artists"]?.array?.count == 1)
    }

    @Test func `metadata is unchanged until the next snapshot`() throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        let tag = try #require(try service.get("/v1/genres").header("ETag"))
        let same = try service.get("/v1/genres", ["If-None-Match: \"x\", \(tag)"])
        #expect(same.status == 304 && same.body.isEmpty && same.header("ETag") == tag)
        #expect(try service.get("/v1/genres/00000000000000dd", ["If-None-Match: *"]).status == 404)
        try fixture.publish(2)
        service.snapshots.check()
        #expect(try service.get("/v1/genres", ["If-None-Match: \(tag)"]).status == 200)
    }

    @Test func `a cover is only ever sent as a picture`() throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        let digest = SHA256.hash(TestWarehouse.cover).hex
        let path = "/v1/songs/\(fixture.songs[0].id.hex)/cover"
        let cover = try service.get(path)
        #expect(cover.body == TestWarehouse.cover)
        #expect(cover.header("Content-Type") == "image/png")
        #expect(cover.header("ETag") == "\"\(digest)\"")
        #expect(cover.header("Cache-Control") == "no-cache")
        let named = try service.get(path + "?v=\(digest.prefix(16))")
        #expect(named.header("Cache-Control")?.contains("immutable") == true)
        #expect(try service.get(path + "?v=").header("Cache-Control") == "no-cache")
        let claimed = try service.get("/v1/songs/\(fixture.songs[1].id.hex)/cover")
        #expect(claimed.header("Content-Type") == "application/octet-stream")
        #expect(try service.get("/v1/songs/\(fixture.songs[2].id.hex)/cover").status == 404)
    }

    @Test func `a small version of a cover is sent where there is one`() throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        let digest = SHA256.hash(TestWarehouse.cover)
        let path = "/v1/songs/\(fixture.songs[0].id.hex)/cover"
        #expect(try service.get(path + "?size=300").body == TestWarehouse.cover)
        let small: [UInt8] = [0xff, 0xd8, 9, 9]
        try CoverStore(fixture.warehouse).save(digest, [(300, small), (96, [0xff, 0xd8, 1])])
        for size in [97, 200, 300] {
            let answer = try service.get(path + "?size=\(size)&v=\(digest.hex.prefix(16))")
            #expect(answer.body == small && answer.header("Content-Type") == "image/jpeg")
            #expect(answer.header("ETag") == "\"\(digest.hex)-300\"")
            #expect(answer.header("Cache-Control")?.contains("immutable") == true)
        }
        #expect(try service.get(path + "?size=40").body == [0xff, 0xd8, 1])
        #expect(try service.get(path + "?size=301").body == TestWarehouse.cover)
        #expect(try service.get(path).body == TestWarehouse.cover)
        for size in ["", "0", "-1", "x", "10001"] {
            #expect(try service.get(path + "?size=" + size).status == 400)
        }
    }

    @Test func `album, artist and genre have their pages`() throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        let album = try service.json("/v1/albums/" + TestWarehouse.albumID)
        #expect(album["label"]?.string == "Spindle Records")
        #expect(album["artists"]?.array?.first?["artist_id"]?.string == TestWarehouse.artistID)
        #expect(album["discs"]?.array?.first?["subtitle"]?.string == "One")
        #expect(album["songs"]?.array?.count == 3)
        let artist = try service.json("/v1/artists/" + TestWarehouse.artistID)
        #expect(artist["albums"]?.array?.count == 1 && artist["appears_on"]?.array?.isEmpty == true)
        let genre = try service.json("/v1/genres/" + TestWarehouse.parentGenreID)
        #expect(genre["song_count"]?.int == 0 && genre["total_song_count"]?.int == 3)
        #expect(genre["songs"]?.array?.count == 3)
        #expect(genre["genres"]?.array?.first?["parent_id"]?.string == TestWarehouse.parentGenreID)
        let song = try service.json("/v1/songs/" + fixture.songs[0].id.hex)
        #expect(song["isrcs"]?.strings == ["QZ1", "QZ2"] && song["has_lyrics"] == .bool(true))
        #expect(song["artists"]?.array?.first?["role"]?.string == "main")
        let releases = try service.json("/v1/releases?limit=1")
        #expect(releases["albums"]?.array?.first?["release_date"]?.string == "2026")
    }

    @Test(arguments: [
        ("albums", TestWarehouse.albumID), ("artists", TestWarehouse.artistID),
        ("genres", TestWarehouse.genreID),
    ])
    func `a former id leads to the one of now`(kind: String, id: String) throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        let answer = try service.get("/v1/\(kind)/\(TestWarehouse.formerID)?limit=2")
        #expect(answer.status == 301 && answer.header("Location") == id + "?limit=2")
        #expect(try service.get("/v1/\(kind)/00000000000000dd").status == 404)
    }

    @Test func `the page allows nothing from elsewhere and carries no data as markup`() throws {
        let fixture = try TestWarehouse()
        try fixture.publish(1)
        let service = try TestService(fixture)
        let page = try service.get("/")
        let policy = try #require(page.header("Content-Security-Policy"))
        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        for forbidden in [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", " style=\"",
            "http://w", "https://",
        ] {
            // The icon's namespace is a name, not an address.
            let text = page.text.replacing("http://www.w3.org/2000/svg", with: "")
            #expect(!text.contains(forbidden), "\(forbidden)")
        }
        #expect(!page.text.contains("/*STYLE*/") && !page.text.contains("/*SCRIPT*/"))
    }

    @Test func `nothing is served before a snapshot, and readiness says why`() throws {
        let service = try TestService(try TestWarehouse())
        #expect(try service.get("/healthz").status == 200)
        let answer = try service.get("/readyz")
        #expect(answer.status == 503 && answer.text.contains("\"reason\":\"no snapshot\""))
        let search = try service.get("/v1/search?q=a")
        #expect(search.status == 503 && search.header("Retry-After") != nil)
        #expect(try service.get("/").status == 200)
        try service.fixture.publish(1)
        service.snapshots.check()
        #expect(try service.get("/readyz").status == 200)
        service.service.beginDraining()
        #expect(try service.get("/readyz").text.contains("draining"))
    }
}
