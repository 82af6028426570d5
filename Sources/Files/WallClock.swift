internal import Glibc

/// The time of day, for what has to say when it happened: archives of a crawl, and when a site may be asked again.
///
/// Nothing that is committed asks it: a commitment takes times out of archives, or from its manifest.
public enum WallClock {
  /// Seconds since 1970, UTC.
  public static var seconds: Int {
    var time = timespec()
    // SAFETY: the call fills a structure of ours.
    guard unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 else { return 0 }
    return time.tv_sec
  }

  /// `2026-11-29T21:13:31Z`.
  public static func text(_ seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = unsafe tm()
    // SAFETY: the call reads and fills values of ours.
    guard unsafe gmtime_r(&time, &parts) != nil else { return "1970-01-01T00:00:00Z" }
    func digits(_ value: Int32, _ count: Int = 2) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
    let day = unsafe [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday]
    let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec]
    return
      "\(digits(day[0], 4))-\(digits(day[1]))-\(digits(day[2]))T\(digits(clock[0])):\(digits(clock[1])):\(digits(clock[2]))Z"
  }
}
