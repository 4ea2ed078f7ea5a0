import Foundation
import Storage
import TestSupport

/// The sample's play logs counted a second time, by rules written down here and nowhere shared
/// with the product: JSONSerialization for JSON, Foundation's calendar for days.
struct PlayRecount: Sendable {
    struct Key: Hashable, Sendable {
        let day: String
        let song: String
        let region: String
    }

    struct Row: Equatable, Sendable {
        var plays = 0
        var streams = 0
        var chartStreams = 0
        var playedMs = 0
        var listeners: Set<String> = []
    }

    /// Where a day's lines went.
    struct Account: Equatable, Sendable {
        var lines = 0
        var lateIn = 0
        var lateOut = 0
        var streams = 0
        var short = 0
        var duplicates = 0
        var rejected = 0
        /// What a listener who repeats a song at the threshold has played of it.
        var loopStreams = 0
        var loopShort = 0
    }

    private(set) var rows: [Key: Row] = [:]
    private(set) var accounts: [String: Account] = [:]
    /// Streams of loops, which the generator's truth does not know as such.
    private(set) var loopStreams: [Key: Int] = [:]
    private var events: [String: [Event]] = [:]
    private var dayNumbers: [String: Int] = [:]

    static let sample: PlayRecount = {
        do { return try PlayRecount(logs: Repository.sample + "/plays") } catch {
            fatalError("the sample's logs cannot be counted: \(error)")
        }
    }()

    /// - Parameter logs: A folder with a folder a day, each with its logs.
    init(logs: String) throws {
        for folder in try FileManager.default.contentsOfDirectory(atPath: logs).sorted() {
            let day = String(folder.dropFirst("date=".count))
            for name in try FileManager.default.contentsOfDirectory(atPath: "\(logs)/\(folder)")
                .sorted()
            {
                _ = try LineReader("\(logs)/\(folder)/\(name)").forEach { line in
                    take(Data(line.bytes), loggedOn: day)
                }
            }
        }
        for (day, events) in events { count(events, on: day) }
        events = [:]
    }

    private mutating func take(_ line: Data, loggedOn logDay: String) {
        if line.isEmpty { return }
        accounts[logDay, default: Account()].lines += 1
        guard let event = Event(line), let day = dayNumber(event.day),
            let logged = dayNumber(logDay), (logged - 7...logged).contains(day)
        else {
            accounts[logDay]!.rejected += 1
            return
        }
        if day < logged {
            accounts[logDay]!.lateOut += 1
            accounts[event.day, default: Account()].lateIn += 1
        }
        events[event.day, default: []].append(event)
    }

    private mutating func count(_ all: [Event], on day: String) {
        // Of one id the earliest event, and of those the one that was heard longest.
        func precedes(_ a: Event, _ b: Event) -> Bool {
            (a.time, -a.playedMs) < (b.time, -b.playedMs)
        }
        var chosen: [String: Event] = [:]
        for event in all where chosen[event.id].map({ precedes(event, $0) }) ?? true {
            chosen[event.id] = event
        }
        var account = accounts[day] ?? Account()
        account.duplicates += all.count - chosen.count
        let bySong = Dictionary(grouping: chosen.values) { "\($0.user)\t\($0.song)" }
        let loops = Set(
            bySong.filter { _, plays in
                plays.count >= 30
                    && plays.count { (30_000..<35_000).contains($0.playedMs) } * 4 >= plays.count
                        * 3
            }.keys)
        var charted: [String: Int] = [:]
        for event in chosen.values.sorted(by: precedes) {
            let key = Key(day: day, song: event.song, region: event.region)
            let isStream =
                event.playedMs >= 30_000
                || event.durationMs > 0 && event.durationMs < 30_000
                    && event.playedMs >= event.durationMs
            let place = "\(event.user)\t\(event.song)"
            if loops.contains(place) {
                if isStream { account.loopStreams += 1 } else { account.loopShort += 1 }
                if isStream { loopStreams[key, default: 0] += 1 }
                continue
            }
            var row = rows[key] ?? Row()
            row.plays += 1
            row.playedMs += event.playedMs
            if isStream {
                account.streams += 1
                row.streams += 1
                row.listeners.insert(event.user)
                charted[place, default: 0] += 1
                if charted[place]! <= 10 { row.chartStreams += 1 }
            } else {
                account.short += 1
            }
            rows[key] = row
        }
        accounts[day] = account
    }

