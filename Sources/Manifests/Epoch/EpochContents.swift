public import CanonicalCoding
public import Licensing
internal import Merkle

/// One epoch with everything that its commit file names: policy, decisions, reviews, source manifests, license texts.
///
/// Verified: each part has the digest that was committed. Who signed is another question (`SignedCommit`).
public struct EpochContents: Sendable {
  /// The parts as bytes, from wherever they are.
  public struct Parts: Sendable {
    /// `combined.commit.json`.
    public var commit: [UInt8]
    /// The envelope over it, where it is at hand.
    public var envelope: [UInt8]?
    /// The policy's file.
    public var policy: [UInt8]
    /// `combined.decisions.jsonl`.
    public var decisions: [UInt8]
    /// `combined.reviews.jsonl`; without it the epoch is read, and its decision table taken as it was committed.
    public var reviews: [UInt8]?
    /// The files of source manifests with the names that messages give them, by source.
    public var manifests: [String: (name: String, bytes: [UInt8])]
    /// License texts by source, then by `LicenseRef`.
    public var texts: [String: [String: [UInt8]]]

    /// The commit file, where the caller has checked it already.
    public var manifest: VerifiedManifest?

    /// The parts that every epoch has.
    public init(commit: [UInt8], policy: [UInt8], decisions: [UInt8]) {
      (self.commit, self.policy, self.decisions) = (commit, policy, decisions)
      (envelope, reviews, manifests, texts) = (nil, nil, [:], [:])
      manifest = nil
    }
  }

  /// One source of the epoch.
  public struct Source: Sendable {
    /// What is committed.
    public let commitment: SourceCommitment
    /// What its manifest says; `nil` where the manifest is not at hand.
    public let manifest: SourceManifest?
    /// Where the members of the manifest stand.
    public let lines: ManifestLines?
    /// The license entries with what the policy decides, in their order.
    public let entries: [Entry]
    /// License texts by `LicenseRef`.
    public let texts: [String: [UInt8]]
  }

  /// One license entry: what is committed about it, and its rows of the decision table.
  public struct Entry: Sendable {
    /// The expression, the counts.
    public let license: SourceCommitment.License
    /// What the manifest grants; `nil` for undeclared licenses, or without the manifest.
    public let grant: SourceManifest.LicenseGrant?
    /// The rows, one a preference.
    public let rows: [DecisionTable.Row]
    /// How each row came about; empty where the table could not be made again.
    public let evaluations: [PolicyEvaluation]

    /// Records by what the policy decides about them.
    public var recordsByDecision: [Decision: UInt64] {
      rows.reduce(into: [:]) { counts, row in
        counts[row.decision, default: 0] += license.preferences[row.preference] ?? 0
      }
    }
  }

  /// The commit file's bytes.
  public let bytes: [UInt8]
  /// The commit file, checked.
  public let manifest: VerifiedManifest
  /// The envelope over the commit file; nobody has checked its signatures here.
  public let envelope: DSSEEnvelope?
  /// The policy.
  public let policy: PolicyFile
  /// The decision table.
  public let table: DecisionTable
  /// The sources, in order of their ids.
  public let sources: [Source]
  /// Every review, ascending by source and sequence.
  public let reviews: [Review]
  /// Whether the table was made again from policy and manifests, and is the committed one.
  public let isTableRemade: Bool

  /// The day on which the policy decides.
  public var asOf: CivilDate { manifest.manifest.policy.asOf }
  /// The number of the epoch.
  public var number: UInt64 { manifest.manifest.epoch }

