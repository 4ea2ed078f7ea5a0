package import Storage

/// One source file as the ledger holds it.
package struct LedgerFile: Equatable, Sendable {
    package enum State: String, Sendable {
        /// Read and kept.
        case present
        /// Named or looking like an MP3, and set aside.
        case rejected
        /// Not audio and not named so.
        case ignored
        /// Kept, and since then missing from its source.
        case gone
        /// Kept, and since then left out by the operator's patterns.
        case excluded
    }

    /// The bytes before or behind the audio.
    package struct Part: Equatable, Sendable {
        package let digest: Digest
        package let sizeBytes: Int

        package init(digest: Digest, sizeBytes: Int) {
            self.digest = digest
            self.sizeBytes = sizeBytes
        }
    }

    /// A picture of its tags.
    package struct Cover: Equatable, Sendable {
        package let digest: Digest
        /// MIME type, by the bytes.
        package let type: String
        package let sizeBytes: Int
        /// What it shows (ID3v2.4 frames, section 4.14): 3 is the front cover.
        package let pictureType: Int
        package let description: String

        package static let front = 3

        package init(
            digest: Digest, type: String, sizeBytes: Int = 0, pictureType: Int = Cover.front,
            description: String = ""
        ) {
            self.digest = digest
            self.type = type
            self.sizeBytes = sizeBytes
            self.pictureType = pictureType
            self.description = description
        }
    }

    package var path: [UInt8]
    package var state: State
    package var status: FileStamp
    package var song: Digest?
    package var head: Part?
    package var tail: Part?
    /// All pictures, in the order of the tags.
    package var covers: [Cover] = []
    package var tags = Tags()
    package var warnings: [String] = []
    package var reason: String?
    package var detail: String?

    package init(path: [UInt8], state: State, status: FileStamp) {
        self.path = path
        self.state = state
        self.status = status
    }

    /// The picture that stands for the song: the front cover, or else the first.
    package var cover: Cover? {
        get { covers.first { $0.pictureType == Cover.front } ?? covers.first }
        set { covers = newValue.map { [$0] } ?? [] }
    }
}

/// What decides, without reading it, whether a file is still the one that was read.
package struct FileStamp: Equatable, Sendable {
    package let sizeBytes: Int
    package let modifiedNs: Int
    package let changedNs: Int
    package let inode: Int

    package init(_ status: FileStatus) {
        sizeBytes = status.sizeBytes
        modifiedNs = status.modifiedNs
        changedNs = status.changedNs
        inode = Int(bitPattern: UInt(status.inode))
    }

    package init(sizeBytes: Int, modifiedNs: Int, changedNs: Int, inode: Int) {
        self.sizeBytes = sizeBytes
        self.modifiedNs = modifiedNs
        self.changedNs = changedNs
        self.inode = inode
    }
}

/// An audio part, whatever files hold it.
package struct LedgerSong: Equatable, Sendable {
    package let id: Digest
    package let sizeBytes: Int
    package let durationMs: Int
    package let bitrateKbps: Int
    package let sampleRateHz: Int
    package let channels: Int
    package let frames: Int
    package let isVBR: Bool
    /// Without the encoder's delay and padding; nil where the file does not tell them.
    package var gaplessMs: Int?
    /// "LAME3.100"; nil where the file does not tell.
    package var encoder: String?
    /// Whether the checksum of the encoder over all frames holds; nil where there is none.
    package var isMusicCRCGood: Bool?

    package init(
        id: Digest, sizeBytes: Int, durationMs: Int, bitrateKbps: Int, sampleRateHz: Int,
        channels: Int, frames: Int, isVBR: Bool, gaplessMs: Int? = nil, encoder: String? = nil,
        isMusicCRCGood: Bool? = nil
    ) {
        self.id = id
        self.sizeBytes = sizeBytes
        self.durationMs = durationMs
        self.bitrateKbps = bitrateKbps
        self.sampleRateHz = sampleRateHz
        self.channels = channels
        self.frames = frames
        self.isVBR = isVBR
        self.gaplessMs = gaplessMs
        self.encoder = encoder
        self.isMusicCRCGood = isMusicCRCGood
    }
}
