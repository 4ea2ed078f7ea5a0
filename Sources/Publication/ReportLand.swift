/// Where land is.
enum ReportLand {
    static func path(north: Double) -> String { "" }
}
