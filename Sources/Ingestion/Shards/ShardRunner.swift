internal import CanonicalCoding
internal import Files
internal import Manifests
internal import Merkle
internal import Sandbox
internal import SourceAPI

/// Reads one shard of a plan: a pure function of plan, inputs and salt key, with a receipt that is written last.
public struct ShardRunner: Sendable {
  /// What came of it.
  public struct Outcome: Sendable {
    /// The receipt.
    public let receipt: ShardReceipt
    /// The folder with the receipt and its files.
    public let folder: String
    /// Whether the same receipt was there already.
    public let wasThere: Bool
  }

  private let plan: ScanPlan
  private let shard: Shard
  private let saltKey: [UInt8]?
  private let threads: Int

  /// A shard of a plan.
  ///
  /// - Parameters:
  ///   - plan: the plan; its source's folder is where the inputs lie.
  ///   - ordinal: the shard's number.
  ///   - saltKey: 32 bytes; without it a confidential source has rows and no leaf hashes.
  ///   - threads: threads of the worker.
  /// - Throws: `IngestError` 64 for a number that the plan does not have.
  public init(
    _ plan: ScanPlan,
    ordinal: Int,
    saltKey: [UInt8]?,
    threads: Int
  ) throws(IngestError) {
    guard plan.shards.indices.contains(ordinal) else {
      throw IngestError(
        .usage,
        "--ordinal \(ordinal): the plan has the shards 0 to \(plan.shards.count - 1)"
      )
    }
    (self.plan, shard) = (plan, plan.shards[ordinal])
    (self.saltKey, self.threads) = (saltKey, threads)
  }

  /// Reads the shard and writes its files below `out/PLAN/ORDINAL/INPUT-DIGEST`.
  ///
  /// - Throws: `IngestError`: 65 for a receipt of the same shard that says something else; 69 for inputs that are not those
  ///   of the plan.
  public func run(into out: String) throws(IngestError) -> Outcome {
    do {
      let start = ProcessUsage.monotonicSeconds
      let before = try planned()
      let place = FilePaths.join(out, "\(plan.identifier.hex)/\(shard.ordinal)")
      let folder = FilePaths.join(place, plan.inputDigest(of: shard).hex)
      let own = folder + ShardReceipt.unfinishedMark + "\(Hex.encode(try SystemRandom.bytes(8)))"
      try DurableFile.makeFolder(own)
      do {
        let (output, usage) = try read(own)
        guard try states() == before else {
          throw SourceError.changed(
            input: plan.source.inputs[shard.inputs.lowerBound].path,
            detail: "size, time or inode of an input of shard \(shard.ordinal)"
          )
        }
        let receipt = ShardReceipt(
          plan: plan.identifier,
          ordinal: shard.ordinal,
          inputDigest: plan.inputDigest(of: shard),
          inputByteCount: plan.byteCount(of: shard),
          output: output,
          programs: try Self.programs(),
          envelope: envelope(usage, since: start)
        )
        try DurableFile.write(receipt.bytes, to: FilePaths.join(own, ShardReceipt.name))
        return try publish(receipt, from: own, to: folder)
      } catch {
        try? FolderWalk.removeTree(own)
        throw error
      }
    } catch {
      throw IngestError(error)
    }
  }

  private func read(_ folder: String) throws -> (ShardOutput.Result, WorkerUsage) {
    let source = plan.source
    let isHashed = saltKey != nil || !source.manifest.confidential
    let output = try ShardOutput(
      folder,
      identity: plan.rowIdentity(of: shard),
      hasLeaves: isHashed
    )
    let reading = SourceReading(
      plan: source.part(shard.inputs),
      asOf: plan.asOf,
      saltKey: saltKey,
      jobs: threads
    )
    let usage = try reading.run(from: .start(of: 0), members: 0) { rows, batch in
      try output.take(rows, batch)
    }
    return (try output.finish(), usage)
  }

  /// The inputs that are opened, with their paths.
  private var opened: [(input: SourcePlan.Input, path: String)] {
    plan.source.inputs[shard.inputs].filter { $0.skipped == nil }
      .map { ($0, FilePaths.join(plan.source.folder, $0.path)) }
  }

  /// The state of every input now.
  private func states() throws -> [FileFingerprint?] {
    try opened.map { try FilePaths.fingerprint($0.path) }
  }

  /// The state of every input, whose bytes are those of the plan.
  private func planned() throws -> [FileFingerprint?] {
    try opened.map { input, path in
      guard !FilePaths.exists(path) || FilePaths.isInside(path, folder: plan.source.folder) else {
        throw IngestError(.badManifest, "\(path): leads out of the folder of the inputs")
      }
      let state = try InputFile(path).fingerprint()
      guard state.byteCount == input.fingerprint.byteCount else {
        throw IngestError(
          .unavailable,
          "\(path): has \(state.byteCount) bytes, the plan \(input.fingerprint.byteCount); deliver the input that was planned"
        )
      }
      let digest = try ManifestFiles.digest(of: path)
      guard digest == input.sha256 else {
        throw IngestError(
          .unavailable,
          "\(path): has the digest \(digest), the plan \(input.sha256 ?? "none"); deliver the input that was planned"
        )
      }
      return state
    }
  }

  /// Gives the folder its name; where one is there already, both must say the same.
  private func publish(
    _ receipt: ShardReceipt,
    from own: String,
    to folder: String
  ) throws -> Outcome {
    do {
      // A folder with files in it is not replaced: then another attempt at this shard was faster.
      try DurableFile.rename(own, to: folder)
      return Outcome(receipt: receipt, folder: folder, wasThere: false)
    } catch {
      guard FilePaths.exists(folder) else { throw error }
    }
    let path = FilePaths.join(folder, ShardReceipt.name)
    let other = try ShardReceipt(InputFile.contents(of: path, limit: 1 << 20), file: path)
    guard other.digest == receipt.digest else {
      let kept = folder + ".other-\(receipt.digest.hex.prefix(16))"
      if !FilePaths.exists(kept) { try DurableFile.rename(own, to: kept) }
      throw IngestError(
        .badData,
        "nondeterministic shard \(shard.ordinal): \(path) says something else than \(FilePaths.join(kept, ShardReceipt.name)); both are kept, nothing can be merged before it is understood"
      )
    }
    try FolderWalk.removeTree(own)
    return Outcome(receipt: other, folder: folder, wasThere: true)
  }

  private func envelope(_ usage: WorkerUsage, since start: Double) -> JSONValue {
    let (own, children) = (ProcessUsage.current, ProcessUsage.ofChildren)
    return [
      "sandbox": .string(usage.sandbox),
      "wallMilliseconds": .count(UInt64((ProcessUsage.monotonicSeconds - start) * 1000)),
      "cpuMilliseconds": .count(UInt64((own.cpuSeconds + children.cpuSeconds) * 1000)),
      "peakBytes": .count(own.peakBytes), "workerPeakBytes": .count(usage.peakBytes),
    ]
  }

  /// SHA-256 over the digests of both programs.
  private static func programs() throws -> SHA256Hash {
    var digests: [UInt8] = []
    for path in [ChildProcess.ownPath ?? "/proc/self/exe", try ParserProcess.program()] {
      digests += SHA256Hash(hex: try ManifestFiles.digest(of: path))?.bytes ?? []
    }
    return .of(digests)
  }
}
