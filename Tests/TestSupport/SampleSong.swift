internal import Storage

/// A line of songs.ndjson: what the generator of the sample library knows of a song.
package struct SampleSong: Sendable, CustomStringConvertible {
    package let id: String
    package let paths: [String]
    package let title, album, albumArtist, track, disc, date, composer, isrc: String
    package let artists, genres: [String]
    package let isCompilation, hasCover, isVBR: Bool
    package let durationMs, audioBytes, channels, sampleRateHz: Int

    package var description: String { paths[0] }

    package static var all: [SampleSong] {
        get throws {
            try FileSystem.readAll(Repository.sample + "/songs.ndjson").split(separator: 10).map {
                line in
                let json = try JSONValue.parse(Array(line), path: "songs.ndjson")
                func text(_ key: String) -> String { json[key]?.string ?? "" }
                return SampleSong(
                    id: text("song_id"), paths: json["paths"]!.strings!, title: text("title"),
                    album: text("album"),
                    albumArtist: text("album_artist"), track: text("track"), disc: text("disc"),
                    date: text("date"),
                    composer: text("composer"), isrc: text("isrc"),
                    artists: json["artists"]!.strings!,
                    genres: json["genres"]!.strings!,
                    isCompilation: json["compilation"] == .bool(true),
                    hasCover: json["has_cover"] == .bool(true),
                    isVBR: text("bitrate_mode") != "CBR",
                    durationMs: json["duration_ms"]!.int!, audioBytes: json["audio_bytes"]!.int!,
                    channels: json["channels"]!.int!, sampleRateHz: json["sample_rate"]!.int!)
            }
        }
    }
}
