internal import CanonicalCoding
internal import Files
public import Manifests
internal import Merkle
public import SourceAPI

/// Streams the records that a policy allows, each made anew from its source and compared with its leaf, and writes the
/// receipt of what was read.
public struct RecordFeed: Sendable {
  /// What the command line says beside the plan.
  public struct Options: Sendable {
    /// The form of a record.
    public var format = FeedFormat.jsonl
    /// Positions in a part.
    public var partSize = 4096
    /// Threads of the worker that reads sources again.
    public var jobs = 1
    /// How that worker is shut in.
    public var workers = SourcePlan.Options()
    /// The share of a stream.
    public var shard = FeedShard()
    /// Nothing said.
    public init() {}
  }

  /// The store.
  public let store: Store
  /// The plugins that are linked in.
  public let plugins: [String: any SourcePlugin.Type]
  /// What is read.
  public let plan: FeedPlan
  /// The run's folder.
  public let folder: FeedFolder
  /// What the command line says.
  public let options: Options
  /// Hears how the reading goes.
  public let observer: any ScanObserver

  /// A feed of a plan into a folder.
  public init(
    store: Store,
    plugins: [String: any SourcePlugin.Type],
    plan: FeedPlan,
    folder: FeedFolder,
    options: Options,
    observer: any ScanObserver = SilentObserver()
  ) {
    (self.store, self.plugins, self.plan) = (store, plugins, plan)
    (self.folder, self.options, self.observer) = (folder, options, observer)
  }

  /// What names the run: everything that its order and its receipt depend on.
  static func arguments(_ plan: FeedPlan, _ options: Options) -> JSONValue {
    var order = "committed"
    if case .seeded(let seed, let fixed) = plan.options.order {
      order = "seed \(seed) fixed \(fixed)"
    }
    return [
      "combined": .string(plan.manifest.digest.hex),
      "policy": .string(
        CommittedManifest.Policy(plan.policy, asOf: plan.asOf, table: plan.table.head).sha256.hex
      ),
      "asOf": .string(plan.asOf.description), "use": .string(plan.options.use.rawValue),
      "order": .string(order), "select": .string(plan.options.selection.text),
      "format": .string(options.format.rawValue), "partSize": .count(options.partSize),
    ]
  }

  /// The folder of a run whose records go to standard output: the same for the same run.
  public static func defaultFolder(_ plan: FeedPlan, _ options: Options, store: Store) -> String {
    let name = SHA256Hash.of(CanonicalJSON.encode(arguments(plan, options))).hex.prefix(16)
    return FilePaths.join(store.folder, "feeds/\(name)")
  }

  /// Reads everything.
  ///
  /// - Parameter stream: takes the records as bytes; `nil` to write parts into the folder.
  /// - Returns: the public head of the receipt.
  /// - Throws: `IngestError`: 65 with the locator of a record that is not what was committed.
  public func run(
    stream: ((ArraySlice<UInt8>) throws -> Void)?
  ) async throws(IngestError) -> TrainingReceipt {
    do {
      let key = try folder.begin(Self.arguments(plan, options))
      // Streams of several shards may run side by side; parts have one writer.
      let lock = stream == nil ? try FileLock(folder.file("private/lock")) : nil
      defer { withExtendedLifetime(lock) {} }
      var output = FeedOutput(
        plan,
        format: options.format,
        folder: folder,
        partSize: options.partSize,
        shard: options.shard,
        stream: stream
      )
      switch plan.options.order {
      case .committed: try await readInOrder(&output, isStream: stream != nil)
      case .seeded: try await readShuffled(&output, isStream: stream != nil)
      }
      // A receipt that is there is kept: a reader may have added its batches.
      if FilePaths.exists(folder.file("receipt.json")) { return try folder.receipt() }
      let made = FeedReceipt(plan, runKey: key)
      // All shards come to the same receipt; the first of them writes it.
      if options.shard.number == 0 {
        try folder.finish(order: made.order, privatePart: made.privatePart, receipt: made.receipt)
      }
      return made.receipt
    } catch {
      throw IngestError(error)
    }
  }

  private func reader(_ source: Int) -> CommittedReader {
    CommittedReader(
      store: store,
      source: plan.sources[source],
      plugins: plugins,
      jobs: options.jobs,
      observer: observer,
      options: options.workers
    )
  }

