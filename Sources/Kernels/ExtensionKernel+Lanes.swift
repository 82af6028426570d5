public import Algebra
internal import CKernels

extension ExtensionKernel {
  /// The fastest kernel that this processor can run; the reference where it can run no other.
  public static let best = available.last ?? .reference

  /// Every kernel that this processor can run, slowest first.
  public static let available: [ExtensionKernel] = {
    var kernels = [reference]
    // SAFETY: the pointers are to constants of the library, or null.
    if let form = unsafe extension_neon() {
      kernels.append(ExtensionKernel(name: "neon", ExtensionLanes(form: unsafe form.pointee)))
    }
    if let form = unsafe extension_avx2() {
      kernels.append(ExtensionKernel(name: "avx2", ExtensionLanes(form: unsafe form.pointee)))
    }
    if let form = unsafe extension_avx512() {
      kernels.append(ExtensionKernel(name: "avx512", ExtensionLanes(form: unsafe form.pointee)))
    }
    return kernels
  }()

  private init(name: String, _ lanes: ExtensionLanes) {
    self.init(name: name)
    rounds = lanes.rounds
    map = lanes.map
    fold = lanes.fold
    dot = lanes.dot
    accumulate = lanes.accumulate
    productRound = lanes.productRound
    eqStep = lanes.eqStep
    addPowers = lanes.addPowers
    encode = lanes.encode
    decode = lanes.decode
    invert = lanes.invert
  }
}

/// One row a vector lane; what is no multiple of sixteen rows goes to the reference.
private struct ExtensionLanes: Sendable {
  let form: extension_form
  private static let width = 16
  private static let degree = QuinticExtension.degree
  private var reference: ExtensionKernel { .reference }

  /// The whole vectors of a range that begins with one, and the rows that are left for the reference.
  private static func split(_ range: Range<Int>) -> (whole: Range<Int>, rest: Range<Int>) {
    guard range.lowerBound % width == 0 else {
      return (range.lowerBound..<range.lowerBound, range)
    }
    let end = range.upperBound / width * width
    return (range.lowerBound..<end, end..<range.upperBound)
  }

  private static func words(_ element: QuinticExtension) -> [UInt32] {
    let form = ExtensionVector([element])
    return (0..<degree).map { form.words[$0 * form.stride] }
  }

  private static func element(_ words: some Collection<UInt32>) -> QuinticExtension {
    QuinticExtension(coordinates: words.map { KoalaBear(reducing: UInt64($0)) }) ?? .zero
  }

  /// The address of the first plane, once it is sure that rows below `rows` lie inside of every plane.
  private static func planes(
    _ vector: ExtensionVector,
    rows: Int
  ) -> UnsafeMutablePointer<UInt32> {
    precondition(rows <= vector.stride, "rows inside of a plane")
    // SAFETY: five planes' rows lie inside of the buffer.
    return unsafe vector.words.pointer(
      at: vector.offset,
      length: (degree - 1) * vector.stride + rows
    )
  }

  /// Hands a program and its inputs to C.
  private static func with(
    _ program: VectorProgram,
    _ inputs: [VectorProgram.Input],
    rows: Int,
    _ body: (UnsafePointer<extension_program>, [extension_input], UnsafeMutablePointer<UInt32>) ->
      Void
  ) {
    let steps = program.steps.map { step in
      extension_step(
        op: step.operation.rawValue,
        target: UInt32(step.target),
        a: UInt32(step.a),
        b: UInt32(step.b)
      )
    }
    let constants = program.montgomeryConstants
    let scratch = WordBuffer(zeros: program.slotCount * Int(EXTENSION_BLOCK))
    var list = unsafe [extension_input]()
    for input in inputs {
      var item = unsafe extension_input()
      switch input.values {
      case .base(let words, let offset):
        // SAFETY: the words from the offset on were checked to hold `rows` rows.
        unsafe item.values = UnsafePointer(words.pointer(at: offset, length: rows))
        unsafe item.is_canonical = 1
      case .extension(let vector), .canonical(let vector):
        unsafe item.values = UnsafePointer(planes(vector, rows: rows))
        unsafe item.stride = vector.stride
        if case .canonical = input.values { unsafe item.is_canonical = 1 }
      }
      unsafe item.planes = input.isExtension ? UInt32(degree) : 1
      unsafe item.slot = UInt32(input.slot)
      unsafe item.difference = UInt32(input.difference)
      unsafe list.append(item)
    }
    // SAFETY: every register of the program lies in the scratch, and all lists live until the call returns.
    unsafe steps.withUnsafeBufferPointer { steps in
      unsafe constants.withUnsafeBufferPointer { constants in
        var raw = unsafe extension_program(
          steps: steps.baseAddress,
          step_count: steps.count,
          constants: constants.baseAddress,
          result: UInt32(program.result)
        )
        unsafe body(&raw, list, scratch.pointer(at: 0, length: scratch.count))
      }
    }
    withExtendedLifetime((inputs, scratch)) {}
  }

