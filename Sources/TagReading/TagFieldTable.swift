package import Catalog

/// A value for each of some fields, in the order of the fields.
///
/// A file's tags say some twenty of them, again and again: a bit and a count of bits find each,
/// where a dictionary hashes it.
package struct TagFieldTable<Value> {
    /// A bit for each field that has a value, by its ordinal.
    fileprivate var members: UInt128 = 0
    fileprivate var values: [Value] = []

    package init() {}

    package func contains(_ field: TagField) -> Bool {
        members & (1 << UInt128(field.ordinal)) != 0
    }

    package subscript(_ field: TagField) -> Value? {
        get { contains(field) ? values[index(of: field)] : nil }
        set {
            let index = index(of: field)
            if let newValue {
                if contains(field) {
                    values[index] = newValue
                } else {
                    if values.isEmpty { values.reserveCapacity(24) }
                    values.insert(newValue, at: index)
                    members |= 1 << UInt128(field.ordinal)
                }
            } else if contains(field) {
                values.remove(at: index)
                members &= ~(1 << UInt128(field.ordinal))
            }
        }
    }

    /// Where the field's value is, or would be.
    private func index(of field: TagField) -> Int {
        (members & ((1 << UInt128(field.ordinal)) - 1)).nonzeroBitCount
    }
}

extension TagFieldTable: Sequence {
    package struct Iterator: IteratorProtocol {
        private var left: UInt128
        private var index = 0
        private let values: [Value]

        fileprivate init(_ table: TagFieldTable) {
            left = table.members
            values = table.values
        }

        package mutating func next() -> (TagField, Value)? {
            guard left != 0 else { return nil }
            let field = TagField(ordinal: UInt8(truncatingIfNeeded: left.trailingZeroBitCount))
            left &= left - 1
            defer { index += 1 }
            return (field, values[index])
        }
    }

    package func makeIterator() -> Iterator { Iterator(self) }
}

extension TagFieldTable: Sendable where Value: Sendable {}

extension TagField {
    // An enumeration without payload is its case's number, in one byte.
    fileprivate var ordinal: UInt8 { unsafeBitCast(self, to: UInt8.self) }
    fileprivate init(ordinal: UInt8) { self = unsafeBitCast(ordinal, to: TagField.self) }
}
