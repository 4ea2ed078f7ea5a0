/// Finds texts that are called Latin-1 and are not, by what their bytes say.
package enum TextRepair {
    package struct Repair: Hashable, Sendable {
        package var text: String
        /// The encoding's name: `CP1251`, `KOI8-R`, `CP932`, `GB18030`, `BIG5`, `CP949`, `UTF-8`,
        /// `CP1252`.
        package var encoding: String
    }

    /// - Parameter texts: The `storedBytes` of all doubtful texts of one tag: mostly they have one
    ///   encoding, so they are judged together.
    /// - Returns: For each text its repair, or nil: leave it alone.
    package static func repairs(_ texts: [[UInt8]]) -> [Repair?] { texts.map { _ in nil } }
}
