import Glibc
import Storage
import TestSupport
import Testing

@testable import CoverImages

/// Covers that somebody has photographed, with a mark of Exif that says how to turn them.
struct OrientationTests {
    /// What the test needs of GD, which the product only calls in helper processes.
    private struct GD {
        typealias Image = OpaquePointer
        let create: @convention(c) (Int32, Int32) -> Image?
        let fill: @convention(c) (Image, Int32, Int32, Int32, Int32, Int32) -> Void
        let write: @convention(c) (Image, UnsafeMutablePointer<Int32>, Int32) -> UnsafeRawPointer?
        let read: @convention(c) (Int32, UnsafeRawPointer) -> Image?
        let pixel: @convention(c) (Image, Int32, Int32) -> Int32

        init() throws {
            let library = try #require(dlopen("libgd.so.3", RTLD_NOW))
            func find<Function>(_ name: String, _ type: Function.Type) throws -> Function {
                unsafeBitCast(try #require(dlsym(library, "gdImage" + name)), to: type)
            }
            create = try find("CreateTrueColor", type(of: create))
            fill = try find("FilledRectangle", type(of: fill))
            write = try find("JpegPtr", type(of: write))
            read = try find("CreateFromJpegPtr", type(of: read))
            pixel = try find("GetTrueColorPixel", type(of: pixel))
        }
    }

    /// Red on the left half and blue on the right, with a mark.
    private func photograph(_ mark: Int, isBigEndian: Bool, _ gd: GD) throws -> [UInt8] {
        let image = try #require(gd.create(400, 200))
        gd.fill(image, 0, 0, 199, 199, 0xff0000)
        gd.fill(image, 200, 0, 399, 199, 0x0000ff)
        var count: Int32 = 0
        let written = try #require(gd.write(image, &count, 95))
        let jpeg = Array(UnsafeRawBufferPointer(start: written, count: Int(count)))
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return isBigEndian ? bytes.reversed() : bytes
        }
        func entry(_ tag: Int, _ value: Int) -> [UInt8] {
            number(tag, 2) + number(3, 2) + number(1, 4) + number(value, 2) + [0, 0]
        }
        let tiff =
            Array((isBigEndian ? "MM" : "II").utf8) + number(42, 2) + number(8, 4) + number(2, 2)
            + entry(0x0100, 400) + entry(0x0112, mark) + number(0, 4)
        let segment = Array("Exif\0\0".utf8) + tiff
        return jpeg[..<2] + [0xff, 0xe1, 0, UInt8(segment.count + 2)] + segment + jpeg[2...]
    }

    private enum Side { case left, right, top, bottom }

    private func redSide(_ path: String, _ size: [Int], _ gd: GD) throws -> Side? {
        let bytes = try FileSystem.readAll(path)
        let decoded = bytes.withUnsafeBytes { gd.read(Int32($0.count), $0.baseAddress!) }
        let image = try #require(decoded)
        func isRed(_ x: Int, _ y: Int) -> Bool {
            let color = gd.pixel(image, Int32(size[0] * x / 4), Int32(size[1] * y / 4))
            return color >> 16 & 0xff > 128 && color & 0xff < 128
        }
        return switch (isRed(1, 1), isRed(3, 1), isRed(1, 3), isRed(3, 3)) {
        case (true, false, true, false): .left
        case (false, true, false, true): .right
        case (true, true, false, false): .top
        case (false, false, true, true): .bottom
        default: nil
        }
    }

    /// Where each mark says that the left edge of the stored picture is to be seen; 1 and 9 say
    /// nothing.
    @Test(arguments: [
        (1, Side.left), (2, .right), (3, .right), (4, .left), (5, .top), (6, .top), (7, .bottom),
        (8, .bottom), (9, .left),
    ])
    private func `a photograph is turned as its mark says`(mark: Int, red: Side) throws {
        let gd = try GD()
        try withTemporaryFolder { folder in
            let fixture = try CoverRunTests.Fixture(folder)
            for isBigEndian in [false, true] {
                let cover = try fixture.add(
                    try photograph(mark, isBigEndian: isBigEndian, gd))
                #expect(try fixture.run([cover]).made == 1)
                for size in [96, 300] {
                    let isUpright = red == .left || red == .right
                    let expected = isUpright ? [size, size / 2] : [size / 2, size]
                    #expect(try fixture.size(cover, size) == expected)
                    let path = fixture.store.path(cover, size: size)
                    #expect(try redSide(path, expected, gd) == red)
                }
            }
        }
    }

    /// Lists that point outside, count what is not there, or are no TIFF.
    @Test(
        arguments: [
            [0x49, 0x49, 42, 0, 255, 255, 255, 255], [0x49, 0x49, 42, 0, 8, 0, 0, 0, 255, 255],
            [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 4, 0, 0, 0, 1, 0, 0, 0, 6], [1, 2],
            [],
        ] as [[UInt8]])
    func `a mark that makes no sense is none`(tiff: [UInt8]) {
        #expect(ExifOrientation(segment: (Array("Exif\0\0".utf8) + tiff)[...]) == nil)
    }
}
