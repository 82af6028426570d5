import Algebra
import CanonicalCoding
import Testing
import _TestSupport

@Suite struct FieldTests {
  private static func element(_ value: JSONValue) throws -> QuinticExtension {
    try #require(
      QuinticExtension(
        coordinates: (value.elements ?? []).map {
          KoalaBear(reducing: $0.text.flatMap { UInt64($0) } ?? 0)
        }
      )
    )
  }

  static func random(_ random: inout SeededRandom) -> QuinticExtension {
    func next() -> KoalaBear { KoalaBear(reducing: random.next() >> 1) }
    return QuinticExtension(next(), next(), next(), next(), next())
  }

  @Test func `the extension multiplies, inverts and maps as an independent program does`() throws {
    let fields = try Fixture.json("Fixtures/vectors/fields.json")["fields"].elements ?? []
    let field = try #require(fields.first { $0["name"].text == "KoalaBear^5" })
    let vectors = field["vectors"].elements ?? []
    #expect(vectors.count >= 4)
    for vector in vectors {
      let a = try Self.element(vector["a"])
      let out = try Self.element(vector["out"])
      switch vector["op"].text {
      case "mul": #expect(a * (try Self.element(vector["b"])) == out)
      case "square": #expect(a * a == out)
      case "inverse", "inv": #expect(a.inverse == out)
      case "frobenius": #expect(a.power(UInt64(KoalaBear.modulus)) == out)
      default: Issue.record("unknown operation \(vector["op"])")
      }
    }
  }

  @Test func `the extension is a field over KoalaBear`() {
    var random = SeededRandom(seed: 5)
    let edges: [QuinticExtension] = [.zero, .one, -.one] + QuinticExtension.basis
    let elements = edges + (0..<20).map { _ in Self.random(&random) }
    for a in elements {
      for b in elements {
        #expect(a * b == b * a)
        #expect((a + b) * (a - b) == a * a - b * b)
        let c = elements[3]
        #expect(a * (b + c) == a * b + a * c)
        #expect((a * b) * c == a * (b * c))
      }
      #expect(a * KoalaBear(reducing: 7) == a * QuinticExtension(KoalaBear(reducing: 7)))
      if a == .zero { #expect(a.inverse == nil) } else { #expect(a.inverse.map { $0 * a } == .one) }
    }
    let inverses = QuinticExtension.inverses(of: Array(elements.dropFirst()))
    #expect(inverses == elements.dropFirst().compactMap(\.inverse))
    #expect(QuinticExtension.inverses(of: [.one, .zero]) == nil)
    // X^5 = 1 − X^2.
    let x = QuinticExtension.basis[1]
    #expect(x.power(5) == .one - x * x)
  }

  @Test func `roots of unity have their order`() throws {
    for log in 0...24 {
      let root = KoalaBear.rootOfUnity(log: log)
      #expect(root.power(1 << UInt64(log)) == .one)
      if log > 0 { #expect(root.power(1 << UInt64(log - 1)) == -.one) }
    }
    let table = try Fixture.json("Fixtures/vectors/fields.json")["two_adic_generator(max order)"]
    let stated = table["KoalaBear(2^24)"]
    #expect(stated.text == String(KoalaBear.rootOfUnity(log: 24).value))
  }

  @Test func `a polynomial over E has the value that Horner's rule gives, at edges too`() {
    /// The general form, which the other one must not replace here.
    func horner<E: FieldElement>(_ coefficients: [E], _ x: KoalaBear) -> E {
      coefficients.reversed().reduce(.zero) { $0 * x + $1 }
    }
    var random = SeededRandom(seed: 9)
    let top = KoalaBear(reducing: UInt64(KoalaBear.modulus - 1))
    let largest = QuinticExtension(top, top, top, top, top)
    for count in 0...21 {
      let lists = [
        (0..<count).map { _ in Self.random(&random) }, Array(repeating: largest, count: count),
      ]
      for coefficients in lists {
        for x in [KoalaBear.zero, .one, top, KoalaBear(reducing: random.next())] {
          #expect(evaluate(coefficients, at: x) == horner(coefficients, x))
        }
      }
    }
  }

  @Test func `the transform gives the polynomial's values, and eq extends vectors`() {
    var random = SeededRandom(seed: 8)
    for log in 0...7 {
      let coefficients = (0..<max(1, 3 * (1 << log) / 4)).map { _ in Self.random(&random) }
      let values = NumberTheoreticTransform(log: log).values(of: coefficients)
      let root = KoalaBear.rootOfUnity(log: log)
      for index in 0..<1 << log {
        #expect(values[index] == evaluate(coefficients, at: root.power(UInt64(index))))
      }
      let point = (0..<log).map { _ in Self.random(&random) }
      let other = (0..<log).map { _ in Self.random(&random) }
      let polynomial = MultilinearPolynomial(values)
      let weights = EqPolynomial.table(point)
      var sum = QuinticExtension.zero
      for index in values.indices { sum += weights[index] * values[index] }
      #expect(polynomial.value(at: point) == sum)
      #expect(
        MultilinearPolynomial(weights).value(at: other) == EqPolynomial.value(point, other)
      )
      for n in Set([0, 1, (1 << log) / 2, max(0, (1 << log) - 1), 1 << log]) {
        var vector = [QuinticExtension](repeating: .zero, count: 1 << log)
        for index in 0..<n { vector[index] = weights[index] }
        let extended = EqPolynomial.prefix(
          UInt64(n),
          zero: zip(point, other).map { (.one - $0) * (.one - $1) },
          one: zip(point, other).map { $0 * $1 }
        )
        #expect(extended == MultilinearPolynomial(vector).value(at: other))
      }
    }
  }

  @Test func `a few values of a polynomial are those of the whole transform`() {
    var random = SeededRandom(seed: 12)
    for log in [0, 1, 4, 9] {
      for count in [1, (1 << log) / 4 + 1, 1 << log] {
        let coefficients = (0..<count).map { _ in
          QuinticExtension(
            coordinates: (0..<5).map { _ in KoalaBear(reducing: random.next() >> 1) }
          )
            ?? .zero
        }
        let all = NumberTheoreticTransform(log: log).values(of: coefficients)
        for positions in [[0], [(1 << log) - 1], Array(0..<1 << log), Array(0..<min(5, 1 << log))] {
          let found = SparseEvaluation.values(of: coefficients, at: positions, log: log)
          #expect(found == positions.map { all[$0] }, "2^\(log), \(count) coefficients")
        }
        let none = SparseEvaluation.values(of: coefficients, at: [], log: log)
        #expect(none == [])
      }
    }
  }
}
