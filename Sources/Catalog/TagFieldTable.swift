/// A value for each of some fields, in the order of the fields.
///
/// A file's tags say some twenty of them, again and again: a bit and a count of bits find each,
/// where a dictionary hashes it.
package struct TagFieldTable<Value> {
    /// A bit for each field that has a value, by its ordinal.
    @usableFromInline var members: UInt128 = 0
    @usableFromInline var values: [Value] = []

    @inlinable package init() {}

    @inlinable package var isEmpty: Bool { values.isEmpty }

    @inlinable @inline(__always)
    package func contains(_ field: TagField) -> Bool {
        members & (1 << UInt128(field.ordinal)) != 0
    }

    @inlinable package subscript(_ field: TagField) -> Value? {
        @inline(__always) get { contains(field) ? values[index(of: field)] : nil }
        @inline(__always) set {
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
    @inlinable @inline(__always)
    func index(of field: TagField) -> Int {
        (members & ((1 << UInt128(field.ordinal)) - 1)).nonzeroBitCount
    }
}

extension TagFieldTable: Sequence {
    package struct Iterator: IteratorProtocol {
        @usableFromInline var left: UInt128
        @usableFromInline var index = 0
        @usableFromInline let values: [Value]

        @inlinable init(_ table: TagFieldTable) {
            left = table.members
            values = table.values
        }

        @inlinable package mutating func next() -> (TagField, Value)? {
            guard left != 0 else { return nil }
            let field = TagField(ordinal: UInt8(truncatingIfNeeded: left.trailingZeroBitCount))
            left &= left - 1
            defer { index += 1 }
            return (field, values[index])
        }
    }

    @inlinable package func makeIterator() -> Iterator { Iterator(self) }
}

extension TagFieldTable: Equatable where Value: Equatable {}
extension TagFieldTable: Sendable where Value: Sendable {}

extension TagField {
    // An enumeration without payload is its case's number, in one byte.
    @inlinable var ordinal: UInt8 { unsafeBitCast(self, to: UInt8.self) }
    @inlinable init(ordinal: UInt8) { self = unsafeBitCast(ordinal, to: TagField.self) }
}
