public import CanonicalCoding
internal import Files
internal import Licensing
internal import Manifests

/// The records of a source whose publisher reserved training when they were fetched, each with both sides: what was said, and
/// the terms under which it is committed all the same, or why it is not.
public struct Reservations: Sendable {
  /// One record.
  public struct Entry: Sendable {
    /// The way back to the record.
    public let locator: String
    /// The position in the tree; `nil` for a record that has no leaf.
    public let leaf: UInt64?
    /// The address, where the archive is at hand.
    public var address: String?
    /// What was said, as the evidence has it; empty where the archive is not at hand.
    public var signals: [JSONValue] = []
    /// The license with its basis; the detail of the ledger for a record that has no leaf.
    public let terms: String
    /// `contract`, `review`, or `reservation`: what prevailed.
    public let prevailed: String

    /// The entry as JSON.
    public var json: JSONValue {
      var object: JSONObject = [
        "locator": .string(locator), "terms": .string(terms), "prevailed": .string(prevailed),
      ]
      if let leaf { object["leaf"] = .count(leaf) }
      if let address { object["url"] = .string(address) }
      if !signals.isEmpty { object["signals"] = .array(signals) }
      return .object(object)
    }
  }

  /// The entries: leaves in their order, then those of the ledger.
  public private(set) var entries: [Entry]
  /// Why what was said is not shown; `nil` where it is.
  public private(set) var missing: String?

  /// Reads the store, and the archives for what was said.
  ///
  /// - Throws: `IngestError` 64 when there is no such source.
  public init(
    of source: String,
    store: Store,
    options: SourcePlan.Options
  ) throws(IngestError) {
    guard let state = try store.state(of: source),
      let record = try SourceRecord.load(source, from: store)
    else {
      throw IngestError(.usage, "there is no complete source '\(source)' in \(store.folder)")
    }
    let licenses = LicenseEntries(record.manifest)
    var found: [Entry] = []
    var excluded: [Entry] = []
    // The ledger keeps what an earlier version left out.
    var live: Set<String> = []
    for place in try store.segments(of: source) {
      let segment = try store.segment(place, of: source)
      for (offset, row) in segment.rows.enumerated() where row.tombstone == nil {
        live.insert(CommittedReader.locator(row))
        guard row.leaf.flags.rawValue >> 4 & 3 == Preference.disallowed.rawValue else { continue }
        let entry = licenses.entries[Int(row.leaf.licenseIndex)]
        let basis = entry.grant?.basis ?? "none"
        found.append(
          Entry(
            locator: CommittedReader.locator(row),
            leaf: place.firstLeaf + UInt64(offset),
            terms: "\(entry.expression), basis \(basis)",
            prevailed: basis == "contract" ? "contract" : "review"
          )
        )
      }
      for bytes in segment.ledger {
        guard let entry = (try? JSONParser.parse(bytes))?.object,
          entry["reason"]?.text == ExclusionReason.optOut.rawValue
        else { continue }
        excluded.append(
          Entry(
            locator: entry["locator"]?.text ?? "",
            leaf: nil,
            terms: entry["detail"]?.text ?? "",
            prevailed: "reservation"
          )
        )
      }
    }
    entries = found + excluded.filter { !live.contains($0.locator) }
    guard !entries.isEmpty else { return }
    do throws(IngestError) {
      try readSignals(state, options)
    } catch {
      missing = error.description
    }
  }

  /// What was said stands in the archives.
  private mutating func readSignals(
    _ state: SourceState,
    _ options: SourcePlan.Options
  ) throws(IngestError) {
    var numbers: [String: Int] = [:]
    for (number, entry) in entries.enumerated() { numbers[entry.locator] = number }
    let plan = try SourcePlan.load(
      state.manifestPath,
      options: options.reading(as: state.options) ?? options
    )
    var read: [(number: Int, address: String, evidence: String?)] = []
    _ = try AsideReading(options).inspect(
      plan.configuration.inputs,
      plugin: plan.manifest.plugin,
      profile: .raw,
      textField: nil,
      limit: nil
    ) { line in
      if let number = numbers[line.locator] { read.append((number, line.name, line.crawlEvidence)) }
    }
    for (number, address, evidence) in read {
      entries[number].address = address
      let json = evidence.flatMap { try? JSONParser.parse(Array($0.utf8)) }
      entries[number].signals = json?.object?["signals"]?.elements ?? []
    }
  }
}
