internal import Files
internal import Manifests
internal import Sandbox
internal import SourceAPI

/// Several workers side by side, each on a shard of its own; batches are handed over in the order of the source.
///
/// The first shard that is not done is the current one: its batches are taken as they come. Those of the others go to
/// their row files, so that no worker waits for another and a run that was killed reads none of it again.
final class ShardLanes {
  private final class Lane {
    let shard: Shard
    let path: String
    var worker: ParserProcess?
    var writer: RowFile.Writer?
    var isDone = false
    /// Bytes of the row file whose batches the store has.
    var replayed: UInt64?

    init(_ shard: Shard, path: String) { (self.shard, self.path) = (shard, path) }
  }

  private let reading: SourceReading
  private let folder: String
  private let lanes: [Lane]
  private let start: Checkpoint
  private var usage = WorkerUsage()

  init(reading: SourceReading, folder: String, shards: [Shard], start: Checkpoint) {
    (self.reading, self.folder, self.start) = (reading, folder, start)
    lanes = shards.map { shard in
      let name = "\(shard.inputs.lowerBound)-\(shard.inputs.upperBound).rows"
      return Lane(shard, path: FilePaths.join(folder, name))
    }
  }

  /// Reads all shards.
  func run(_ take: (RowBatch, ProcessedBatch) throws -> Void) throws -> WorkerUsage {
    try DurableFile.makeFolder(folder)
    var opened = 0
    for lane in lanes {
      opened = try open(from: opened)
      try replay(lane, take)
      while !lane.isDone {
        opened = try open(from: opened)
        try advance(current: lane, take)
      }
      lane.worker = nil
      try DurableFile.remove(lane.path)
    }
    return usage
  }

  /// Starts workers on the next shards, in their order, while there are fewer than allowed.
  ///
  /// - Returns: the number of the first lane that was not opened; the current lane was, because all before it are done.
  private func open(from first: Int) throws -> Int {
    var next = first
    while next < lanes.count, lanes.count(where: { $0.worker != nil }) < reading.jobs {
      try open(lanes[next], isFirst: next == 0)
      next += 1
    }
    return next
  }

  private func open(_ lane: Lane, isFirst: Bool) throws {
    let identity = RowFile.identity(reading.plan, lane.shard, asOf: reading.asOf)
    let begin = isFirst ? start : .start(of: lane.shard.inputs.lowerBound)
    var from = begin
    var kept: UInt64 = 0
    if var rows = try RowFile.Reader(lane.path, identity: identity) {
      // What the store has already is in the file too, when the run before was taking it over.
      if begin == .start(of: lane.shard.inputs.lowerBound) { lane.replayed = rows.offset }
      while let form = try rows.next() {
        // Reading goes on behind the last batch that says from where.
        guard let place = try reading.decode(form[...], lane.shard).checkpoint else { continue }
        if place == begin { lane.replayed = rows.offset }
        if lane.replayed != nil { (from, kept) = (place, rows.offset) }
      }
    }
    lane.writer = try RowFile.Writer(lane.path, identity: identity, keeping: kept)
    lane.replayed = kept == 0 ? nil : lane.replayed
    if from.input >= lane.shard.inputs.upperBound {
      lane.isDone = true
      return
    }
    lane.worker = try ParserProcess(
      reading.job(lane.shard, from: lane.shard.local(from), members: 0, threads: 1)
    )
  }

  /// Hands over what the current lane's row file has beyond what the store has.
  private func replay(_ lane: Lane, _ take: (RowBatch, ProcessedBatch) throws -> Void) throws {
    lane.writer = nil
    let identity = RowFile.identity(reading.plan, lane.shard, asOf: reading.asOf)
    guard var rows = try RowFile.Reader(lane.path, identity: identity) else { return }
    if let replayed = lane.replayed { rows.offset = replayed }
    while let form = try rows.next() {
      let batch = try reading.decode(form[...], lane.shard)
      try take(batch, reading.processed(batch))
    }
  }

  /// Waits for any worker and takes what it has.
  private func advance(current: Lane, _ take: (RowBatch, ProcessedBatch) throws -> Void) throws {
    let running = lanes.filter { $0.worker != nil }
    let workers = running.compactMap(\.worker)
    let patience = workers.map(\.silenceSeconds).min() ?? 0
    let ready = ChildProcess.waitForOutput(of: workers.map(\.process), seconds: patience)
    if ready.isEmpty, let worker = workers.first { throw worker.silence() }
    for lane in ready.map({ running[$0] }) {
      guard let worker = lane.worker else { continue }
      try worker.fill()
      while let event = try worker.next() {
        switch event {
        case .batch(let form):
          if lane === current {
            let batch = try reading.decode(form, lane.shard)
            try take(batch, reading.processed(batch))
          } else {
            try lane.writer?.append(form)
          }
        case .item: throw worker.fault("something that nobody asked for")
        case .end(let end):
          usage.add(end)
          lane.isDone = true
        }
        if lane.isDone { break }
      }
      if lane.isDone { lane.worker = nil }
    }
  }
}
