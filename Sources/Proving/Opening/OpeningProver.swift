internal import Algebra
internal import ProofSystem

/// The evaluations of all columns and the opening sumcheck, over lanes as they lie in memory.
///
/// On a lane that only holds columns of 2^μ rows and more, W is one factor times eq(r_0 … r_{μ−1}), the same
/// list for all such lanes: their inner products with that list give the evaluations, and all rounds over
/// lane variables are sums over those few numbers. Lanes with smaller columns have lists of their own.
struct OpeningProver {
  private let layout: StackLayout
  private let code: CodeParameters
  private let stores: [LaneStore]
  private let kernels: ProverKernels
  private let point: [ChallengeField]
  /// eq of the first coordinates of the point, by the number of coordinates.
  private let tables: [Int: ExtensionVector]
  /// ⟨eq(r_0 … r_{μ−1}), lane⟩ by group and lane; empty when no column is that tall.
  private let products: [[ChallengeField]]

  init(
    _ layout: StackLayout,
    _ code: CodeParameters,
    _ stores: [LaneStore],
    point: [ChallengeField],
    _ kernels: ProverKernels
  ) {
    (self.layout, self.code, self.stores) = (layout, code, stores)
    (self.point, self.kernels) = (point, kernels)
    let heights = Set(
      (Array(layout.columns.joined()) + layout.helpers.joined().joined()).map {
        min($0.logHeight, code.logDataLength)
      }
    )
    var tables: [Int: ExtensionVector] = [:]
    for height in heights { tables[height] = EqTable.make(Array(point.prefix(height)), kernels) }
    self.tables = tables
    products =
      tables[code.logDataLength].map { row in
        Self.products(of: row, layout, code, stores, kernels)
      } ?? []
  }

  /// ⟨row, lane⟩ for every stack lane.
  private static func products(
    of row: ExtensionVector,
    _ layout: StackLayout,
    _ code: CodeParameters,
    _ stores: [LaneStore],
    _ kernels: ProverKernels
  ) -> [[ChallengeField]] {
    // Pieces of the row stay in the cache while all lanes are read.
    let step = min(code.dataLength, 8192)
    let pieces = code.dataLength / step
    return stores.indices.map { group in
      let store = stores[group]
      return kernels.loop.map(layout.laneCounts[group]) { lane in
        (0..<pieces).reduce(.zero) { sum, piece in
          let rows = piece * step..<(piece + 1) * step
          return sum + kernels.vectors.dot(row, store.data, lane * code.dataLength, rows)
        }
      }
    }
  }

  /// By table: the values of columns, then of helpers, at the point.
  var evaluations: [[ChallengeField]] {
    layout.columns.indices.map { table in
      layout.columns[table].map(evaluation)
        + layout.helpers[table].map { coordinates in
          coordinates.enumerated().reduce(.zero) {
            $0 + ChallengeField.basis[$1.offset] * evaluation($1.element)
          }
        }
    }
  }

  private func evaluation(_ place: StackLayout.Place) -> ChallengeField {
    guard place.logHeight >= code.logDataLength else {
      guard let eq = tables[place.logHeight] else { return .zero }
      let rows = 0..<1 << place.logHeight
      return kernels.vectors.dot(eq, stores[place.group].data, place.offset, rows)
    }
    let high = EqPolynomial.table(Array(point[code.logDataLength..<place.logHeight]))
    let first = place.offset >> code.logDataLength
    var sum = ChallengeField.zero
    for (index, weight) in high.enumerated() {
      sum += weight * products[place.group][first + index]
    }
    return sum
  }

  // MARK: the sumcheck

  /// A list that lanes have as their part of W: its factor by virtual lane, and its products with lanes.
  private struct Basis {
    let list: ExtensionVector
    var factors: [ChallengeField]
    var products: [ChallengeField]

    mutating func bind(to r: ChallengeField) {
      let half = factors.count / 2
      for index in 0..<half {
        factors[index] += r * (factors[index + half] - factors[index])
        products[index] += r * (products[index + half] - products[index])
      }
      factors.removeSubrange(half...)
      products.removeSubrange(half...)
    }
  }

  /// By virtual lane: its group and number, if it is there.
  private var lanes: [(group: Int, lane: Int)?] {
    var lanes = [(group: Int, lane: Int)?](repeating: nil, count: 1 << layout.logLaneCount)
    for group in stores.indices {
      for lane in 0..<layout.laneCounts[group] {
        lanes[layout.firstLanes[group] + lane] = (group, lane)
      }
    }
    return lanes
  }

