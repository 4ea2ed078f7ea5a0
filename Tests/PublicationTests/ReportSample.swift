import Publication
import Storage

/// A night of a small service: four regions, five edges, fourteen days; everything occurs in it.
enum ReportSample {
    static let night = CalendarDate(year: 2026, month: 11, day: 19)

    private static let songs: [(title: String, artist: String)] = [
        ("Greensleeves", "The Consort of Lute & Viol"), ("Für Elise", "Klara Wieck"),
        ("Samba das Águas", "Roda da Lapa"), ("さくらさくら", "琴の会"),
        ("Boléro du soir", "Orchestre de la Gare"), ("Калинка", "Хор Берёза"),
        ("La Cucaracha", "Los Hermanos Ruiz"), ("Drunken Sailor", "Harbour Street"),
        ("Arirang", "서울 앙상블"), ("Amazing Grace", "Mount Zion Singers"),
        ("يا ليلة العيد", "فرقة النيل"), ("Scarborough Fair", "Anna Reed & Tom Hale"),
        ("Frère Jacques", "Les Petits"), ("Alla Turca", "Klara Wieck"),
        ("Shenandoah", "River Boys"), ("Gymnopédie No. 1", "Erik Ashby"),
        ("Maple Leaf Rag", "Scott J."), ("The Parting Glass", "Harbour Street"),
        ("Cielito lindo", "Los Hermanos Ruiz"), ("Waltzing Matilda", "Billabong Five"),
        ("O Sole Mio", "Napoli 900"), ("Hava Nagila", "Klezmer Quartett"),
    ]

    private static let regions: [(id: String, name: String, latitude: Double, longitude: Double)] =
        [
            ("ap-northeast", "Tokyo", 35.7, 139.7), ("eu-central", "Frankfurt", 50.1, 8.7),
            ("sa-east", "São Paulo", -23.5, -46.6), ("us-east", "Virginia", 38.9, -77.4),
        ]

    private static func chart(_ order: [Int], top: Int) -> [NightReport.ChartEntry] {
        order.enumerated().map { index, song in
            let before: Int? =
                [3, 11].contains(song) ? nil : max(1, index + 1 + (song * 7) % 5 - 2)
            return NightReport.ChartEntry(
                position: index + 1, previousPosition: before, title: songs[song].title,
                artist: songs[song].artist, streams: top / (index + 2) + 40 - index,
                listeners: top / (index + 3) + 20 - index)
        }
    }

