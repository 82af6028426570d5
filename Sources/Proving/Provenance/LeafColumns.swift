public import Algebra
public import Manifests
internal import Merkle
internal import Provenance

/// The leaves of a segment as columns: those of the reusable group, then the salts, which only the link sees.
public struct LeafColumns: Sendable {
  /// Which leaves.
  public enum Kind: Sendable {
    /// Records and tombstones of a registry: U.
    case registry
    /// Training examples: C_T.
    case training
  }

  /// Which leaves.
  public let kind: Kind
  /// The number of leaves.
  public let count: Int
  /// The columns of the group.
  public let group: [WordBuffer]
  /// Four columns of salt.
  let salts: [WordBuffer]

  /// Room for some leaves.
  public init(_ kind: Kind, count: Int) {
    (self.kind, self.count) = (kind, count)
    let names =
      switch kind {
      case .registry: LinkStatement.groupColumns
      case .training: TrainingLinkStatement.groupColumns
      }
    group = names.map { _ in WordBuffer(zeros: count) }
    salts = (0..<4).map { _ in WordBuffer(zeros: count) }
  }

  /// Columns of a group without salts, as later proofs need them.
  public init(_ kind: Kind, group: [WordBuffer]) {
    (self.kind, self.group) = (kind, group)
    count = group.first?.count ?? 0
    salts = []
  }

  /// Writes a record of a source.
  public func set(_ row: Int, _ record: RecordLeaf, source: Int) {
    set(row, record.block, source: source, isLive: true)
  }

  /// Writes a tombstone of a source.
  public func set(_ row: Int, _ tombstone: Tombstone, source: Int) {
    var block = SIMD16<UInt32>()
    for (index, element) in tombstone.elements.enumerated() { block[index] = element.value }
    set(row, block, source: source, isLive: false)
  }

  private func set(_ row: Int, _ block: SIMD16<UInt32>, source: Int, isLive: Bool) {
    for index in 0..<10 { group[index][row] = block[index] }
    for index in 0..<4 {
      group[10 + index][row] = block[10] >> UInt32(8 * index) & 255
      group[14 + index][row] = block[11] >> UInt32(8 * index) & 255
      salts[index][row] = block[12 + index]
    }
    group[18][row] = UInt32(truncatingIfNeeded: source)
    group[19][row] = isLive ? 1 : 0
  }

  /// Writes a training example.
  public func set(_ row: Int, _ example: TrainingLeaf) {
    let block = example.block
    for index in 0..<9 { group[index][row] = block[index] }
    for index in 0..<2 { group[9 + index][row] = block[10 + index] }
    for index in 0..<4 { salts[index][row] = block[12 + index] }
  }
}
