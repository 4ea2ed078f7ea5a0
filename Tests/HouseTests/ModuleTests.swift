import Foundation
import TestSupport
import Testing

/// Arrows between modules only point down (docs/ARCHITECTURE.md), and Package.swift knows them all.
@Suite struct ModuleTests {
    /// The layers, the lowest first. A module may use what lies in lower layers only.
    private static let layers: [[String]] = [
        [
            "CSQLite", "CTagLib", "CMicroHTTPD", "CZlib", "CISAL", "CZstd", "CUTF8Proc", "COpenSSL",
            "CLinux", "CChecksum", "CLineScan", "CMpg123", "CEBUR128", "CChromaprint", "CGD",
            "CArchive", "CRegionPricing",
        ],
        ["CTagLibProperties"], ["SQLite", "Storage"],
        ["HTTPServer", "Arguments", "Pipeline", "WorkerProcesses"],
        ["Catalog", "MPEGAudio", "CoverImages"], ["TagReading", "Plays"],
        ["Ingest", "Popularity", "AudioAnalysis", "Search"], ["Delivery"], ["Publication"],
        ["Streaming", "Listeners"], ["spindle", "spindled"],
    ]

    /// What may be imported besides our own: the toolchain's.
    private static let toolchain: Set = [
        "Glibc", "Foundation", "FoundationEssentials", "Synchronization", "Dispatch",
    ]

    private let layers = Dictionary(
        uniqueKeysWithValues: ModuleTests.layers.enumerated().flatMap { layer, names in
            names.map { ($0, layer) }
        })

    @Test func `every module has its layer`() throws {
        let modules = try SourceFile.modules()
        #expect(Set(modules).subtracting(layers.keys) == [])
    }

    @Test func `imports only point down`() throws {
        for file in try SourceFile.all() where file.path.hasSuffix(".swift") {
            let own = try #require(layers[file.module])
            for name in file.imports where !Self.toolchain.contains(name) {
                let layer = try #require(layers[name], "\(file.path) imports \(name)")
                #expect(layer < own, "\(file.path) imports \(name), which is not below it")
            }
        }
    }

    @Test func `what is imported is declared, and what is declared is imported`() throws {
        let declared = try declaredDependencies()
        var imported: [String: Set<String>] = [:]
        for file in try SourceFile.all() where file.path.hasSuffix(".swift") {
            imported[file.module, default: []].formUnion(
                file.imports.filter { !Self.toolchain.contains($0) })
        }
        for module in try SourceFile.modules() where imported[module] != nil {
            let missing = imported[module]!.subtracting(declared[module] ?? [])
            #expect(missing == [], "\(module) must declare them in Package.swift")
        }
    }

    @Test func `the module graph has no cycle`() throws {
        let declared = try declaredDependencies()
        for (module, dependencies) in declared {
            guard let own = layers[module] else { continue }  // a test target
            for name in dependencies {
                #expect(layers[name].map { $0 < own } == true, "\(module) depends on \(name)")
            }
        }
    }

    /// TagLib parses what strangers made; the daemon, which strangers can reach, stays without it.
    @Test func `the daemon does not load TagLib, and spindle does`() throws {
        func libraries(_ program: String) throws -> String {
            try Program(path: "/usr/bin/readelf").run(["-d", Program(built: program).path]).stdout
        }
        #expect(try libraries("spindle").contains("[libtag"))
        let daemon = try libraries("spindled")
        #expect(daemon.contains("[libmicrohttpd.so"))
        #expect(!daemon.contains("[libtag"))
        let loaded = try Program(path: "/usr/bin/ldd").run([Program(built: "spindled").path]).stdout
        #expect(!loaded.contains("libtag"))
    }

    /// Read off the text: the package manager cannot be asked while it runs the tests.
    private func declaredDependencies() throws -> [String: Set<String>] {
        let text = try Repository.text("Package.swift")
        var declared: [String: Set<String>] = [:]
        let patterns = [
            /\bmodule\(\s*"(\w+)",\s*\[([^\]]*)\]\)/,
            /\.(?:executableTarget|target)\(\s*name: "(\w+)",\s*dependencies: \[([^\]]*)\]/,
        ]
        for pattern in patterns {
            for match in text.matches(of: pattern) {
                let names = match.output.2.matches(of: /"(\w+)"/).map { String($0.output.1) }
                declared[String(match.output.1)] = Set(names)
            }
        }
        declared["TestSupport"] = nil
        return declared
    }
}
