import Algebra
import Kernels
import Testing
import _TestSupport

/// Every form of the loops over E against arithmetic of the reference: on a grid of edges, on random values,
/// for lengths that are whole vectors and for others.
@Suite struct ExtensionKernelTests {
  typealias E = QuinticExtension

  private static let p = KoalaBear.modulus
  /// The edges of the field, of signed words and of both halves of a word.
  private static let edges: [UInt32] = [
    0, 1, 2, p - 2, p - 1, p / 2, p / 2 + 1, 1 << 24, (1 << 24) - 1, 1 << 30, 0x7EFF_FFFF, 65_535,
  ]
  /// All but the reference itself.
  private static let forms = Array(ExtensionKernel.available.dropFirst())

  private static func base(_ random: inout SeededRandom, edgy: Bool) -> KoalaBear {
    let word =
      edgy && Bool.random(using: &random)
      ? edges.randomElement(using: &random) ?? 0 : UInt32.random(in: 0..<p, using: &random)
    return KoalaBear(reducing: UInt64(word))
  }

  private static func element(_ random: inout SeededRandom, edgy: Bool = true) -> E {
    E(
      base(&random, edgy: edgy),
      base(&random, edgy: edgy),
      base(&random, edgy: edgy),
      base(&random, edgy: edgy),
      base(&random, edgy: edgy)
    )
  }

  private static func vector(_ count: Int, _ random: inout SeededRandom) -> ExtensionVector {
    ExtensionVector((0..<count).map { _ in element(&random) })
  }

  private static func words(_ count: Int, _ random: inout SeededRandom) -> WordBuffer {
    let words = WordBuffer(zeros: count)
    for index in 0..<count { words[index] = base(&random, edgy: true).value }
    return words
  }

  private static func copy(_ vector: ExtensionVector) -> ExtensionVector {
    ExtensionVector(vector.elements)
  }

  /// One step of each operation over two inputs of each kind.
  private static func program(
    _ operation: VectorProgram.Operation,
    _ constant: E
  ) -> (VectorProgram, inputs: [(slot: Int, difference: Int, isExtension: Bool)], isBase: Bool) {
    var program = VectorProgram()
    let kinds: [Bool]
    switch operation {
    case .addFF, .subFF, .mulFF: kinds = [false, false]
    case .addFC, .mulFC, .rsubFC, .macCF: kinds = [false]
    case .addEE, .subEE, .mulEE: kinds = [true, true]
    case .addEF, .subEF, .mulEF: kinds = [true, false]
    case .subFE: kinds = [false, true]
    case .addEC, .mulEC, .mulEK, .macCE: kinds = [true]
    case .setC: kinds = []
    }
    let inputs = kinds.map {
      (
        slot: program.register(isExtension: $0), difference: program.register(isExtension: $0),
        isExtension: $0
      )
    }
    let isBase = [.addFF, .subFF, .mulFF, .addFC, .mulFC, .rsubFC].contains(operation)
    let target = program.register(isExtension: true)
    let number = program.constant(constant)
    program.append(.setC, target, 0, program.constant(.one))
    let second = inputs.count > 1 ? inputs[1].slot : number
    program.append(operation, target, inputs.first?.slot ?? 0, second)
    program.result = target
    return (program, inputs, isBase)
  }

  private static let operations: [VectorProgram.Operation] = [
    .addFF, .subFF, .mulFF, .addFC, .mulFC, .rsubFC, .addEE, .subEE, .mulEE, .addEF, .subEF, .subFE,
    .mulEF, .addEC, .mulEC, .mulEK, .macCF, .macCE, .setC,
  ]