    private struct Event {
        let id: String
        let song: String
        let user: String
        let region: String
        let day: String
        let time: String
        let playedMs: Int
        let durationMs: Int

        init?(_ line: Data) {
            // JSONSerialization forgives bytes behind the object, and guesses other encodings.
            guard String(data: line, encoding: .utf8) != nil, !line.contains(0),
                let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any]
            else { return nil }
            func id(_ key: String) -> String? {
                guard let text = object[key] as? String, (1...64).contains(text.utf8.count),
                    text.unicodeScalars.allSatisfy({ $0.value >= 32 })
                else { return nil }
                return text
            }
            guard let event = id("event_id"), let song = id("song_id"), let user = id("user_id"),
                let region = id("region"), let time = object["ts"] as? String,
                time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/) != nil,
                let played = object["ms_played"] as? Int, played >= 0,
                let duration = object["duration_ms"] as? Int, duration >= 0
            else { return nil }
            self.id = event
            self.song = song
            self.user = user
            self.region = region
            day = String(time.prefix(10))
            self.time = time
            playedMs = played
            durationMs = duration
        }
    }

    private mutating func dayNumber(_ day: String) -> Int? {
        if let known = dayNumbers[day] { return known }
        guard let date = try? Date(day + "T00:00:00Z", strategy: .iso8601) else { return nil }
        let number = Int(date.timeIntervalSince1970 / 86_400)
        dayNumbers[day] = number
        return number
    }

    // MARK: Sums

    var days: [String] { Set(accounts.keys).sorted() }
    var songs: Set<String> { Set(rows.keys.map(\.song)) }

    /// Listeners of a song on a day, each once, wherever they listened.
    func listeners(_ song: String, _ day: String) -> Int {
        rows.filter { $0.key.song == song && $0.key.day == day }
            .reduce(into: Set<String>()) { $0.formUnion($1.value.listeners) }.count
    }

    /// What charts go by.
    struct ChartSums {
        var streams = 0
        var listenerDays = 0
        /// The most that one listener can have had, going by the days one by one.
        var mostOfOne = 0
        var mostOnADay = 0
        var listeners: Set<String> = []

        /// Chart streams, of which no listener may be more than half.
        func points(listeners: Int) -> Int {
            min(streams, 2 * (streams - min(mostOfOne, streams - (listeners - 1))))
        }
    }

    /// - Parameter region: nil for all.
    func chart(days: Set<String>, region: String?) -> [String: ChartSums] {
        var streams: [Key: Int] = [:]
        var listeners: [Key: Set<String>] = [:]
        for (key, row) in rows where days.contains(key.day) {
            guard region == nil || key.region == region, row.chartStreams > 0 else { continue }
            // One listener in two regions is one listener of the day.
            let day = Key(day: key.day, song: key.song, region: "")
            streams[day, default: 0] += row.chartStreams
            listeners[day, default: []].formUnion(row.listeners)
        }
        var sums: [String: ChartSums] = [:]
        for (day, count) in streams {
            let users = listeners[day]!
            var sum = sums[day.song] ?? ChartSums()
            sum.streams += count
            sum.listenerDays += users.count
            sum.mostOfOne += min(10, count - (users.count - 1))
            sum.mostOnADay = max(sum.mostOnADay, users.count)
            sum.listeners.formUnion(users)
            sums[day.song] = sum
        }
        return sums
    }
}
