internal import CanonicalCoding
internal import Manifests
internal import Merkle
internal import SourceAPI

/// Reads a committed source again from its bytes and hands over each record's content, compared with its leaf.
struct CommittedReader {
  /// A place from which a source can be read on.
  struct Place: Hashable {
    var checkpoint: Checkpoint
    /// Members before the place.
    var members: UInt64
    /// Records before the place.
    var leaf: UInt64

    static let start = Place(checkpoint: .start(of: 0), members: 0, leaf: 0)
  }

  let store: Store
  let source: SourceRecord
  let plugins: [String: any SourcePlugin.Type]
  let jobs: Int
  let observer: any ScanObserver
  /// What the command line says about workers.
  var options = SourcePlan.Options()

  /// Reads from a place to the end, or until `body` says that it has enough.
  ///
  /// - Parameters:
  ///   - start: where to begin.
  ///   - body: takes the leaf's index and the content, `nil` where it is too long to be held; false ends the reading.
  ///   - reached: hears of places from which reading could go on.
  /// - Throws: `IngestError`: 65 with the locator of the first record that is not what was committed; 69 when an input is
  ///   gone or changed.
  func read(
    from start: Place,
    body: (_ leaf: UInt64, _ content: ArraySlice<UInt8>?) throws -> Bool,
    reached: (Place) -> Void
  ) async throws {
    let id = source.state.id
    let plan = try SourcePlan.load(
      source.state.manifestPath,
      options: options.reading(as: source.state.options) ?? options
    )
    guard plan.manifestDigest.hex == source.state.manifestDigest else {
      throw IngestError(
        .badData,
        "source '\(id)': \(source.state.manifestPath) is not the manifest that was committed"
      )
    }
    guard plan.profileDigest.hex == source.state.profileDigest else {
      throw IngestError(
        .refused,
        "source '\(id)': this machine has another profile (library versions); read it where the profile is the same"
      )
    }
    try plan.check(readBy: source.state.plugin, plugins)
    let plugin = try plan.plugin(of: plugins)
    let key = plan.manifest.confidential ? try KeyRing(store: store.folder).saltKey(of: id) : nil
    _ = try plugin.init(configuration: plan.configuration)
    var known = CommittedRows(store: store, source: id)
    var place = start
    let size = source.commitment.size - source.commitment.tombstones
    let order = try ScanOrder(source.state, in: store)
    observer.began(source: id, totalBytes: plan.byteCount, resumedMembers: start.members)
    var reading = SourceReading(plan: plan, asOf: source.state.asOf, saltKey: key, jobs: jobs)
    reading.keepsContent = true
    struct Enough: Error {}
    var newBytes: UInt64 = 0
    do {
      let checkpoint = start.leaf == 0 ? .start(of: 0) : start.checkpoint
      try reading.run(from: checkpoint, members: start.members) { batch in
        newBytes += batch.payloadBytes
        let count = min(UInt64(batch.rows.count), size - min(size, place.leaf))
        let leaves = try order.leaves(of: place.leaf..<place.leaf + count)
        for (offset, leaf) in leaves.enumerated() {
          let row = batch.rows[offset]
          try compare(row, with: known.row(at: leaf), leaf)
          let content = batch.contentRanges[offset].map { batch.contents[$0] }
          guard try body(leaf, content) else { throw Enough() }
        }
        place.leaf += UInt64(batch.rows.count)
        place.members += batch.counts.members
        if let checkpoint = batch.checkpoint {
          place.checkpoint = checkpoint
          reached(place)
        }
        let before = plan.inputs.prefix(batch.inputIndex).reduce(0) {
          $0 + $1.fingerprint.byteCount
        }
        observer.advanced(
          ScanProgress(
            source: id,
            records: place.leaf,
            rejected: 0,
            excluded: 0,
            skipped: 0,
            newRecords: place.leaf - start.leaf,
            newPayloadBytes: newBytes,
            readBytes: min(plan.byteCount, before + batch.inputOffset),
            totalBytes: plan.byteCount
          )
        )
      }
      guard place.leaf >= size else {
        let row = try known.row(at: order.leaves(of: place.leaf..<place.leaf + 1)[0])
        throw IngestError(
          .badData,
          "source '\(id)': record \(place.leaf) (\(Self.locator(row))) is committed, and the source ends before it; restore the input"
        )
      }
    } catch is Enough {
      // What is left of the source is not asked for.
    }
    observer.ended(source: id)
  }

  private func compare(_ row: LeafRow, with stored: LeafRow, _ leaf: UInt64) throws {
    guard stored.sha256 == row.sha256, stored.poseidon2 == row.poseidon2 else {
      throw IngestError(
        .badData,
        "source '\(source.state.id)': record \(leaf) (\(Self.locator(stored))) is not what was committed: the input was changed or is damaged; restore it, or run ingest audit"
      )
    }
  }

  /// The locator of a stored row.
  static func locator(_ row: LeafRow) -> String {
    (try? JSONParser.parse(row.descriptor))?.object?["locator"]?.text ?? "no locator"
  }
}
