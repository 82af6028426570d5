internal import Dispatch
internal import Synchronization

/// A loop whose turns may run on several threads; what it gives does not depend on their number.
///
/// Turns share nothing but buffers of which each fills other places, and results come in order.
public struct ParallelLoop: Sendable {
  /// The number of threads.
  public let workerCount: Int

  /// Loops on some threads.
  ///
  /// - Precondition: the number is positive.
  public init(workerCount: Int) {
    precondition(workerCount > 0, "at least one thread")
    self.workerCount = workerCount
  }

  /// Everything on the thread that calls.
  public static let sequential = ParallelLoop(workerCount: 1)

  /// Runs every turn; thread w takes turns w, w + workerCount and so on.
  func run(_ count: Int, _ turn: (Int) -> Void) {
    guard workerCount > 1, count > 1 else {
      for index in 0..<count { turn(index) }
      return
    }
    // SAFETY: the call returns when all turns are done, and turns share nothing that they write.
    nonisolated(unsafe) let body = turn
    DispatchQueue.concurrentPerform(iterations: min(workerCount, count)) { worker in
      for index in stride(from: worker, to: count, by: workerCount) { unsafe body(index) }
    }
  }

  /// The results of all turns, in order.
  func map<Result: Sendable>(_ count: Int, _ turn: (Int) -> Result) -> [Result] {
    let results = Mutex<[Int: Result]>([:])
    run(count) { index in
      let result = turn(index)
      results.withLock { $0[index] = result }
    }
    return results.withLock { found in (0..<count).compactMap { found[$0] } }
  }

  /// Ranges of whole vectors of 16 rows that cover the rows, a few for each thread.
  func ranges(_ range: Range<Int>, least: Int = 1024) -> [Range<Int>] {
    let parts = workerCount == 1 ? 1 : 4 * workerCount
    let step = max(least, (range.count / parts + 63) / 64 * 64)
    guard range.count > step else { return range.isEmpty ? [] : [range] }
    return stride(from: range.lowerBound, to: range.upperBound, by: step).map {
      $0..<min($0 + step, range.upperBound)
    }
  }

  /// Runs a body over the ranges of some rows.
  func forRanges(_ range: Range<Int>, _ body: (Range<Int>) -> Void) {
    let ranges = ranges(range)
    run(ranges.count) { body(ranges[$0]) }
  }
}
