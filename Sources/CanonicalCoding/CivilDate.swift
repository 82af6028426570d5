/// A day of the proleptic Gregorian calendar, 1900-01-01 to 2199-12-31, without clock or time zone.
public struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The year, 1900…2199.
  public let year: Int
  /// The month, 1…12.
  public let month: Int
  /// The day of the month, 1…31.
  public let day: Int

  /// Reads `YYYY-MM-DD`; `nil` if it is not written so or no real day of the range.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else {
      return nil
    }
    var numbers = [0, 0, 0]
    for (field, range) in [0..<4, 5..<7, 8..<10].enumerated() {
      for byte in bytes[range] {
        guard (0x30...0x39).contains(byte) else { return nil }
        numbers[field] = 10 * numbers[field] + Int(byte - 0x30)
      }
    }
    guard (1900...2199).contains(numbers[0]), (1...12).contains(numbers[1]), numbers[2] >= 1,
      numbers[2] <= Self.dayCount(year: numbers[0], month: numbers[1])
    else { return nil }
    (year, month, day) = (numbers[0], numbers[1], numbers[2])
  }

  private static func dayCount(year: Int, month: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  /// The day of a number of days since 1970-01-01; `nil` outside of the range.
  public init?(dayNumber: Int) {
    guard (-25_567...84_005).contains(dayNumber) else { return nil }
    // Civil from days (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"), years from March.
    let z = dayNumber + 719_468
    let era = z / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days since 1970-01-01; negative before.
  public var dayNumber: Int {
    // Days from civil (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"), years from March.
    let y = month <= 2 ? year - 1 : year
    let era = y / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// `YYYY-MM-DD`.
  public var description: String {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(year)-\(two(month))-\(two(day))"
  }

  /// The order of the parts.
  public static func < (a: CivilDate, b: CivilDate) -> Bool { a.dayNumber < b.dayNumber }
}
