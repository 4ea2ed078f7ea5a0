import TagReading

/// One file to be read, as a worker process of `spindle tags` is told of it.
struct TagRequest {
    struct Settings: Equatable {
        var walksFrames: Bool
        var separators: TagSeparators
    }

    let settings: Settings
    let path: [UInt8]

    init(settings: Settings, path: [UInt8]) {
        self.settings = settings
        self.path = path
    }

    // A byte of flags; where they say so, the lists of separators, each text and each list ended
    // by a NUL; the path.

    private static let walksFrames: UInt8 = 1
    private static let hasSeparators: UInt8 = 2

    var bytes: [UInt8] {
        let isDefault = settings.separators == TagSeparators()
        var bytes = [
            (settings.walksFrames ? Self.walksFrames : 0) | (isDefault ? 0 : Self.hasSeparators)
        ]
        bytes.reserveCapacity(1 + path.count)
        if !isDefault {
            for list in [settings.separators.artists, settings.separators.genres] {
                for text in list { bytes += Array(text.utf8) + [0] }
                bytes.append(0)
            }
        }
        return bytes + path
    }

    /// - Parameter bytes: Of `bytes` above.
    init(_ bytes: UnsafeRawBufferPointer) {
        let flags = bytes[0]
        var rest = bytes.dropFirst()
        var separators = TagSeparators()
        if flags & Self.hasSeparators != 0 {
            func list() -> [String] {
                var texts: [String] = []
                while let end = rest.firstIndex(of: 0) {
                    let text = String(decoding: rest[..<end], as: UTF8.self)
                    rest = rest[(end + 1)...]
                    if text.isEmpty { break }
                    texts.append(text)
                }
                return texts
            }
            separators.artists = list()
            separators.people = separators.artists
            separators.genres = list()
        }
        settings = Settings(
            walksFrames: flags & Self.walksFrames != 0, separators: separators)
        path = Array(rest)
    }
}
