import Algebra
import CanonicalCoding
import Manifests
import Merkle
import ProofSystem
import Provenance
import Proving
import Testing
import _TestSupport

/// What an outsider can look for in what is published, and does not find.
@Suite struct HidingTests {
  /// An outsider who knows every content guesses every leaf, with every license entry and without a salt.
  private func guesses(_ registry: SmallRegistry) -> Set<Poseidon2Digest> {
    var found: Set<Poseidon2Digest> = []
    for (source, leaves) in registry.sources.enumerated() {
      for index in leaves.indices {
        for license: UInt16 in 0..<2 {
          let guess = SmallRegistry.record("record \(source).\(index)", license: license)
          found.insert(guess.poseidon2)
        }
      }
    }
    return found
  }

  @Test func `a dictionary of all contents finds every leaf without a salt, and no salted one`() {
    let (open, salted) = (SmallRegistry([40, 20], salted: false), SmallRegistry([40, 20]))
    let published = { (registry: SmallRegistry) in Set(registry.trees.flatMap(\.leaves)) }
    #expect(published(open).isSubset(of: guesses(open)))
    #expect(published(salted).isDisjoint(with: guesses(salted)))
  }

  @Test
  func `training leaves share no digest with the registry, nor with another run of the same order`()
    throws
  {
    let registry = SmallRegistry([9, 4], salted: false)
    let all = Set(registry.trees.flatMap(\.leaves))
    let records = registry.sources.joined().compactMap { leaf -> RecordLeaf? in
      guard case .record(let record) = leaf else { return nil }
      return record
    }
    func run(_ key: UInt8) -> (Set<Poseidon2Digest>, Set<SHA256Hash>) {
      let leaves = records.enumerated().map {
        TrainingLeaf($1, position: UInt64($0), runKey: [UInt8](repeating: key, count: 32))
      }
      return (Set(leaves.map(\.poseidon2)), Set(leaves.map(\.sha256)))
    }
    let (first, second) = (run(1), run(2))
    #expect(first.0.isDisjoint(with: all))
    #expect(first.0.isDisjoint(with: second.0))
    #expect(first.1.isDisjoint(with: second.1))
  }

  @Test func `a proof's length follows from the positions that are drawn, not from what was used`()
    throws
  {
    // Two runs of ten examples over one registry: one reads the first source alone, one the last.
    let registry = SmallRegistry([40, 1, 40])
    let runs = [
      try SmallRun(registry, order: Array(0..<10)), try SmallRun(registry, order: Array(50..<60)),
    ]
    let lengths = try runs.map { run in try (0..<12).map { _ in Double(try run.prove().count) } }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    func variance(_ values: [Double]) -> Double {
      values.reduce(0) { $0 + ($1 - mean(values)) * ($1 - mean(values)) } / Double(values.count - 1)
    }
    let difference = mean(lengths[0]) - mean(lengths[1])
    let deviation = ((variance(lengths[0]) + variance(lengths[1])) / 12).squareRoot()
    // Five standard deviations: an honest prover fails once in a million runs.
    #expect(difference.magnitude < 5 * deviation + 1)
    // What does not depend on positions is equal to the byte.
    let code = SmallRegistry.code
    #expect(lengths.joined().allSatisfy { $0 > Double(20 * code.messageLength) })
  }

  @Test func `evaluations of one column are uniform over proofs, whatever the column holds`() throws
  {
    // `live` is 1 everywhere: what a proof shows of it is drawn anew each time, also modulo small numbers.
    let run = try SmallRun(SmallRegistry([40]), order: [1, 2, 3])
    let proofs = try (0..<12).map { _ in try run.prove() }
    let shown = proofs.map { Array($0[1000..<1400]) }
    for first in shown.indices {
      for second in shown.indices where first < second { #expect(shown[first] != shown[second]) }
    }
    var ones = 0
    for byte in shown.joined() { ones += byte.nonzeroBitCount }
    // The top bit of four bytes is 0 below p < 2^31: 31 of 32 bits are close to uniform.
    let share = Double(ones) / Double(12 * 400 * 8)
    #expect(share > 0.45 && share < 0.52)
  }
}
