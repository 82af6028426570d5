internal import CanonicalCoding
internal import Files
internal import Manifests
internal import Sandbox
internal import SourceAPI

/// Reads a source through worker processes that have no rights, and hands its batches over in the order of the source.
///
/// Inputs are shared out as shards, one worker a shard. Several workers run side by side where there are several shards
/// and a folder for what comes early: the rows of a shard whose turn has not come go to its row file, which a later run
/// uses again. With one shard, or without that folder, one worker has all the threads.
struct SourceReading {
  /// The source.
  let plan: SourcePlan
  /// The day on which the policy decides.
  let asOf: CivilDate
  /// Nobody but this process has it.
  let saltKey: [UInt8]?
  /// Workers, or threads of one.
  let jobs: Int
  /// Whether the normal forms are handed over.
  var keepsContent = false
  /// Where rows wait that came early.
  var folder: String?
  /// Members of one batch.
  var memberGoal = MemberBatch.usualMemberGoal

  /// Reads from a place to the end.
  ///
  /// - Parameters:
  ///   - start: where to begin.
  ///   - members: members of the source before it.
  ///   - take: takes each batch; what it throws ends the reading and the workers.
  /// - Returns: what the workers say about themselves.
  /// - Throws: `IngestError`, or what `take` throws.
  @discardableResult
  func run(
    from start: Checkpoint,
    members: UInt64,
    take: (ProcessedBatch) throws -> Void
  ) throws -> WorkerUsage {
    try run(from: start, members: members) { _, batch in try take(batch) }
  }

  /// The same; each batch comes as its worker sent it, and with its leaves hashed.
  @discardableResult
  func run(
    from start: Checkpoint,
    members: UInt64,
    take: (RowBatch, ProcessedBatch) throws -> Void
  ) throws -> WorkerUsage {
    guard start.input < plan.inputs.count else { return WorkerUsage() }
    let shards = Shard.all(of: plan, goal: goal).filter { $0.inputs.upperBound > start.input }
    // A rule that counts members of the source needs what came before.
    if let folder, jobs > 1, shards.count > 1, !plan.countsMembers {
      return try ShardLanes(reading: self, folder: folder, shards: shards, start: start).run(take)
    }
    var members = members
    var usage = WorkerUsage()
    for (number, shard) in shards.enumerated() {
      let first =
        number == 0 ? shard.local(start) : .start(of: 0)
      let worker = try ParserProcess(
        job(shard, from: first, members: members, threads: jobs)
      )
      reading: while true {
        guard let event = try worker.next() else {
          try worker.fill()
          continue
        }
        let bytes: ArraySlice<UInt8>
        switch event {
        case .batch(let form): bytes = form
        case .item: throw worker.fault("something that nobody asked for")
        case .end(let end):
          usage.add(end)
          break reading
        }
        let batch = try decode(bytes, shard)
        members += batch.memberCount
        try take(batch, processed(batch))
      }
    }
    return usage
  }

  /// A worker's share of bytes: enough that its start costs nothing, few enough that all workers have some.
  private var goal: UInt64 {
    min(max(plan.byteCount / UInt64(4 * max(1, jobs)), 4 << 20), 256 << 20)
  }

  func job(_ shard: Shard, from start: Checkpoint, members: UInt64, threads: Int) -> WorkerJob {
    WorkerJob(
      plan.part(shard.inputs),
      asOf: asOf,
      start: start,
      firstOrdinal: members,
      threads: threads,
      keepsContent: keepsContent,
      memberGoal: memberGoal
    )
  }

  /// A batch as the source counts: inputs of the shard become inputs of the source.
  func decode(_ bytes: ArraySlice<UInt8>, _ shard: Shard) throws(IngestError) -> RowBatch {
    do {
      var batch = try RowBatch(bytes)
      batch.checkpoint?.input += shard.inputs.lowerBound
      batch.inputIndex += shard.inputs.lowerBound
      guard batch.inputIndex <= shard.inputs.upperBound,
        batch.checkpoint?.input ?? 0 <= shard.inputs.upperBound
      else { throw CodingFault.form }
      return batch
    } catch {
      throw IngestError(
        .badData,
        "source '\(plan.manifest.id)': its worker sent a batch of a form that no worker writes: an input may have taken it over; nothing of it is signed"
      )
    }
  }

  func processed(_ batch: RowBatch) throws(IngestError) -> ProcessedBatch {
    try ProcessedBatch(batch, saltKey: saltKey, licenseCount: plan.licenses.entries.count)
  }
}
