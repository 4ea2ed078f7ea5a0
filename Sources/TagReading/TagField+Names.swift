internal import Catalog

/// What a field's values are, and so how its texts are read.
enum TagValueKind {
    case text, artists, people, genres, date, flag, gain
    /// A whole number, maybe with a total behind a slash.
    case number(total: TagField?)
    case url
}

/// Under which names tags keep which field (docs/formats/tags.md).
extension TagField {
    var valueKind: TagValueKind {
        switch self {
        case .artists, .albumArtists: .artists
        case .composers, .conductors, .lyricists, .remixers, .arrangers, .producers, .engineers,
            .mixers:
            .people
        case .genres: .genres
        case .recordingDate, .releaseDate, .originalDate, .encodingDate, .taggingDate: .date
        case .compilation: .flag
        case .track: .number(total: .trackTotal)
        case .disc: .number(total: .discTotal)
        case .movementNumber: .number(total: .movementTotal)
        case .trackTotal, .discTotal, .movementTotal, .playCount: .number(total: nil)
        case .replayGainTrackGain, .replayGainAlbumGain, .replayGainTrackPeak, .replayGainAlbumPeak:
            .gain
        default: .text
        }
    }

    /// By the ids of ID3v2.4's frames, and those that others have added.
    static let ofFrame: [String: TagField] = [
        "TIT2": .title, "TIT3": .subtitle, "TSOT": .titleSort,
        "TPE1": .artists, "TSOP": .artistSorts, "TCOM": .composers, "TSOC": .composerSorts,
        "TPE3": .conductors, "TEXT": .lyricists, "TPE4": .remixers,
        "TALB": .album, "TSOA": .albumSort, "TPE2": .albumArtists, "TSO2": .albumArtistSorts,
        "TRCK": .track, "TPOS": .disc, "TSST": .discSubtitle, "TCMP": .compilation,
        "TIT1": .grouping, "GRP1": .grouping, "MVNM": .movement, "MVIN": .movementNumber,
        "TDRC": .recordingDate, "TDRL": .releaseDate, "TDOR": .originalDate, "TORY": .originalDate,
        "TDEN": .encodingDate, "TDTG": .taggingDate,
        "TCON": .genres, "TMOO": .moods, "TBPM": .bpm, "TKEY": .key, "TLAN": .languages,
        "TPUB": .labels, "TSRC": .isrcs, "TMED": .media, "TCOP": .copyright,
        "WPUB": .publisherURL, "TOAL": .originalAlbum, "TOPE": .originalArtists,
        "TOLY": .originalLyricists, "TOFN": .originalFileName, "TOWN": .fileOwner,
        "TRSN": .radioStation, "TENC": .encodedBy, "TSSE": .encoderSettings,
        "PCST": .podcast, "TGID": .podcastID, "WFED": .podcastURL, "TDES": .podcastDescription,
        "TCAT": .podcastCategory, "TKWD": .podcastKeywords, "PCNT": .playCount,
        "WCOM": .urls, "WCOP": .urls, "WOAF": .urls, "WOAR": .urls, "WOAS": .urls, "WORS": .urls,
        "WPAY": .urls, "WXXX": .urls,
    ]

    /// By the keys of ID3v1.
    static let ofID3v1: [String: TagField] = [
        "TITLE": .title, "ARTIST": .artists, "ALBUM": .album, "YEAR": .recordingDate,
        "TRACK": .track, "GENRE": .genres,
    ]

    /// By the role in ID3v2's lists of involved people; other roles are performers.
    static let ofRole: [String: TagField] = [
        "ARRANGER": .arrangers, "ENGINEER": .engineers, "PRODUCER": .producers,
        "DJMIX": .mixers, "DJMIXER": .mixers, "MIX": .mixers, "MIXER": .mixers,
        "COMPOSER": .composers, "CONDUCTOR": .conductors, "LYRICIST": .lyricists,
        "REMIXER": .remixers,
    ]

