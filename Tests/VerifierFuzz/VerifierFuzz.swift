internal import Algebra
internal import ProofSystem
internal import Proving

/// The verifier under libFuzzer (`scripts/fuzz`): no input may trap, and none may be accepted.
///
/// The first byte chooses what the others are. 0: a proof as it is. 1, 2: changes of a proof that is accepted for
/// challenges it knows, one level or folded, so that no hash stops the fuzzer at the door. 3: a statement, whose
/// tables and rules come from the bytes, with the rest as its proof.
private enum Target {
  static let statement = RangeExample.statement(count: 5, sum: 65_797)
  static let folded = RangeExample.statement(count: 5, sum: 65_797, profile: .foldedJohnson100)
  static let coins: [UInt8] = [1]
  static let base = Simulator.proof(of: statement, coins: coins, randomness: ProverRandomness())
  static let foldedBase = Simulator.proof(of: folded, coins: coins, randomness: ProverRandomness())

  static func run(_ bytes: [UInt8]) {
    guard let mode = bytes.first else { return }
    let rest = bytes.dropFirst()
    switch mode & 3 {
    case 0:
      if (try? Verifier.verify(Array(rest), of: statement)) != nil { fatalError("accepted") }
    case 1: _ = try? Verifier.accepts(changed(base, rest), of: statement, coins: coins)
    case 2: _ = try? Verifier.accepts(changed(foldedBase, rest), of: folded, coins: coins)
    default:
      var reader = Bytes(rest)
      let statement = reader.statement()
      let proof = changed(base, reader.rest)
      if (try? Verifier.verify(proof, of: statement)) != nil { fatalError("accepted") }
      _ = try? Verifier.accepts(proof, of: statement, coins: coins)
    }
  }

  /// Applies changes of seven bytes: what, where (three bytes), and up to three more.
  static func changed(_ proof: [UInt8], _ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var proof = proof
    var rest = bytes
    while rest.count >= 7, !proof.isEmpty {
      let step = Array(rest.prefix(7))
      rest = rest.dropFirst(7)
      let place = (Int(step[1]) | Int(step[2]) << 8 | Int(step[3]) << 16) % proof.count
      switch step[0] & 3 {
      case 0: proof[place] ^= step[4]
      case 1: proof.removeSubrange(place..<min(proof.count, place + Int(step[4])))
      case 2: proof.insert(contentsOf: step[4...6], at: place)
      default:
        for index in 0..<min(4, proof.count - place) {
          // p, p + 1 and the largest word: what is not canonical.
          let word = step[4] & 1 == 0 ? BaseField.modulus &+ UInt32(step[5] & 1) : UInt32.max
          proof[place + index] = UInt8(truncatingIfNeeded: word >> UInt32(8 * index))
        }
      }
    }
    return proof
  }
}

/// Numbers out of bytes, zeros behind their end.
private struct Bytes {
  private(set) var rest: ArraySlice<UInt8>

  init(_ rest: ArraySlice<UInt8>) { self.rest = rest }

  mutating func byte() -> Int { Int(rest.popFirst() ?? 0) }

  /// A number that is usually small and sometimes far out.
  mutating func number() -> Int {
    let value = byte()
    switch value {
    case 255: return -1
    case 254: return 1 << (byte() & 63)
    default: return value & 31
    }
  }

  mutating func expression(_ depth: Int) -> Expression {
    switch depth > 5 ? byte() & 3 : byte() % 8 {
    case 0: .column(number())
    case 1: .publicColumn(number())
    case 2: .constant(BaseField(number()))
    case 3:
      .linear(LinearForm(column: number()) * BaseField(number()) + LinearForm(column: number()))
    case 4, 7: .sum(expression(depth + 1), expression(depth + 1))
    case 5: .difference(expression(depth + 1), expression(depth + 1))
    default: .product(expression(depth + 1), expression(depth + 1))
    }
  }

  mutating func publicColumn() -> PublicColumn {
    switch byte() & 3 {
    case 0: .constant(BaseField(number()))
    case 1: .index
    case 2: .bits(from: number(), count: number())
    default: .explicit((0..<byte()).map { BaseField($0) })
    }
  }

  mutating func message() -> Message {
    Message(
      tag: UInt32(truncatingIfNeeded: number()),
      numerators: (0..<byte() & 3).map { _ in expression(3) },
      values: (0..<byte() & 31).map { _ in expression(4) },
      bound: byte() & 1 == 0 ? .free : .atMost(UInt64(truncatingIfNeeded: number()))
    )
  }

  mutating func table() -> Table {
    Table(
      name: "T",
      logHeight: number(),
      activeRowCount: number(),
      logPadRowCount: number(),
      columns: (0..<byte() & 15).map { Column("c\($0)", group: number() & 3 - 1) },
      publicColumns: (0..<byte() & 3).map { _ in publicColumn() },
      constraints: (0..<byte() & 7).map { Constraint("r\($0)", expression(0)) },
      messages: (0..<byte() & 7).map { _ in message() }
    )
  }

  mutating func statement() -> Statement {
    let profile = Profile.allCases[byte() % Profile.allCases.count]
    let groups = (0..<byte() & 3).map { index in
      CommitmentGroup.reusable("g\(index)", root: Array(repeating: 7, count: byte() & 63))
    }
    return Statement(
      kind: "fuzz",
      profile: profile,
      tables: (0..<byte() & 3).map { _ in table() },
      code: CodeParameters(
        logDataLength: number(),
        logTailLength: number(),
        logInverseRate: number()
      ),
      groups: groups + [.main]
    )
  }
}

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> Int32 {
  // SAFETY: libFuzzer hands `size` bytes, which are copied at once.
  Target.run(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
  return 0
}
