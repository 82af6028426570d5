internal import CanonicalCoding
internal import Files
internal import Licensing
internal import Manifests
public import SourceAPI

/// Why a record has its license and its verdict, from what the store keeps.
public struct RecordExplanation: Sendable {
  /// The source.
  public let source: String
  /// allow, review, deny, or the reason of a ledger entry.
  public let decision: String
  /// One sentence a step.
  public let steps: [String]
  /// Whether it has a leaf.
  public var isCommitted = false

  /// Explains a committed record, or a ledger entry by its locator.
  public static func make(
    of text: String,
    store: Store,
    plugins: [String: any SourcePlugin.Type]
  ) throws(IngestError) -> RecordExplanation {
    if let entry = try ledgerEntry(text, store) { return entry }
    let found = try ProofMaker(store).find(text)
    guard let record = try SourceRecord.load(found.source, from: store) else {
      throw IngestError(.unavailable, "source '\(found.source)' is not complete yet")
    }
    if let tombstone = found.row.tombstone {
      return RecordExplanation(
        source: found.source,
        decision: tombstone.reason.rawValue,
        steps: [
          "locator: \(CommittedReader.locator(found.row))",
          "the record was removed; a tombstone stands in the place of leaf \(found.index)",
          "reason: \(tombstone.reason.rawValue)", "day: \(tombstone.day)",
          "it was: sha256 \(tombstone.formerLeaf.hex)",
        ]
      )
    }
    let leaf = found.row.leaf
    var manifest = record.manifest
    if record.state.signedEpoch > 0 {
      manifest.reviews =
        try store.reviews(ofEpoch: record.state.signedEpoch)[manifest.id] ?? .empty
    }
    let entries = LicenseEntries(manifest)
    let descriptor = try? JSONParser.parse(found.row.descriptor)
    let rule = descriptor?.object?["rule"]?.text ?? "source"
    let preference = Preference(rawValue: leaf.flags.rawValue >> 4 & 3) ?? .unknown
    var steps = ["locator: \(descriptor?.object?["locator"]?.text ?? "")"]
    for (number, override) in manifest.overrides.enumerated() {
      let place = "\(FilePaths.name(of: record.state.manifestPath)):\(override.position.line)"
      switch override.effect {
      case .exclude(let reason, _):
        steps.append(
          "override \(number) (\(place)): exclude \(reason.rawValue): does not match, or the record would have no leaf"
        )
      case .license(let grant):
        steps.append(
          "override \(number) (\(place)): license \(grant.concluded.normalized): \(rule == "override \(number)" ? "matches first" : "not the rule that applied")"
        )
      }
    }
    let index = Int(leaf.licenseIndex)
    let entry = entries.entries[index]
    let inputs = DecisionInputs(manifest, entries)
    steps.append("declared by the supplier: \(manifest.declaredLicense)")
    steps.append("license: entry \(leaf.licenseIndex), \(entry.expression), by rule \(rule)")
    if let grant = entry.grant {
      steps.append(
        "jurisdictions: \(grant.jurisdictions.joined(separator: ", ")); basis: \(grant.basis)"
      )
      steps.append(
        "term: from \(grant.from.map { "\($0)" } ?? "-") until \(grant.until.map { "\($0)" } ?? "no end")"
      )
    }
    steps.append("preference for train-ai: \(preference.name)")
    let (policy, asOf) = try policy(of: record, store)
    steps.append(
      "review: \(inputs.standing(of: index, policy: policy.policy, asOf: asOf).sentence)"
    )
    let evaluation = PolicyEvaluation.evaluate(
      inputs.situation(of: index, policy: policy.policy, asOf: asOf),
      preference: preference,
      policy: policy.policy,
      asOf: asOf
    )
    steps.append("policy: \(policy.policy.id) \(policy.policy.version)")
    if let chosen = evaluation.chosen { steps.append("chosen operand: \(chosen)") }
    for step in evaluation.steps {
      let waiver = step.waiver.map { ", waived by \($0)" } ?? ""
      steps.append("rule \(step.rule): \(step.decision.rawValue)\(waiver): \(step.reason)")
    }
    steps.append("decision as of \(asOf): \(evaluation.decision.rawValue)")
    return RecordExplanation(
      source: found.source,
      decision: evaluation.decision.rawValue,
      steps: steps,
      isCommitted: true
    )
  }

  /// The policy and the day of the epoch that holds the source; before any epoch those of the manifest.
  ///
  /// - Throws: `IngestError` 65 when the policy is not the one that was committed.
  private static func policy(
    of record: SourceRecord,
    _ store: Store
  ) throws(IngestError) -> (PolicyFile, CivilDate) {
    let epoch = record.state.signedEpoch
    let path =
      epoch > 0
      ? FilePaths.join(store.folder(ofEpoch: epoch), EpochBuilder.policyName)
      : FilePaths.join(FilePaths.folder(of: record.state.manifestPath), record.manifest.policy)
    do {
      let file = try PolicyFile.decode(
        InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1),
        file: path
      )
      guard epoch > 0 else { return (file, record.state.asOf) }
      let committed = try VerifiedManifest(store.signedCommit(ofEpoch: epoch).commit).manifest
        .policy
      guard
        CommittedManifest.Policy(file, asOf: committed.asOf, table: committed.table) == committed
      else {
        throw IngestError(
          .badData,
          "\(path): is not the policy that epoch \(epoch) committed; restore the store from a copy"
        )
      }
      return (file, committed.asOf)
    } catch {
      throw IngestError(error)
    }
  }

  private static func ledgerEntry(_ text: String, _ store: Store) throws(IngestError)
    -> RecordExplanation?
  {
    for id in try store.sourceIdentifiers() {
      let locator = text.hasPrefix(id + ":") ? String(text.dropFirst(id.count + 1)) : text
      for place in try store.segments(of: id) where place.ledgerCount > 0 {
        for bytes in try store.segment(place, of: id).ledger {
          guard let entry = (try? JSONParser.parse(bytes))?.object,
            entry["locator"]?.text == locator,
            let reason = entry["reason"]?.text
          else { continue }
          return RecordExplanation(
            source: id,
            decision: reason,
            steps: [
              "locator: \(locator)",
              "the record has no leaf; it stands in the reject ledger of '\(id)'",
              "reason: \(reason)", "detail: \(entry["detail"]?.text ?? "")",
              "place: \(entry["length"]?.text ?? "") bytes at \(entry["offset"]?.text ?? "")",
            ]
          )
        }
      }
    }
    return nil
  }
}
