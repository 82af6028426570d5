internal import Algebra

/// The folded opening (WHIR, eprint 2024/1586): h is committed, folded and committed again, until what is
/// left is short enough to be sent.
struct FoldedOpeningVerifier {
  let schedule: OpeningSchedule
  let code: CodeParameters
  let form: OpeningForm
  /// What ⟨h, row⟩, ⟨h, w1⟩ and ⟨h, w2⟩ must be.
  let targets: (ChallengeField, ChallengeField, ChallengeField)

  /// A committed vector that positions are opened of.
  private struct Oracle {
    let root: [UInt8]
    let folding: OpeningSchedule.Folding
    /// eq of the challenges that folded it, by lane.
    let weights: [ChallengeField]

    /// What the folded vector's codeword must be at the opened positions.
    func values(_ opening: LaneOpening) -> [ChallengeField] {
      opening.values.map { row in
        var sum = ChallengeField.zero
        for (lane, weight) in weights.enumerated() {
          let value = ChallengeField(row, at: ChallengeField.degree * lane)
          sum += weight * value
        }
        return sum
      }
    }
  }

  /// Reads all iterations.
  ///
  /// - Parameters:
  ///   - transcript: stands behind ε.
  ///   - openGroups: reads the openings of the statement's groups and gives what h must be there.
  /// - Throws: `VerificationError`.
  /// - Complexity: O(queries · (2^logFold + final length)).
  func verify(
    _ transcript: inout VerifierTranscript,
    openGroups: (inout VerifierTranscript, [Int]) throws(VerificationError) -> [ChallengeField]
  ) throws(VerificationError) {
    var oracle: Oracle?
    var weight: FoldedWeight?
    var claim = ChallengeField.zero

    /// Draws positions of the last oracle and reads what the vector's codeword must be at each.
    func queries(
      _ transcript: inout VerifierTranscript,
      isLast: Bool
    ) throws(VerificationError) -> [(x: BaseField, value: ChallengeField)] {
      try transcript.readWork(bits: schedule.queryWorkBits, "work before queries")
      let log = oracle?.folding.logDomainSize ?? code.logDomainSize
      let count = oracle?.folding.queryCount ?? schedule.queryCount
      var drawn: Set<Int> = []
      for _ in 0..<count { drawn.insert(transcript.index(below: 1 << log, "query")) }
      let positions = drawn.sorted()
      let values: [ChallengeField]
      if let oracle {
        let opening = try LaneOpening(
          &transcript,
          root: oracle.root,
          positions: positions,
          LaneOpening.Shape(
            laneCount: oracle.folding.laneCount,
            depth: log,
            isSalted: false,
            isAbsorbed: !isLast
          )
        )
        values = oracle.values(opening)
      } else {
        values = try openGroups(&transcript, positions)
      }
      let root = BaseField.rootOfUnity(log: log)
      return zip(positions, values).map { (root.power(UInt64($0)), $1) }
    }

    for folding in schedule.foldings {
      let root = try transcript.read(MerkleHash.byteCount, "root of folding")
      var constraint = weight ?? firstWeight(&transcript)
      if weight == nil { claim = constraint.batch(targets) }
      var sample: (point: ChallengeField, value: ChallengeField)?
      if schedule.hasSamples {
        try transcript.readWorkIfAny(folding.sampleWorkBits, "work before the sample")
        let point = transcript.challenge("sample")
        sample = (point, try transcript.readElements(1, "sampled value")[0])
      }
      let found = try queries(&transcript, isLast: false)
      try transcript.readWorkIfAny(folding.combinationWorkBits, "work before xi")
      let xi = transcript.challenge("xi")
      var power = xi
      if let sample {
        constraint.add(sample.point, factor: power)
        claim += power * sample.value
        power *= xi
      }
      for (x, value) in found {
        constraint.add(ChallengeField(x), base: x, factor: power)
        claim += power * value
        power *= xi
      }
      var challenges: [ChallengeField] = []
      for _ in 0..<folding.logFold {
        let values = try transcript.readElements(2, "folding round")
        try transcript.readWorkIfAny(folding.roundWorkBits, "work before a fold")
        let challenge = transcript.challenge("fold")
        claim = SumcheckRound.reduce(claim: claim, values: values, challenge: challenge)
        constraint.bind(to: challenge)
        challenges.append(challenge)
      }
      weight = constraint
      oracle = Oracle(
        root: root,
        folding: folding,
        weights: EqPolynomial.table(challenges.reversed())
      )
    }
    let last = try transcript.readElements(1 << schedule.logFinalLength, "final vector")
    for (x, value) in try queries(&transcript, isLast: true) {
      guard evaluate(last, at: x) == value else { throw .proximity }
    }
    guard weight?.product(with: last) == claim else { throw .openingMismatch }
  }

  /// The three forms, and a claim that nothing stands behind the tail.
  private func firstWeight(_ transcript: inout VerifierTranscript) -> FoldedWeight {
    let xi = transcript.challenge("xi0")
    let zeros = (0..<code.logDataLength).map { _ in transcript.challenge("zeros") }
    return FoldedWeight(form, code: code, xi: xi, zeros: zeros)
  }
}
