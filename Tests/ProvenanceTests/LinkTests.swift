import Algebra
import Merkle
import ProofSystem
import Provenance
import Proving
import Testing
import _TestSupport

/// S1: columns open to exactly the leaves of the trees under the combined root.
@Suite struct LinkTests {
  @Test func `a link over several sources is accepted`() throws {
    let registry = SmallRegistry([5, 1, 0, 7])
    let link = try SmallRegistry.prover.link(
      registry.committed,
      registry.places,
      registry.columns,
      state: nil
    )
    #expect(registry.verdict(link) == nil)
  }
}
