public import Manifests
internal import Merkle
public import ProofSystem

/// What an auditor brings: the registry's manifest, the policy with its decisions, and who asks.
public struct ProvenanceQuestion: Sendable {
  /// The combined manifest, with its books and roots checked.
  public var manifest: VerifiedManifest
  /// The policy that a lawyer reads.
  public var policy: PolicyFile
  /// The decision table of manifests, policy and day; its root is compared with the receipt's.
  public var table: DecisionTable
  /// The receipt that the auditor has from elsewhere; `nil` to take the bundle's.
  public var receipt: TrainingReceipt?
  /// Who asks; empty for nobody in particular.
  public var audience: [UInt8]
  /// 32 bytes that the asker chose, or zeros.
  public var nonce: [UInt8]

  /// A question.
  public init(
    manifest: VerifiedManifest,
    policy: PolicyFile,
    table: DecisionTable,
    receipt: TrainingReceipt? = nil,
    audience: [UInt8] = [],
    nonce: [UInt8] = Array(repeating: 0, count: 32)
  ) {
    (self.manifest, self.policy, self.table) = (manifest, policy, table)
    (self.receipt, self.audience, self.nonce) = (receipt, audience, nonce)
  }
}

/// What a bundle was found to show: only the verifier makes one.
public struct VerifiedProvenance: Sendable {
  /// The question's objects, as the proof binds them.
  public let context: ProofContext
  /// The public head of the receipt.
  public let receipt: TrainingReceipt
  /// The claim.
  public let claim: ProvenanceClaim
  /// The classes in the order of the statement.
  public let classes: [String]
  /// For each class the ranges of records, bytes and words.
  public let ranges: [TotalRange]
  /// Leaves of the registry among which the used ones are hidden.
  public let registrySize: UInt64
  /// Its sources.
  public let sourceCount: Int
  /// The profile.
  public let profile: Profile
  /// −log2 of a false bundle's chance a try: the smallest term of all its proofs and of Poseidon2's trees.
  public let securityBits: Double

  /// Collisions of Poseidon2 digests, in the ideal-permutation model: a bundle opens trees of them, whatever the profile.
  public static let treeBits = 124.0

  fileprivate init(
    context: ProofContext,
    receipt: TrainingReceipt,
    claim: ProvenanceClaim,
    classes: [String],
    ranges: [TotalRange],
    registry: CommittedRegistry,
    profile: Profile,
    bits: Double
  ) {
    (self.context, self.receipt, self.claim) = (context, receipt, claim)
    (self.classes, self.ranges, self.profile) = (classes, ranges, profile)
    (registrySize, sourceCount) = (registry.size, registry.sources.count)
    securityBits = min(bits, Self.treeBits)
  }
}

/// Checks provenance bundles: plain, sequential, offline; it opens no file and trusts nothing that a bundle brings.
///
/// Input: the bundle's bytes and a `ProvenanceQuestion`. Every byte of the bundle is either bound by a proof or compared
/// with what the question gives. The first rule that is broken decides; there is no partial result.
public enum ProvenanceVerifier {
  /// More sources than any registry has: sizes up to 2^40 add up without overflow.
  private static let sourceLimit = 1 << 16

  /// Checks a bundle.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - question: what it is checked against.
  /// - Returns: what was proven.
  /// - Throws: `ProvenanceError`, the one rule that failed and where.
  /// - Complexity: that of J + I + 1 proofs (`Verifier.verify`), each linear in its length.
  public static func verify(
    _ bytes: [UInt8],
    _ question: ProvenanceQuestion
  ) throws(ProvenanceError) -> VerifiedProvenance {
    try verify(try ProvenanceBundle(bytes), question)
  }

  /// Checks a bundle that was read.
  static func verify(
    _ bundle: ProvenanceBundle,
    _ question: ProvenanceQuestion
  ) throws(ProvenanceError) -> VerifiedProvenance {
    if let receipt = question.receipt, receipt != bundle.receipt {
      throw ProvenanceError(
        "receipt",
        "the bundle speaks of receipt \(bundle.receipt.digest.hex), the one given is \(receipt.digest.hex)"
      )
    }
    let context = try ProofContext(
      manifest: question.manifest,
      receipt: bundle.receipt,
      policy: question.policy,
      table: question.table
    )
    let registry = CommittedRegistry(question.manifest)
    let (rows, classes) = DecisionRow.rows(
      question.table,
      sources: question.manifest.manifest.sources.map(\.id),
      on: bundle.receipt.asOf,
      by: bundle.claim.grouping
    )
    let ranges: [TotalRange]
    do throws(ProvenanceClaim.FormError) {
      ranges = try bundle.claim.ranges(of: classes)
    } catch {
      throw ProvenanceError("claim", error.description)
    }
    var bits = Double.infinity
    let groups = try links(bundle, registry, &bits)
    let training = try trainingLinks(bundle, &bits)
    let statement = ProvenanceStatement(
      context: context,
      registryGroups: groups,
      trainingGroups: training,
      useLimit: bundle.claim.useLimit,
      decisions: rows,
      ranges: ranges,
      profile: bundle.profile,
      code: bundle.code,
      audience: question.audience,
      nonce: question.nonce
    )
    try check("provenance", bundle.proof, &bits) { () throws(VerificationError) in
      try statement.statement()
    }
    return VerifiedProvenance(
      context: context,
      receipt: bundle.receipt,
      claim: bundle.claim,
      classes: classes,
      ranges: ranges,
      registry: registry,
      profile: bundle.profile,
      bits: bits
    )
  }

