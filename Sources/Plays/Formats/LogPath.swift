internal import Storage

/// What the folders of a log's path say of it, as `region=eu-west/listener=anna/history.json`.
enum LogPath {
    /// The value of the last folder `key=…`; nil where there is none.
    static func value(_ key: String, in path: String) -> String? {
        path.split(separator: "/").dropLast()
            .last { $0.hasPrefix(key + "=") && $0.utf8.count > key.utf8.count + 1 }
            .map { String($0.dropFirst(key.count + 1)) }
    }
}

extension PlayLogOptions {
    /// The options for one log: what its path says goes first.
    func options(for path: String) -> PlayLogOptions {
        var options = self
        options.region = LogPath.value("region", in: path) ?? region
        options.listener = LogPath.value("listener", in: path) ?? listener
        // What came through standard input stays what it was said to be then.
        guard StandardInputLog.isKept(path) else { return options }
        options.format = LogPath.value("format", in: path).flatMap(LogFormat.init(rawValue:))
        options.columns =
            LogPath.value("columns", in: path).flatMap { try? LogColumns.parse($0) } ?? [:]
        return options
    }

    /// The folders that say this; none of the texts holds a slash.
    var folders: String {
        let columns = columns.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            .joined(separator: ",")
        let values = [
            ("format", format?.rawValue), ("columns", columns.isEmpty ? nil : columns),
            ("region", region), ("listener", listener),
        ]
        return values.map { key, value in value.map { "/\(key)=\($0)" } ?? "" }.joined()
    }
}
