/// Programs that fetch audio and that nobody listens to, told by parts of their user agents.
///
/// The words that such programs use of themselves; small letters.
struct RobotList {
    private static let words: [[UInt8]] = [
        "bot", "crawl", "spider", "slurp", "curl/", "wget/", "python-", "python/", "aiohttp",
        "go-http-client", "libwww-perl", "java/", "scrapy", "headless", "phantomjs", "monitor",
        "pingdom", "uptime", "nagios", "statuscake", "facebookexternalhit", "preview", "archiver",
        "httrack", "axios/", "node-fetch", "ruby/", "guzzlehttp", "apache-httpclient",
        "validator", "linkchecker", "fetcher",
    ].map { Array($0.utf8) }

    /// Names of devices that have such a word in them.
    private static let innocent: [[UInt8]] = ["cubot"].map { Array($0.utf8) }

    /// What was found last, by hashes: logs have few agents.
    private var known = [UInt64](repeating: 0, count: 4096)

    mutating func contains(_ agent: UnsafeRawBufferPointer) -> Bool {
        // The lowest bit says what was found.
        let hash = ByteHash.hash64(agent) | 1
        let place = Int(truncatingIfNeeded: hash >> 8) & 4095
        if known[place] | 1 == hash { return known[place] & 1 == 1 }
        let found = Self.isRobot(agent)
        known[place] = found ? hash : hash & ~1
        return found
    }

    private static func isRobot(_ agent: UnsafeRawBufferPointer) -> Bool {
        let text = agent.map { (65...90).contains($0) ? $0 | 32 : $0 }
        func contains(_ word: [UInt8]) -> Bool {
            guard text.count >= word.count else { return false }
            return (0...(text.count - word.count)).contains { start in
                text[start] == word[0] && text[start...].starts(with: word)
            }
        }
        return words.contains(where: contains) && !innocent.contains(where: contains)
    }
}
