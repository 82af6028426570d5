internal import SourceAPI
internal import Threads

/// Reads batches on the caller's thread and processes them there or on others, handing rows over in the order of the
/// source.
///
/// With one thread everything happens in turn on one buffer. Memory is bounded: never more than `threads` + 1 batches are
/// in flight.
struct BatchPipeline {
  let threads: Int
  /// Members of one batch.
  let memberGoal: Int
  let makeProcessor: @Sendable () -> BatchProcessor

  /// Runs until the reader ends or `take` throws.
  func run(
    _ reader: any MemberReader,
    firstOrdinal: UInt64,
    take: (RowBatch) throws -> Void
  ) throws {
    if threads <= 1 {
      try runAlone(reader, firstOrdinal: firstOrdinal, take: take)
    } else {
      try runParallel(reader, firstOrdinal: firstOrdinal, take: take)
    }
  }

  private func runAlone(
    _ reader: any MemberReader,
    firstOrdinal: UInt64,
    take: (RowBatch) throws -> Void
  ) throws {
    let processor = makeProcessor()
    var batch = MemberBatch(memberGoal: memberGoal)
    var ordinal = firstOrdinal
    var hasMore = true
    while hasMore {
      batch.removeAll()
      hasMore = try reader.read(into: &batch)
      var rows = processor.process(batch, firstOrdinal: ordinal)
      ordinal += UInt64(batch.members.count)
      Place(reader).note(in: &rows)
      try take(rows)
    }
  }

  /// Where a reader stood behind a batch.
  private struct Place: Sendable {
    let checkpoint: Checkpoint?
    let inputIndex: Int
    let inputOffset: UInt64

    init(_ reader: any MemberReader) {
      (checkpoint, inputIndex) = (reader.checkpoint, reader.inputIndex)
      inputOffset = reader.inputOffset
    }

    func note(in rows: inout RowBatch) {
      (rows.checkpoint, rows.inputIndex) = (checkpoint, inputIndex)
      rows.inputOffset = inputOffset
    }
  }

  private struct Piece: Sendable {
    let batch: MemberBatch
    let firstOrdinal: UInt64
    let place: Place
  }

  private struct Done: Sendable {
    let rows: RowBatch
    let buffer: MemberBatch
  }

  private func runParallel(
    _ reader: any MemberReader,
    firstOrdinal: UInt64,
    take: (RowBatch) throws -> Void
  ) throws {
    let make = makeProcessor
    let work = OrderedWork<Piece, Done>(threadCount: threads) {
      let processor = make()
      return { piece in
        var rows = processor.process(piece.batch, firstOrdinal: piece.firstOrdinal)
        piece.place.note(in: &rows)
        return Done(rows: rows, buffer: piece.batch)
      }
    }
    var buffers: [MemberBatch] = []
    var ordinal = firstOrdinal
    var hasMore = true
    while hasMore || work.pendingCount > 0 {
      if hasMore, work.pendingCount <= threads {
        var batch = buffers.popLast() ?? MemberBatch(memberGoal: memberGoal)
        batch.removeAll()
        hasMore = try reader.read(into: &batch)
        let count = UInt64(batch.members.count)
        work.submit(Piece(batch: batch, firstOrdinal: ordinal, place: Place(reader)))
        ordinal += count
        continue
      }
      let done = work.next()
      buffers.append(done.buffer)
      try take(done.rows)
    }
  }
}
