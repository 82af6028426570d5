internal import Glibc

/// Work on pieces in several threads, whose results come in the order of the pieces.
///
/// Plain threads of the system, because a process without rights cannot have those of a concurrency library, which asks
/// the system about its own threads.
public final class OrderedWork<Piece: Sendable, Result: Sendable> {
  private struct State: Sendable {
    var waiting: [(number: Int, piece: Piece)] = []
    var done: [Int: Result] = [:]
    var isClosed = false
  }

  private let state = Monitor(State())
  private var threads: [pthread_t] = []
  private var submitted = 0
  private var taken = 0

  /// Starts threads, each with a worker of its own; fewer when the system gives no more.
  ///
  /// - Parameters:
  ///   - threadCount: at least one.
  ///   - makeWorker: makes what turns a piece into its result; a worker serves one thread.
  public init(threadCount: Int, makeWorker: @escaping @Sendable () -> (Piece) -> Result) {
    let state = state
    for _ in 0..<max(1, threadCount) {
      let body = Body {
        let work = makeWorker()
        while let (number, piece) = state.wait({ state -> (Int, Piece)?? in
          if !state.waiting.isEmpty { return .some(state.waiting.removeFirst()) }
          return state.isClosed ? .some(nil) : nil
        }) {
          let result = work(piece)
          state.change { $0.done[number] = result }
        }
      }
      var thread = pthread_t()
      let context = unsafe Unmanaged.passRetained(body)
      // SAFETY: the thread takes the one reference that was made for it.
      let number = unsafe pthread_create(&thread, nil, threadMain, context.toOpaque())
      guard number == 0 else {
        unsafe context.release()
        break
      }
      threads.append(thread)
    }
    precondition(!threads.isEmpty, "the system gives no thread")
  }

  deinit {
    state.change {
      $0.isClosed = true
      $0.waiting.removeAll()
    }
    for thread in threads { pthread_join(thread, nil) }
  }

  /// Pieces whose results were not taken.
  public var pendingCount: Int { submitted - taken }

  /// Adds a piece behind all others.
  public func submit(_ piece: Piece) {
    let number = submitted
    submitted += 1
    state.change { $0.waiting.append((number, piece)) }
  }

  /// Waits for the result of the next piece.
  ///
  /// - Precondition: a result is pending.
  public func next() -> Result {
    precondition(pendingCount > 0)
    let number = taken
    taken += 1
    return state.wait { $0.done.removeValue(forKey: number) }
  }
}

/// What a thread runs.
private final class Body: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context = unsafe context else { return nil }
  // SAFETY: the creator of the thread passed a reference that is ours to release.
  unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
