internal import CanonicalCoding

/// What a proof shows and what it does not, in words: the same before it is made and after it is checked.
public struct ProvenanceSentences: Sendable {
  /// What is shown.
  public let shown: [String]
  /// What is hidden.
  public let hidden: [String]
  /// What is not shown, although a reader might think so.
  public let notShown: [String]

  init(
    context: ProofContext,
    exampleCount: UInt64,
    claim: ProvenanceClaim,
    classes: [String],
    ranges: [TotalRange],
    registrySize: UInt64,
    sourceCount: Int,
    policy: String
  ) {
    let day = CivilDate(dayNumber: Int(context.day)).map(\.description) ?? "day \(context.day)"
    var shown = [
      "Each of the \(exampleCount) training examples of receipt \(context.receipt.hex) is a record that epoch \(context.epoch) of the registry had committed (combined manifest \(context.combined.hex), \(sourceCount) sources, \(registrySize) leaves); none of them is a removed record.",
      "Every record that was used stands under a license entry that policy \(policy) (\(context.policy.hex)) allows on \(day), and whose term has not ended by then; \(classes.isEmpty ? "no entry is allowed" : "the allowed classes are: \(classes.joined(separator: ", "))").",
      claim.useLimit == 1
        ? "No committed record is used more than once."
        : "No committed record is used more than \(claim.useLimit) times.",
    ]
    for (index, range) in ranges.enumerated() where range != .any {
      let quantity = ProvenanceClaim.Quantity.allCases[index % 3].rawValue
      let name = classes[index / 3]
      let words =
        range.low == range.high
        ? "exactly \(range.low)"
        : range.high == TotalRange.limit - 1
          ? "at least \(range.low)"
          : range.low == 0 ? "at most \(range.high)" : "\(range.low) to \(range.high)"
      shown.append("Class \(name): \(words) \(quantity) were used.")
    }
    self.shown = shown
    hidden = [
      "Which records and which sources were used, among all \(registrySize) leaves; all digests; every total that no range states.",
      "Not hidden: the number of examples, the sizes of the sources, the policy, the ranges, the length of the proof.",
    ]
    notShown = [
      "That the sources' declarations are true, or that a license is valid in law: the registry's signers say so.",
      "That nothing else was used in training: the receipt is the trainer's word until training itself is proven.",
      "That a text is absent: a paraphrase or another version of a record is another record.",
    ]
  }
}

extension VerifiedProvenance {
  /// The result in words.
  ///
  /// - Parameter policy: the policy's name and version.
  /// - Returns: what is shown, hidden and not shown.
  public func sentences(policy: String) -> ProvenanceSentences {
    ProvenanceSentences(
      context: context,
      exampleCount: receipt.count,
      claim: claim,
      classes: classes,
      ranges: ranges,
      registrySize: registrySize,
      sourceCount: sourceCount,
      policy: policy
    )
  }
}

extension ProvenanceStatement {
  /// What a proof of the statement will show, in words.
  public func sentences(
    context: ProofContext,
    claim: ProvenanceClaim,
    classes: [String],
    sourceCount: Int,
    policy: String
  ) -> ProvenanceSentences {
    ProvenanceSentences(
      context: context,
      exampleCount: UInt64(exampleCount),
      claim: claim,
      classes: classes,
      ranges: ranges,
      registrySize: registryGroups.reduce(0) { $0 + UInt64($1.count) },
      sourceCount: sourceCount,
      policy: policy
    )
  }
}
