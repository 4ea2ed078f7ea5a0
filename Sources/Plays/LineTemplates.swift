internal import CLineScan
internal import Glibc

/// The shapes of lines that were seen: what stands between their values.
///
/// A program writes its keys in one order with the same blanks, so that a line is mostly known
/// before it is read. What matches is as sound as the line that the shape was taken from; what does
/// not is left to the strict parser.
struct LineTemplates: ~Copyable {
    private struct Template {
        var isUsed = false
        var segmentCount = 0
        /// Bit by bit which values it has.
        var values: UInt32 = 0
        var textCount = 0
    }

    private static let capacity = 4
    private static let maximumSegments = 24
    private static let maximumTextBytes = 1024
    /// Up to 32 bytes behind a text are read with it.
    private static let textStride = maximumTextBytes + 32

    // One more than are in use, for the next.
    private let templates: UnsafeMutablePointer<Template>
    private let segments: UnsafeMutablePointer<spindle_segment>
    private let texts: UnsafeMutablePointer<UInt8>
    private var free = 0
    /// The template that matched last.
    private var current = 0
    /// Learning costs as much as reading some lines without: it is paid from what hits have saved, so
    /// that a log without any order costs little more.
    private var credit = LineTemplates.maximumCredit
    private static let learningCost = 64
    private static let maximumCredit = 512

    init() {
        let count = Self.capacity + 1
        templates = .allocate(capacity: count)
        templates.initialize(repeating: Template(), count: count)
        segments = .allocate(capacity: count * Self.maximumSegments)
        segments.initialize(repeating: spindle_segment(), count: count * Self.maximumSegments)
        texts = .allocate(capacity: count * Self.textStride)
        texts.initialize(repeating: 0, count: count * Self.textStride)
    }

    deinit {
        templates.deallocate()
        segments.deallocate()
        texts.deallocate()
    }

    // MARK: Matching

    /// Reads a line that has the shape of an earlier one, up to where its object ends.
    ///
    /// - Parameter end: Of the lines; 64 bytes more may be read, whatever they are.
    /// - Parameter found: Bit by bit which values were set.
    /// - Returns: The count of its bytes; 0 where it has another shape, or a value that is not plain.
    @inline(__always)
    mutating func match(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>,
        _ values: UnsafeMutablePointer<spindle_value>, _ found: inout UInt32
    ) -> Int {
        let length = match(current, start, end, values, &found)
        return length > 0 ? length : matchOthers(start, end, values, &found)
    }

    @inline(never)
    private mutating func matchOthers(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>,
        _ values: UnsafeMutablePointer<spindle_value>, _ found: inout UInt32
    ) -> Int {
        for index in 0...Self.capacity where index != current && index != free {
            let length = match(index, start, end, values, &found)
            if length > 0 {
                current = index
                return length
            }
        }
        return 0
    }

    @inline(__always)
    private mutating func match(
        _ index: Int, _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>,
        _ values: UnsafeMutablePointer<spindle_value>, _ found: inout UInt32
    ) -> Int {
        guard templates[index].isUsed else { return 0 }
        let length = spindle_match_line(
            segments + index * Self.maximumSegments, UInt32(templates[index].segmentCount),
            texts + index * Self.textStride, start, end, values)
        if length > 0 {
            if credit < Self.maximumCredit { credit += 1 }
            found = templates[index].values
        }
        return Int(length)
    }

    // MARK: Learning

    /// Takes the shape of a line that the strict parser has accepted and none has matched.
    ///
    /// - Parameter ignored: The place among the parser's values for those of keys that are not its own.
    @inline(never)
    mutating func learn(
        _ line: UnsafeRawBufferPointer, ignored: Int, _ keys: PlayEventKeys
    ) {
        guard credit >= Self.learningCost else {
            // Where nothing matches it is tried now and then.
            credit += 1
            return
        }
        credit -= Self.learningCost
        guard let template = shape(line, ignored, keys) else { return }
        templates[free] = template
        // A value that is not plain made the known shape fail.
        for index in 0...Self.capacity where index != free && isSame(index, free) { return }
        current = free
        free =
            (0...Self.capacity).first { !templates[$0].isUsed } ?? (free + 1) % (Self.capacity + 1)
        templates[free].isUsed = false
    }

    private func isSame(_ a: Int, _ b: Int) -> Bool {
        guard templates[a].isUsed, templates[a].segmentCount == templates[b].segmentCount,
            templates[a].textCount == templates[b].textCount
        else { return false }
        for index in 0..<templates[a].segmentCount {
            let (one, other) = (
                segments[a * Self.maximumSegments + index],
                segments[b * Self.maximumSegments + index]
            )
            guard one.count == other.count, one.value == other.value, one.is_text == other.is_text
            else { return false }
        }
        return memcmp(
            texts + a * Self.textStride, texts + b * Self.textStride, templates[a].textCount) == 0
    }

    /// Writes a line's shape to the free place.
    ///
    /// - Returns: nil where it is too long, or holds what is neither text, whole number nor word.
    private func shape(
        _ line: UnsafeRawBufferPointer, _ ignored: Int, _ keys: PlayEventKeys
    ) -> Template? {
        let text = texts + free * Self.textStride
        let segment = segments + free * Self.maximumSegments
        var template = Template(isUsed: true)
        var cursor = JSONCursor(line)
        // Of the text that stands before the next value.
        var start = cursor.position

        func add(_ end: UnsafePointer<UInt8>, value: Int, isText: Bool) -> Bool {
            let count = end - start
            guard template.segmentCount < Self.maximumSegments,
                template.textCount + count <= Self.maximumTextBytes
            else { return false }
            memcpy(text + template.textCount, start, count)
            segment[template.segmentCount] = spindle_segment(
                offset: UInt32(template.textCount), count: UInt32(count), value: UInt16(value),
                is_text: isText, confidence: 0, last_count: 0)
            template.segmentCount += 1
            template.textCount += count
            return true
        }

        var key = JSONCursor.Value()
        var value = JSONCursor.Value()
        cursor.skipSpace()
        guard cursor.take(123) else { return nil }
        repeat {
            cursor.skipSpace()
            guard cursor.take(34), cursor.string(into: &key), !key.isEscaped else { return nil }
            cursor.skipSpace()
            guard cursor.take(58) else { return nil }
            cursor.skipSpace()
            let valueStart = cursor.position
            guard cursor.read(into: &value) else { return nil }
            let index = keys.field(UnsafeRawBufferPointer(start: key.start!, count: key.count))
            if index != ignored {
                // Of repeated keys the last would be valid.
                guard template.values & 1 << UInt32(index) == 0 else { return nil }
                template.values |= value.kind == .null ? 0 : 1 << UInt32(index)
            }
            switch value.kind {
            case .string:
                guard add(valueStart + 1, value: index, isText: true) else { return nil }
                start = value.start! + value.count
            case .integer:
                guard valueStart.pointee != 45, add(valueStart, value: index, isText: false)
                else { return nil }
                start = cursor.position
            case .null: break
            case .other:
                guard valueStart.pointee == 116 || valueStart.pointee == 102 else { return nil }
            case .absent, .number: return nil
            }
            cursor.skipSpace()
        } while cursor.take(44)
        guard cursor.take(125), add(cursor.position, value: ignored, isText: false) else {
            return nil
        }
        return template
    }
}
