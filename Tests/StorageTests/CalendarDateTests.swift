import Storage
import Testing

struct CalendarDateTests {
    @Test(arguments: [
        ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2026-11-19", 20_776),
        ("2024-12-31", 20_088), ("0001-01-01", -719_162), ("9999-12-31", 2_932_896),
    ])
    func `a date is its count of days since 1970`(text: String, dayNumber: Int) throws {
        let date = try #require(CalendarDate(text))
        #expect(date.dayNumber == dayNumber)
        #expect(CalendarDate(dayNumber: dayNumber).description == text)
    }

    @Test(arguments: [
        "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00",
        "2026-1-01", "2026-01-1", "26-01-01", "2026/01/01", "2026-01-01 ", " 2026-01-01",
        "2026-01-01T", "", "2026-01-32", "+026-01-01", "-026-01-01", "２０26-01-01", "2026-0a-01",
    ])
    func `what is no real date in that form is none`(text: String) {
        #expect(CalendarDate(text) == nil)
    }

    @Test func `every day of eight centuries is the one after the day before`() throws {
        // By another way than the source's: month lengths, and the leap year rule.
        var (year, month, day) = (1600, 1, 1)
        var date = try #require(CalendarDate("1600-01-01"))
        while year < 2400 {
            let found = date.components
            try #require(found == (year, month, day), "day number \(date.dayNumber)")
            try #require(CalendarDate(year: year, month: month, day: day) == date)
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
            date = date.next
        }
    }

    @Test(arguments: [
        ("2026-11-16", 0), ("2026-11-19", 3), ("2026-11-22", 6), ("1969-12-28", 6),
        ("1900-01-01", 0),
    ])
    func `the week begins on Monday`(text: String, weekday: Int) throws {
        #expect(try #require(CalendarDate(text)).weekday == weekday)
    }

    @Test func `dates add and compare by days`() throws {
        let date = try #require(CalendarDate("2026-02-27"))
        #expect((date + 2).description == "2026-03-01")
        #expect((date - 58).description == "2025-12-31")
        #expect(date < date.next)
        #expect(!(date < date))
    }

    @Test(arguments: [(0, 2, "00"), (7, 2, "07"), (-7, 2, "-07"), (123, 2, "123"), (5, 0, "5")])
    func `digits are padded behind the sign`(number: Int, width: Int, text: String) {
        #expect(padded(number, width) == text)
    }
}
