package import Storage

/// What the counted days of a window say of one song.
package struct SongTimeline {
    package struct Day {
        package let date: CalendarDate
        /// Whether the day was counted at all.
        package var hasPartition = false
        /// By region in byte order.
        package var regions: [(region: String, row: CountsRow)] = []
        /// Distinct listeners in all regions.
        package var listeners = 0

        package func row(_ region: String) -> CountsRow? {
            regions.first { $0.region.hasSameBytes(as: region) }?.row
        }
    }

    package let songID: String
    /// The oldest first.
    package let days: [Day]
    /// Regions with a play, in byte order, with the distinct listeners of the window: about so, nil
    /// where partitions hold no sketches.
    package let regions: [(region: String, listeners: Int?)]
    /// The same in all regions.
    package let listeners: Int?

    /// - Parameter last: The window's last day.
    /// - Throws: `FileError`, or `FormatError` for a partition that is damaged.
    package init(
        _ warehouse: Warehouse, songID: String, endingWith last: CalendarDate, days count: Int
    ) throws {
        self.songID = songID
        var days: [Day] = []
        var sketches: [(region: String, sketch: ListenerSketch)] = []
        var hasSketches = true
        for date in (0..<count).map({ last - (count - 1 - $0) }) {
            var day = Day(date: date)
            try Self.read(warehouse, songID, &day) { region, sketch in
                guard let sketch else {
                    hasSketches = false
                    return
                }
                guard let place = sketches.firstIndex(where: { $0.region.hasSameBytes(as: region) })
                else { return sketches.append((region, sketch)) }
                sketches[place].sketch.merge(sketch)
            }
            days.append(day)
        }
        self.days = days
        var names: [String] = []
        for day in days {
            for (region, _) in day.regions
            where !names.contains(where: { $0.hasSameBytes(as: region) }) {
                names.append(region)
            }
        }
        regions = names.sorted { $0.precedesInBytes($1) }.map { name in
            let sketch = sketches.first { $0.region.hasSameBytes(as: name) }?.sketch
            return (name, hasSketches ? Int((sketch?.estimate ?? 0).rounded()) : nil)
        }
        var all = ListenerSketch()
        for (_, sketch) in sketches { all.merge(sketch) }
        listeners = hasSketches ? Int(all.estimate.rounded()) : nil
    }

    private static func read(
        _ warehouse: Warehouse, _ songID: String, _ day: inout Day,
        _ sketch: (String, ListenerSketch?) -> Void
    ) throws {
        let folder = warehouse.artefact("plays", day.date)
        guard FileSystem.exists("\(folder)/\(CountsFile.fileName)") else { return }
        day.hasPartition = true
        let counts = try CountsFile("\(folder)/\(CountsFile.fileName)")
        let path = "\(folder)/\(SketchesFile.fileName)"
        let sketches = FileSystem.exists(path) ? try SketchesFile(path) : nil
        var sketchesRead = 0
        let id = Array(songID.utf8)
        var isRow = try id.withUnsafeBytes { try counts.next(notBefore: $0) }
        while isRow, counts.songID.elementsEqual(id) {
            let region = String(decoding: counts.region, as: UTF8.self)
            day.regions.append((region, counts.row))
            day.listeners = counts.row.songListeners
            if let sketches {
                while sketchesRead < counts.place {
                    _ = try sketches.next()
                    sketchesRead += 1
                }
                sketchesRead += 1
                guard let read = ListenerSketch(bytes: try sketches.next()) else {
                    throw sketches.damaged("holds a sketch that is none")
                }
                sketch(region, read)
            } else {
                sketch(region, nil)
            }
            isRow = try counts.next()
        }
    }

    /// The ids that begin with a text, of the songs that were played on some days; at most `limit`.
    package static func ids(
        beginningWith prefix: String, _ warehouse: Warehouse, endingWith last: CalendarDate,
        days count: Int, limit: Int
    ) throws -> [String] {
        var found: [String] = []
        let prefix = Array(prefix.utf8)
        for date in (0..<count).map({ last - $0 }) {
            let path = "\(warehouse.artefact("plays", date))/\(CountsFile.fileName)"
            guard FileSystem.exists(path) else { continue }
            let counts = try CountsFile(path)
            var isRow = try prefix.withUnsafeBytes { try counts.next(notBefore: $0) }
            while isRow, counts.songID.starts(with: prefix), found.count < limit {
                let id = String(decoding: counts.songID, as: UTF8.self)
                if !found.contains(where: { $0.hasSameBytes(as: id) }) { found.append(id) }
                isRow = try counts.next()
            }
        }
        return found.sorted { $0.precedesInBytes($1) }
    }

    /// The days that were counted, the oldest first.
    package static func countedDays(_ warehouse: Warehouse) -> [CalendarDate] {
        let names = (try? FileSystem.list(warehouse.path + "/plays")) ?? []
        return names.compactMap {
            $0.hasPrefix("date=") ? CalendarDate($0.dropFirst("date=".count)) : nil
        }.filter {
            FileSystem.exists("\(warehouse.artefact("plays", $0))/\(CountsFile.fileName)")
        }.sorted()
    }
}