    static func report() -> NightReport {
        var report = NightReport(
            snapshotID: "2026-11-19-3fa9c1d27b04", night: night, planDate: night.next)
        report.songs = 31
        report.songBytes = 9_412_300
        report.streams = 3_560
        report.listeners = 611
        report.toolVersion = "0.1.0"
        report.files = .init(
            seen: 41, new: 3, changed: 1, unchanged: 30, duplicate: 1, ignored: 3, rejected: 3,
            gone: 1)
        report.playDays = [
            .init(date: night - 1, lines: 0, lateIn: 21, streams: 19, short: 2),
            .init(
                date: night, lines: 4_396, lateIn: 0, streams: 3_560, short: 391, duplicates: 57,
                bot: 340, rejected: 14, lateOut: 21, pending: 13),
        ]
        report.rejects = [
            .init(
                stage: "ingest", reason: "no MPEG frames", count: 2,
                examples: [
                    .init(
                        place: "Troublesome/not-music.mp3", detail: "a PNG image by its first bytes"
                    ),
                    .init(place: "Troublesome/zero.mp3", detail: "0 bytes"),
                ]),
            .init(
                stage: "ingest", reason: "truncated before the first frame ends", count: 1,
                examples: [
                    .init(place: "Troublesome/truncated <script>.mp3")
                ]),
            .init(
                stage: "plays", reason: "missing field 'song_id'", count: 9,
                examples: [
                    .init(
                        place: "eu-central/2026-11-19.ndjson.gz:812",
                        detail: #"{"event_id":"e-771","ts":"2026-11-19T08:12:44.120Z"}"#),
                    .init(place: "eu-central/2026-11-19.ndjson.gz:1034"),
                    .init(place: "us-east/2026-11-19.ndjson:77"),
                ]),
            .init(
                stage: "plays", reason: "not JSON", count: 5,
                examples: [
                    .init(
                        place: "sa-east/2026-11-19.ndjson:3",
                        detail: "unexpected end of line at byte 41")
                ]),
        ]
        report.warnings = [
            .init(
                stage: "ingest", reason: "no tags: title taken from the file's name", count: 1,
                examples: [
                    .init(place: "Troublesome/untagged.mp3")
                ]),
            .init(stage: "ingest", reason: "ID3v2 size runs past the audio", count: 1),
        ]
        report.unresolved = .init(songs: 2, streams: 11)
        addCharts(to: &report)
        addDemand(to: &report)
        addDelivery(to: &report)
        let start = Timestamp("2026-11-20T02:14:07.000Z")!.milliseconds
        let stages: [(String, Double, String)] = [
            ("ingest", 1.84, "41 files, 3 new, 1 changed, 3 rejected"),
            ("plays", 0.42, "read 4,396 lines, counted 3,579 streams, rejected 14"),
            ("popularity", 0.31, "31 songs, 4 regions, window of 14 days"),
            ("index", 0.22, "31 songs, 24 artists, 9 albums"),
            ("place", 0.12, "96 replicas, 11 moved"),
            ("prefetch", 0.05, "5 edges, 24 fetched"), ("publish", 0.38, "verified 14 files"),
        ]
        var offset = 0.0
        for (name, seconds, summary) in stages {
            report.stages.append(
                .init(
                    name: name, status: name == "index" ? .upToDate : .ran,
                    started: Timestamp(milliseconds: start + Int(offset * 1_000)),
                    seconds: name == "index" ? 0 : seconds, summary: summary))
            if name != "index" { offset += seconds + 0.02 }
        }
        return report
    }

    private static func addCharts(to report: inout NightReport) {
        report.overallChart = chart(Array(songs.indices), top: 700)
        for (index, region) in regions.enumerated() {
            let order = (0..<12).map { (index * 5 + $0 * 3) % songs.count }
            report.regionalCharts.append(
                .init(region: region.id, entries: chart(order, top: 180 + index * 40)))
        }
        report.genres = [
            ("Folk", 1_204, 0), ("Classical", 861, 1), ("Samba", 402, 2), ("Traditional", 377, 3),
            ("Gospel", 214, 9), ("Ragtime", 131, 16), ("Klezmer", 90, 21),
        ].map {
            .init(
                genre: $0.0, streams: $0.1, leaderTitle: songs[$0.2].title,
                leaderArtist: songs[$0.2].artist)
        }
        report.trending = [
            (3, "ap-northeast", 88, 21.4), (11, "*", 64, 18.0), (20, "sa-east", 41, 6.6),
            (8, "eu-central", 30, 9.1), (16, "us-east", 24, 10.0),
        ].map {
            .init(
                title: songs[$0.0].title, artist: songs[$0.0].artist, region: $0.1, streams: $0.2,
                mean: $0.3, trend: (Double($0.2) - $0.3) / ($0.3 + 5).squareRoot())
        }
    }

    private static func addDemand(to report: inout NightReport) {
        for day in 0..<14 {
            var streams: [String: Int] = [:]
            for (index, region) in regions.enumerated() {
                let date = night - (13 - day)
                let base = [640, 1_010, 520, 880][index]
                streams[region.id] =
                    base + (date.weekday >= 4 ? 160 : 0) + day * (14 - index * 5)
                    + (day * 37 + index * 53) % 90
            }
            report.streamsByDay.append(.init(date: night - (13 - day), streams: streams))
        }
        report.releases = [
            .init(
                title: "Sakura (Winter Mix)", artist: "琴の会", date: night.next, expectedStreams: 310)
        ]
    }

    private static func addDelivery(to report: inout NightReport) {
        for (index, region) in regions.enumerated() {
            report.regions.append(
                .init(
                    id: region.id, name: region.name,
                    failureDomain: ["ap", "eu", "sa", "us"][index],
                    latitude: region.latitude, longitude: region.longitude,
                    capacityBytes: [8, 10, 7, 9][index] * 1_000_000,
                    usedBytes: [7_210_000, 9_120_000, 6_940_000, 7_600_000][index],
                    songs: [23, 28, 22, 25][index], addedSongs: [4, 2, 3, 2][index],
                    addedBytes: [1_130_000, 520_000, 870_000, 610_000][index],
                    removedSongs: [1, 0, 2, 0][index],
                    removedBytes: [300_000, 0, 410_000, 0][index],
                    wantedSongs: index == 2 ? 3 : 0,
                    expectedStreams: [905.4, 1_190.2, 560.9, 870][index]))
        }
        report.edges = [
            ("tokyo-1", 0, 4_000_000, 3_610_000, 900_000, 1_000_000, 0.83),
            ("frankfurt-1", 1, 5_000_000, 4_420_000, 410_000, 1_200_000, 0.88),
            ("paris-1", 1, 3_000_000, 2_380_000, 800_000, 800_000, 0.64),
            ("sao-paulo-1", 2, 3_000_000, 2_010_000, 640_000, 1_000_000, 0.71),
            ("ashburn-1", 3, 4_000_000, 3_150_000, 330_000, 1_000_000, 0.79),
        ].map {
            .init(
                id: $0.0, region: regions[$0.1].id, capacityBytes: $0.2, pinnedBytes: $0.2 * 9 / 10,
                heldBytes: $0.3, heldSongs: $0.3 / 300_000, fetchedBytes: $0.4,
                fetchedSongs: $0.4 / 290_000,
                evictedSongs: $0.4 / 400_000, fillBudgetBytes: $0.5, expectedHitShare: $0.6)
        }
        report.placement.replicaCounts = [
            .init(replicas: 3, songs: 26), .init(replicas: 4, songs: 5),
        ]
        report.placement.moves = [
            .init(from: nil, to: "eu-central", songs: 2, bytes: 520_000),
            .init(from: "eu-central", to: "ap-northeast", songs: 4, bytes: 1_130_000),
            .init(from: "us-east", to: "sa-east", songs: 3, bytes: 870_000),
            .init(from: "eu-central", to: "us-east", songs: 2, bytes: 610_000),
        ]
        for (row, listeners) in regions.enumerated() {
            for (column, holder) in regions.enumerated() where (row * 3 + column) % 4 != 3 {
                report.placement.servings.append(
                    .init(
                        holder: holder.id, listeners: listeners.id,
                        expectedStreams: row == column ? 700 : Double((row + 2) * (column + 1) * 9))
                )
            }
        }
        for (index, genre) in report.genres.enumerated() {
            let songs = 9 - index
            var kept: [String: Int] = [:]
            for (column, region) in regions.enumerated() {
                kept[region.id] = max(0, songs - (index * 2 + column * 3) % 5)
            }
            report.placement.genres.append(
                .init(genre: genre.genre, songs: songs, songsByRegion: kept))
        }
        report.placement.costs = [
            .init(name: "transfer", usd: 0.42), .init(name: "latency", usd: 0.31),
            .init(name: "storage", usd: 0.08), .init(name: "moves", usd: 0.05),
        ]
        report.placement.gapPercent = 0.0312
        report.placement.savings = [
            .init(limit: "move in of us-east", unit: "TB", usd: 0.25),
            .init(limit: "capacity of eu-west", unit: "TB", usd: 12.5),
        ]
    }
}
