import Foundation
import TestSupport
import Testing

/// What can be run and what lies on disk is described.
@Suite struct DocumentationTests {
    private static func subcommands() throws -> [String] {
        let help = try Program.spindle.run(["--help"]).stdout
        let names = help.matches(of: /^  ([a-z]+) +\S/.anchorsMatchLineEndings())
            .map { String($0.output.1) }
        // Commands with names of two words are in the help of the first.
        let further = try names.flatMap { name in
            try Program.spindle.run([name, "--help"]).stdout
                .matches(of: /^  spindle ([a-z]+ [a-z]+)$/.anchorsMatchLineEndings())
                .map { String($0.output.1) }
        }
        return names + further
    }

    @Test func `every subcommand has a help that lists its exit codes`() throws {
        let names = try Self.subcommands()
        #expect(names.count >= 12 && names.contains("plays show"))
        for name in names {
            let result = try Program.spindle.run(
                name.split(separator: " ").map(String.init) + ["--help"])
            #expect(result.code == 0, "\(name)")
            #expect(result.stderr.isEmpty, "\(name)")
            #expect(result.stdout.contains("usage: spindle \(name)"), "\(name)")
            let parts = result.stdout.components(separatedBy: "\nExit codes:\n")
            let codes = try #require(parts.count == 2 ? parts[1] : nil, "\(name)")
                .matches(of: /^  (\d+) +\S/.anchorsMatchLineEndings())
                .compactMap { Int($0.output.1) }
            // 75 is for commands that take the warehouse; the others only look.
            #expect(codes.filter { $0 != 75 } == [0, 1, 64, 65, 66], "\(name)")
            #expect(result.stdout.contains("--help"), "\(name)")
        }
    }

    @Test func `the daemon's help lists its exit codes`() throws {
        let result = try Program(built: "spindled").run(["--help"])
        #expect(result.code == 0)
        #expect(result.stdout.contains("\nExit codes:\n"))
    }

    @Test func `every subcommand is described in README or docs`() throws {
        let pages = try Repository.pages()
        for name in try Self.subcommands() {
            #expect(pages.contains("spindle \(name)"), "no page says what spindle \(name) does")
        }
        #expect(pages.contains("spindled"))
    }

    @Test func `every format string is described`() throws {
        let pages = try Repository.formatPages()
        var formats: Set<String> = []
        for file in try SourceFile.all() {
            // Only what a file says of itself: names of cookies and symbols look alike.
            for match in file.text.matches(of: /"?format"?[^\n]{0,20}"(spindle-[a-z-]+)"/) {
                formats.insert(String(match.output.1))
            }
            for match in file.text.matches(of: /static let format = "(spindle-[a-z-]+)"/) {
                formats.insert(String(match.output.1))
            }
        }
        #expect(formats.count >= 8, "\(formats)")
        for format in formats.sorted() {
            #expect(
                pages.contains(try Regex("[`\"]\(format)[`\"]")),
                "docs/FORMATS.md or docs/formats: \(format)")
        }
    }

    @Test func `every place in the warehouse is described`() throws {
        let source = try Repository.text("Sources/Storage/Warehouse.swift")
        var places = Set(
            source.matches(of: /(?:path \+ "|\\\(path\))\/([a-z.]+)/).map { String($0.output.1) })
        // Artefacts are named by their stages.
        for file in try SourceFile.all() {
            for match in file.text.matches(of: /artefact\("([a-z]+)"/) {
                places.insert(String(match.output.1))
            }
        }
        #expect(places.isSuperset(of: ["warehouse.json", "blobs", "snapshots", "runs", "plays"]))
        let pages = try Repository.formatPages()
        for place in places.sorted() {
            let pattern = try Regex("(?m)^  \(NSRegularExpression.escapedPattern(for: place))[/ ]")
            #expect(pages.contains(pattern), "docs/FORMATS.md, the warehouse: \(place)")
        }
    }

    @Test func `every reject reason and warning is described`() throws {
        let pages = try Repository.formatPages()
        for path in [
            "Sources/Ingest/IntakeReason.swift", "Sources/Plays/RejectReason.swift",
            "Sources/MPEGAudio/FrameFinding.swift",
        ] {
            let text = try Repository.text(path)
            for line in text.matches(
                of: /^ +case ([a-zA-Z]+)(?: = "([a-z_]+)")?$/.anchorsMatchLineEndings())
            {
                let code = String(line.output.2 ?? line.output.1)
                #expect(pages.contains("`\(code)`"), "\(path): \(code)")
            }
        }
    }

    @Test func `every schema is referred to`() throws {
        let pages = try Repository.pages()
        let schemas = try Repository.files(below: "docs/schemas")
        #expect(schemas.count >= 5)
        for schema in schemas {
            let name = schema.split(separator: "/").last!
            #expect(pages.contains("schemas/\(name)"), "\(schema)")
        }
    }

    /// Links between pages lead somewhere.
    @Test func `no link in the pages is broken`() throws {
        let pages = try Repository.files(below: "docs").filter { $0.hasSuffix(".md") }
        for page in pages + ["README.md", "CONTRIBUTING.md", "sample-data/README.md"] {
            let folder = page.split(separator: "/").dropLast().joined(separator: "/")
            for link in try Repository.text(page).matches(of: /\]\(([^)#:\s]+)(?:#[^)]*)?\)/) {
                let target = [Repository.path, folder, String(link.output.1)].joined(separator: "/")
                #expect(FileManager.default.fileExists(atPath: target), "\(page): \(link.output.1)")
            }
        }
    }

    @Test func `continuous integration runs what README says`() throws {
        let readme = try Repository.text("README.md")
        let script = try Repository.text(".ci/run")
        #expect(readme.contains("make test"))
        #expect(script.contains("make test"))
        let makefile = try Repository.text("Makefile")
        for target in readme.matches(of: /^make ([a-z-]+)/.anchorsMatchLineEndings()) {
            #expect(makefile.contains("\n\(target.output.1):"), "make \(target.output.1)")
        }
    }
}
