import Algebra
import ProofSystem
import Provenance
import Proving
import Testing
import _TestSupport

/// S2: what was read is in the registry, allowed, and adds up.
@Suite struct ProvenanceTests {
  @Test func `a run over allowed records is accepted`() throws {
    let run = try SmallRun(SmallRegistry([40, 1, 30]), order: [3, 7, 0, 70, 40, 41])
    let proof = try run.prove()
    #expect(run.verdict(proof) == nil)
  }
}