  /// The link proofs cover every leaf of the registry, in order: what is used is hidden among all of them.
  private static func links(
    _ bundle: ProvenanceBundle,
    _ registry: CommittedRegistry,
    _ bits: inout Double
  ) throws(ProvenanceError) -> [ProvenanceStatement.Group] {
    guard registry.sources.allSatisfy({ $0.head.size <= treeSizeLimit }),
      registry.sources.count <= Self.sourceLimit
    else {
      throw ProvenanceError(
        "registry",
        "a source has more than 2^40 leaves, or there are more than 2^16 sources",
        rule: .limitExceeded
      )
    }
    var next: UInt64 = 0
    var groups: [ProvenanceStatement.Group] = []
    for (index, link) in bundle.links.enumerated() {
      let name = "link \(index + 1)"
      let count = try cover(
        name,
        link.segment,
        from: next,
        sizes: registry.sources.map(\.head.size)
      )
      next += UInt64(count)
      let statement = LinkStatement(
        registry: registry,
        segment: link.segment,
        root: link.root,
        profile: bundle.profile,
        code: bundle.code
      )
      try check(name, link.proof, &bits) { () throws(VerificationError) in
        try statement.statement()
      }
      groups.append(ProvenanceStatement.Group(root: link.root, count: count))
    }
    guard next == registry.size else {
      throw ProvenanceError(
        "links",
        "the link proofs cover \(next) of the registry's \(registry.size) leaves"
      )
    }
    return groups
  }

  /// The training link proofs cover the receipt from 0 to its count.
  private static func trainingLinks(
    _ bundle: ProvenanceBundle,
    _ bits: inout Double
  ) throws(ProvenanceError) -> [ProvenanceStatement.Group] {
    guard bundle.receipt.count <= treeSizeLimit else {
      throw ProvenanceError("receipt", "names more than 2^40 examples", rule: .limitExceeded)
    }
    var next: UInt64 = 0
    var groups: [ProvenanceStatement.Group] = []
    for (index, link) in bundle.trainingLinks.enumerated() {
      let name = "training link \(index + 1)"
      let count = try cover(name, link.segment, from: next, sizes: [bundle.receipt.count])
      let statement = TrainingLinkStatement(
        receipt: bundle.receipt,
        base: next,
        segment: link.segment,
        root: link.root,
        profile: bundle.profile,
        code: bundle.code
      )
      next += UInt64(count)
      try check(name, link.proof, &bits) { () throws(VerificationError) in
        try statement.statement()
      }
      groups.append(ProvenanceStatement.Group(root: link.root, count: count))
    }
    guard next == bundle.receipt.count else {
      throw ProvenanceError(
        "training links",
        "the training link proofs cover \(next) of the receipt's \(bundle.receipt.count) examples"
      )
    }
    return groups
  }

  /// Checks that a segment is the leaves that come next, by their fewest subtrees.
  private static func cover(
    _ name: String,
    _ segment: TreeSegment,
    from start: UInt64,
    sizes: [UInt64]
  ) throws(ProvenanceError) -> Int {
    let total = sizes.reduce(0) { $0 &+ $1 }
    guard let count = segment.leafCount, count > 0, UInt64(count) <= total,
      start <= total - UInt64(count)
    else { throw ProvenanceError(name, "its parts hold more leaves than the tree has") }
    let places = TreeSegment.cover(start..<start + UInt64(count), sizes: sizes)
    guard
      places.elementsEqual(
        segment.parts,
        by: { $0.source == $1.source && $0.node == $1.node }
      )
    else {
      throw ProvenanceError(
        name,
        "its parts are not the leaves \(start) to \(start + UInt64(count) - 1), in order"
      )
    }
    return count
  }

  /// Checks one proof and takes its smallest term.
  private static func check(
    _ name: String,
    _ proof: [UInt8],
    _ bits: inout Double,
    _ make: () throws(VerificationError) -> Statement
  ) throws(ProvenanceError) {
    do throws(VerificationError) {
      let statement = try make()
      let verified = try Verifier.verify(proof, of: statement)
      bits = min(bits, Soundness(verified.statement).bits)
    } catch {
      throw ProvenanceError(name, "the check '\(error.rawValue)' fails", rule: error)
    }
  }
}
