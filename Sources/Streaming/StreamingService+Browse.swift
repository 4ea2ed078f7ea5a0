internal import Catalog
internal import HTTPServer
internal import Publication
internal import Search
internal import Storage

extension StreamingService {
    func song(_ request: HTTPRequest, _ id: String) throws -> HTTPResponse {
        let id = try songID(id)
        return try metadata(request, try serving()) { json, reader in
            guard let song = try reader.song(id: id.hex) else { throw APIError.notFound("song") }
            json.fields(of: song)
            json.fields(try reader.details(songRank: song.rank))
            try json.array("artists") { json in
                for (artist, role) in try reader.artists(songRank: song.rank) {
                    json.object {
                        $0.fields(of: artist)
                        $0.field("role", role)
                    }
                }
            }
            try json.array("chapters") { json in
                for chapter in try reader.chapters(songRank: song.rank) {
                    json.object {
                        $0.field("start_ms", chapter.startMs)
                        $0.field("end_ms", chapter.endMs)
                        $0.field("title", chapter.title)
                        $0.field("url", chapter.url)
                    }
                }
            }
            try json.array("genres") { json in
                for genre in try reader.genres(songRank: song.rank) { json.value(genre) }
            }
        }
    }

    func search(_ request: HTTPRequest) throws -> HTTPResponse {
        guard let text = request.query("q") else {
            throw APIError.badParameter("q", "what to search for")
        }
        let page = try page(of: request)
        let query = SearchQuery(text)
        return try metadata(request, try serving()) { json, catalog, search in
            json.field("query", text)
            json.field("limit", page.limit)
            json.field("offset", page.offset)
            func find(_ kind: SearchKind) throws -> SearchResult {
                try search.search(query, kind, limit: page.limit, offset: page.offset)
            }
            let songs = try find(.songs)
            let albums = try find(.albums)
            let artists = try find(.artists)
            let results = [("songs", songs), ("albums", albums), ("artists", artists)]
            json.object("totals") { json in
                for (name, result) in results {
                    json.object(name) {
                        $0.field("count", result.total)
                        $0.field("is_exact", result.isTotalExact)
                    }
                }
            }
            if let meant = SearchResult.didYouMean(results.map(\.1)) {
                json.field("did_you_mean", meant)
            }
            // What somebody typed is an artist's name: the artist comes first.
            json.field(
                "best", SearchResult.bestKind(songs: songs, albums: albums, artists: artists))
            json.songs(try catalog.songs(ranks: songs.hits.map(\.row)))
            json.albums(try catalog.albums(numbers: albums.hits.map(\.row)))
            json.artists(try catalog.artists(numbers: artists.hits.map(\.row)))
        }
    }

    func genres(_ request: HTTPRequest) throws -> HTTPResponse {
        try metadata(request, try serving()) { json, reader in
            try json.array("genres") { json in
                for genre in try reader.genres() { json.value(genre) }
            }
        }
    }

    func genre(_ request: HTTPRequest, _ id: String) throws -> HTTPResponse {
        let id = try stableID(id)
        let page = try page(of: request)
        return try self.page(request, .genre, id) { json, reader in
            guard let genre = try reader.genre(id: id) else { return false }
            json.fields(of: genre)
            try json.array("genres") { json in
                for below in try reader.genres(below: id) { json.value(below) }
            }
            json.field("limit", page.limit)
            json.field("offset", page.offset)
            json.songs(try reader.songs(genreID: id, limit: page.limit, offset: page.offset))
            return true
        }
    }

    func artists(_ request: HTTPRequest) throws -> HTTPResponse {
        let page = try page(of: request)
        return try metadata(request, try serving()) { json, reader in
            json.field("limit", page.limit)
            json.field("offset", page.offset)
            json.artists(try reader.artists(limit: page.limit, offset: page.offset))
        }
    }

    func artist(_ request: HTTPRequest, _ id: String) throws -> HTTPResponse {
        let id = try stableID(id)
        let page = try page(of: request)
        return try self.page(request, .artist, id) { json, reader in
            guard let artist = try reader.artist(id: id) else { return false }
            json.fields(of: artist)
            json.field("limit", page.limit)
            json.field("offset", page.offset)
            json.albums(try reader.albums(artistID: id))
            json.albums(try reader.albumsOfOthers(artistID: id), "appears_on")
            json.songs(try reader.songs(artistID: id, limit: page.limit, offset: page.offset))
            return true
        }
    }