  /// W by lists.
  private func basis(_ weights: OpeningWeights) -> [Basis] {
    let count = 1 << layout.logLaneCount
    var shared = [ChallengeField](repeating: .zero, count: count)
    var own: [Int: [OpeningWeights.Term]] = [:]
    for term in weights.terms {
      let lane = term.offset >> code.logDataLength
      if term.logHeight >= code.logDataLength {
        let high = EqPolynomial.table(Array(point[code.logDataLength..<term.logHeight]))
        for (index, weight) in high.enumerated() { shared[lane + index] += term.factor * weight }
      } else {
        own[lane, default: []].append(term)
      }
    }
    var found: [Basis] = []
    if let row = tables[code.logDataLength] {
      found.append(Basis(list: row, factors: shared, products: virtual(products)))
    }
    for (lane, terms) in own.sorted(by: { $0.key < $1.key }) {
      let list = ExtensionVector(zeros: code.dataLength)
      for term in terms {
        guard let eq = tables[term.logHeight] else { continue }
        let start = term.offset & (code.dataLength - 1)
        for index in 0..<1 << term.logHeight { list[start + index] = term.factor * eq[index] }
      }
      var factors = [ChallengeField](repeating: .zero, count: count)
      factors[lane] = .one
      let products = Self.products(of: list, layout, code, stores, kernels)
      found.append(Basis(list: list, factors: factors, products: virtual(products)))
    }
    return found
  }

  /// Numbers by group and lane at their places on the virtual stack.
  private func virtual(_ numbers: [[ChallengeField]]) -> [ChallengeField] {
    lanes.map { place in place.map { numbers[$0.group][$0.lane] } ?? .zero }
  }

  /// What the rounds end in.
  struct Opened {
    /// r'.
    let point: [ChallengeField]
    /// f's value there.
    let value: ChallengeField
    /// Σ eq_l f_l, the stack's lanes under the point's lane variables: data in Montgomery form.
    let stack: ExtensionVector
  }

  /// The rounds over s' + ρ₂ W f.
  func rounds(
    _ transcript: inout ProverTranscript,
    weights: OpeningWeights,
    mask: MaskPolynomial,
    rho: ChallengeField,
    workBits: Int
  ) -> Opened {
    var opened = [ChallengeField](repeating: .zero, count: layout.variableCount)
    var bound: [Int: ChallengeField] = [:]
    func challenge(
      _ transcript: inout ProverTranscript,
      _ variable: Int,
      _ sums: [ChallengeField]
    ) -> ChallengeField {
      let masked = mask.round(variable, bound: bound, at: 1..<3)
      transcript.send(zip(masked, sums).map { $0 + rho * $1 }, "opening round")
      transcript.sendWorkIfAny(workBits, "work before r'", kernels)
      let r = transcript.challenge("r'")
      (opened[variable], bound[variable]) = (r, r)
      return r
    }
    var basis = basis(weights)
    for variable in (code.logDataLength..<layout.variableCount).reversed() {
      let half = 1 << (variable - code.logDataLength)
      var sums = [ChallengeField.zero, .zero]
      for part in basis {
        for index in 0..<half {
          let (w0, w1) = (part.factors[index], part.factors[index + half])
          let (f0, f1) = (part.products[index], part.products[index + half])
          sums[0] += w1 * f1
          sums[1] += (w1 + w1 - w0) * (f1 + f1 - f0)
        }
      }
      let r = challenge(&transcript, variable, sums)
      for index in basis.indices { basis[index].bind(to: r) }
    }
    let high = EqPolynomial.table(Array(opened.dropFirst(code.logDataLength)))
    let stack = combination(factors: high)
    var f = stack
    var w = ExtensionVector(zeros: code.dataLength)
    for part in basis { add(part.list, times: part.factors[0], to: w) }
    for variable in (0..<code.logDataLength).reversed() {
      let r = challenge(&transcript, variable, ProductRound.values(w, f, kernels))
      ProductRound.bind(&w, to: r, kernels)
      if f.count == stack.count {
        f = ProductRound.bound(stack, to: r, kernels)
      } else {
        ProductRound.bind(&f, to: r, kernels)
      }
    }
    return Opened(point: opened, value: f[0], stack: stack)
  }

  /// Σ factor_l f_l over the data of stack lanes, in Montgomery form.
  private func combination(factors: [ChallengeField]) -> ExtensionVector {
    let sum = ExtensionVector(zeros: code.dataLength)
    kernels.loop.forRanges(0..<code.dataLength) { range in
      for (group, store) in stores.enumerated() {
        let terms = (0..<layout.laneCounts[group]).map { lane in
          (
            offset: lane * code.dataLength, coefficient: factors[layout.firstLanes[group] + lane]
          )
        }
        kernels.vectors.accumulate(sum, store.data, terms, range)
      }
      kernels.vectors.encode(sum, range)
    }
    return sum
  }

  /// target += factor · list.
  private func add(
    _ list: ExtensionVector,
    times factor: ChallengeField,
    to target: ExtensionVector
  ) {
    var builder = ProgramBuilder()
    let (sum, term) = (builder.input(isExtension: true), builder.input(isExtension: true))
    builder.accumulate(sum, term, factor, isExtension: true)
    let lists: [VectorProgram.Input.Values] = [.extension(target), .extension(list)]
    builder.map(lists, sum, into: target, 0..<code.dataLength, kernels)
  }

