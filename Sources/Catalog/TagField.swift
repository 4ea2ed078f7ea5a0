/// What a tag can say of a song; the raw value is its name in JSON (docs/formats/tags.md).
package enum TagField: String, CaseIterable, Sendable {
    // What it is called, and who made it.
    case title, subtitle
    case titleSort = "title_sort"
    /// One value an artist.
    case artists
    /// The artists as one text, the way the file credits them: "A feat. B".
    case artistCredit = "artist_credit"
    case artistSorts = "artist_sorts"
    case composers
    case composerSorts = "composer_sorts"
    case conductors, lyricists, remixers, arrangers, producers, engineers, mixers
    /// "name (instrument)".
    case performers

    // Where it belongs.
    case album
    case albumSort = "album_sort"
    case albumArtists = "album_artists"
    case albumArtistCredit = "album_artist_credit"
    case albumArtistSorts = "album_artist_sorts"
    case track
    case trackTotal = "track_total"
    case disc
    case discTotal = "disc_total"
    case discSubtitle = "disc_subtitle"
    /// "1" where the album has songs of many artists.
    case compilation
    case grouping, work, movement
    case movementNumber = "movement_number"
    case movementTotal = "movement_total"

    // When: YYYY, YYYY-MM or YYYY-MM-DD, or with a time behind it, as precise as it was given.
    case recordingDate = "recording_date"
    case releaseDate = "release_date"
    case originalDate = "original_date"
    case encodingDate = "encoding_date"
    case taggingDate = "tagging_date"

    // What it is like.
    case genres, moods
    case bpm, key
    /// ISO 639-2 where the file keeps to it.
    case languages

    // Who published it.
    case labels
    case catalogNumbers = "catalog_numbers"
    case barcodes, isrcs, asins, media, copyright
    case publisherURL = "publisher_url"
    case releaseCountry = "release_country"
    case releaseStatus = "release_status"
    case releaseTypes = "release_types"
    case script
    case originalAlbum = "original_album"
    case originalArtists = "original_artists"
    case originalLyricists = "original_lyricists"
    case originalFileName = "original_file_name"
    case fileOwner = "file_owner"
    case radioStation = "radio_station"
    case encodedBy = "encoded_by"
    case encoderSettings = "encoder_settings"

    // What other catalogues call it.
    case musicBrainzRecordingID = "musicbrainz_recording_id"
    case musicBrainzTrackID = "musicbrainz_track_id"
    case musicBrainzAlbumID = "musicbrainz_album_id"
    case musicBrainzArtistIDs = "musicbrainz_artist_ids"
    case musicBrainzAlbumArtistIDs = "musicbrainz_album_artist_ids"
    case musicBrainzReleaseGroupID = "musicbrainz_release_group_id"
    case musicBrainzWorkIDs = "musicbrainz_work_ids"
    case musicBrainzDiscID = "musicbrainz_disc_id"
    case acoustIDs = "acoustids"
    case acoustIDFingerprint = "acoustid_fingerprint"

    // How loud it is.
    case replayGainTrackGain = "replaygain_track_gain"
    case replayGainTrackPeak = "replaygain_track_peak"
    case replayGainAlbumGain = "replaygain_album_gain"
    case replayGainAlbumPeak = "replaygain_album_peak"
    case replayGainReferenceLoudness = "replaygain_reference_loudness"
    case r128TrackGain = "r128_track_gain"
    case r128AlbumGain = "r128_album_gain"

    // Podcasts.
    case podcast
    case podcastID = "podcast_id"
    case podcastURL = "podcast_url"
    case podcastDescription = "podcast_description"
    case podcastCategory = "podcast_category"
    case podcastKeywords = "podcast_keywords"

    /// What the listener who tagged it thought: 0…255 (POPM).
    case rating
    case playCount = "play_count"
    case urls
}

extension TagField {
    // By the case's number: the library would compare and hash raw values, which are texts.
    private var number: UInt8 { unsafeBitCast(self, to: UInt8.self) }

    package static func == (left: TagField, right: TagField) -> Bool { left.number == right.number }

    package func hash(into hasher: inout Hasher) { hasher.combine(number) }
}
