internal import Catalog
internal import Storage

/// Writes the fields of a message to or from a worker process, one after another: numbers in 8
/// bytes, everything else after its length.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ number: Int) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ value: [UInt8]) {
        add(value.count)
        bytes.append(contentsOf: value)
    }

    mutating func add(_ text: String) {
        add(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func add<Value>(_ value: Value?, _ write: (inout FieldWriter, Value) -> Void) {
        add(value == nil ? 0 : 1)
        if let value { write(&self, value) }
    }

    mutating func add<Value>(list values: [Value], _ write: (inout FieldWriter, Value) -> Void) {
        add(values.count)
        for value in values { write(&self, value) }
    }

    mutating func add(_ digest: Digest) { bytes.append(contentsOf: digest.bytes) }

    mutating func add(_ part: LedgerFile.Part) {
        add(part.digest)
        add(part.sizeBytes)
    }

    mutating func add(_ stamp: FileStamp) {
        for number in [stamp.sizeBytes, stamp.modifiedNs, stamp.changedNs, stamp.inode] {
            add(number)
        }
    }
}

/// Reads what a `FieldWriter` wrote, in the same order.
struct FieldReader {
    /// The message ends too early, or holds what no writer writes.
    struct Malformed: Error {}

    private var bytes: ArraySlice<UInt8>

    init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes)[...] }

    private mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count else { throw Malformed() }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    mutating func int() throws(Malformed) -> Int {
        let bits = try take(8).reversed().reduce(UInt(0)) { $0 << 8 | UInt($1) }
        return Int(bitPattern: bits)
    }

    mutating func byteArray() throws(Malformed) -> [UInt8] { Array(try take(try int())) }

    mutating func text() throws(Malformed) -> String {
        String(decoding: try take(try int()), as: UTF8.self)
    }

    mutating func optional<Value>(_ read: (inout FieldReader) throws(Malformed) -> Value)
        throws(Malformed) -> Value?
    {
        try int() == 0 ? nil : try read(&self)
    }

    mutating func list<Value>(_ read: (inout FieldReader) throws(Malformed) -> Value)
        throws(Malformed) -> [Value]
    {
        var values: [Value] = []
        for _ in 0..<max(0, try int()) { values.append(try read(&self)) }
        return values
    }

    mutating func digest() throws(Malformed) -> Digest {
        guard let digest = Digest(bytes: Array(try take(32))) else { throw Malformed() }
        return digest
    }

    mutating func part() throws(Malformed) -> LedgerFile.Part {
        .init(digest: try digest(), sizeBytes: try int())
    }

    mutating func stamp() throws(Malformed) -> FileStamp {
        FileStamp(
            sizeBytes: try int(), modifiedNs: try int(), changedNs: try int(), inode: try int())
    }
}
