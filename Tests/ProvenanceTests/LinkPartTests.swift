import Manifests
import Merkle
import ProofSystem
import Provenance
import Testing
import _TestSupport

/// S1's public inputs: only nodes of the trees under one combined root are opened (L5, L6, L9, L10, L12).
@Suite struct LinkPartTests {
  private static let registry = SmallRegistry([5, 1, 0, 7])

  @Test func `L5, L9, L10: parts that are no nodes of their trees are refused`() throws {
    let registry = Self.registry
    let link = try registry.link()
    #expect(link.segment.parts.map(\.source) == [0, 1, 3])
    func verdict(_ change: (inout [TreeSegment.Part]) -> Void) -> VerificationError? {
      var changed = link
      change(&changed.segment.parts)
      return registry.verdict(changed)
    }
    let full = link.segment.parts[0]
    func at(_ start: UInt64, _ count: UInt64) -> TreeSegment.Part {
      var part = full
      part.node = Subtree(start: start, count: count)
      return part
    }
    let changes: [(inout [TreeSegment.Part]) -> Void] = [
      { $0[0] = at(0, 4) }, { $0[0] = at(0, 6) }, { $0[0] = at(1, 5) }, { $0[0] = at(0, 0) },
      { $0[0] = at(1, 2) }, { $0[0] = at(0, .max) }, { $0[0] = at(.max, 2) },
      { $0[0].source = 1 }, { $0[0].source = 2 }, { $0[0].source = 9 }, { $0[0].source = -1 },
      { $0[0].path = [full.digest] }, { $0[0].digest = $0[1].digest }, { $0.swapAt(0, 1) },
      { $0.append($0[2]) }, { $0.removeAll() }, { $0.insert(at(0, 5), at: 0) },
    ]
    for change in changes { #expect(verdict(change) == .publicInputInvalid) }
    // The shape with a doubled last leaf (CVE-2012-2459) has another root than RFC 9162's.
    let leaves = registry.trees[0].leaves
    let doubled = LevelTree<Poseidon2TreeHasher>(
      leaves: leaves + [leaves[4], leaves[4], leaves[4]]
    )
    #expect(
      verdict { $0[0].digest = (try? doubled.head.root) ?? $0[0].digest } == .publicInputInvalid
    )
  }

  @Test func `L5: sizes of tables follow from the parts, and a proof of others is refused`() throws
  {
    let registry = Self.registry
    var link = try registry.link()
    link.segment.parts.removeLast()
    #expect(registry.verdict(link) == .statementDigestMismatch)
  }

  @Test func `L6: a registry that was altered, reordered or is of another epoch is refused`() throws
  {
    let registry = Self.registry
    let link = try registry.link()
    func verdict(_ change: (inout CommittedRegistry) -> Void) -> VerificationError? {
      var changed = registry.committed
      change(&changed)
      return registry.verdict(link, registry: changed)
    }
    #expect(verdict { $0.sources[0].objectDigest = .of([9]) } == .publicInputInvalid)
    #expect(verdict { $0.sources.swapAt(0, 1) } == .publicInputInvalid)
    #expect(verdict { $0.sources.append($0.sources[3]) } == .publicInputInvalid)
    #expect(
      verdict { $0.sources[2].head = TreeHead(size: 1, root: $0.sources[2].head.root) }
        == .publicInputInvalid
    )
    #expect(verdict { $0.root = $0.sources[0].head.root } == .publicInputInvalid)
    #expect(verdict { $0.epoch = 2 } == .statementDigestMismatch)
    #expect(verdict { $0.combined = .of([9]) } == .statementDigestMismatch)
    // An object exchanged with its root: R follows, and the proof is of another registry.
    #expect(
      verdict {
        $0.sources[0].objectDigest = .of([9])
        $0.root = SmallRegistry.combinedRoot($0.sources)
      } == .statementDigestMismatch
    )
  }

  @Test func `L12: a proof for another root of U is refused`() throws {
    let registry = Self.registry
    var link = try registry.link()
    link.root[0] ^= 1
    #expect(registry.verdict(link) == .statementDigestMismatch)
  }
}
