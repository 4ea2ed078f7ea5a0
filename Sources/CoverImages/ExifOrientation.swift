/// How a JPEG wants to be turned before it is shown (Exif 2.32, tag 0x0112): covers that somebody
/// has photographed. The small versions carry no Exif, and so have to be turned themselves.
enum ExifOrientation: Int {
    case mirrored = 2
    case upsideDown, mirroredUpsideDown, mirroredLeft, right, mirroredRight, left

    var isMirrored: Bool {
        [.mirrored, .mirroredUpsideDown, .mirroredLeft, .mirroredRight].contains(self)
    }

    /// Against the clock, behind the mirroring.
    var degrees: Int {
        switch self {
        case .mirrored: 0
        case .upsideDown, .mirroredUpsideDown: 180
        case .mirroredLeft, .left: 90
        case .right, .mirroredRight: 270
        }
    }

    /// - Parameter segment: An APP1 segment behind its length.
    /// - Returns: nil for one that says nothing, or nothing that makes sense.
    init?(segment: ArraySlice<UInt8>) {
        guard segment.starts(with: Array("Exif\0\0".utf8)) else { return nil }
        let tiff = Array(segment.dropFirst(6).prefix(64 << 10))
        let isLittle: Bool
        switch tiff.prefix(4) {
        case [0x49, 0x49, 42, 0]: isLittle = true
        case [0x4d, 0x4d, 0, 42]: isLittle = false
        default: return nil
        }
        func number(_ at: Int, _ count: Int) -> Int? {
            guard at >= 0, at + count <= tiff.count else { return nil }
            let bytes = tiff[at..<at + count]
            return (isLittle ? Array(bytes.reversed()) : Array(bytes)).reduce(0) {
                $0 << 8 | Int($1)
            }
        }
        guard let start = number(4, 4), let count = number(start, 2) else { return nil }
        for entry in 0..<count {
            let at = start + 2 + 12 * entry
            guard let tag = number(at, 2) else { return nil }
            guard tag == 0x0112 else { continue }
            guard number(at + 2, 2) == 3, let value = number(at + 8, 2) else { return nil }
            self.init(rawValue: value)
            return
        }
        return nil
    }
}