  /// Checks the parts of an epoch against its commit file.
  ///
  /// - Parameters:
  ///   - parts: the parts as bytes.
  ///   - other: a later epoch that this one is compared with: manifests that are the same are not read again, and the
  ///     decision table is taken as it was committed.
  /// - Throws: `EpochError` naming the part.
  /// - Complexity: O(bytes + rows · rules).
  public init(_ parts: Parts, besides other: EpochContents? = nil) throws(EpochError) {
    bytes = parts.commit
    do throws(CommitmentError) {
      if let checked = parts.manifest {
        manifest = checked
      } else {
        manifest = try VerifiedManifest(parts.commit)
      }
      table = try DecisionTable(lines: parts.decisions)
    } catch {
      throw EpochError(.form, "\(error)")
    }
    envelope = try parts.envelope.map { bytes throws(EpochError) in
      guard let json = try? JSONParser.parse(bytes), let envelope = try? DSSEEnvelope(json) else {
        throw EpochError(.form, "the envelope is no DSSE envelope of ours")
      }
      return envelope
    }
    let committed = manifest.manifest
    guard table.head == committed.policy.table else {
      throw EpochError(.decisions, "the decision table is not the one that was committed")
    }
    do throws(ManifestError) {
      policy = try PolicyFile.decode(parts.policy, file: "combined.policy")
    } catch {
      throw EpochError(.policy, "\(error)")
    }
    guard policy.digest == committed.policy.sha256 else {
      throw EpochError(.policy, "the policy is not the one that was committed")
    }
    reviews =
      try parts.reviews.map { lines throws(EpochError) in
        try Self.reviews(lines, committed.reviews)
      } ?? []
    let hasReviews = parts.reviews != nil || committed.reviews.count == 0
    let histories = try Self.histories(reviews)
    var manifests: [String: SourceManifest] = [:]
    var lines: [String: ManifestLines] = [:]
    let known = Dictionary(
      (other?.sources ?? []).map { ($0.commitment.id, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    for source in committed.sources {
      guard let file = parts.manifests[source.id] else { continue }
      var decoded: SourceManifest
      if let same = known[source.id], let manifest = same.manifest, manifest.fileBytes == file.bytes
      {
        decoded = manifest
        lines[source.id] = same.lines
      } else {
        do throws(ManifestError) {
          (decoded, lines[source.id]) = try SourceManifest.decodeWithLines(
            file.bytes,
            file: file.name,
            plugins: nil
          )
        } catch {
          throw EpochError(.source, "the manifest of source '\(source.id)': \(error)")
        }
      }
      guard decoded.digest == source.manifestDigest else {
        throw EpochError(
          .source,
          "\(file.name) is not the manifest that was committed for source '\(source.id)'"
        )
      }
      decoded.reviews = histories[source.id] ?? .empty
      manifests[source.id] = decoded
    }
    // Whoever compares two epochs asks for the committed rows, not for how they came about.
    let remade = other == nil && hasReviews ? Self.remade(committed, manifests, policy) : nil
    isTableRemade = remade?.head == committed.policy.table
    sources = try Self.sources(
      committed,
      manifests,
      lines,
      isTableRemade ? remade ?? table : table,
      parts.texts
    )
  }

  /// The table again, where every manifest is at hand and this program judges with the committed lists.
  private static func remade(
    _ committed: CommittedManifest,
    _ manifests: [String: SourceManifest],
    _ policy: PolicyFile
  ) -> DecisionTable? {
    guard manifests.count == committed.sources.count,
      committed.licenseListDigest == CommittedManifest.ownLicenseListDigest,
      committed.licenseTableDigest == CommittedManifest.ownLicenseTableDigest
    else { return nil }
    return DecisionTable(
      manifests: Array(manifests.values),
      policy: policy.policy,
      asOf: committed.policy.asOf
    )
  }

  /// The reviews of a file, one payload a line, that has the committed head.
  ///
  /// - Throws: `EpochError`.
  public static func reviews(
    _ lines: [UInt8],
    _ head: CountedHead
  ) throws(EpochError) -> [Review] {
    let payloads = lines.split(separator: 0x0A).map { Array($0) }
    guard CountedHead(entries: payloads) == head else {
      throw EpochError(.reviews, "the reviews are not those that were committed")
    }
    var reviews: [Review] = []
    do throws(ReviewError) {
      for payload in payloads { reviews.append(try Review(payload: payload)) }
    } catch {
      throw EpochError(.reviews, error.description)
    }
    return reviews
  }

  /// The histories of reviews by source.
  ///
  /// - Throws: `EpochError` for one that is no history.
  public static func histories(_ reviews: [Review]) throws(EpochError) -> [String: ReviewHistory] {
    var histories: [String: ReviewHistory] = [:]
    do throws(ReviewError) {
      for (source, own) in Dictionary(grouping: reviews, by: \.source) {
        histories[source] = try ReviewHistory(own)
      }
    } catch {
      throw EpochError(.reviews, error.description)
    }
    return histories
  }

  private static func sources(
    _ committed: CommittedManifest,
    _ manifests: [String: SourceManifest],
    _ lines: [String: ManifestLines],
    _ table: DecisionTable,
    _ texts: [String: [String: [UInt8]]]
  ) throws(EpochError) -> [Source] {
    var rows: [String: [(DecisionTable.Row, PolicyEvaluation?)]] = [:]
    for (index, row) in table.rows.enumerated() {
      let evaluation = index < table.evaluations.count ? table.evaluations[index] : nil
      rows[row.source, default: []].append((row, evaluation))
    }
    var sources: [Source] = []
    for commitment in committed.sources {
      let manifest = manifests[commitment.id]
      let grants = manifest.map { LicenseEntries($0).entries }
      if let grants, grants.map(\.expression) != commitment.licenses.map(\.expression) {
        throw EpochError(
          .source,
          "source '\(commitment.id)': the manifest gives other license entries than were committed"
        )
      }
      let own = rows[commitment.id] ?? []
      let entries = commitment.licenses.enumerated().map { index, license in
        let mine = own.filter { $0.0.licenseIndex == index }
        return Entry(
          license: license,
          grant: grants?[index].grant,
          rows: mine.map(\.0),
          evaluations: mine.compactMap(\.1)
        )
      }
      sources.append(
        Source(
          commitment: commitment,
          manifest: manifest,
          lines: lines[commitment.id],
          entries: entries,
          texts: try Self.texts(texts[commitment.id] ?? [:], manifest)
        )
      )
    }
    return sources
  }

  /// License texts; one that the manifest binds has its digest.
  private static func texts(
    _ texts: [String: [UInt8]],
    _ manifest: SourceManifest?
  ) throws(EpochError) -> [String: [UInt8]] {
    for document in manifest?.documents ?? [] where document.field.hasPrefix("license.texts.") {
      let name = String(document.field.dropFirst("license.texts.".count))
      guard let text = texts[name], let digest = document.sha256 else { continue }
      guard SHA256Hash.of(text).hex == digest else {
        throw EpochError(
          .text,
          "the text of \(name) is not the one that the manifest of source '\(manifest?.id ?? "")' binds"
        )
      }
    }
    return texts
  }
}

/// Which part of an epoch is not what was committed.
public struct EpochError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The parts.
  public enum Part: String, Sendable {
    case form = "epoch-form"
    case policy = "epoch-policy"
    case decisions = "epoch-decisions"
    case reviews = "epoch-reviews"
    case source = "epoch-source"
    case text = "epoch-text"
  }

  /// The part.
  public let part: Part
  /// What is wrong, in one sentence.
  public let sentence: String

  init(_ part: Part, _ sentence: String) { (self.part, self.sentence) = (part, sentence) }

  /// One sentence for people; it holds no record content.
  public var description: String { "\(part.rawValue): \(sentence)" }
}
