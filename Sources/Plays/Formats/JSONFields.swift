/// Picks the values of named keys, also those of nested objects, out of one line of JSON.
///
/// Keys come in any order, others are ignored, of a repeated key the last is valid. Texts lie in
/// the line, or, where they had escapes, in this; valid until the next line.
final class JSONFields {
    private struct Key {
        let level: Int
        let name: UnsafeRawBufferPointer
        /// Of the value, or -1.
        var slot = -1
        /// Of the object that the value is, or -1.
        var inner = -1
    }

    // Pointers: an array of arrays would be counted at each look.
    private let keys: UnsafeMutableBufferPointer<Key>
    private let values: UnsafeMutablePointer<JSONCursor.Value>
    private let valueCount: Int
    /// Room for texts whose escapes are resolved; none is longer than it was with them.
    private let room: UnsafeMutableRawBufferPointer
    @exclusivity(unchecked) private var used = 0

    /// - Parameter paths: The key of each slot: `track_metadata.artist_name` is one of a nested object.
    init(_ paths: [String]) {
        var levels = ["": 0]
        var keys: [Key] = []
        for (slot, path) in paths.enumerated() {
            var level = 0
            var prefix = ""
            let names = path.split(separator: ".")
            for (index, name) in names.enumerated() {
                let bytes = Array(name.utf8)
                let place =
                    keys.firstIndex { $0.level == level && $0.name.elementsEqual(bytes) }
                    ?? keys.count
                if place == keys.count {
                    let copy = UnsafeMutableRawBufferPointer.allocate(
                        byteCount: bytes.count, alignment: 1)
                    copy.copyBytes(from: bytes)
                    keys.append(Key(level: level, name: UnsafeRawBufferPointer(copy)))
                }
                if index == names.count - 1 {
                    keys[place].slot = slot
                } else {
                    prefix += name + "."
                    let inner = levels[prefix] ?? levels.count
                    levels[prefix] = inner
                    keys[place].inner = inner
                    level = inner
                }
            }
        }
        self.keys = .allocate(capacity: keys.count)
        _ = self.keys.initialize(from: keys)
        valueCount = paths.count
        values = .allocate(capacity: valueCount)
        values.initialize(repeating: JSONCursor.Value(), count: valueCount)
        room = .allocate(byteCount: PlayEventParser.maximumLineBytes + 16, alignment: 16)
    }

    deinit {
        for key in keys { key.name.deallocate() }
        keys.deallocate()
        values.deallocate()
        room.deallocate()
    }

    /// - Returns: nil when the line is one JSON object.
    func read(_ line: UnsafeRawBufferPointer) -> Rejection? {
        for index in 0..<valueCount { values[index].kind = .absent }
        used = 0
        var cursor = JSONCursor(line)
        cursor.skipSpace()
        if readObject(&cursor, level: 0) {
            cursor.skipSpace()
            if cursor.isAtEnd { return nil }
        }
        return line.isValidUTF8
            ? Rejection(reason: .notJSON, detail: "not a JSON object")
            : Rejection(reason: .notUTF8, detail: "not UTF-8")
    }

    private func readObject(_ cursor: inout JSONCursor, level: Int) -> Bool {
        var key = JSONCursor.Value()
        var ignored = JSONCursor.Value()
        guard cursor.take(123) else { return false }
        cursor.skipSpace()
        if cursor.take(125) { return true }
        repeat {
            cursor.skipSpace()
            guard cursor.take(34), cursor.string(into: &key) else { return false }
            cursor.skipSpace()
            guard cursor.take(58) else { return false }
            cursor.skipSpace()
            // A key with escapes is none of ours: nobody writes them so.
            let place = key.isEscaped ? -1 : find(key, level)
            if place < 0 {
                guard cursor.read(into: &ignored) else { return false }
            } else if keys[place].inner >= 0, !cursor.isAtEnd, cursor.position.pointee == 123 {
                guard readObject(&cursor, level: keys[place].inner) else { return false }
            } else if keys[place].slot >= 0 {
                let slot = keys[place].slot
                let start = cursor.position
                guard cursor.read(into: &values[slot]) else { return false }
                if values[slot].kind != .string {
                    values[slot].start = start
                    values[slot].count = cursor.position - start
                }
            } else {
                guard cursor.read(into: &ignored) else { return false }
            }
            cursor.skipSpace()
        } while cursor.take(44)
        return cursor.take(125)
    }

    @inline(__always)
    private func find(_ key: JSONCursor.Value, _ level: Int) -> Int {
        let bytes = UnsafeRawBufferPointer(start: key.start, count: key.count)
        for index in 0..<keys.count
        where keys[index].level == level && keys[index].name.equals(bytes) { return index }
        return -1
    }

    // MARK: Values

    func kind(_ slot: Int) -> JSONCursor.Value.Kind { values[slot].kind }

    var isAnythingThere: Bool {
        (0..<valueCount).contains { values[$0].kind != .absent }
    }

    /// A text; none where there is another kind of value or half a surrogate pair.
    func text(_ slot: Int) -> UnsafeRawBufferPointer {
        let value = values[slot]
        guard value.kind == .string, value.count > 0 else { return .none }
        guard value.isEscaped else {
            return UnsafeRawBufferPointer(start: value.start, count: value.count)
        }
        let free = UnsafeMutableRawBufferPointer(rebasing: room[used...])
        guard let count = JSONCursor.unescape(value.start!, count: value.count, into: free) else {
            return .none
        }
        used += count
        return UnsafeRawBufferPointer(rebasing: free[..<count])
    }

    /// A text, or a number as it is written.
    func textOrNumber(_ slot: Int) -> UnsafeRawBufferPointer {
        let value = values[slot]
        guard value.kind == .integer || value.kind == .number else { return text(slot) }
        return UnsafeRawBufferPointer(start: value.start, count: value.count)
    }

    /// A whole number; nil for anything else.
    func integer(_ slot: Int) -> Int? {
        values[slot].kind == .integer ? values[slot].integer : nil
    }
}
