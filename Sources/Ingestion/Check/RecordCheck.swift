internal import CanonicalCoding
internal import Files
internal import Manifests
public import SourceAPI

/// Derives one committed record again from its original, as near to its place as its locator leads.
public struct RecordCheck: Sendable {
  /// A record whose digests are those that were committed.
  public struct Result: Sendable {
    /// The source.
    public let source: String
    /// The position in the tree, from 0.
    public let index: UInt64
    /// The way back to the record.
    public let locator: String
    /// SHA-256 of the payload, hexadecimal.
    public let payloadSha256: String
    /// SHA-256 of the normal form, hexadecimal.
    public let contentSha256: String
  }

  private let store: Store
  private let plugins: [String: any SourcePlugin.Type]
  private let options: SourcePlan.Options

  /// Checks over a store.
  ///
  /// - Parameters:
  ///   - store: the store.
  ///   - plugins: the plugins that are linked in, by name.
  ///   - options: how workers are shut in.
  public init(
    _ store: Store,
    plugins: [String: any SourcePlugin.Type],
    options: SourcePlan.Options
  ) {
    (self.store, self.plugins, self.options) = (store, plugins, options)
  }

  /// Reads the record that a locator, an index, or either behind `SOURCE:` names, and compares both digests.
  ///
  /// - Throws: `IngestError`: 65 when the original gives another record or none, 69 when it is gone, 77 when this build has
  ///   another profile: then digests of content say nothing.
  public func run(_ text: String) throws(IngestError) -> Result {
    let found = try ProofMaker(store).find(text)
    let locator = CommittedReader.locator(found.row)
    if let tombstone = found.row.tombstone {
      throw IngestError(
        .badData,
        "\(locator): leaf \(found.index) of source '\(found.source)' is a tombstone (\(tombstone.reason.rawValue), \(tombstone.day)); the record was removed"
      )
    }
    do {
      guard let state = try store.state(of: found.source) else {
        throw IngestError(.unavailable, "source '\(found.source)' is not in the store")
      }
      let plan = try SourcePlan.load(
        state.manifestPath,
        options: options.reading(as: state.options) ?? options
      )
      try plan.check(readBy: state.plugin, plugins)
      guard plan.profileDigest.hex == state.profileDigest else {
        throw IngestError(
          .refused,
          "source '\(found.source)': other profile: the record was committed with other library versions, so that its content digest cannot be compared here"
        )
      }
      guard let input = Self.input(of: locator, in: plan) else {
        throw IngestError(
          .unavailable,
          "\(locator): its input is not among those of \(state.manifestPath); restore it"
        )
      }
      guard let row = try read(locator, plan, input, state) else {
        throw IngestError(
          .badData,
          "\(locator): the original no longer has this record, which is leaf \(found.index) of source '\(found.source)'"
        )
      }
      let leaf = found.row.leaf
      for (name, own, committed) in [
        ("payload", row.payloadDigest, leaf.payloadDigest),
        ("content", row.contentDigest, leaf.contentDigest),
      ] where own != committed {
        throw IngestError(
          .badData,
          "\(locator): the \(name) of the original is \(own.hex), committed was \(committed.hex) (leaf \(found.index) of source '\(found.source)')"
        )
      }
      return Result(
        source: found.source,
        index: found.index,
        locator: locator,
        payloadSha256: leaf.payloadDigest.hex,
        contentSha256: leaf.contentDigest.hex
      )
    } catch {
      throw IngestError(error)
    }
  }

  /// The input that holds a record: the longest name that the locator begins with.
  static func input(of locator: String, in plan: SourcePlan) -> Int? {
    let text = locator.hasPrefix("db://") ? String(locator.dropFirst(5)) : locator
    let matches = plan.inputs.indices.filter { index in
      let name = plan.inputs[index].locator
      guard text.hasPrefix(name) else { return false }
      let next = text.utf8.dropFirst(name.utf8.count).first
      return next == nil || "@#!/".utf8.contains { $0 == next }
    }
    return matches.max { plan.inputs[$0].locator.utf8.count < plan.inputs[$1].locator.utf8.count }
  }

  /// Where in an input reading begins to reach a record soonest.
  static func start(
    of locator: String,
    in input: SourcePlan.Input,
    folder: String
  ) throws -> Checkpoint {
    guard locator.hasPrefix(input.locator) else { return .start(of: 0) }
    let rest = locator.dropFirst(input.locator.count)
    let parts = rest.split(whereSeparator: { "@,#".contains($0) })
    // A member of a WARC: its own place in the file.
    if rest.hasPrefix("@"), !rest.hasPrefix("@@"), let offset = parts.first.flatMap({ UInt64($0) })
    {
      return Checkpoint(input: 0, offset: offset, ordinal: 0)
    }
    // A line of a file that is not compressed.
    if rest.hasPrefix("#L"), parts.count == 2, let line = UInt64(parts[0].dropFirst()), line > 0,
      let offset = UInt64(parts[1])
    {
      let head = try InputFile(FilePaths.join(folder, input.path)).bytes(at: 0, 4) ?? []
      let magics: [[UInt8]] = [
        [0x1F, 0x8B], [0x28, 0xB5, 0x2F, 0xFD], [0xFD, 0x37], Array("BZh".utf8),
      ]
      if !magics.contains(where: { head.starts(with: $0) }), head.dropFirst().first != 0x2A {
        return Checkpoint(input: 0, offset: offset, ordinal: line - 1)
      }
    }
    return .start(of: 0)
  }

  /// The row of a record, read by a worker of its own; `nil` when the input ends before it.
  private func read(
    _ locator: String,
    _ plan: SourcePlan,
    _ input: Int,
    _ state: SourceState
  ) throws -> RecordRow? {
    struct Enough: Error {}
    var wanted: [UInt8] = Array("\"locator\":".utf8)
    CanonicalJSON.appendString(locator, to: &wanted)
    // A rule that counts members of the source can only be followed from its start.
    let isWhole = plan.countsMembers
    var reading = SourceReading(
      plan: isWhole ? plan : plan.part(input..<input + 1),
      asOf: state.asOf,
      saltKey: nil,
      jobs: 1
    )
    // Few at a time: what lies behind the record is not asked for.
    reading.memberGoal = 16
    var found: RecordRow?
    // What a place means is known to a program of its own alone.
    let start =
      isWhole || plan.external != nil
      ? .start(of: 0)
      : try Self.start(of: locator, in: plan.inputs[input], folder: plan.folder)
    do {
      try reading.run(from: start, members: 0) { batch, _ in
        found = batch.rows.first { ProofMaker.contains($0.descriptor, wanted) }
        if found != nil { throw Enough() }
      }
    } catch is Enough {
      // The rest of the input is not read.
    }
    return found
  }
}