  @Sendable func rounds(
    _ program: VectorProgram,
    _ inputs: [VectorProgram.Input],
    _ half: Int,
    _ points: Int,
    _ range: Range<Int>
  ) -> [QuinticExtension] {
    precondition((1...4).contains(points), "one to four points")
    let (range, rest) = Self.split(range)
    let others = reference.rounds(program, inputs, half, points, rest)
    guard !range.isEmpty else { return others }
    var sums = [UInt32](repeating: 0, count: 4 * Self.degree)
    // SAFETY: rows up to half further than the range are inside of every list.
    unsafe Self.with(program, inputs, rows: range.upperBound + half) { program, inputs, scratch in
      unsafe form.rounds(
        program,
        inputs,
        inputs.count,
        half,
        points,
        range.lowerBound,
        range.upperBound,
        scratch,
        &sums
      )
    }
    return others.indices.map { index in
      others[index] + Self.element(sums[Self.degree * index..<Self.degree * (index + 1)])
    }
  }

  @Sendable func map(
    _ program: VectorProgram,
    _ inputs: [VectorProgram.Input],
    _ range: Range<Int>,
    _ outputs: [VectorProgram.Output]
  ) {
    let (range, rest) = Self.split(range)
    reference.map(program, inputs, rest, outputs)
    guard !range.isEmpty else { return }
    var list = unsafe [extension_output]()
    for output in outputs {
      var item = unsafe extension_output()
      // SAFETY: the rows of the range lie inside of every plane.
      switch output.values {
      case .base(let words, let offset):
        unsafe item.values = words.pointer(at: offset, length: range.upperBound)
        unsafe item.planes = 1
      case .extension(let vector):
        unsafe item.values = Self.planes(vector, rows: range.upperBound)
        unsafe item.stride = vector.stride
        unsafe item.planes = UInt32(Self.degree)
      case .canonical: preconditionFailure("maps write F, or E in Montgomery form")
      }
      unsafe item.slot = UInt32(output.slot)
      unsafe list.append(item)
    }
    unsafe Self.with(program, inputs, rows: range.upperBound) { program, inputs, scratch in
      unsafe form.map(
        program,
        inputs,
        inputs.count,
        range.lowerBound,
        range.upperBound,
        scratch,
        list,
        list.count
      )
    }
    withExtendedLifetime(outputs) {}
  }

  @Sendable func fold(
    _ values: ExtensionKernel.Values,
    _ half: Int,
    _ r: QuinticExtension,
    _ range: Range<Int>,
    _ target: ExtensionVector
  ) {
    let (range, rest) = Self.split(range)
    reference.fold(values, half, r, rest, target)
    guard !range.isEmpty else { return }
    let factor = Self.words(r)
    // SAFETY: rows up to half further than the range lie inside of the list, the range inside of the target.
    let out = unsafe Self.planes(target, rows: range.upperBound)
    switch values {
    case .base(let words, let offset):
      let low = unsafe words.pointer(at: offset, length: half + range.upperBound)
      unsafe form.fold_base(
        low,
        low + half,
        factor,
        range.lowerBound,
        range.upperBound,
        out,
        target.stride
      )
    case .extension(let vector), .canonical(let vector):
      let low = unsafe Self.planes(vector, rows: half + range.upperBound)
      var isCanonical: UInt32 = 0
      if case .canonical = values { isCanonical = 1 }
      unsafe form.fold(
        low,
        half,
        vector.stride,
        isCanonical,
        factor,
        range.lowerBound,
        range.upperBound,
        out,
        target.stride
      )
    }
  }

  @Sendable func dot(
    _ weights: ExtensionVector,
    _ words: WordBuffer,
    _ offset: Int,
    _ range: Range<Int>
  ) -> QuinticExtension {
    let (range, rest) = Self.split(range)
    let others = reference.dot(weights, words, offset, rest)
    guard !range.isEmpty else { return others }
    var sum = [UInt32](repeating: 0, count: Self.degree)
    // SAFETY: the rows lie inside of both lists.
    unsafe form.dot(
      Self.planes(weights, rows: range.upperBound) + range.lowerBound,
      weights.stride,
      words.pointer(at: offset + range.lowerBound, length: range.count),
      range.count,
      &sum
    )
    return others + Self.element(sum)
  }

