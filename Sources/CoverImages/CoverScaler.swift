internal import CGD
internal import Glibc
internal import Storage

/// Makes the small versions of a cover, by GD; only ever in a helper process.
struct CoverScaler {
    /// 40 million pixels are 160 MB once they are unpacked.
    static let maximumPixels = 40_000_000
    static let maximumSide = 20_000
    static let maximumBytes = 64 << 20
    private static let quality: Int32 = 85

    /// Why a cover has no small versions.
    struct Refusal: Error, Equatable {
        let reason: String
    }

    /// - Parameter sizes: Longest sides in pixels, falling. One that is as long as the picture or
    ///   longer is left out, but for the last, which is made of any picture: never enlarged.
    /// - Returns: A JPEG for each size that there is.
    static func scale(_ bytes: [UInt8], sizes: [Int]) -> Result<
        [(size: Int, jpeg: [UInt8])], Refusal
    > {
        do {
            return .success(try scaled(bytes, sizes))
        } catch { return .failure(error) }
    }

    private static func scaled(_ bytes: [UInt8], _ sizes: [Int]) throws(Refusal) -> [(
        size: Int, jpeg: [UInt8]
    )] {
        guard bytes.count <= maximumBytes else { throw Refusal(reason: "over 64 MB") }
        guard let header = PictureHeader(bytes) else {
            throw Refusal(reason: "no JPEG, PNG, GIF, WebP or BMP picture")
        }
        let (width, height) = (header.width, header.height)
        guard width > 0, height > 0, width <= maximumSide, height <= maximumSide,
            width * height <= maximumPixels
        else { throw Refusal(reason: "\(width) × \(height) pixels are declared") }
        let cutOff = Refusal(
            reason: "the \(header.format.rawValue) picture is damaged or cut off")
        guard !header.isJPEGCutOff(bytes) else { throw cutOff }
        let count = Int32(bytes.count)
        let decoded = bytes.withUnsafeBytes { buffer in
            switch header.format {
            case .jpeg: spindle_gd_jpeg(count, buffer.baseAddress)
            case .png: spindle_gd_png(count, buffer.baseAddress)
            case .gif: spindle_gd_gif(count, buffer.baseAddress)
            case .webp: spindle_gd_webp(count, buffer.baseAddress)
            case .bmp: spindle_gd_bmp(count, buffer.baseAddress)
            }
        }
        guard let decoded else { throw cutOff }
        defer { spindle_gd_destroy(decoded) }
        guard Int(spindle_gd_width(decoded)) == width, Int(spindle_gd_height(decoded)) == height,
            var image = spindle_gd_flatten(decoded)
        else { throw Refusal(reason: "the picture has not the size that it declares") }
        defer { spindle_gd_destroy(image) }
        var made: [(Int, [UInt8])] = []
        let longest = max(width, height)
        var isTurned = header.orientation == nil
        for size in sizes where size < longest || size == sizes.last {
            if size < longest {
                // Each from the one before: the larger it is, the dearer.
                let scale = { (side: Int) in Int32(max(1, (side * size + longest / 2) / longest)) }
                let isUpright = !isTurned || (header.orientation?.degrees ?? 0) % 180 == 0
                let (across, down) = isUpright ? (width, height) : (height, width)
                guard let smaller = spindle_gd_scale(image, scale(across), scale(down)) else {
                    throw Refusal(reason: "it cannot be made smaller")
                }
                spindle_gd_destroy(image)
                image = smaller
            }
            // Once, and when it is smaller.
            if !isTurned, let orientation = header.orientation {
                guard
                    let turned = spindle_gd_turn(
                        image, orientation.isMirrored ? 1 : 0, Int32(orientation.degrees))
                else { throw Refusal(reason: "it cannot be turned") }
                if turned != image { spindle_gd_destroy(image) }
                image = turned
                isTurned = true
            }
            var written: Int32 = 0
            guard let jpeg = spindle_gd_write_jpeg(image, &written, quality) else {
                throw Refusal(reason: "it cannot be written as JPEG")
            }
            defer { spindle_gd_free(jpeg) }
            made.append((size, Array(UnsafeRawBufferPointer(start: jpeg, count: Int(written)))))
        }
        return made
    }
}
