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

    package struct Cover: Equatable, Sendable {
        package let digest: Digest
        /// MIME type.
        package let type: String

        package init(digest: Digest, type: String) {
            self.digest = digest
            self.type = type
        }
    }

    package var path: [UInt8]
    package var state: State
    package var status: FileStamp
    package var song: Digest?
    package var head: Part?
    package var tail: Part?
    package var cover: Cover?
    package var tags = Tags()
    package var warnings: [String] = []
    package var reason: String?
    package var detail: String?

    package init(path: [UInt8], state: State, status: FileStamp) {
        self.path = path
        self.state = state
        self.status = status
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

    package init(
        id: Digest, sizeBytes: Int, durationMs: Int, bitrateKbps: Int, sampleRateHz: Int,
        channels: Int, frames: Int, isVBR: Bool
    ) {
        self.id = id
        self.sizeBytes = sizeBytes
        self.durationMs = durationMs
        self.bitrateKbps = bitrateKbps
        self.sampleRateHz = sampleRateHz
        self.channels = channels
        self.frames = frames
        self.isVBR = isVBR
    }
}
