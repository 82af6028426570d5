internal import Algebra
internal import ProofSystem

/// The prover's half of the folded opening (WHIR, eprint 2024/1586), run on h, which is uniform: nothing of
/// it needs to be hidden.
struct FoldedOpeningProver {
  let schedule: OpeningSchedule
  let code: CodeParameters
  let kernels: ProverKernels
  var tamper = Prover.Tampering()

  /// Sends all iterations.
  ///
  /// - Parameters:
  ///   - combination: h, data and tail.
  ///   - form: the forms whose values the verifier knows.
  ///   - queryCount: how many positions of the groups are drawn.
  ///   - openGroups: the openings of the statement's groups at positions, or `nil` if they may not be opened.
  /// - Returns: the opened positions of the groups, or `nil` when they may not be opened.
  func send(
    _ combination: [ChallengeField],
    _ form: OpeningForm,
    _ transcript: inout ProverTranscript,
    queryCount: Int,
    openGroups: ([Int]) -> [[UInt8]]?
  ) -> [Int]? {
    var values = combination
    values += Array(repeating: .zero, count: 2 * code.dataLength - combination.count)
    var vector = MultilinearPolynomial(values)
    var weight: MultilinearPolynomial<ChallengeField>?
    var last: (commitment: LaneCommitment, folding: OpeningSchedule.Folding)?
    var opened: [Int] = []

    func queries(_ transcript: inout ProverTranscript) -> [BaseField]? {
      transcript.sendWork(bits: schedule.queryWorkBits, "work before queries")
      let log = last?.folding.logDomainSize ?? code.logDomainSize
      var drawn: Set<Int> = []
      for _ in 0..<(last?.folding.queryCount ?? queryCount) {
        drawn.insert(transcript.index(below: 1 << log, "query"))
      }
      let positions = drawn.sorted()
      if last == nil { opened = positions }
      guard
        let openings = last.map({ [$0.commitment.opening(of: positions)] }) ?? openGroups(positions)
      else { return nil }
      for opening in openings {
        if vector.variableCount > schedule.logFinalLength {
          transcript.send(opening, "opening")
        } else {
          transcript.sendOpening(opening)
        }
      }
      let root = BaseField.rootOfUnity(log: log)
      return positions.map { root.power(UInt64($0)) }
    }

    for (iteration, folding) in schedule.foldings.enumerated() {
      tamper.folded(iteration, &vector.values)
      let commitment = LaneCommitment(
        lanes: lanes(vector.values, folding),
        logDomainSize: folding.logDomainSize,
        salts: [],
        kernels: kernels
      )
      transcript.send(commitment.root, "root of folding")
      var w = weight ?? firstWeight(form, xi: transcript.challenge("xi0"))
      var samples: [ChallengeField] = []
      if schedule.hasSamples {
        transcript.sendWorkIfAny(folding.sampleWorkBits, "work before the sample")
        let point = transcript.challenge("sample")
        samples.append(point)
        transcript.send([Self.evaluate(vector.values, at: point)], "sampled value")
      }
      guard let points = queries(&transcript) else { return nil }
      transcript.sendWorkIfAny(folding.combinationWorkBits, "work before xi")
      let xi = transcript.challenge("xi")
      var power = xi
      for point in samples {
        Self.addPowers(of: point, times: power, to: &w.values)
        power *= xi
      }
      Self.addPowers(of: points, xi: &power, step: xi, to: &w.values)
      for _ in 0..<folding.logFold {
        transcript.send(ProductRound.values(w, vector), "folding round")
        transcript.sendWorkIfAny(folding.roundWorkBits, "work before a fold")
        let challenge = transcript.challenge("fold")
        w.bindHighest(to: challenge)
        vector.bindHighest(to: challenge)
      }
      weight = w
      last = (commitment, folding)
    }
    tamper.folded(schedule.foldings.count, &vector.values)
    transcript.send(vector.values, "final vector")
    guard queries(&transcript) != nil else { return nil }
    return opened
  }

  /// The vector cut into 2^logFold lanes over E, each as five over F.
  private func lanes(
    _ values: [ChallengeField],
    _ folding: OpeningSchedule.Folding
  ) -> [[BaseField]] {
    let length = 1 << folding.logLaneLength
    return stride(from: 0, to: values.count, by: length).flatMap { start in
      (0..<ChallengeField.degree).map { degree in
        values[start..<start + length].map { $0[degree] }
      }
    }
  }

  /// row + ξ w1 + ξ² w2 on data and tail.
  private func firstWeight(
    _ form: OpeningForm,
    xi: ChallengeField
  ) -> MultilinearPolynomial<ChallengeField> {
    let zone = form.firstWeights.map { $0 * xi } + form.secondWeights.map { $0 * (xi * xi) }
    let data = EqPolynomial.table(form.rowPoint)
    let rest = Array(repeating: ChallengeField.zero, count: code.dataLength - zone.count)
    return MultilinearPolynomial(data + zone + rest)
  }

  /// Σ values[j] · x^j.
  private static func evaluate(_ values: [ChallengeField], at x: ChallengeField) -> ChallengeField {
    values.reversed().reduce(.zero) { $0 * x + $1 }
  }

  private static func addPowers(
    of x: ChallengeField,
    times factor: ChallengeField,
    to weights: inout [ChallengeField]
  ) {
    var power = factor
    for index in weights.indices {
      weights[index] += power
      power *= x
    }
  }

  /// Adds ξ^s (x_s^j)_j for the points in order.
  private static func addPowers(
    of points: [BaseField],
    xi power: inout ChallengeField,
    step: ChallengeField,
    to weights: inout [ChallengeField]
  ) {
    for x in points {
      var term = power
      for index in weights.indices {
        weights[index] += term
        term = term * x
      }
      power *= step
    }
  }
}

/// A round of Σ w f: its values at 1 and 2.
enum ProductRound {
  static func values(
    _ w: MultilinearPolynomial<ChallengeField>,
    _ f: MultilinearPolynomial<ChallengeField>
  ) -> [ChallengeField] {
    let half = w.values.count / 2
    var (one, two) = (ChallengeField.zero, ChallengeField.zero)
    for index in 0..<half {
      let (w1, f1) = (w.values[index + half], f.values[index + half])
      one += w1 * f1
      two += (w1 + w1 - w.values[index]) * (f1 + f1 - f.values[index])
    }
    return [one, two]
  }
}
