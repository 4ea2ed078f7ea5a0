// swift-tools-version: 6.2
import PackageDescription

// The arrows below only point down; `Tests/HouseTests` holds the sources to them.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func systemLibrary(_ name: String, pkgConfig: String?, apt: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func suite(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "spindle",
    products: [
        .executable(name: "spindle", targets: ["spindle"]),
        .executable(name: "spindled", targets: ["spindled"]),
    ],
    targets: [
        // Commands.
        .executableTarget(
            name: "spindle",
            dependencies: [
                "Arguments", "Pipeline", "Ingest", "Catalog", "MPEGAudio", "Plays", "Popularity",
                "Delivery", "Publication", "Search", "TagReading", "AudioAnalysis", "CoverImages",
                "WorkerProcesses", "Storage",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "spindled",
            dependencies: ["Arguments", "Streaming", "HTTPServer", "Storage"],
            swiftSettings: strict),

        // What serves.
        module(
            "Streaming",
            [
                "Publication", "Delivery", "Search", "Catalog", "HTTPServer", "Storage", "CLinux",
                "COpenSSL",
            ]),
        module("HTTPServer", ["CMicroHTTPD"]),

        // What the night does.
        module("Publication", ["Delivery", "Popularity", "Catalog", "SQLite", "Storage"]),
        module("Delivery", ["Plays", "Popularity", "Catalog", "Storage", "CRegionPricing"]),
        module("Popularity", ["Plays", "Catalog", "SQLite", "Storage"]),
        module("Plays", ["Catalog", "SQLite", "Storage", "CLineScan"]),
        module("Search", ["Catalog", "SQLite", "Storage"]),
        module(
            "Ingest",
            [
                "TagReading", "Catalog", "MPEGAudio", "WorkerProcesses", "Storage", "CArchive",
                "CLinux",
            ]),
        module("MPEGAudio", ["Storage", "CChecksum"]),
        module(
            "TagReading",
            [
                "Catalog", "MPEGAudio", "Storage", "CTagLib", "CTagLibProperties", "CZlib",
                "CLinux",
            ]),
        module("Catalog", ["SQLite", "Storage", "CUTF8Proc"]),
        module("Pipeline", ["Storage"]),
        module("WorkerProcesses", ["Storage", "CLinux"]),

        module(
            "AudioAnalysis",
            [
                "Catalog", "WorkerProcesses", "SQLite", "Storage", "CMpg123", "CEBUR128",
                "CChromaprint", "CLinux",
            ]),

        module("CoverImages", ["WorkerProcesses", "Storage", "CGD"]),

        // What everything stands on.
        module("Arguments", ["Storage"]),
        module("SQLite", ["CSQLite"]),
        module("Storage", ["COpenSSL", "CISAL", "CZlib", "CZstd", "CLinux"]),

        // C libraries, one each.
        systemLibrary("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        systemLibrary("CTagLib", pkgConfig: "taglib_c", apt: "libtagc0-dev"),
        systemLibrary("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
        systemLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        systemLibrary("CISAL", pkgConfig: "libisal", apt: "libisal-dev"),
        systemLibrary("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
        systemLibrary("CMpg123", pkgConfig: "libmpg123", apt: "libmpg123-dev"),
        systemLibrary("CEBUR128", pkgConfig: "libebur128", apt: "libebur128-dev"),
        // Its .pc file carries a flag that SwiftPM refuses with a warning; it needs none.
        systemLibrary("CUTF8Proc", pkgConfig: nil, apt: "libutf8proc-dev"),
        systemLibrary("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        .target(name: "CArchive", cSettings: [.treatAllWarnings(as: .error)]),
        .target(name: "CChromaprint", cSettings: [.treatAllWarnings(as: .error)]),
        .target(name: "CGD", cSettings: [.treatAllWarnings(as: .error)]),
        .target(name: "CLinux", cSettings: [.treatAllWarnings(as: .error)]),
        .target(name: "CLineScan", cSettings: [.treatAllWarnings(as: .error)]),
        .target(name: "CChecksum", cSettings: [.treatAllWarnings(as: .error)]),
        .target(name: "CRegionPricing", cSettings: [.treatAllWarnings(as: .error)]),
        .target(
            name: "CTagLibProperties",
            dependencies: ["CTagLib"],
            cxxSettings: [.treatAllWarnings(as: .error)],
            linkerSettings: [.linkedLibrary("tag")]),

        // Tests, and what several suites share.
        suite("HTTPServerTests", ["HTTPServer", "HTTPTestClient"]),
        suite(
            "StreamingTests",
            [
                "Streaming", "HTTPServer", "HTTPTestClient", "Publication", "Delivery", "Search",
                "Catalog", "SQLite", "Storage", "spindled",
            ]),
        .target(
            name: "HTTPTestClient", path: "Tests/HTTPTestClient", swiftSettings: strict),
        suite("SearchTests", ["Search", "Catalog", "SQLite", "Storage", "TestSupport"]),
        suite(
            "DeliveryTests",
            ["Delivery", "Plays", "SQLite", "Storage", "TestSupport", "CacheProbe"]),
        .executableTarget(
            name: "CacheProbe", dependencies: ["Delivery"], path: "Tests/CacheProbe",
            swiftSettings: strict),
        suite("PublicationTests", ["Publication", "Storage"]),
        suite("PopularityTests", ["Popularity", "Plays", "Catalog", "SQLite", "Storage"]),
        .testTarget(
            name: "PlayLogTests",
            dependencies: ["Plays", "Catalog", "SQLite", "Storage", "TestSupport", "spindle"],
            exclude: ["Samples"], swiftSettings: strict),
        suite("StorageTests", ["Storage", "TestSupport"]),
        suite("SQLiteTests", ["SQLite", "TestSupport"]),
        suite("ArgumentsTests", ["Arguments", "Storage", "TestSupport"]),
        suite("PipelineTests", ["Pipeline", "Storage", "TestSupport"]),
        .testTarget(
            name: "AudioAnalysisTests",
            dependencies: [
                "AudioAnalysis", "Catalog", "WorkerProcesses", "SQLite", "Storage", "TestSupport",
                "WorkerProbe", "spindle",
            ],
            exclude: ["Fixtures"], swiftSettings: strict),
        suite(
            "CoverImagesTests",
            ["CoverImages", "WorkerProcesses", "Storage", "TestSupport", "WorkerProbe", "spindle"]),
        suite("WorkerProcessesTests", ["WorkerProcesses", "TestSupport", "WorkerProbe"]),
        .executableTarget(
            name: "WorkerProbe", dependencies: ["WorkerProcesses"], path: "Tests/WorkerProbe",
            swiftSettings: strict),
        suite("CatalogTests", ["Catalog", "SQLite", "Storage", "TestSupport"]),
        suite("TagReadingTests", ["TagReading", "Catalog", "MPEGAudio", "Storage", "TestSupport"]),
        suite(
            "IngestTests",
            [
                "Ingest", "Catalog", "MPEGAudio", "WorkerProcesses", "Storage", "TestSupport",
                "IngestProbe", "spindle",
            ]),
        .executableTarget(
            name: "IngestProbe", dependencies: ["Ingest", "WorkerProcesses"],
            path: "Tests/IngestProbe", swiftSettings: strict),
        suite("MPEGAudioTests", ["MPEGAudio", "CChecksum", "Storage", "TestSupport"]),

        // What several suites share: the repository's place, the built programs, JSON Schema.
        .target(
            name: "TestSupport", dependencies: ["Storage"], path: "Tests/TestSupport",
            swiftSettings: strict),
        suite("EndToEndTests", ["spindle", "SQLite", "Storage", "TestSupport"]),
        suite("HouseTests", ["spindle", "spindled", "TestSupport"]),
    ],
    cxxLanguageStandard: .cxx20
)

// `make fuzz`: everything with the sanitizers, and a program that fuzzes its readers.
if let runtime = Context.environment["SPINDLE_FUZZ_RUNTIME"] {
    // What is fuzzed is not always what other modules may call.
    let sanitizers = ["-sanitize=fuzzer,address", "-enable-testing"]
    for target in package.targets
    where target.type == .regular && target.cSettings == nil
        && target.cxxSettings == nil
    {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(sanitizers)]
    }
    for target in package.targets
    where target.type == .regular
        && (target.cSettings != nil || target.cxxSettings != nil)
    {
        let flags = ["-fsanitize=fuzzer-no-link,address"]
        target.cSettings = (target.cSettings ?? []) + [.unsafeFlags(flags)]
        target.cxxSettings = (target.cxxSettings ?? []) + [.unsafeFlags(flags)]
    }
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Fuzz/CLibFuzzer"),
        .executableTarget(
            name: "spindle-fuzz",
            dependencies: [
                "MPEGAudio", "Search", "TagReading", "Catalog", "Plays", "Storage", "CLibFuzzer",
            ],
            path: "Fuzz/Programs",
            swiftSettings: strict + [.unsafeFlags(["-sanitize=address"])],
            linkerSettings: [
                .unsafeFlags(["-sanitize=address", "-Xlinker", runtime, "-lstdc++"])
            ]),
    ]
}
