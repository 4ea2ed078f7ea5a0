import Catalog
import TagReading
import Testing

struct TagFieldTableTests {
    @Test func `every field keeps its own value, in the order of the fields`() {
        var table = TagFieldTable<String>()
        for field in TagField.allCases.reversed() { table[field] = field.rawValue }
        #expect(table.map(\.0) == TagField.allCases)
        #expect(table.allSatisfy { $0.0.rawValue == $0.1 })
    }

    @Test func `a value is replaced and taken away`() {
        var table = TagFieldTable<String>()
        table[.title] = "A"
        table[.album] = "B"
        table[.title] = "C"
        #expect(table[.title] == "C")
        table[.title] = nil
        #expect(!table.contains(.title))
        #expect(table[.title] == nil)
        #expect(table[.album] == "B")
    }
}