  @Test(arguments: operations)
  func `every operation of a program gives what the reference gives`(
    _ operation: VectorProgram.Operation
  ) {
    var random = SeededRandom(seed: UInt64(operation.rawValue))
    for count in [1, 15, 16, 17, 64, 65, 80, 200] {
      let (program, registers, isBase) = Self.program(operation, Self.element(&random))
      // Twice as many rows, so that rounds have a high half.
      let inputs = registers.map { slot, difference, isExtension in
        VectorProgram.Input(
          values: isExtension
            ? .extension(Self.vector(2 * count, &random))
            : .base(Self.words(2 * count, &random), offset: 0),
          slot: slot,
          difference: difference
        )
      }
      let canonical = inputs.map { input in
        guard case .extension(let vector) = input.values else { return input }
        let planes = ExtensionVector(zeros: vector.count)
        for (index, element) in vector.elements.enumerated() { planes.setCanonical(index, element) }
        return VectorProgram.Input(
          values: .canonical(planes),
          slot: input.slot,
          difference: input.difference
        )
      }
      let all = 0..<count
      let expected = ExtensionKernel.reference.rounds(program, inputs, count, 4, all)
      for form in Self.forms {
        for points in 1...4 {
          let sums = form.rounds(program, inputs, count, points, all)
          #expect(sums == Array(expected.prefix(points)), "\(form.name) \(count)")
        }
        #expect(form.rounds(program, canonical, count, 4, all) == expected, "\(form.name)")
        func mapped(_ kernel: ExtensionKernel) -> [UInt32] {
          let words = WordBuffer(zeros: count)
          let vector = ExtensionVector(zeros: count)
          let output: VectorProgram.Input.Values =
            isBase ? .base(words, offset: 0) : .extension(vector)
          kernel.map(
            program,
            inputs,
            0..<count,
            [VectorProgram.Output(slot: program.result, output)]
          )
          return isBase
            ? (0..<count).map { words[$0] }
            : vector.elements.flatMap { $0.coordinates.map(\.value) }
        }
        #expect(mapped(form) == mapped(.reference), "\(form.name) \(count)")
      }
    }
  }

  @Test func `every loop over lists gives what the reference gives`() {
    var random = SeededRandom(seed: 77)
    for count in [1, 15, 16, 17, 48, 65, 160, 1024, 1040] {
      let w = Self.vector(2 * count, &random)
      let f = Self.vector(2 * count, &random)
      let base = Self.words(5 * count, &random)
      let r = Self.element(&random)
      let terms = (0..<5).map { (offset: $0 * count / 2, coefficient: Self.element(&random)) }
      let points = (0..<3).map { _ in
        (point: Self.base(&random, edgy: true), coefficient: Self.element(&random))
      }
      let planes = ExtensionVector(zeros: 2 * count)
      for (index, element) in w.elements.enumerated() { planes.setCanonical(index, element) }
      let results = ExtensionKernel.available.map { kernel -> [E] in
        var found: [E] = []
        for values in [
          ExtensionKernel.Values.extension(w), .canonical(planes), .base(base, offset: count / 3),
        ] {
          let target = ExtensionVector(zeros: count)
          kernel.fold(values, count, r, 0..<count, target)
          found += target.elements
        }
        let inPlace = Self.copy(w)
        kernel.fold(.extension(inPlace), count, r, 0..<count, inPlace)
        found += inPlace.elements.prefix(count)
        found.append(kernel.dot(w, base, count / 2, 0..<count))
        let sum = Self.copy(planes)
        kernel.accumulate(sum, base, terms, 0..<count)
        found += (0..<count).map { sum.canonical($0) }
        found += kernel.productRound(w, f, count, 0..<count)
        let table = Self.copy(w)
        kernel.eqStep(table, r, count)
        found += table.elements
        let powers = Self.copy(f)
        kernel.addPowers(powers, points, 0..<count)
        found += powers.elements
        let encoded = Self.copy(planes)
        kernel.encode(encoded, 0..<count)
        kernel.decode(encoded, 0..<count)
        found += (0..<count).map { encoded.canonical($0) }
        return found
      }
      for (form, result) in zip(ExtensionKernel.available, results).dropFirst() {
        let isEqual = result == results[0]
        #expect(isEqual, "\(form.name) \(count)")
      }
    }
  }

