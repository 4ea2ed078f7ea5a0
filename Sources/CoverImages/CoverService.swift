internal import CGD
internal import Storage
package import WorkerProcesses

/// What a helper process does with covers: a path in, small versions or a reason out.
package enum CoverService {
    package static let kind = WorkerService.Kind("covers") {
        let missing = spindle_gd_load().map { String(cString: $0) }
        return { request in
            if let missing { return reply(unavailable: missing) }
            let path = String(decoding: request, as: UTF8.self)
            guard let bytes = try? FileSystem.readAll(path) else {
                return reply(refused: "the blob is missing")
            }
            return reply(CoverScaler.scale(bytes, sizes: CoverStore.sizes.reversed()))
        }
    }

    /// What a reply says.
    enum Answer {
        case made([(size: Int, jpeg: [UInt8])])
        case refused(String)
        /// The library is not there; says nothing of the cover.
        case unavailable(String)
    }

    static func reply(
        _ result: Result<[(size: Int, jpeg: [UInt8])], CoverScaler.Refusal>
    ) -> [UInt8] {
        switch result {
        case .failure(let refusal): return reply(refused: refusal.reason)
        case .success(let made):
            var message: [UInt8] = [0]
            for (size, jpeg) in made {
                for number in [size, jpeg.count] {
                    withUnsafeBytes(of: UInt32(number).littleEndian) {
                        message.append(contentsOf: $0)
                    }
                }
                message.append(contentsOf: jpeg)
            }
            return message
        }
    }

    private static func reply(refused reason: String) -> [UInt8] { [1] + Array(reason.utf8) }
    private static func reply(unavailable reason: String) -> [UInt8] { [2] + Array(reason.utf8) }

    /// - Returns: nil for what no helper of this version says.
    static func answer(_ message: [UInt8]) -> Answer? {
        switch message.first {
        case 0:
            var made: [(size: Int, jpeg: [UInt8])] = []
            var rest = message.dropFirst()
            while !rest.isEmpty {
                guard rest.count >= 8 else { return nil }
                let (size, count) = rest.withUnsafeBytes {
                    (
                        Int(UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self))),
                        Int(
                            UInt32(
                                littleEndian: $0.loadUnaligned(
                                    fromByteOffset: 4, as: UInt32.self)))
                    )
                }
                rest = rest.dropFirst(8)
                guard rest.count >= count, CoverStore.sizes.contains(size) else { return nil }
                made.append((size, Array(rest.prefix(count))))
                rest = rest.dropFirst(count)
            }
            return .made(made)
        case 1: return .refused(String(decoding: message.dropFirst(), as: UTF8.self))
        case 2: return .unavailable(String(decoding: message.dropFirst(), as: UTF8.self))
        default: return nil
        }
    }
}