  /// The numbers of a source's records in the plan; they are neighbors.
  private func range(of source: Int) -> Range<Int> {
    func first(_ index: Int) -> Int {
      var (low, high) = (0, plan.records.count)
      while low < high {
        let middle = (low + high) / 2
        if plan.records[middle].source < UInt32(index) { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return first(source)..<first(source + 1)
  }

  private func content(
    _ content: ArraySlice<UInt8>?,
    _ record: FeedPlan.Record
  ) throws -> ArraySlice<UInt8> {
    guard let content else {
      throw IngestError(
        .badData,
        "source '\(plan.sources[Int(record.source)].manifest.id)': record \(record.leaf) has \(record.byteCount) bytes, which are never held; leave it out: --select 'bytes<=\(8 << 20)'"
      )
    }
    return content
  }

  // MARK: the order of the registry

  /// Where reading can go on, with the positions that are written before.
  private struct Mark {
    var position: Int
    var source: Int
    var place: CommittedReader.Place
  }

  private func readInOrder(_ output: inout FeedOutput, isStream: Bool) async throws {
    var mark = isStream ? nil : try storedMark(before: output.position)
    for source in plan.sources.indices {
      let range = range(of: source)
      guard range.upperBound > output.position, !range.isEmpty else { continue }
      var start = CommittedReader.Place.start
      var next = range.lowerBound
      if let known = mark, known.source == source {
        (start, next) = (known.place, known.position)
      }
      var marks: [Mark] = []
      var written = output.position
      try await reader(source).read(from: start) { leaf, found in
        guard next < range.upperBound else { return false }
        let record = plan.records[next]
        guard record.leaf == leaf else { return true }
        if next >= output.position { try output.take(try content(found, record)) }
        next += 1
        if !isStream, output.position - written >= options.partSize {
          written = output.position / options.partSize * options.partSize
          if let last = marks.last(where: { $0.position <= written }) { try store(last) }
          marks.removeAll { $0.position <= written }
        }
        return next < range.upperBound
      } reached: { place in
        marks.append(Mark(position: next, source: source, place: place))
      }
      mark = nil
    }
  }

  private var markPath: String { folder.file("private/progress.json") }

  private func store(_ mark: Mark) throws {
    let json: JSONValue = [
      "position": .count(mark.position), "source": .count(mark.source),
      "checkpoint": .string(mark.place.checkpoint.text), "members": .count(mark.place.members),
      "leaf": .count(mark.place.leaf),
    ]
    try DurableFile.write(CanonicalJSON.encode(json), to: markPath)
  }

  /// The stored mark; `nil` when there is none, or it lies behind what is written.
  private func storedMark(before position: Int) throws -> Mark? {
    guard FilePaths.exists(markPath),
      let json = (try? JSONParser.parse(InputFile.contents(of: markPath, limit: 4096)))?.object,
      let marked = json["position"]?.text.flatMap({ Int($0) }), marked <= position,
      let source = json["source"]?.text.flatMap({ Int($0) }),
      let checkpoint = json["checkpoint"]?.text.flatMap({ Checkpoint($0) }),
      let members = json["members"]?.text.flatMap({ UInt64($0) }),
      let leaf = json["leaf"]?.text.flatMap({ UInt64($0) })
    else { return nil }
    return Mark(
      position: marked,
      source: source,
      place: CommittedReader.Place(checkpoint: checkpoint, members: members, leaf: leaf)
    )
  }

  // MARK: a drawn order

  /// Reads every source once into scratch files, then takes records out of them in the drawn order.
  ///
  /// Parts are resumed from the scratch that is there; a stream has its own, because others may run beside it.
  private func readShuffled(_ output: inout FeedOutput, isStream: Bool) async throws {
    guard output.position < plan.order.count else { return }
    let own = isStream ? "-" + Hex.encode(try SystemRandom.bytes(8)) : ""
    let scratch = folder.file("private/scratch\(own)")
    try DurableFile.makeFolder(scratch, mode: 0o700)
    var isDone = isStream
    defer { if isDone { try? FolderWalk.removeTree(scratch) } }
    var files: [Int: InputFile] = [:]
    var offsets: [UInt64] = []
    offsets.reserveCapacity(plan.records.count)
    for source in plan.sources.indices {
      let range = range(of: source)
      var sum: UInt64 = 0
      for record in plan.records[range] {
        offsets.append(sum)
        sum += UInt64(record.byteCount)
      }
      let path = FilePaths.join(scratch, "\(source)")
      guard !range.isEmpty else { continue }
      if !FilePaths.exists(path) { try await spool(source, range, to: path) }
      files[source] = try InputFile(path)
      // An open file without a name is gone with its process, however that ends.
      if isStream { try DurableFile.remove(path) }
    }
    var buffer: [UInt8] = []
    while output.position < plan.order.count {
      let number = Int(plan.order[output.position])
      let record = plan.records[number]
      let source = Int(record.source)
      let path = FilePaths.join(scratch, "\(source)")
      guard let file = files[source] else {
        throw IngestError(.badData, "\(path): is not there; run again")
      }
      let count = Int(record.byteCount)
      if buffer.count < count { buffer = [UInt8](repeating: 0, count: count) }
      var filled = 0
      while filled < count {
        let offset = offsets[number] + UInt64(filled)
        guard case .bytes(let read) = try file.read(into: &buffer, filled..<count, at: offset)
        else {
          throw IngestError(.badData, "\(path): ends inside a record; remove it and run again")
        }
        filled += read
      }
      guard SHA256Hash.of(buffer[..<count]) == record.contentDigest else {
        throw IngestError(.badData, "\(path): was changed; remove it and run again")
      }
      try output.take(buffer[..<count])
    }
    isDone = true
  }

  /// Writes the contents of a source's records one behind the other; the file has its name when it is whole.
  private func spool(_ source: Int, _ range: Range<Int>, to path: String) async throws {
    let file = try AppendedFile(path + ".tmp")
    var next = range.lowerBound
    try await reader(source).read(from: .start) { leaf, found in
      guard next < range.upperBound else { return false }
      let record = plan.records[next]
      guard record.leaf == leaf else { return true }
      try file.append(try content(found, record))
      next += 1
      return next < range.upperBound
    } reached: { _ in
    }
    try file.sync()
    try DurableFile.rename(path + ".tmp", to: path)
  }
}