  @Test func `inverses are inverses, and a zero is reported wherever it stands`() {
    var random = SeededRandom(seed: 8)
    for kernel in ExtensionKernel.available {
      for count in [1, 16, 33, 4096, 5000] {
        let values = (0..<count).map { _ in Self.element(&random, edgy: false) }
        let vector = ExtensionVector(values)
        let isInvertible = kernel.invert(vector, 0..<count)
        #expect(isInvertible)
        #expect(zip(values, vector.elements).allSatisfy { $0 * $1 == .one }, "\(kernel.name)")
        for place in Set([0, count / 2, count - 1]) {
          let spoiled = ExtensionVector(values)
          spoiled[place] = .zero
          let found = kernel.invert(spoiled, 0..<count)
          #expect(!found, "\(kernel.name): zero at \(place) of \(count)")
        }
      }
    }
  }

  @Test func `the square of every element with edges for coordinates is its product with itself`() {
    var program = VectorProgram()
    let x = (slot: program.register(isExtension: true), program.register(isExtension: true))
    let square = program.register(isExtension: true)
    program.append(.mulEE, square, x.slot, x.slot)
    program.result = square
    let edges = Self.edges.map { KoalaBear(reducing: UInt64($0)) }
    var elements: [E] = []
    for a in edges {
      for b in edges {
        for c in edges {
          for d in edges { for e in edges { elements.append(E(a, b, c, d, e)) } }
        }
      }
    }
    let input = VectorProgram.Input(
      values: .extension(ExtensionVector(elements)),
      slot: x.slot,
      difference: x.1
    )
    for form in Self.forms {
      let found = ExtensionVector(zeros: elements.count)
      let output = VectorProgram.Output(slot: square, .extension(found))
      form.map(program, [input], 0..<elements.count, [output])
      let differs = elements.indices.first { found[$0] != elements[$0] * elements[$0] }
      #expect(differs == nil, "\(form.name)")
    }
  }

  @Test func `ten million products of each form are those of the reference`() {
    var program = VectorProgram()
    let a = (program.register(isExtension: true), program.register(isExtension: true))
    let b = (program.register(isExtension: true), program.register(isExtension: true))
    let product = program.register(isExtension: true)
    program.append(.mulEE, product, a.0, b.0)
    let count = 1 << 15
    for form in Self.forms {
      var random = SeededRandom(seed: 5)
      let x = Self.vector(count, &random)
      let y = Self.vector(count, &random)
      let z = ExtensionVector(zeros: count)
      let inputs = [
        VectorProgram.Input(values: .extension(x), slot: a.0, difference: a.1),
        VectorProgram.Input(values: .extension(y), slot: b.0, difference: b.1),
      ]
      var wrong = 0
      for _ in 0..<(10_000_000 / count + 1) {
        form.map(
          program,
          inputs,
          0..<count,
          [VectorProgram.Output(slot: product, .extension(z))]
        )
        for index in 0..<count {
          let found = z[index]
          if found != x[index] * y[index] { wrong += 1 }
          // The products are the next factors: no value comes twice.
          x[index] = found
        }
      }
      #expect(wrong == 0, "\(form.name)")
    }
  }

  @Test func `the search for nonces finds the smallest one, at every place of the block`() {
    var random = SeededRandom(seed: 6)
    for length in [0, 1, 7, 8, 100, 151, 152, 158, 159, 160, 163, 167, 168, 500] {
      var sponge = SHAKE128()
      sponge.absorb(random.bytes(length))
      for bits in [0, 1, 5, 9] {
        let expected = WorkKernel.reference.search(sponge, bits, 3..<3000)
        for kernel in WorkKernel.available {
          #expect(
            kernel.search(sponge, bits, 3..<3000) == expected,
            "\(kernel.name), \(length) bytes"
          )
        }
      }
      for kernel in WorkKernel.available {
        #expect(kernel.search(sponge, 40, 0..<50) == nil, "\(kernel.name)")
      }
    }
  }
}
