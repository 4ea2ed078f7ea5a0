/// Where land is, coarsely: enough to see where a region lies.
///
/// Cells of 3 degrees, of which at least two of five points are land in Natural Earth's
/// "1:110m land" (public domain, naturalearthdata.com). A row has 120 bits from 180° W, as 30 hex
/// digits; rows go south from 79.5° N.
enum ReportLand {
    private static let firstLatitude = 79.5
    private static let degrees = 3.0
    private static let rows = [
        "0000005ffffffc00f000001a000000", "00000f27c7fffc004000803fc03000",
        "00001ebb807ff800000211fffe1000", "03f9f7dbf83ff0001e00bfffffffa6",
        "a7ffffff9e3fc0007fffffffffffff", "6fffffff9e1e0601ffffffffffffff",
        "07fffff8340c0003dffffffffffffe", "03c3fff83e000023cffffffffff860",
        "0000ffff3f800061ffffffffffc0c0", "00007fffff80007fffffffffffe080",
        "00003fffff40003ffffffffffff000", "00003fffff00001fffffffffffc000",
        "00003ffff800007ffc7fffffff9000", "00003ffff00000707ffffffffe0000",
        "00001fffe000007617fffffffa2000", "00000fffc000003f00fffffff2e000",
        "000007ff8000007ffffffffff90000", "000007f0800000fffff7fffff80000",
        "000002f0000001fffffbfffff00000", "00000070400003ffff7f1fffe00000",
        "00000076080003fffffe0f9f800000", "0000001f000003ffffbc0e1f080000",
        "00000003000003fffff00607800000", "000000011f0001fffff80601000000",
        "000000003f0000fffff80204040000", "000000003fe00073fff0000e300000",
        "000000003fe00001ffe00006f80000", "000000007ff80001ffc00006e88000",
        "000000007fff0000ff800003007000", "000000007fff8000ff800001083c00",
        "000000003fff0000ffc00000000400", "000000003ffe0000ffc8000001d000",
        "000000001ffe0000ff98000007d800", "000000000ffe0000ff3000000ff800",
        "000000000ffc0000ff3000003ffc00", "000000000ff000007e0000003ffe00",
        "000000000ff000007e0000003ffe00", "000000000fe000003c0000003ffe00",
        "000000000fc0000038000000183c00", "000000001f80000000000000001c02",
        "000000001e00000000000000000002", "000000001e0000000000000000000c",
        "000000001c00000000000000000008", "000000001800000000000000000000",
        "000000001800000000000000000000", "000000000c00000000000000000000",
    ]

    /// A line through the middles of each run of land, 2 units a degree; to be drawn as dots.
    static func path(north: Double) -> String {
        var path = ""
        for (index, row) in rows.enumerated() {
            let y = coordinate((north - firstLatitude + Double(index) * degrees) * 2)
            let land = row.flatMap { digit -> [Bool] in
                let value = digit.hexDigitValue ?? 0
                return [8, 4, 2, 1].map { value & $0 != 0 }
            }
            var start: Int?
            for column in 0...land.count {
                let isLand = column < land.count && land[column]
                if isLand, start == nil { start = column }
                if !isLand, let first = start {
                    let x = coordinate((Double(first) + 0.5) * degrees * 2)
                    // A hair longer than to the last middle, so that its dot is drawn as well.
                    let length = coordinate(Double(column - 1 - first) * degrees * 2 + 0.01)
                    path += "M\(x) \(y)h\(length)"
                    start = nil
                }
            }
        }
        return path
    }
}
