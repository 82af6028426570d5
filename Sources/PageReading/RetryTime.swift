/// `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date.
enum RetryTime {
  /// The longest time that is waited, whatever is asked: a day.
  static let limit = 86_400

  /// The seconds to wait; `nil` for what cannot be read.
  ///
  /// - Parameters:
  ///   - text: the field's value.
  ///   - now: the server's own date, against which its other date is read: no clock of ours is asked.
  /// - Returns: 0 to `limit`.
  static func seconds(_ text: String, now: String?) -> Int? {
    if !text.isEmpty, text.utf8.allSatisfy({ $0 &- 0x30 < 10 }) {
      return text.utf8.count > 9 ? limit : min(Int(text) ?? limit, limit)
    }
    guard let then = instant(text), let now = now.flatMap(instant) else { return nil }
    return min(max(0, then - now), limit)
  }

  /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, the one form of dates that servers may send.
  private static func instant(_ text: String) -> Int? {
    let parts = text.split(whereSeparator: { " :,".contains($0) })
    guard parts.count == 8, let day = Int(parts[1]), let year = Int(parts[3]),
      let month = months.firstIndex(of: parts[2].lowercased()), let hour = Int(parts[4]),
      let minute = Int(parts[5]), let second = Int(parts[6]), (1...31).contains(day),
      (1970...9999).contains(year), (0...23).contains(hour), (0...59).contains(minute),
      (0...60).contains(second)
    else { return nil }
    // Days since 1970 of the civil calendar (Hinnant, "chrono-compatible low-level date algorithms").
    let shifted = month + 1 <= 2 ? year - 1 : year
    let era = shifted / 400
    let ofEra = shifted - era * 400
    let ofYear = (153 * ((month + 10) % 12) + 2) / 5 + day - 1
    let days = era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    return days * 86_400 + hour * 3600 + minute * 60 + second
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
}
