/// Genres by number and in ID3v2's older forms.
package enum GenreName {
    /// `(17)Rock`, `(17)(18)`, `17`, `((x)`, `RX`, `CR` and plain names as names.
    package static func resolve(_ text: String) -> [String] { [text] }
}
