internal import Catalog
internal import HTTPServer
internal import Storage

extension StreamingService {
    func song(_ request: HTTPRequest, _ id: String) throws -> HTTPResponse {
        let id = try songID(id)
        return try metadata(request, try serving()) { json, reader in
            guard let song = try reader.song(id: id.hex) else { throw APIError.notFound("song") }
            json.fields(of: song)
            try json.array("artists") { json in
                for artist in try reader.artists(songRank: song.rank) { json.value(artist) }
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
        return try metadata(request, try serving()) { json, reader in
            json.field("query", text)
            json.field("limit", page.limit)
            json.field("offset", page.offset)
            json.songs(try reader.searchSongs(text, limit: page.limit, offset: page.offset))
            json.albums(try reader.searchAlbums(text, limit: page.limit, offset: page.offset))
            json.artists(try reader.searchArtists(text, limit: page.limit, offset: page.offset))
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
        return try metadata(request, try serving()) { json, reader in
            guard let genre = try reader.genre(id: id) else { throw APIError.notFound("genre") }
            json.fields(of: genre)
            json.field("limit", page.limit)
            json.field("offset", page.offset)
            json.songs(try reader.songs(genreID: id, limit: page.limit, offset: page.offset))
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
        return try metadata(request, try serving()) { json, reader in
            guard let artist = try reader.artist(id: id) else { throw APIError.notFound("artist") }
            json.fields(of: artist)
            json.field("limit", page.limit)
            json.field("offset", page.offset)
            json.albums(try reader.albums(artistID: id))
            json.songs(try reader.songs(artistID: id, limit: page.limit, offset: page.offset))
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
        return try metadata(request, try serving()) { json, reader in
            guard let album = try reader.album(id: id) else { throw APIError.notFound("album") }
            json.fields(of: album)
            json.songs(try reader.songs(albumID: id))
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
                        $0.field("streams", entry.streams)
                        $0.field("listeners", entry.listeners)
                        $0.object("song") { $0.fields(of: song) }
                    }
                }
            }
        }
    }
}
