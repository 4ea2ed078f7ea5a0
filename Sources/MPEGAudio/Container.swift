internal import Storage

/// A file of another kind around the audio, or instead of it.
enum Container: Equatable {
    case none
    /// MPEG audio in the data chunk of a RIFF file.
    case riff(data: Range<Int>)
    /// No file of MPEG audio, whatever bytes in it look like.
    case other

    static func find(in file: borrowing FileDescriptor, _ range: Range<Int>) throws(FileError)
        -> Container
    {
        guard let start = try file.bytes(at: range.lowerBound, count: 12) else { return .none }
        if start.starts(with: "RIFF".utf8) || start.starts(with: "RIFX".utf8)
            || start.starts(with: "RF64".utf8)
        {
            return try riff(file, range, form: start[8...])
        }
        let others: [[UInt8]] = [
            Array("fLaC".utf8), Array("OggS".utf8), Array("FORM".utf8), Array("MThd".utf8),
            [0x1a, 0x45, 0xdf, 0xa3], [0xff, 0xd8, 0xff], [0x89, 0x50, 0x4e, 0x47],
            [0x30, 0x26, 0xb2, 0x75],
        ]
        if others.contains(where: { start.starts(with: $0) }) { return .other }
        return start[4..<8].elementsEqual("ftyp".utf8) ? .other : .none
    }

    /// Chunks up to the one with the data (Multimedia Programming Interface and Data Specifications 1.0).
    private static func riff(
        _ file: borrowing FileDescriptor, _ range: Range<Int>, form: ArraySlice<UInt8>
    ) throws(FileError) -> Container {
        // RMP3 is an early form without a format chunk.
        var isMPEG = form.elementsEqual("RMP3".utf8)
        guard isMPEG || form.elementsEqual("WAVE".utf8) else { return .other }
        var offset = range.lowerBound + 12
        // More chunks than any writer makes end the search.
        for _ in 0..<64 {
            guard offset + 8 <= range.upperBound,
                let header = try file.bytes(at: offset, count: 8)
            else { return .other }
            let size = header[4...].reversed().reduce(0) { $0 << 8 | Int($1) }
            let body = offset + 8
            if header.starts(with: "fmt ".utf8) {
                guard let tag = try file.bytes(at: body, count: 2) else { return .other }
                // WAVE_FORMAT_MPEG and WAVE_FORMAT_MPEGLAYER3.
                isMPEG = [0x50, 0x55].contains(Int(tag[0]) | Int(tag[1]) << 8)
            } else if header.starts(with: "data".utf8) {
                guard isMPEG else { return .other }
                // A writer that was cut off leaves no size, or one that cannot be.
                let end =
                    size == 0 || body + size > range.upperBound
                    ? range.upperBound : body + size
                return .riff(data: body..<end)
            }
            offset = body + size + size % 2
        }
        return .other
    }
}
