import Arguments
import Storage
import Testing

struct CommandTests {
    private static let command = Command(
        "spindle bake", summary: "bake the bread",
        discussion: """
            Takes the dough from the warehouse and bakes it until it is done, which takes as long as it takes.

              spindle bake --date today
            """,
        operands: "OVEN",
        options: [
            .date, Option("heat", "DEGREES", default: "220", help: "How hot"),
            Option("seed", "KIND", repeats: true, help: "What to strew on it"), .json,
        ],
        exitCodes: [.ok, .usage, .tryAgain])

    @Test func `the help text is exactly this`() {
        #expect(
            Self.command.help == """
                Bake the bread.

                usage: spindle bake [options] OVEN

                Takes the dough from the warehouse and bakes it until it is done, which takes as long as
                it takes.

                  spindle bake --date today

                Options:
                  --date DATE
                      The night, named by the day that has just ended: YYYY-MM-DD, yesterday or today
                  --heat DEGREES
                      How hot (default: 220)
                  --seed KIND
                      What to strew on it; may be given more than once
                  --json
                      Print the result as one JSON object on stdout
                  --help
                      Show this text

                Exit codes:
                  0   done, or nothing to do
                  64  the command line was wrong
                  75  another run holds the warehouse; try again later

                """)
    }

    @Test func `the help lists the commands that have a name with a word more`() {
        let knead = Command(
            "spindle bake knead", summary: "knead the dough", discussion: "", operands: "DOUGH…",
            options: [])
        let bake = Command(
            "spindle bake", summary: "bake the bread", discussion: "Bakes.", options: [],
            exitCodes: [.ok], subcommands: [knead])
        #expect(
            bake.help == """
                Bake the bread.

                usage: spindle bake [options]
                       spindle bake knead [options] DOUGH…

                Bakes.

                Further commands, each with its own --help:
                  spindle bake knead
                      knead the dough

                Options:
                  --help
                      Show this text

                Exit codes:
                  0   done, or nothing to do

                """)
    }

    @Test func `no line of help is wider than 88 columns`() {
        for line in Self.command.help.split(separator: "\n") { #expect(line.count <= 88) }
    }

    @Test(arguments: [(87, 1), (88, 1), (89, 2)])
    func `help is wrapped behind 88 columns`(columns: Int, lines: Int) {
        let words = String(repeating: "x", count: columns - 6) + " wraps"
        let command = Command("c", summary: "do", discussion: words, options: [])
        let discussion = command.help.split(separator: "\n").prefix { $0 != "Options:" }.dropFirst(
            2)
        #expect(discussion.count == lines)
    }

    // MARK: Parsing

    @Test(
        arguments: [
            ([], [], "220", []), (["--heat", "250"], [], "250", []),
            (["--heat=250"], [], "250", []),
            (["--heat="], [], "", []), (["--heat=a=b"], [], "a=b", []),
            (["a", "--heat", "1", "b"], ["a", "b"], "1", []),
            (["--", "--heat"], ["--heat"], "220", []), (["-"], ["-"], "220", []),
            (["--", "-h"], ["-h"], "220", []),
            (["--", "--"], ["--"], "220", []),
            (["--seed", "poppy", "--seed=rye"], [], "220", ["poppy", "rye"]),
            (["--heat", "-5"], [], "-5", []),
        ] as [([String], [String], String, [String])])
    func `options and operands are told apart`(
        arguments: [String], operands: [String], heat: String, seeds: [String]
    ) throws {
        let parsed = try ParsedArguments(Self.command, arguments)
        #expect(parsed.operands == operands)
        #expect(parsed.string("heat") == heat)
        #expect(parsed.strings("seed") == seeds)
        #expect(!parsed.flag("json"))
        #expect(!parsed.flag("help"))
    }

    @Test(arguments: [["--help"], ["-h"], ["--json", "-h", "x"]])
    func `help is asked for in either way`(arguments: [String]) throws {
        #expect(try ParsedArguments(Self.command, arguments).flag("help"))
    }

    @Test func `what is given is known from what is the default`() throws {
        let parsed = try ParsedArguments(Self.command, ["--json"])
        #expect(parsed.isGiven("json"))
        #expect(!parsed.isGiven("heat"))
        #expect(parsed.string("date") == nil)
    }

    @Test(arguments: [
        (["--heat"], "--heat DEGREES needs a value", "see spindle bake --help"),
        (
            ["--heat", "--json"], "--heat DEGREES needs a value, and '--json' is an option",
            "see spindle bake --help"
        ),
        (["--json=yes"], "--json takes no value", "see spindle bake --help"),
        (["--heat", "1", "--heat", "2"], "--heat is given twice", "see spindle bake --help"),
        (["--hest", "1"], "unknown option '--hest'", "did you mean --heat?"),
        (["-heat", "1"], "unknown option '-heat'", "did you mean --heat?"),
        (["---heat", "1"], "unknown option '---heat'", "did you mean --heat?"),
        (["--jason"], "unknown option '--jason'", "did you mean --json?"),
        (["--hest=1"], "unknown option '--hest'", "did you mean --heat?"),
        (["--temperature=5"], "unknown option '--temperature'", "see spindle bake --help"),
        (["-x"], "unknown option '-x'", "see spindle bake --help"),
        (["--=5"], "unknown option '--'", "see spindle bake --help"),
    ])
    func `a wrong command line is told with what to do`(
        arguments: [String], message: String, hint: String
    ) {
        let error = #expect(throws: UsageError.self) {
            try ParsedArguments(Self.command, arguments)
        }
        #expect(error?.message == message)
        #expect(error?.hint == hint)
    }

    @Test(arguments: [["x"], ["--", "x"], ["--json", "x"], ["-"]])
    func `a command without operands takes none`(arguments: [String]) {
        let command = Command("spindle plain", summary: "do", discussion: "", options: [.json])
        let error = #expect(throws: UsageError.self) { try ParsedArguments(command, arguments) }
        #expect(error?.message == "unexpected argument '\(arguments.last!)'")
    }

    // MARK: Values

    @Test(arguments: [("0", 0), ("7", 7), ("300", 300)]) func `a whole number is read`(
        text: String, number: Int
    ) throws {
        #expect(
            try ParsedArguments(Self.command, ["--heat", text]).int("heat", in: 0...300) == number)
    }

    @Test(arguments: ["-1", "301", "1.5", "", "x", " 7", "99999999999999999999"])
    func `what is no whole number in the range is refused`(text: String) throws {
        let parsed = try ParsedArguments(Self.command, ["--heat", text])
        let error = #expect(throws: UsageError.self) { try parsed.int("heat", in: 0...300) }
        #expect(error?.message == "--heat takes a whole number from 0 to 300, not '\(text)'")
        let open = #expect(throws: UsageError.self) { try parsed.int("heat", in: 1000...Int.max) }
        #expect(open?.message == "--heat takes a whole number of at least 1000, not '\(text)'")
    }

    @Test func `a date is a day, today or yesterday`() throws {
        func date(_ text: String) throws -> CalendarDate? {
            try ParsedArguments(Self.command, ["--date", text]).date("date")
        }
        #expect(try date("2026-11-19")?.description == "2026-11-19")
        let today = CalendarDate.today
        #expect(try [today, today + 1].contains(date("today")))
        #expect(try [today - 1, today].contains(date("yesterday")))
        #expect(try ParsedArguments(Self.command, []).date("date") == nil)
        for wrong in ["2026-02-30", "tomorrow", "", "20261119"] {
            let error = #expect(throws: UsageError.self) { try date(wrong) }
            #expect(error?.message == "--date takes a date as YYYY-MM-DD, not '\(wrong)'")
        }
    }

    @Test func `a reject limit is a number or a share`() throws {
        let command = Command("c", summary: "do", discussion: "", options: [.rejectLimit])
        #expect(try ParsedArguments(command, []).rejectLimit() == nil)
        #expect(try ParsedArguments(command, ["--reject-limit", "5"]).rejectLimit() == .count(5))
        #expect(try ParsedArguments(command, ["--reject-limit=5%"]).rejectLimit() == .percent(5))
        let error = #expect(throws: UsageError.self) {
            try ParsedArguments(command, ["--reject-limit", "many"]).rejectLimit()
        }
        #expect(
            error?.message
                == "--reject-limit takes a number, or a percentage up to 100%, not 'many'")
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("heat", "hest", 1),
        ("heat", "heat", 0), ("ab", "ba", 2), ("flaw", "lawn", 2),
    ])
    func `the distance of two words counts single letters`(a: String, b: String, distance: Int) {
        #expect(editDistance(a, b) == distance)
        #expect(editDistance(b, a) == distance)
    }

    // MARK: Ends

    @Test func `every error has its exit code`() {
        struct Other: Error {}
        struct Told: Diagnosed {
            let message = "told"
            let hint: String? = nil
            let cause: FailureCause
        }
        let quiet = Terminal(isQuiet: true)
        #expect(report(UsageError("u", hint: "h"), to: quiet) == .usage)
        #expect(report(FileError("open", "/x", code: 2), to: quiet) == .inputMissing)
        #expect(report(FileError("open", "/x", code: 13), to: quiet) == .failed)
        #expect(report(FormatError("/x", "bad"), to: quiet) == .badData)
        #expect(report(Told(cause: .busy), to: quiet) == .tryAgain)
        #expect(report(Told(cause: .failed), to: quiet) == .failed)
        #expect(report(Other(), to: quiet) == .failed)
    }

    @Test func `exit codes are those of sysexits`() {
        #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 64, 65, 66, 75])
    }

    // MARK: Numbers for people

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000"),
        (-999, "-999"),
        (100_000, "100,000"), (Int.min, "-9,223,372,036,854,775,808"),
    ])
    func `digits are grouped by thousands`(number: Int, text: String) {
        #expect(grouped(number) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1049, "1.0 kB"), (1050, "1.1 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"), (9_412_300, "9.4 MB"), (3_000_000_000_000, "3.0 TB"),
        (2_000_000_000_000_000_000, "2000.0 PB"),
    ])
    func `bytes are told in decimal units`(bytes: Int, text: String) {
        #expect(formatBytes(bytes) == text)
    }

    @Test func `where a command says so, an operand begins with one dash`() throws {
        let find = Command(
            "spindle find", summary: "find", discussion: "", operands: "[WORD…]",
            takesDashedOperands: true, options: [.json])
        let parsed = try ParsedArguments(find, ["love", "-live", "--json", "-"])
        #expect(parsed.operands == ["love", "-live", "-"] && parsed.flag("json"))
        #expect(throws: UsageError.self) { try ParsedArguments(find, ["--live"]) }
        #expect(try ParsedArguments(find, ["-h"]).flag("help"))
    }
}
