internal import SQLite
package import Storage

/// Groups of songs whose fingerprints say that they are one recording.
package struct DuplicateSearch {
    package struct Copy: Equatable, Sendable {
        package let song: Digest
        /// To the group's first copy or, where they are alike only through others, to the nearest.
        package let similarity: Double
        /// How much later the recording starts in the song it was compared with.
        package let offsetMs: Int
    }

    package static let defaultThreshold = 0.7

    /// One item of Chromaprint's: 1,365 samples at 11,025 Hz.
    private static let itemMs = 1365.0 / 11_025 * 1000

    private let store: DecodeStore
    private let threshold: Double

    package init(_ store: DecodeStore, threshold: Double = defaultThreshold) {
        self.store = store
        self.threshold = threshold
    }

    /// How many songs have a fingerprint.
    package func songs() throws -> Int {
        Int(try store.database.scalar("SELECT count(*) FROM fingerprints") ?? 0)
    }

    /// - Returns: Groups of at least two, ordered by their first song; copies by song id.
    package func groups() throws -> [[Copy]] {
        let items = Int(
            try store.database.scalar("SELECT sum(length(items)) / 4 FROM fingerprints") ?? 0)
        let candidates = try FingerprintIndex.candidates(itemCount: items) { body in
            var rows = try store.database.prepare(
                "SELECT rowid, items FROM fingerprints ORDER BY rowid")
            while try rows.step() {
                Self.items(rows.blob(1)).withUnsafeBufferPointer {
                    body(UInt32(truncatingIfNeeded: rows.int64(0)), $0)
                }
            }
        }
        return try group(verify(candidates))
    }

    private struct Match {
        let a: UInt32
        let b: UInt32
        let alignment: FingerprintAlignment
    }

    /// Those candidates whose bits agree over the whole overlap.
    private func verify(_ candidates: [FingerprintIndex.Candidate]) throws -> [Match] {
        var row = try store.database.prepare("SELECT items FROM fingerprints WHERE rowid = ?")
        func load(_ number: UInt32) throws -> [UInt32] {
            defer { row.reset() }
            try row.bind(1, Int64(number))
            return try row.step() ? Self.items(row.blob(0)) : []
        }
        var matches: [Match] = []
        var last: (number: UInt32, items: [UInt32])?
        for candidate in candidates {
            // Sorted by the first: it is loaded once.
            if last?.number != candidate.a { last = (candidate.a, try load(candidate.a)) }
            let best = FingerprintAlignment.best(
                last!.items, try load(candidate.b), around: candidate.offset)
            if let best, best.similarity >= threshold {
                matches.append(Match(a: candidate.a, b: candidate.b, alignment: best))
            }
        }
        return matches
    }

    /// What is alike through a third is one group as well.
    private func group(_ matches: [Match]) throws -> [[Copy]] {
        var parents: [UInt32: UInt32] = [:]
        func root(_ song: UInt32) -> UInt32 {
            var song = song
            while let parent = parents[song], parent != song {
                parents[song] = parents[parent] ?? parent
                song = parent
            }
            return song
        }
        var best: [UInt32: Match] = [:]
        for match in matches {
            let (a, b) = (root(match.a), root(match.b))
            parents[max(a, b)] = min(a, b)
            parents[min(a, b)] = min(a, b)
            for song in [match.a, match.b]
            where match.alignment.similarity > best[song]?.alignment.similarity ?? -1 {
                best[song] = match
            }
        }
        var groups: [UInt32: [Copy]] = [:]
        var row = try store.database.prepare("SELECT song_id FROM fingerprints WHERE rowid = ?")
        for (song, match) in best {
            try row.bind(1, Int64(song))
            defer { row.reset() }
            guard try row.step(), let id = Digest(hex: row.text(0)) else { continue }
            let items = match.a == song ? -match.alignment.offset : match.alignment.offset
            groups[root(song), default: []].append(
                Copy(
                    song: id, similarity: match.alignment.similarity,
                    offsetMs: Int((Double(items) * Self.itemMs).rounded())))
        }
        return groups.values.map { $0.sorted { $0.song < $1.song } }
            .sorted { $0[0].song < $1[0].song }
    }

    private static func items(_ bytes: [UInt8]) -> [UInt32] {
        bytes.withUnsafeBytes { buffer in
            (0..<buffer.count / 4).map {
                UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
            }
        }
    }
}