    /// By the description of a TXXX frame or the key of an APE item, as `simpleName` gives it.
    static let ofName: [String: TagField] = [
        "TITLE": .title, "SUBTITLE": .subtitle, "TITLESORT": .titleSort,
        "TITLESORTORDER": .titleSort, "ARTIST": .artists, "ARTISTSORT": .artistSorts,
        "ARTISTSSORT": .artistSorts, "COMPOSER": .composers, "COMPOSERSORT": .composerSorts,
        "CONDUCTOR": .conductors, "LYRICIST": .lyricists, "WRITER": .lyricists,
        "MIXARTIST": .remixers, "REMIXER": .remixers, "ARRANGER": .arrangers,
        "PRODUCER": .producers, "ENGINEER": .engineers, "DJMIXER": .mixers, "MIXER": .mixers,
        "PERFORMER": .performers,
        "ALBUM": .album, "ALBUMSORT": .albumSort, "ALBUMSORTORDER": .albumSort,
        "ALBUMARTIST": .albumArtists, "BAND": .albumArtists,
        "ALBUMARTISTSORT": .albumArtistSorts, "ALBUMARTISTSSORT": .albumArtistSorts,
        "TRACK": .track, "TRACKNUMBER": .track, "TRACKTOTAL": .trackTotal,
        "TOTALTRACKS": .trackTotal, "DISC": .disc, "DISCNUMBER": .disc, "DISK": .disc,
        "DISCTOTAL": .discTotal, "TOTALDISCS": .discTotal, "DISCSUBTITLE": .discSubtitle,
        "COMPILATION": .compilation, "ITUNESCOMPILATION": .compilation,
        "GROUPING": .grouping, "WORK": .work, "MOVEMENTNAME": .movement, "MOVEMENT": .movement,
        "MOVEMENTNUMBER": .movementNumber, "MOVEMENTTOTAL": .movementTotal,
        "DATE": .recordingDate, "YEAR": .recordingDate, "RECORDDATE": .recordingDate,
        "RECORDINGDATE": .recordingDate, "RELEASEDATE": .releaseDate, "RELEASETIME": .releaseDate,
        "ORIGINALDATE": .originalDate, "ORIGINALYEAR": .originalDate,
        "ORIGINALRELEASEDATE": .originalDate, "ENCODINGTIME": .encodingDate,
        "TAGGINGTIME": .taggingDate,
        "GENRE": .genres, "MOOD": .moods, "BPM": .bpm, "KEY": .key, "INITIALKEY": .key,
        "LANGUAGE": .languages,
        "LABEL": .labels, "PUBLISHER": .labels, "ORGANIZATION": .labels,
        "CATALOGNUMBER": .catalogNumbers, "CATALOG": .catalogNumbers,
        "CATALOGID": .catalogNumbers, "BARCODE": .barcodes, "UPC": .barcodes, "EAN": .barcodes,
        "EANUPC": .barcodes, "ISRC": .isrcs, "ASIN": .asins, "MEDIA": .media,
        "COPYRIGHT": .copyright, "RELEASECOUNTRY": .releaseCountry,
        "MUSICBRAINZALBUMRELEASECOUNTRY": .releaseCountry, "RELEASESTATUS": .releaseStatus,
        "MUSICBRAINZALBUMSTATUS": .releaseStatus, "RELEASETYPE": .releaseTypes,
        "MUSICBRAINZALBUMTYPE": .releaseTypes, "SCRIPT": .script,
        "ORIGINALALBUM": .originalAlbum, "ORIGINALARTIST": .originalArtists,
        "ORIGINALLYRICIST": .originalLyricists, "ORIGINALFILENAME": .originalFileName,
        "FILEOWNER": .fileOwner, "RADIOSTATION": .radioStation, "ENCODEDBY": .encodedBy,
        "ENCODERSETTINGS": .encoderSettings,
        "MUSICBRAINZTRACKID": .musicBrainzRecordingID,
        "MUSICBRAINZRECORDINGID": .musicBrainzRecordingID,
        "MUSICBRAINZRELEASETRACKID": .musicBrainzTrackID,
        "MUSICBRAINZALBUMID": .musicBrainzAlbumID, "MUSICBRAINZARTISTID": .musicBrainzArtistIDs,
        "MUSICBRAINZALBUMARTISTID": .musicBrainzAlbumArtistIDs,
        "MUSICBRAINZRELEASEGROUPID": .musicBrainzReleaseGroupID,
        "MUSICBRAINZWORKID": .musicBrainzWorkIDs, "MUSICBRAINZDISCID": .musicBrainzDiscID,
        "ACOUSTIDID": .acoustIDs, "ACOUSTIDFINGERPRINT": .acoustIDFingerprint,
        "REPLAYGAINTRACKGAIN": .replayGainTrackGain, "REPLAYGAINTRACKPEAK": .replayGainTrackPeak,
        "REPLAYGAINALBUMGAIN": .replayGainAlbumGain, "REPLAYGAINALBUMPEAK": .replayGainAlbumPeak,
        "REPLAYGAINREFERENCELOUDNESS": .replayGainReferenceLoudness,
        "R128TRACKGAIN": .r128TrackGain, "R128ALBUMGAIN": .r128AlbumGain,
        "PODCAST": .podcast, "PODCASTID": .podcastID, "PODCASTURL": .podcastURL,
        "PODCASTDESC": .podcastDescription, "PODCASTDESCRIPTION": .podcastDescription,
        "PODCASTCATEGORY": .podcastCategory, "PODCASTKEYWORDS": .podcastKeywords,
    ]

    /// A name in capitals without what taggers write one way or another: "MusicBrainz Album Id" and
    /// MUSICBRAINZ_ALBUMID are one.
    static func simpleName(_ name: String) -> String {
        if name.isEmpty { return name }
        return String(unsafeUninitializedCapacity: name.utf8.count) { simple in
            var count = 0
            for byte in name.utf8 {
                switch byte {
                case 0x20, 0x2d, 0x2e, 0x2f, 0x5f: continue
                case 0x61...0x7a: simple[count] = byte & 0xdf
                default: simple[count] = byte
                }
                count += 1
            }
            return count
        }
    }
}