    func albums(_ request: HTTPRequest) throws -> HTTPResponse {
        let page = try page(of: request)
        return try metadata(request, try serving()) { json, reader in
            json.field("limit", page.limit)
            json.field("offset", page.offset)
            json.albums(try reader.albums(limit: page.limit, offset: page.offset))
        }
    }

    func album(_ request: HTTPRequest, _ id: String) throws -> HTTPResponse {
        let id = try stableID(id)
        return try page(request, .album, id) { json, reader in
            guard let album = try reader.album(id: id) else { return false }
            json.fields(of: album)
            json.fields(try reader.details(albumID: id))
            json.artists(try reader.artists(albumID: id))
            try json.array("discs") { json in
                for disc in try reader.discs(albumID: id) {
                    json.object {
                        $0.field("disc", disc.number)
                        $0.field("subtitle", disc.subtitle)
                        $0.field("track_total", disc.trackTotal)
                    }
                }
            }
            json.songs(try reader.songs(albumID: id))
            return true
        }
    }

    /// Albums by their release dates, the newest first.
    func releases(_ request: HTTPRequest) throws -> HTTPResponse {
        let page = try page(of: request)
        let snapshot = try serving()
        return try metadata(request, snapshot) { json, reader in
            json.field("limit", page.limit)
            json.field("offset", page.offset)
            json.albums(
                try reader.newReleases(
                    until: snapshot.manifest.planDate, limit: page.limit, offset: page.offset))
        }
    }

    /// The page of an album, artist or genre; an id that it had once leads to the one it has now.
    ///
    /// - Parameter write: Returns false where nothing has that id.
    private func page(
        _ request: HTTPRequest, _ kind: CatalogReader.Kind, _ id: String,
        _ write: (inout JSONWriter, CatalogReader) throws -> Bool
    ) throws -> HTTPResponse {
        struct Moved: Error { let id: String }
        do {
            return try metadata(request, try serving()) { json, reader in
                guard try write(&json, reader) else {
                    guard let now = try reader.currentID(kind, formerID: id) else {
                        throw APIError.notFound(kind.rawValue)
                    }
                    throw Moved(id: now)
                }
            }
        } catch let moved as Moved {
            // Relative, as a proxy may have put a path in front; the query stays.
            let query = request.target.firstIndex(of: "?").map { request.target[$0...] } ?? ""
            return HTTPResponse(
                status: 301,
                headers: [
                    HTTPHeader("Location", moved.id + query),
                    HTTPHeader("Cache-Control", "no-cache"),
                ])
        }
    }

    func charts(_ request: HTTPRequest) throws -> HTTPResponse {
        try metadata(request, try serving()) { json, reader in
            try json.array("charts") { json in
                for chart in try reader.charts() {
                    json.object {
                        $0.field("chart", chart.chart)
                        $0.field("key", chart.key)
                        $0.field("songs", chart.count)
                    }
                }
            }
        }
    }

    func chart(_ request: HTTPRequest, _ chart: String, key: String) throws -> HTTPResponse {
        let page = try page(of: request)
        return try metadata(request, try serving()) { json, reader in
            let entries = try reader.chart(
                chart, key: key, limit: page.limit, offset: page.offset)
            if entries.isEmpty {
                // Beyond its end a chart is empty; another thing is a chart that there is not.
                guard try !reader.chart(chart, key: key, limit: 1).isEmpty else {
                    throw APIError.notFound("chart")
                }
            }
            json.field("chart", chart)
            json.field("key", key)
            json.field("limit", page.limit)
            json.field("offset", page.offset)
            json.array("entries") { json in
                for (entry, song) in entries {
                    json.object {
                        $0.field("position", entry.position)
                        $0.field("previous_position", entry.previousPosition)
                        $0.field("peak_position", entry.peakPosition)
                        $0.field("weeks", entry.weeks)
                        $0.field("streams", entry.streams)
                        $0.field("listeners", entry.listeners)
                        $0.object("song") { $0.fields(of: song) }
                    }
                }
            }
        }
    }
}
