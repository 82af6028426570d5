internal import SourceAPI
internal import Synchronization

/// Reads batches on the caller's task and processes them on up to `jobs` others, handing results over
/// in the order of the source.
///
/// With one job everything happens in turn on one buffer. Memory is bounded: never more than
/// `jobs` + 1 batches are in flight.
struct BatchPipeline {
  let jobs: Int
  let makeProcessor: @Sendable () -> BatchProcessor

  /// Runs until the reader ends or `take` throws.
  func run(
    _ reader: any MemberReader,
    firstOrdinal: UInt64,
    take: (ProcessedBatch) throws -> Void
  ) async throws {
    if jobs <= 1 {
      try runAlone(reader, firstOrdinal: firstOrdinal, take: take)
    } else {
      try await runParallel(reader, firstOrdinal: firstOrdinal, take: take)
    }
  }

  private func runAlone(
    _ reader: any MemberReader,
    firstOrdinal: UInt64,
    take: (ProcessedBatch) throws -> Void
  ) throws {
    let processor = makeProcessor()
    var batch = MemberBatch()
    var ordinal = firstOrdinal
    var hasMore = true
    while hasMore {
      batch.removeAll()
      hasMore = try reader.read(into: &batch)
      var result = processor.process(batch, firstOrdinal: ordinal)
      ordinal += UInt64(batch.members.count)
      note(reader, &result)
      try take(result)
    }
  }

  private func note(_ reader: any MemberReader, _ result: inout ProcessedBatch) {
    result.checkpoint = reader.checkpoint
    result.inputIndex = reader.inputIndex
    result.inputOffset = reader.inputOffset
  }

  private struct Done: Sendable {
    let number: Int
    let result: ProcessedBatch
    let buffer: MemberBatch
  }

  private func runParallel(
    _ reader: any MemberReader,
    firstOrdinal: UInt64,
    take: (ProcessedBatch) throws -> Void
  ) async throws {
    let pool = ProcessorPool(makeProcessor)
    var waiting: [Int: Done] = [:]
    var places: [Int: (checkpoint: Checkpoint?, index: Int, offset: UInt64)] = [:]
    var buffers: [MemberBatch] = []
    var (started, taken) = (0, 0)
    var ordinal = firstOrdinal
    var hasMore = true
    try await withThrowingTaskGroup(of: Done.self) { group in
      while hasMore || taken < started {
        if hasMore, started - taken <= jobs {
          var batch = buffers.popLast() ?? MemberBatch()
          batch.removeAll()
          hasMore = try reader.read(into: &batch)
          let (number, first, work) = (started, ordinal, batch)
          places[number] = (reader.checkpoint, reader.inputIndex, reader.inputOffset)
          ordinal += UInt64(batch.members.count)
          started += 1
          group.addTask {
            Done(number: number, result: pool.process(work, firstOrdinal: first), buffer: work)
          }
          continue
        }
        guard let done = try await group.next() else { break }
        waiting[done.number] = done
        while let next = waiting.removeValue(forKey: taken),
          let place = places.removeValue(forKey: taken)
        {
          var result = next.result
          (result.checkpoint, result.inputIndex, result.inputOffset) = place
          buffers.append(next.buffer)
          taken += 1
          try take(result)
        }
      }
    }
  }
}

/// Processors that are not in use; each serves one task at a time.
private final class ProcessorPool: Sendable {
  private struct Idle: @unchecked Sendable {
    // A processor leaves the list before it is used and returns after: never two tasks at once.
    var processors: [BatchProcessor] = []
  }

  private let idle = Mutex(Idle())
  private let make: @Sendable () -> BatchProcessor

  init(_ make: @escaping @Sendable () -> BatchProcessor) { self.make = make }

  func process(_ batch: MemberBatch, firstOrdinal: UInt64) -> ProcessedBatch {
    let processor = take()
    defer { giveBack(processor) }
    return processor.process(batch, firstOrdinal: firstOrdinal)
  }

  private func take() -> BatchProcessor {
    let box = idle.withLock { Box($0.processors.popLast()) }
    return box.processor ?? make()
  }

  private func giveBack(_ processor: BatchProcessor) {
    let box = Box(processor)
    idle.withLock { list in if let processor = box.processor { list.processors.append(processor) } }
  }

  private struct Box: @unchecked Sendable {
    let processor: BatchProcessor?
    init(_ processor: BatchProcessor?) { self.processor = processor }
  }
}
