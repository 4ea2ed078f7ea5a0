import TagReading

/// One file to be read, as a worker process of `spindle tags` is told of it: the settings after
/// their length (32 bits), and the path. The settings are the same for all files of a run, so that
/// they are put together once, and taken apart once.
struct TagRequest {
    struct Settings {
        var walksFrames: Bool
        var separators: TagSeparators
    }

    /// `Settings.bytes`.
    let settings: UnsafeRawBufferPointer
    let path: [UInt8]

    static func bytes(settings: [UInt8], path: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 + settings.count + path.count)
        withUnsafeBytes(of: UInt32(settings.count)) { bytes += $0 }
        bytes += settings
        bytes += path
        return bytes
    }

    /// - Parameter bytes: Of `bytes` above; have to outlive `settings`.
    init(_ bytes: UnsafeRawBufferPointer) {
        let end = 4 + Int(bytes.loadUnaligned(as: UInt32.self))
        settings = UnsafeRawBufferPointer(rebasing: bytes[4..<end])
        path = Array(bytes[end...])
    }
}

extension TagRequest.Settings {
    // A byte of flags; where they say so, the lists of separators, each text and each list ended
    // by a NUL.

    private static let walksFrames: UInt8 = 1
    private static let hasSeparators: UInt8 = 2

    var bytes: [UInt8] {
        let isDefault = separators == TagSeparators()
        var bytes = [(walksFrames ? Self.walksFrames : 0) | (isDefault ? 0 : Self.hasSeparators)]
        if !isDefault {
            for list in [separators.artists, separators.genres] {
                for text in list { bytes += Array(text.utf8) + [0] }
                bytes.append(0)
            }
        }
        return bytes
    }

    /// - Parameter bytes: Of `bytes` above.
    init(_ bytes: [UInt8]) {
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
        self.init(walksFrames: flags & Self.walksFrames != 0, separators: separators)
    }
}
