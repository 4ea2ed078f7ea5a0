/// A piece of HTML in which every interpolated text has been escaped.
///
///     let cell: Markup = "<td>\(song.title)</td>"   // <td>Rock &amp; Roll</td>
///
/// What is written in the literal is taken as it stands, so markup comes from our sources alone.
struct Markup: ExpressibleByStringInterpolation, Sendable {
    private(set) var html: String

    init(stringLiteral value: String) { html = value }
    init(stringInterpolation: StringInterpolation) { html = stringInterpolation.html }

    var isEmpty: Bool { html.isEmpty }

    static func + (a: Markup, b: Markup) -> Markup { "\(a)\(b)" }
    static func += (a: inout Markup, b: Markup) { a.html += b.html }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var html = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            html.reserveCapacity(literalCapacity + interpolationCount * 12)
        }

        mutating func appendLiteral(_ literal: String) { html += literal }
        mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
        mutating func appendInterpolation(_ pieces: [Markup]) {
            for piece in pieces { html += piece.html }
        }
        mutating func appendInterpolation(_ text: String) { html += escaped(text) }
        /// For attributes; `grouped` writes numbers that people read.
        mutating func appendInterpolation(_ number: Int) { html += String(number) }
        /// A coordinate, to a hundredth.
        mutating func appendInterpolation(_ number: Double) { html += coordinate(number) }
    }
}

/// A name or message from outside, set apart so that its direction does not reorder its neighbours.
func quoted(_ text: String, most limit: Int = 120) -> Markup {
    "<bdi>\(shortened(text, most: limit))</bdi>"
}

/// Cut to so many scalars, an ellipsis instead of the rest.
///
/// By scalars, as one character may consist of any number of them.
func shortened(_ text: String, most limit: Int) -> String {
    let scalars = text.unicodeScalars
    guard let cut = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
        cut < scalars.endIndex
    else { return text }
    return String(scalars[..<cut]) + "…"
}

/// Text that is safe in an element and in a quoted attribute.
///
/// Controls and noncharacters are not allowed in HTML even when escaped (WHATWG HTML, 13.2.3.5),
/// and the controls of text direction could leak from an SVG title, which knows no `bdi`.
private func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0x26: result += "&amp;"
        case 0x3C: result += "&lt;"
        case 0x3E: result += "&gt;"
        case 0x22: result += "&quot;"
        case 0x27: result += "&#39;"
        case 0x09, 0x0A, 0x0D: result += " "
        case 0..<0x20, 0x7F...0x9F, 0xFDD0...0xFDEF, 0x202A...0x202E, 0x2066...0x2069:
            result += "\u{FFFD}"
        case let value where value & 0xFFFE == 0xFFFE: result += "\u{FFFD}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
