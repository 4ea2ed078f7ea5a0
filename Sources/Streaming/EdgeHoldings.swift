internal import Storage

/// Which songs an edge holds today, from its prefetch manifest.
struct EdgeHoldings: Sendable {
    let edge: String
    let region: String
    /// Base of the edge's URLs, without a slash at the end.
    let url: String
    /// Sorted: 32 bytes a song, where a hash table takes twice that.
    private let songs: [Digest]

    var songCount: Int { songs.count }

    init(edge: String, region: String, url: String, songs: [Digest]) {
        self.edge = edge
        self.region = region
        self.url = url
        self.songs = songs.sorted()
    }

    /// Reads a prefetch manifest: a header line, then one record a song.
    ///
    /// - Throws: `FileError`, `CompressionError`, or `FormatError` when it is not a manifest of the snapshot.
    init(manifest path: String, snapshot: String) throws {
        var header: JSONValue?
        var songs: [Digest] = []
        let reader = try LineReader(path)
        let damage = try reader.forEach { line in
            if header == nil {
                header = try JSONValue.parse(Array(line.bytes), path: path)
            } else if let song = try Self.heldSong(line.bytes, path, line.number) {
                songs.append(song)
            }
        }
        if let damage { throw damage }
        guard let header, header["format"]?.string == "spindle-prefetch",
            let edge = header["edge"]?.string, let region = header["region"]?.string,
            let url = header["url"]?.string, Self.isSafeURL(url)
        else { throw FormatError(path, "no header with format, edge, region and url") }
        if let named = header["snapshot"]?.string, named != snapshot {
            throw FormatError(path, "belongs to the snapshot \(named), not to \(snapshot)")
        }
        self.init(edge: edge, region: region, url: url, songs: songs)
    }

    /// - Complexity: O(log n).
    func holds(_ song: Digest) -> Bool {
        var low = 0
        var high = songs.count
        while low < high {
            let middle = (low + high) / 2
            if songs[middle] < song { low = middle + 1 } else { high = middle }
        }
        return low < songs.count && songs[low] == song
    }

    /// The song of a record, unless the record is about letting it go.
    private static func heldSong(_ line: UnsafeRawBufferPointer, _ path: String, _ number: Int)
        throws -> Digest?
    {
        // As Spindle writes them; anything else that is JSON takes the slow way.
        if let action = value(of: "\"action\":\"", in: line),
            let song = value(of: "\"song_id\":\"", in: line), let digest = Digest(hexBytes: song)
        {
            return isHeld(String(decoding: action, as: UTF8.self)) ? digest : nil
        }
        let json = try JSONValue.parse(Array(line), path: "\(path):\(number)")
        guard let action = json["action"]?.string,
            let song = json["song_id"]?.string.flatMap({ Digest(hex: $0) })
        else { throw FormatError("\(path):\(number)", "no action or no song_id") }
        return isHeld(action) ? song : nil
    }

    private static func isHeld(_ action: String) -> Bool { action == "hold" || action == "fetch" }

    private static func value(of key: StaticString, in line: UnsafeRawBufferPointer)
        -> UnsafeRawBufferPointer?
    {
        let length = key.utf8CodeUnitCount
        var start = 0
        search: while start + length <= line.count {
            for index in 0..<length where line[start + index] != key.utf8Start[index] {
                start += 1
                continue search
            }
            let first = start + length
            guard let end = line[first...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
            return UnsafeRawBufferPointer(rebasing: line[first..<end])
        }
        return nil
    }

    /// It becomes part of a header and of a policy: http, a host, and nothing that could end either.
    static func isSafeURL(_ url: String) -> Bool {
        (url.hasPrefix("https://") || url.hasPrefix("http://")) && !url.hasSuffix("/")
            && url.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7f && ![0x22, 0x27, 0x2c, 0x3b, 0x5c].contains($0)
            }
            && !url.contains("?") && !url.contains("#")
    }
}

extension [EdgeHoldings] {
    /// The edge that is to serve a listener: of those in the region that hold the song always the
    /// same one, so that its cache and a resumed download fit (highest random weight, Thaler and
    /// Ravishankar 1998).
    func edge(for song: Digest, region: String, listener: String) -> EdgeHoldings? {
        var best: (edge: EdgeHoldings, weight: UInt64)?
        for edge in self where edge.region == region && edge.holds(song) {
            let weight = stableHash("\(edge.edge)/\(listener)/\(song.hex)")
            if weight > best?.weight ?? 0 || best == nil { best = (edge, weight) }
        }
        return best?.edge
    }
}

/// FNV-1a, 64 bits, with the last step of MurmurHash3 to spread it; the same in every process,
/// which Swift's own hash is not.
func stableHash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
    return hash ^ hash >> 33
}
