import Foundation
import TestSupport
import Testing

/// How the sources are laid out.
@Suite struct SourceShapeTests {
    @Test func `no source file is longer than 500 lines`() throws {
        for file in try SourceFile.all() where file.lineCount > 500 {
            Issue.record("\(file.path) has \(file.lineCount) lines: split it by concept")
        }
    }

    /// Such names say nothing, and so take in everything.
    @Test func `no folder is a grab-bag`() throws {
        let forbidden: Set = [
            "utils", "util", "common", "helpers", "helper", "misc", "shared", "basics",
        ]
        for root in ["Sources", "Tests"] {
            let paths = try FileManager.default.subpathsOfDirectory(
                atPath: Repository.path + "/" + root)
            for path in paths {
                let names = path.split(separator: "/").map { $0.lowercased() }
                #expect(names.allSatisfy { !forbidden.contains($0) }, "\(root)/\(path)")
            }
        }
    }

    @Test func `a module is not named like one of its types`() throws {
        for file in try SourceFile.all() where file.path.hasSuffix(".swift") {
            let pattern = try Regex(
                "(?m)^(?:package |public )?(?:final )?(?:struct|enum|class|actor|protocol) \(file.module)\\b"
            )
            // The server's one class is to get another name.
            withKnownIssue(isIntermittent: true) {
                #expect(!file.text.contains(pattern), "\(file.path)")
            } when: {
                file.module == "HTTPServer"
            }
        }
    }

    /// A C library is a module map, a shim, a Debian package that is installed and a reason.
    @Test func `every system library is complete`() throws {
        let manifest = try Repository.text("Package.swift")
        let script = try Repository.text("scripts/install-packages.sh")
        let decisions = try Repository.files(below: "docs/decisions").map(Repository.text)
            .joined(separator: "\n")
        let libraries = manifest.matches(
            of: /systemLibrary\("(\w+)", pkgConfig: (?:nil|"[^"]+"), apt: "([^"]+)"\)/)
        #expect(libraries.count >= 7)
        let folders = try SourceFile.modules().filter { name in
            name.first == "C"
                && FileManager.default.fileExists(
                    atPath: "\(Repository.path)/Sources/\(name)/module.modulemap")
        }
        #expect(Set(folders) == Set(libraries.map { String($0.output.1) }))
        for library in libraries {
            let (name, package) = (String(library.output.1), String(library.output.2))
            let map = try Repository.text("Sources/\(name)/module.modulemap")
            #expect(map.contains("module \(name) [system]"), "\(name)")
            #expect(map.contains("header \"shim.h\""), "\(name)")
            #expect(try Repository.text("Sources/\(name)/shim.h").contains("#include"), "\(name)")
            let word = try Regex(
                "(?m)[ \\n]\(NSRegularExpression.escapedPattern(for: package))[ \\n]")
            #expect(script.contains(word), "scripts/install-packages.sh: \(package)")
            #expect(decisions.contains(package), "docs/decisions: \(package)")
        }
    }

    @Test func `scripts can be run`() throws {
        for path in try Repository.files(below: "scripts") + [".ci/run"] {
            #expect(
                FileManager.default.isExecutableFile(atPath: Repository.path + "/" + path),
                "\(path)")
            #expect(try Repository.text(path).hasPrefix("#!"), "\(path)")
        }
    }
}
