internal import CMpg123
package import WorkerProcesses

/// What a helper process of `spindle decode` does: a path and what is wanted in, a measurement out.
package enum DecodeService {
    package static let kind = WorkerService.Kind("decode") {
        DecoderMessages.listen()
        return { request in
            guard let request = Request(message: request) else {
                return SongMeasurement(failure: .decoderError, "the request is garbled").message
            }
            return SongDecoder(
                path: request.path, expectedFrames: request.frames, sizeBytes: request.sizeBytes,
                parts: request.parts
            ).measure().message
        }
    }

    /// "libmpg123 1.31.2", for the records.
    package static var decoderVersion: String {
        "libmpg123 \(MPG123_API_VERSION)"
    }

    struct Request {
        let path: String
        let frames: Int
        let sizeBytes: Int
        let parts: MeasuredParts

        init(path: String, frames: Int, sizeBytes: Int, parts: MeasuredParts) {
            self.path = path
            self.frames = frames
            self.sizeBytes = sizeBytes
            self.parts = parts
        }

        var message: [UInt8] {
            Array("\(frames) \(sizeBytes) \(parts.rawValue) \(path)".utf8)
        }

        init?(message: UnsafeRawBufferPointer) {
            let words = String(decoding: message, as: UTF8.self)
                .split(separator: " ", maxSplits: 3)
            guard words.count == 4, let frames = Int(words[0]), let sizeBytes = Int(words[1]),
                let parts = Int(words[2])
            else { return nil }
            self.init(
                path: String(words[3]), frames: frames, sizeBytes: sizeBytes,
                parts: MeasuredParts(rawValue: parts))
        }
    }
}
