import Algebra
import CanonicalCoding
import Manifests
import Merkle
import ProofSystem
import Provenance
import Proving
import _TestSupport

/// A registry of a few sources in memory, with all that statements about it need.
struct SmallRegistry {
  /// What stands at a place of a source.
  enum Leaf {
    case record(RecordLeaf)
    case tombstone(Tombstone)

    var poseidon2: Poseidon2Digest {
      switch self {
      case .record(let leaf): leaf.poseidon2
      case .tombstone(let stone): stone.poseidon2
      }
    }
  }

  /// A tree in memory.
  struct Tree: TreeNodes {
    typealias Hasher = Poseidon2TreeHasher
    let leaves: [Poseidon2Digest]

    func node(level: Int, index: UInt64) throws -> Poseidon2Digest {
      let first = Int(index) << level
      return CompactRange<Poseidon2TreeHasher>.root(of: leaves[first..<first + 1 << level])
    }
  }

  static let day: CivilDate = {
    guard let day = CivilDate("2026-11-21") else { preconditionFailure("a day") }
    return day
  }()
  static let profile = Profile.uniqueDecoding100
  static let code = StatementShape.code(logSegment: 10, profile: profile)

  var sources: [[Leaf]]

  /// Sources of some sizes; source 1 has no salt, and its leaf 0 equals leaf 0 of source 0 when that has none either.
  init(_ sizes: [Int], salted: Bool = true, seed: UInt64 = 7) {
    var random = SeededRandom(seed: seed)
    sources = sizes.enumerated().map { source, size in
      (0..<size).map { index in
        .record(
          Self.record(
            "record \(source).\(index)",
            license: UInt16(index % 2),
            salt: salted ? random.bytes(32) : [UInt8](repeating: 0, count: 32)
          )
        )
      }
    }
  }

  static func record(
    _ content: String,
    license: UInt16 = 0,
    flags: UInt8 = 0,
    byteCount: UInt64? = nil,
    wordCount: UInt64 = 2,
    salt: [UInt8] = [UInt8](repeating: 0, count: 32)
  ) -> RecordLeaf {
    RecordLeaf(
      contentDigest: .of(Array(content.utf8)),
      payloadDigest: .of(Array(content.utf8)),
      descriptorDigest: .of([]),
      licenseIndex: license,
      flags: RecordLeaf.Flags(rawValue: flags),
      contentByteCount: byteCount ?? UInt64(content.utf8.count),
      wordCount: wordCount,
      salt: SHA256Hash(salt) ?? .of([])
    )
  }

  var trees: [Tree] { sources.map { Tree(leaves: $0.map(\.poseidon2)) } }
  var sizes: [UInt64] { sources.map { UInt64($0.count) } }
  var leafCount: Int { sources.reduce(0) { $0 + $1.count } }

  /// The epoch, with source objects of nobody in particular.
  var committed: CommittedRegistry {
    let heads = trees.map { tree in
      TreeHead<Poseidon2TreeHasher>(
        size: UInt64(tree.leaves.count),
        root: CompactRange<Poseidon2TreeHasher>.root(of: tree.leaves)
      )
    }
    let own = heads.enumerated().map { index, head in
      CommittedRegistry.Source(objectDigest: .of([UInt8(index)]), head: head)
    }
    return CommittedRegistry(
      combined: .of(Array("combined".utf8)),
      epoch: 1,
      root: Self.combinedRoot(own),
      sources: own
    )
  }

  /// R, as commitments.md states it.
  static func combinedRoot(_ sources: [CommittedRegistry.Source]) -> Poseidon2Digest {
    CompactRange<Poseidon2TreeHasher>.root(
      of: sources.map { source in
        let size = source.head.size
        let limbs = [size & 0x3FFF_FFFF, size >> 30].map { KoalaBear(reducing: $0) }
        return Poseidon2Digest(
          words: Poseidon2.sponge(
            tag: 0x5352_4345,
            message: source.objectDigest.limbs + limbs + source.head.root.elements
          )
        )
      }
    )
  }

  /// The places of a range of all leaves.
  func places(_ range: Range<UInt64>) throws -> [LinkProver.Place] {
    let trees = trees
    return try TreeSegment.cover(range, sizes: sizes).map { source, node in
      LinkProver.Place(
        source: source,
        node: node,
        path: try trees[source].subtreeProof(node, size: sizes[source]).proof.path
      )
    }
  }

  var places: [LinkProver.Place] {
    get throws { try places(0..<UInt64(leafCount)) }
  }

  /// The columns of a range of all leaves.
  func columns(_ range: Range<Int>) -> LeafColumns {
    let columns = LeafColumns(.registry, count: range.count)
    var (row, place) = (0, 0)
    for (source, leaves) in sources.enumerated() {
      for leaf in leaves {
        if range.contains(place) {
          switch leaf {
          case .record(let record): columns.set(row, record, source: source)
          case .tombstone(let stone): columns.set(row, stone, source: source)
          }
          row += 1
        }
        place += 1
      }
    }
    return columns
  }

  var columns: LeafColumns { columns(0..<leafCount) }

  static var prover: LinkProver {
    LinkProver(profile: profile, code: code, kernels: .best(workerCount: 2))
  }

  /// The link of all leaves.
  func link() throws -> ProvenanceBundle.Link {
    try Self.prover.link(committed, places, columns, state: nil).link
  }

  /// The link of a prover that checks nothing.
  static func forged(
    _ statement: Statement,
    _ tables: [TableWitness],
    _ segment: TreeSegment,
    _ group: ReusableGroup
  ) throws -> ProvenanceBundle.Link {
    let proof = try Prover.proveUnchecked(
      statement,
      tables,
      groups: [group],
      randomness: ProverRandomness(),
      kernels: .best(workerCount: 2)
    )
    return ProvenanceBundle.Link(segment: segment, root: group.root, proof: proof.bytes)
  }

  /// S1 over an epoch, a segment and a group.
  static func statement(
    _ registry: CommittedRegistry,
    _ segment: TreeSegment,
    root: [UInt8]
  ) -> LinkStatement {
    LinkStatement(
      registry: registry,
      segment: segment,
      root: root,
      profile: profile,
      code: code
    )
  }

  /// The verdict of our verifier about a link.
  func verdict(
    _ link: ProvenanceBundle.Link,
    registry: CommittedRegistry? = nil
  ) -> VerificationError? {
    do throws(VerificationError) {
      let statement = try Self.statement(
        registry ?? committed,
        link.segment,
        root: link.root
      ).statement()
      _ = try Verifier.verify(link.proof, of: statement)
      return nil
    } catch {
      return error
    }
  }
}

extension LeafColumns {
  /// Columns out of a table's values.
  init(_ kind: Kind, values: some Collection<[BaseField]>) {
    self.init(
      kind,
      group: values.map { column in
        let words = WordBuffer(zeros: column.count)
        words.write(column, at: 0)
        return words
      }
    )
  }
}