  /// h = g + ε Σ_l eq_l f_l + ε² m, whole lane messages with canonical planes.
  ///
  /// The rounds left the data of Σ_l eq_l f_l behind: only tails, blinder and mask are read here. Longer than
  /// a message only where a test's lanes are.
  func combination(
    _ form: OpeningForm,
    stack: ExtensionVector,
    epsilon: ChallengeField
  ) -> ExtensionVector {
    let tailLength = stores.map(\.tailLength).max() ?? code.tailLength
    let sum = ExtensionVector(zeros: code.dataLength + tailLength)
    let data = ExtensionVector(sum.words, offset: 0, stride: sum.stride, count: code.dataLength)
    let tail = ExtensionVector(
      sum.words,
      offset: code.dataLength,
      stride: sum.stride,
      count: tailLength
    )
    let own = ownTerms(epsilon)
    let helper = stores[layout.helperGroup]
    add(stack, times: epsilon, to: data)
    kernels.loop.forRanges(0..<code.dataLength) { range in
      kernels.vectors.decode(data, range)
      let terms = own.map { ($0.lane * code.dataLength, $0.coefficient) }
      kernels.vectors.accumulate(data, helper.data, terms, range)
    }
    let terms: [[(lane: Int, coefficient: ChallengeField)]] = stores.indices.map { group in
      (0..<layout.laneCounts[group]).map { lane in
        (lane: lane, coefficient: epsilon * form.lanes[layout.firstLanes[group] + lane])
      } + (group == layout.helperGroup ? own : [])
    }
    kernels.loop.forRanges(0..<tailLength) { range in
      for (group, store) in stores.enumerated() {
        let tails = terms[group].map { ($0.lane * store.tailLength, $0.coefficient) }
        let own = range.clamped(to: 0..<store.tailLength)
        kernels.vectors.accumulate(tail, store.tails, tails, own)
      }
    }
    return sum
  }

  /// ε² and 1 for the lanes of mask and blinder.
  private func ownTerms(
    _ epsilon: ChallengeField
  ) -> [(lane: Int, coefficient: ChallengeField)] {
    (0..<ChallengeField.degree).flatMap { degree in
      let (first, unit) = (
        layout.laneCounts[layout.helperGroup] + degree, ChallengeField.basis[degree]
      )
      return [(first, epsilon * epsilon * unit), (first + ChallengeField.degree, unit)]
    }
  }

  /// ⟨data, row⟩, ⟨mask zone, w1⟩ and ⟨mask zone, w2⟩ of the blinder lane.
  func blinderValues(_ form: OpeningForm) -> (ChallengeField, ChallengeField, ChallengeField) {
    let (store, row) = (stores[layout.helperGroup], EqTable.make(form.rowPoint, kernels))
    let first = layout.laneCounts[layout.helperGroup] + ChallengeField.degree
    var (data, one, two) = (ChallengeField.zero, ChallengeField.zero, ChallengeField.zero)
    for degree in 0..<ChallengeField.degree {
      let (lane, unit) = (first + degree, ChallengeField.basis[degree])
      let rows = 0..<code.dataLength
      data += unit * kernels.vectors.dot(row, store.data, lane * code.dataLength, rows)
      let start = lane * store.tailLength
      let zone = store.tails.elements(start..<start + code.maskZoneLength)
      for (value, weight) in zip(zone, form.firstWeights) { one += unit * weight * value }
      for (value, weight) in zip(zone.dropFirst(form.firstWeights.count), form.secondWeights) {
        two += unit * weight * value
      }
    }
    return (data, one, two)
  }
}

/// Rounds of Σ w f over lists in Montgomery form.
enum ProductRound {
  /// The values at 1 and 2.
  static func values(
    _ w: ExtensionVector,
    _ f: ExtensionVector,
    _ kernels: ProverKernels
  ) -> [ChallengeField] {
    let half = w.count / 2
    let ranges = kernels.loop.ranges(0..<half)
    let parts = kernels.loop.map(ranges.count) {
      kernels.vectors.productRound(w, f, half, ranges[$0])
    }
    return parts.reduce([.zero, .zero]) { [$0[0] + $1[0], $0[1] + $1[1]] }
  }

  /// The list with its highest variable bound.
  static func bound(
    _ list: ExtensionVector,
    to r: ChallengeField,
    _ kernels: ProverKernels
  ) -> ExtensionVector {
    let half = list.count / 2
    let target = ExtensionVector(zeros: half)
    kernels.loop.forRanges(0..<half) {
      kernels.vectors.fold(.extension(list), half, r, $0, target)
    }
    return target
  }

  /// Binds the highest variable, in place.
  static func bind(_ list: inout ExtensionVector, to r: ChallengeField, _ kernels: ProverKernels) {
    let (half, source) = (list.count / 2, list)
    kernels.loop.forRanges(0..<half) {
      kernels.vectors.fold(.extension(source), half, r, $0, source)
    }
    list.count = half
  }
}
