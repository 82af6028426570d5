internal import Crawling
internal import Files

/// How a crawl goes, on standard error: one line that is redrawn on a terminal, one line a minute in a pipe.
final class CrawlProgressLine: CrawlObserver {
  private let isQuiet: Bool
  private let isTerminal = ProcessUsage.hasTerminal
  private let start = ProcessUsage.monotonicSeconds
  private var lastShown: Double
  /// (seconds, pages, bytes) of the last ten seconds.
  private var samples: [(time: Double, pages: Int, bytes: UInt64)] = []

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    lastShown = start
  }

  func advanced(_ progress: CrawlProgress) {
    guard !isQuiet else { return }
    let now = ProcessUsage.monotonicSeconds
    samples.append((now, progress.pages, progress.bytes))
    while samples.count > 2, now - samples[0].time > 10 { samples.removeFirst() }
    guard now - lastShown >= (isTerminal ? 0.25 : 60) else { return }
    lastShown = now
    let line = describe(progress, now)
    if isTerminal { Terminal.draw("\r\u{1B}[K\(line)") } else { Terminal.note(line) }
  }

  /// Nobody knows how large a site is: the rate is that of the last ten seconds, and the end is the manifest's limit at most.
  private func describe(_ progress: CrawlProgress, _ now: Double) -> String {
    guard let first = samples.first, let last = samples.last, last.time > first.time else {
      return "\(progress.pages) pages"
    }
    let seconds = last.time - first.time
    let rate = Double(last.pages - first.pages) / seconds
    let bytes = Double(last.bytes - first.bytes) / seconds / 1_000_000
    let left = Double(max(0, progress.pageLimit - progress.pages))
    let end = rate > 0 ? ", at most \(Int(left / rate)) s to the limit" : ""
    return
      "\(progress.pages) pages, \(Int(rate)) a second, \(Int(bytes * 10) / 10) MB/s, \(progress.requests) requests, \(progress.hosts) hosts at work, \(Int(now - start)) s\(end)"
  }

  func note(_ sentence: String) {
    if isTerminal, !isQuiet { Terminal.draw("\r\u{1B}[K") }
    Terminal.note(Terminal.escaped(sentence))
  }

  func ended() {
    if isTerminal, !isQuiet { Terminal.draw("\r\u{1B}[K") }
  }
}
