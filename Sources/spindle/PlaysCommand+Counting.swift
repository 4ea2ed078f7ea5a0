import Arguments
import Plays
import Storage

/// What counts, and how much a count may take.
extension PlaysCommand {
    static let countingOptions = [
        Option(
            "rules", "NAME", default: "stream",
            help: "Which plays are streams: stream (30 seconds), or scrobble (half, or 4 minutes)"),
        Option(
            "minimum-stream-seconds", "N", default: "30",
            help: "How long a stream is, unless the song is shorter"),
        Option(
            "chart-cap", "N", default: "10",
            help: "A listener's streams of a song in a day that charts count"),
        Option(
            "maximum-hours", "N", default: "24",
            help: "Hours in a day above which nothing of a listener counts"),
        Option(
            "farm-listeners", "N", default: "25",
            help:
                "Listeners at one address whose plays, if hardly longer than a stream, do not count; 0: no such rule"
        ),
        Option(
            "loop-plays", "N", default: "30",
            help:
                "Plays of one song in a day that, if hardly longer than a stream, do not count; 0: no such rule"
        ),
        Option(
            "time-zones", "FILE",
            help: "JSON of regions and their time zones, by which their days go; without it UTC"),
        Option(
            "coplay-sample", "N",
            help:
                "Of so many listeners one tells songs that are heard together, a power of two; without it 8 from a million events on"
        ),
        Option(
            "memory", "SIZE", default: "768M",
            help: "What reading and counting may hold in memory; the rest goes to tmp/"),
        Option("threads", "N", help: "How many work at once; without it one a core"),
    ]

    static func setCounting(_ options: inout PlayOptions, _ arguments: ParsedArguments) throws {
        let rules = arguments.string("rules")!
        guard let ruleSet = PlayRules.RuleSet(rawValue: rules) else {
            throw arguments.usageError("--rules \(rules) is neither stream nor scrobble")
        }
        options.rules.ruleSet = ruleSet
        options.rules.minimumStreamMs =
            try arguments.int("minimum-stream-seconds", in: 1...3600)! * 1000
        options.rules.maximumChartStreams = try arguments.int("chart-cap", in: 1...1_000_000)!
        options.rules.maximumListeningMs =
            try arguments.int("maximum-hours", in: 1...168)! * 3_600_000
        options.rules.farmListeners = try arguments.int("farm-listeners", in: 0...1_000_000)!
        options.rules.loopPlays = try arguments.int("loop-plays", in: 0...1_000_000)!
        options.timeZones = try arguments.string("time-zones").map { try TimeZones.read($0) }
        options.coplaySample = try arguments.int("coplay-sample", in: 1...65_536)
        if let sample = options.coplaySample, sample & (sample - 1) != 0 {
            throw arguments.usageError("--coplay-sample \(sample) is no power of two")
        }
        let memory = arguments.string("memory")!
        guard let bytes = size(memory), bytes >= 64 << 20 else {
            throw arguments.usageError("--memory \(memory) is no size of 64M or more")
        }
        options.memoryBytes = bytes
        options.threads =
            try arguments.int("threads", in: 1...256) ?? min(processorCount(), 256)
    }

    /// The bytes of `768M`, `2G` or a bare number.
    private static func size(_ text: String) -> Int? {
        let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        let unit = text.last.flatMap { units[$0] }
        guard let number = Int(unit == nil ? text[...] : text.dropLast()), number > 0,
            number < 1 << 32
        else { return nil }
        return number * (unit ?? 1)
    }
}
