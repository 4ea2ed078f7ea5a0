internal import Storage

/// A row of tab-separated columns in the making.
struct RowText {
    private(set) var bytes: [UInt8] = []
    private var isBegun = false

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        isBegun = false
    }

    private mutating func separate() {
        if isBegun { bytes.append(9) }
        isBegun = true
    }

    mutating func field(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    mutating func field(_ text: UnsafeRawBufferPointer) {
        separate()
        bytes.append(contentsOf: text)
    }

    mutating func field(_ number: Int) {
        separate()
        append(number)
    }

    /// - Parameters:
    ///   - number: In units of 10^-decimals.
    mutating func field(_ number: Int, decimals: Int) {
        separate()
        if number < 0 { bytes.append(45) }
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        let magnitude = Int(number.magnitude)
        append(magnitude / scale)
        bytes.append(46)
        var rest = magnitude % scale
        while scale > 1 {
            scale /= 10
            bytes.append(48 + UInt8(rest / scale))
            rest %= scale
        }
    }

    mutating func field(_ number: Double, decimals: Int) {
        field(formatDecimal(number, decimals))
    }

    /// A share in ten thousandths; empty for -1.
    mutating func rate(_ share: Int32) {
        guard share >= 0 else { return separate() }
        field(Int(share), decimals: 4)
    }

    mutating func end() {
        bytes.append(10)
        isBegun = false
    }

    private mutating func append(_ number: Int) {
        if number < 0 { bytes.append(45) }
        var magnitude = number.magnitude
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var count = 0
        repeat {
            digits[count] = 48 + UInt8(magnitude % 10)
            magnitude /= 10
            count += 1
        } while magnitude > 0
        while count > 0 {
            count -= 1
            bytes.append(digits[count])
        }
    }
}
