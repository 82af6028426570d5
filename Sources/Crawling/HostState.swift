internal import PageReading

/// One host: whoever is asked one request at a time, with pauses.
final class HostState {
  /// A page that may be fetched.
  struct Ready {
    let page: Frontier.Page
    let site: SiteState
    let verdict: SiteVerdict
  }

  let number: Int64
  let name: String
  /// Whether a request is under way.
  var isBusy = false
  /// When the next request may begin, on the clock that never goes back.
  var nextTime = 0.0
  /// Whether verdicts are being asked for.
  var isAsking = false
  /// Pages that are due and not judged.
  var loaded: [Frontier.Page] = []
  /// Pages that may be fetched, in their order.
  var ready: [Ready] = []
  private var readyStart = 0
  /// The number behind which pages are loaded.
  var cursor: Int64 = 0
  /// Whether pages may be due behind the cursor.
  var mayHaveMore = true
  /// Whether pages in front of the cursor are to be tried again.
  var hasRetries = false
  /// Authorities of its pages that are known.
  var sites: [Int64: SiteState] = [:]
  /// Requests in a row that failed.
  var failures = 0
  /// What is added to the pause because of failures, in seconds.
  private(set) var penalty = 0.0
  /// Until when it asked to be left alone, longer than this crawl waits.
  var deferredUntil: String?
  /// Its pages and sitemaps that are under way or wait for their reader: they are due until they are settled.
  var openPages = 0

  init(number: Int64, name: String) { (self.number, self.name) = (number, name) }

  /// After so many failures in a row a host is left alone.
  static let failureLimit = 10
  private static let longestPenalty = 60.0

  /// Whether there is something to ask it for.
  var hasWork: Bool {
    !isParked && hasRequests
  }

  private var hasRequests: Bool {
    readyCount > 0
      || sites.values.contains { site in
        switch site.phase {
        case .robots: true
        case .files(let list): !list.isEmpty
        case .fetching, .reading, .asking, .fetchingFile, .ready, .refused: false
        }
      }
  }

  /// Whether something is under way that may give it work.
  var isWaiting: Bool {
    isBusy || isAsking || openPages > 0 || !loaded.isEmpty || mayHaveMore
      || !isParked && sites.values.contains { !$0.isReady && $0.isRefused == nil }
  }

  var readyCount: Int { ready.count - readyStart }
  var firstReady: Ready? { readyStart < ready.count ? ready[readyStart] : nil }

  func takeReady() -> Ready? {
    guard readyStart < ready.count else { return nil }
    defer {
      readyStart += 1
      if readyStart > 128 {
        ready.removeSubrange(0..<readyStart)
        readyStart = 0
      }
    }
    return ready[readyStart]
  }

  /// Whether it failed so often that it is left alone for this run.
  private(set) var isParked = false

  /// Leaves the host alone: nothing of it is asked any more.
  func park() {
    isParked = true
    failures = 0
    loaded = []
    (ready, readyStart) = ([], 0)
  }

  /// Hands the judged pages back, to be judged anew.
  func unjudge() {
    loaded = ready[readyStart...].map(\.page) + loaded
    (ready, readyStart) = ([], 0)
  }

  /// The pause between two requests, in seconds, without penalty.
  func delay(floor milliseconds: Int) -> Double {
    let asked = sites.values.compactMap(\.delayMilliseconds).max() ?? 0
    return Double(max(milliseconds, asked)) / 1000
  }

  /// Notes that a request ended.
  ///
  /// - Parameters:
  ///   - now: on the clock that never goes back.
  ///   - seconds: how long it took.
  ///   - isFailure: whether the host is in trouble.
  ///   - floor: the least pause, in milliseconds.
  ///   - longest: the longest pause that is made on our own account, in seconds.
  ///   - jitter: 0 to 1, so that hosts that share a machine are not asked in step.
  func ended(
    now: Double,
    seconds: Double,
    isFailure: Bool,
    floor: Int,
    longest: Int,
    jitter: Double
  ) {
    let longest = min(Self.longestPenalty, Double(longest))
    isBusy = false
    if isFailure {
      failures += 1
      penalty = min(longest, max(1, penalty * 2) * (1 + jitter / 4))
    } else {
      failures = 0
      penalty = penalty < 0.1 ? 0 : penalty / 2
    }
    let pause = delay(floor: floor)
    // A host that is slow is given the time that it takes; one that wants no pause is not.
    nextTime = now + (pause > 0 ? max(pause, min(seconds, longest)) : 0) + penalty
  }

  /// Waits at least so long.
  func wait(_ seconds: Double, from now: Double) { nextTime = max(nextTime, now + seconds) }
}
