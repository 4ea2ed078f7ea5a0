internal import Catalog
internal import Storage

/// How songs, albums, artists and genres look in answers.
extension JSONWriter {
    mutating func songs(_ songs: [Song]) {
        array("songs") { json in
            for song in songs { json.object { $0.fields(of: song) } }
        }
    }

    mutating func albums(_ albums: [Album], _ key: String = "albums") {
        array(key) { json in
            for album in albums { json.object { $0.fields(of: album) } }
        }
    }

    mutating func artists(_ artists: [Artist]) {
        array("artists") { json in
            for artist in artists { json.value(artist) }
        }
    }

    mutating func value(_ artist: Artist) { object { $0.fields(of: artist) } }
    mutating func value(_ genre: Genre) { object { $0.fields(of: genre) } }

    mutating func fields(of song: Song) {
        field("song_id", song.id)
        field("rank", song.rank)
        field("title", song.title)
        field("artist", song.artist)
        field("album_id", song.albumID)
        field("album", song.album)
        field("disc", song.disc)
        field("track", song.track)
        field("release_date", song.releaseDate)
        field("duration_ms", song.durationMs)
        field("size_bytes", song.sizeBytes)
        field("bitrate_kbps", song.bitrateKbps)
        field("sample_rate_hz", song.sampleRateHz)
        field("channels", song.channels)
        field("composer", song.composer)
        field("isrc", song.isrc)
        field("score", song.score)
        field("streams", song.streams)
        // Names the picture, so that it can be kept for ever and a new one has another URL.
        field("cover_url", song.cover.map { "/v1/songs/\(song.id)/cover?v=\($0.prefix(16))" })
        field("stream_url", "/v1/songs/\(song.id)/stream")
    }

    mutating func fields(of album: Album) {
        field("album_id", album.id)
        field("title", album.title)
        field("artist", album.artist)
        field("release_date", album.releaseDate)
        field("is_compilation", album.isCompilation)
        field("song_count", album.songCount)
        field("duration_ms", album.durationMs)
        field("disc_count", album.discCount)
        field("cover_url", album.cover.map { "/v1/albums/\(album.id)/cover?v=\($0.prefix(16))" })
    }

    mutating func fields(of artist: Artist) {
        field("artist_id", artist.id)
        field("name", artist.name)
        field("sort_name", artist.sortName)
        field("song_count", artist.songCount)
        field("album_count", artist.albumCount)
        field("musicbrainz_artist_id", artist.musicBrainzID)
    }

    mutating func fields(of genre: Genre) {
        field("genre_id", genre.id)
        field("name", genre.name)
        field("song_count", genre.songCount)
        field("total_song_count", genre.totalSongCount)
        field("parent_id", genre.parentID)
    }

    /// Columns under their names; lists in them become lists.
    mutating func fields(_ details: [(name: String, value: CatalogReader.Value)]) {
        for (name, value) in details {
            switch value {
            case .integer(let number) where name.hasPrefix("has_"): field(name, number != 0)
            case .integer(let number): field(name, number)
            case .real(let number): field(name, .number(number))
            case .text(let text):
                if text.hasPrefix("["),
                    let list = try? JSONValue.parse(Array(text.utf8), path: name), list.array != nil
                {
                    field(name, list)
                } else {
                    field(name, text)
                }
            }
        }
    }
}
