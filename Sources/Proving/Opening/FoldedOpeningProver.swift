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
  ///   - transcript: stands behind ε.
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
    var vector = ExtensionVector(zeros: 2 * code.dataLength)
    for (index, element) in combination.enumerated() { vector[index] = element }
    var weight: ExtensionVector?
    var last: (commitment: LaneCommitment, folding: OpeningSchedule.Folding)?
    var opened: [Int] = []

    func queries(_ transcript: inout ProverTranscript) -> [BaseField]? {
      transcript.sendWork(
        bits: schedule.queryWorkBits,
        "work before queries",
        kernels.work,
        kernels.loop
      )
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
        if vector.count > 1 << schedule.logFinalLength {
          transcript.send(opening, "opening")
        } else {
          transcript.sendOpening(opening)
        }
      }
      let root = BaseField.rootOfUnity(log: log)
      return positions.map { root.power(UInt64($0)) }
    }

    for (iteration, folding) in schedule.foldings.enumerated() {
      change(vector, iteration)
      let commitment = commit(vector, folding)
      transcript.send(commitment.root, "root of folding")
      var w = weight ?? firstWeight(form, &transcript)
      var samples: [ChallengeField] = []
      if schedule.hasSamples {
        transcript.sendWorkIfAny(folding.sampleWorkBits, "work before the sample", kernels)
        let point = transcript.challenge("sample")
        samples.append(point)
        transcript.send([evaluate(vector, at: point)], "sampled value")
      }
      guard let points = queries(&transcript) else { return nil }
      transcript.sendWorkIfAny(folding.combinationWorkBits, "work before xi", kernels)
      let xi = transcript.challenge("xi")
      let powers = xi.powers(1 + samples.count + points.count).dropFirst()
      for (point, power) in zip(samples, powers) { addPowers(of: point, times: power, to: w) }
      let terms = zip(points, powers.dropFirst(samples.count)).map { (point: $0, coefficient: $1) }
      let target = w
      kernels.loop.forRanges(0..<w.count) { kernels.vectors.addPowers(target, terms, $0) }
      for _ in 0..<folding.logFold {
        transcript.send(ProductRound.values(w, vector, kernels), "folding round")
        transcript.sendWorkIfAny(folding.roundWorkBits, "work before a fold", kernels)
        let challenge = transcript.challenge("fold")
        ProductRound.bind(&w, to: challenge, kernels)
        ProductRound.bind(&vector, to: challenge, kernels)
      }
      weight = w
      last = (commitment, folding)
    }
    change(vector, schedule.foldings.count)
    transcript.send(vector.elements, "final vector")
    guard queries(&transcript) != nil else { return nil }
    return opened
  }

  private func change(_ vector: ExtensionVector, _ iteration: Int) {
    guard let change = tamper.folded else { return }
    var elements = vector.elements
    change(iteration, &elements)
    for (index, element) in elements.enumerated() { vector[index] = element }
  }

  /// Commits to the vector cut into 2^logFold lanes over E, each as five over F, without salts.
  private func commit(
    _ vector: ExtensionVector,
    _ folding: OpeningSchedule.Folding
  ) -> LaneCommitment {
    let canonical = ExtensionVector(zeros: vector.count)
    for degree in 0..<ChallengeField.degree {
      for index in 0..<vector.count {
        canonical.words[degree * canonical.stride + index] =
          vector.words[degree * vector.stride + index]
      }
    }
    kernels.loop.forRanges(0..<vector.count) { kernels.vectors.decode(canonical, $0) }
    let length = 1 << folding.logLaneLength
    var lanes: [[TransformKernel.Column]] = []
    for start in stride(from: 0, to: vector.count, by: length) {
      for degree in 0..<ChallengeField.degree {
        lanes.append([(canonical.words, degree * canonical.stride + start, length)])
      }
    }
    return LaneCommitment(
      lanes: lanes,
      logDomainSize: folding.logDomainSize,
      salts: nil,
      kernels: kernels
    )
  }

  /// row + ξ w1 + ξ² w2 on data and tail, ξ³ eq(z, ·) behind the tail.
  private func firstWeight(
    _ form: OpeningForm,
    _ transcript: inout ProverTranscript
  ) -> ExtensionVector {
    let xi = transcript.challenge("xi0")
    let zeros = (0..<code.logDataLength).map { _ in transcript.challenge("zeros") }
    let weight = ExtensionVector(zeros: 2 * code.dataLength)
    weight[0] = .one
    for (variable, coordinate) in form.rowPoint.enumerated() {
      kernels.vectors.eqStep(weight, coordinate, 1 << variable)
    }
    let zone = form.firstWeights.map { $0 * xi } + form.secondWeights.map { $0 * (xi * xi) }
    for (index, value) in zone.enumerated() { weight[code.dataLength + index] = value }
    let behind = EqTable.make(zeros, factor: xi * xi * xi, kernels)
    for degree in 0..<ChallengeField.degree {
      let (from, to) = (degree * behind.stride, degree * weight.stride + code.dataLength)
      for index in code.tailLength..<code.dataLength {
        weight.words[to + index] = behind.words[from + index]
      }
    }
    return weight
  }

  /// Σ values[j] · x^j, by pieces.
  private func evaluate(_ vector: ExtensionVector, at x: ChallengeField) -> ChallengeField {
    let ranges = kernels.loop.ranges(0..<vector.count)
    let parts = kernels.loop.map(ranges.count) { index in
      let sum = ranges[index].reversed().reduce(ChallengeField.zero) { $0 * x + vector[$1] }
      return sum * x.power(UInt64(ranges[index].lowerBound))
    }
    return parts.reduce(.zero, +)
  }

  /// weights[j] += factor · x^j.
  private func addPowers(
    of x: ChallengeField,
    times factor: ChallengeField,
    to weights: ExtensionVector
  ) {
    kernels.loop.forRanges(0..<weights.count) { range in
      var power = factor * x.power(UInt64(range.lowerBound))
      for index in range {
        weights[index] = weights[index] + power
        power *= x
      }
    }
  }
}