  @Sendable func accumulate(
    _ target: ExtensionVector,
    _ words: WordBuffer,
    _ terms: [(offset: Int, coefficient: QuinticExtension)],
    _ range: Range<Int>
  ) {
    let (range, rest) = Self.split(range)
    reference.accumulate(target, words, terms, rest)
    guard !range.isEmpty else { return }
    var lanes = unsafe [UnsafePointer<UInt32>?]()
    for (offset, _) in terms {
      // SAFETY: the rows of the range lie inside of the buffer from each offset on.
      unsafe lanes.append(UnsafePointer(words.pointer(at: offset, length: range.upperBound)))
    }
    unsafe form.accumulate(
      lanes,
      terms.flatMap { Self.words($0.coefficient) },
      lanes.count,
      range.lowerBound,
      range.upperBound,
      Self.planes(target, rows: range.upperBound),
      target.stride
    )
  }

  @Sendable func productRound(
    _ w: ExtensionVector,
    _ f: ExtensionVector,
    _ half: Int,
    _ range: Range<Int>
  ) -> [QuinticExtension] {
    let (range, rest) = Self.split(range)
    let others = reference.productRound(w, f, half, rest)
    guard !range.isEmpty else { return others }
    var sums = [UInt32](repeating: 0, count: 2 * Self.degree)
    // SAFETY: rows up to half further than the range lie inside of both lists.
    unsafe form.product_round(
      Self.planes(w, rows: half + range.upperBound),
      w.stride,
      Self.planes(f, rows: half + range.upperBound),
      f.stride,
      half,
      range.lowerBound,
      range.upperBound,
      &sums
    )
    return [
      others[0] + Self.element(sums.prefix(Self.degree)),
      others[1] + Self.element(sums.dropFirst(Self.degree)),
    ]
  }

  @Sendable func eqStep(_ table: ExtensionVector, _ r: QuinticExtension, _ half: Int) {
    guard half % Self.width == 0 else { return reference.eqStep(table, r, half) }
    // SAFETY: twice `half` rows lie inside of the table.
    unsafe form.eq_step(Self.planes(table, rows: 2 * half), table.stride, Self.words(r), half)
  }

  @Sendable func addPowers(
    _ target: ExtensionVector,
    _ terms: [(point: KoalaBear, coefficient: QuinticExtension)],
    _ range: Range<Int>
  ) {
    let (range, rest) = Self.split(range)
    reference.addPowers(target, terms, rest)
    guard !range.isEmpty else { return }
    // SAFETY: the rows of the range lie inside of the target.
    unsafe form.add_powers(
      terms.map { Self.words(QuinticExtension($0.point))[0] },
      terms.flatMap { Self.words($0.coefficient) },
      terms.count,
      range.lowerBound,
      range.upperBound,
      Self.planes(target, rows: range.upperBound),
      target.stride
    )
  }

  @Sendable func encode(_ vector: ExtensionVector, _ range: Range<Int>) {
    // SAFETY: `eachPlane` hands over planes that hold the range.
    unsafe Self.eachPlane(vector, range, reference.encode) { unsafe form.encode($0, $1, $2) }
  }

  @Sendable func decode(_ vector: ExtensionVector, _ range: Range<Int>) {
    // SAFETY: `eachPlane` hands over planes that hold the range.
    unsafe Self.eachPlane(vector, range, reference.decode) { unsafe form.decode($0, $1, $2) }
  }

  /// Runs a loop over the whole vectors of each plane, and the reference over the other rows.
  private static func eachPlane(
    _ vector: ExtensionVector,
    _ range: Range<Int>,
    _ reference: (ExtensionVector, Range<Int>) -> Void,
    _ body: (UnsafeMutablePointer<UInt32>, Int, Int) -> Void
  ) {
    let (range, rest) = split(range)
    reference(vector, rest)
    guard !range.isEmpty else { return }
    // SAFETY: the rows of the range lie inside of every plane.
    let planes = unsafe planes(vector, rows: range.upperBound)
    for degree in 0..<degree {
      unsafe body(planes + degree * vector.stride, range.lowerBound, range.upperBound)
    }
  }

  @Sendable func invert(_ vector: ExtensionVector, _ range: Range<Int>) -> Bool {
    let (range, rest) = Self.split(range)
    guard reference.invert(vector, rest) else { return false }
    let step = 4096
    let prefix = ExtensionVector(zeros: min(step, range.count))
    for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      let end = min(first + step, range.upperBound)
      let totals = ExtensionVector(zeros: Self.width)
      // SAFETY: the rows lie inside of the list, and the prefix has room for them.
      let values = unsafe Self.planes(vector, rows: end)
      let products = unsafe Self.planes(totals, rows: Self.width)
      let running = unsafe prefix.words.pointer(at: 0, length: Self.degree * (end - first))
      unsafe form.products(values, vector.stride, first, end, running, products)
      guard reference.invert(totals, 0..<Self.width) else { return false }
      unsafe form.inverses(values, vector.stride, first, end, running, products)
    }
    return true
  }
}
