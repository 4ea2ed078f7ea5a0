import CLibFuzzer
import Glibc
import MPEGAudio
import Storage

/// What can be fuzzed: readers of bytes that strangers made.
///
/// A target takes any bytes and returns; what traps, hangs or takes too much memory is a find.
enum FuzzTarget: String, CaseIterable {
    /// Where tags end and audio begins, and the walk over all frames.
    case frames

    func run(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .frames: fuzzFrames(bytes)
        }
    }
}

private func fuzzFrames(_ bytes: UnsafeRawBufferPointer) {
    withFile(of: bytes) { path in
        guard let file = try? FileDescriptor(path, .read),
            let parts = try? FileParts.find(in: file, sizeBytes: bytes.count)
        else { return }
        // What comes back is asked for by everybody; wrong ranges are a find of their own.
        precondition(parts.head.lowerBound == 0 && parts.tail.upperBound == bytes.count)
        precondition(parts.head.upperBound == parts.audio.lowerBound)
        precondition(parts.audio.upperBound == parts.tail.lowerBound)
        let audio = UnsafeRawBufferPointer(rebasing: bytes[parts.audio])
        var whole = FrameWalker(parts)
        whole.feed(audio)
        let report = whole.finish()
        // In pieces of all sizes: the same report.
        var pieces = FrameWalker(parts)
        var offset = 0
        while offset < audio.count {
            let size = 1 + (offset &* 31) % 700
            let end = min(audio.count, offset + size)
            pieces.feed(UnsafeRawBufferPointer(rebasing: audio[offset..<end]))
            offset = end
        }
        precondition(pieces.finish() == report, "the report depends on the pieces")
    }
}

/// The bytes as a file without a name on disk.
private func withFile(of bytes: UnsafeRawBufferPointer, _ body: (String) -> Void) {
    let descriptor = memfd_create("fuzz", 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
        let count = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        guard count > 0 else { return }
        written += count
    }
    body("/proc/self/fd/\(descriptor)")
}
