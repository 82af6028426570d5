internal import Files
internal import Ingestion
internal import Synchronization

/// Progress on standard error: one line that is redrawn on a terminal, one line a minute in a pipe.
final class ProgressLine: ScanObserver {
  private struct State {
    var start = 0.0
    var lastShown = 0.0
    /// (seconds, records, bytes) of the last ten seconds.
    var samples: [(time: Double, records: UInt64, bytes: UInt64, read: UInt64)] = []
  }

  private let state = Mutex(State())
  private let isTerminal = ProcessUsage.hasTerminal

  func began(source: String, totalBytes: UInt64, resumedMembers: UInt64) {
    let now = ProcessUsage.monotonicSeconds
    state.withLock { $0 = State(start: now, lastShown: now, samples: [(now, 0, 0, 0)]) }
    if resumedMembers > 0 { Terminal.note("\(source): goes on behind \(resumedMembers) members") }
  }

  func advanced(_ progress: ScanProgress) {
    let now = ProcessUsage.monotonicSeconds
    let interval = isTerminal ? 0.25 : 60
    let line: String? = state.withLock { state in
      state.samples.append((now, progress.newRecords, progress.newPayloadBytes, progress.readBytes))
      while state.samples.count > 2, now - state.samples[0].time > 10 {
        state.samples.removeFirst()
      }
      guard now - state.lastShown >= interval else { return nil }
      state.lastShown = now
      return Self.describe(progress, state.samples, elapsed: now - state.start)
    }
    guard let line else { return }
    if isTerminal { Terminal.draw("\r\u{1B}[K\(line)") } else { Terminal.note(line) }
  }

  func ended(source: String) {
    if isTerminal { Terminal.draw("\r\u{1B}[K") }
  }

  private static func describe(
    _ progress: ScanProgress,
    _ samples: [(time: Double, records: UInt64, bytes: UInt64, read: UInt64)],
    elapsed: Double
  ) -> String {
    guard let first = samples.first, let last = samples.last, last.time > first.time else {
      return progress.source
    }
    let seconds = last.time - first.time
    let records = Double(last.records - first.records) / seconds
    let bytes = Double(last.bytes - first.bytes) / seconds / 1_000_000
    let pace = Double(last.read - min(last.read, first.read)) / seconds
    let left = Double(progress.totalBytes - min(progress.totalBytes, progress.readBytes))
    let eta = pace > 0 ? "ETA \(clock(left / pace))" : "ETA unknown"
    let share = progress.totalBytes > 0 ? 100 * progress.readBytes / progress.totalBytes : 100
    return
      "\(progress.source): \(share) %  \(progress.records) records  \(progress.rejected) rejected  \(Int(records)) records/s  \(oneDecimal(bytes)) MB/s  \(clock(elapsed)) elapsed  \(eta)"
  }

  private static func oneDecimal(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

  private static func clock(_ seconds: Double) -> String {
    let total = Int(seconds.rounded(.up))
    let rest = total % 60
    return total >= 3600
      ? "\(total / 3600) h \(total / 60 % 60) min" : "\(total / 60):\(rest < 10 ? "0" : "")\(rest)"
  }
}
