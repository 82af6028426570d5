/// That a tree keeps every leaf of an older one in its place but some, in whose places others stand, and grew at its end.
///
/// The proof has the digests of the largest whole subtrees that hold none of the changed leaves, in the order of the
/// leaves. With the changed leaves as they were they give the old root; with the new ones, and those of the leaves that were
/// appended, the new root. Shape of RFC 9162, section 2.1: a range [k·2^l, (k + 1)·2^l) inside of a tree is a node of it.
public struct DifferenceProof<Hasher: TreeHasher>: Sendable {
  /// A leaf that changed.
  public struct Change: Sendable {
    /// The position.
    public let leaf: UInt64
    /// What stood there.
    public let former: Hasher.Digest
    /// What stands there now.
    public let present: Hasher.Digest

    /// A change.
    public init(leaf: UInt64, former: Hasher.Digest, present: Hasher.Digest) {
      (self.leaf, self.former, self.present) = (leaf, former, present)
    }
  }

  /// The digests of whole subtrees.
  public let nodes: [Hasher.Digest]

  /// A proof as it was received; nothing is checked here.
  public init(nodes: [Hasher.Digest]) { self.nodes = nodes }

  /// A piece of a tree: a changed leaf, or a whole subtree without one.
  private enum Piece {
    case change(Int)
    case subtree(level: Int)
  }

  /// Cuts a range of leaves into pieces; `visit` gets each with its first leaf, and stops the rest by false.
  private static func cut(
    _ range: Range<UInt64>,
    _ changed: [UInt64],
    _ visit: (UInt64, Piece) throws -> Bool
  ) rethrows {
    var next = changed.firstIndex { $0 >= range.lowerBound } ?? changed.count
    var position = range.lowerBound
    while position < range.upperBound {
      if next < changed.count, changed[next] == position {
        guard try visit(position, .change(next)) else { return }
        next += 1
        position += 1
        continue
      }
      let end = next < changed.count ? min(changed[next], range.upperBound) : range.upperBound
      let room = 63 - (end - position).leadingZeroBitCount
      let level = position == 0 ? room : min(position.trailingZeroBitCount, room)
      guard try visit(position, .subtree(level: level)) else { return }
      position += 1 << UInt64(level)
    }
  }

  /// Makes a proof from the nodes of the new tree.
  ///
  /// - Parameters:
  ///   - nodes: the new tree.
  ///   - old: the number of leaves of the old tree.
  ///   - new: that of the new one, not below.
  ///   - changed: the positions that changed, ascending, all below `old`.
  /// - Throws: what reading a node throws.
  /// - Complexity: O(k log n) nodes for k changes.
  public init(
    from nodes: some TreeNodes<Hasher>,
    old: UInt64,
    new: UInt64,
    changed: [UInt64]
  ) throws {
    var found: [Hasher.Digest] = []
    for range in [0..<old, old..<new] {
      try Self.cut(range, changed) { position, piece in
        if case .subtree(let level) = piece {
          found.append(try nodes.node(level: level, index: position >> UInt64(level)))
        }
        return true
      }
    }
    self.nodes = found
  }

  /// The right edge of a tree that grows by whole subtrees.
  private struct Edge {
    private var stack: [(level: Int, digest: Hasher.Digest)] = []

    mutating func append(_ digest: Hasher.Digest, level: Int) {
      var (level, digest) = (level, digest)
      while let last = stack.last, last.level == level {
        digest = Hasher.node(last.digest, digest)
        level += 1
        stack.removeLast()
      }
      stack.append((level, digest))
    }

    var root: Hasher.Digest {
      guard var digest = stack.last?.digest else { return Hasher.emptyRoot }
      for entry in stack.dropLast().reversed() { digest = Hasher.node(entry.digest, digest) }
      return digest
    }
  }

  /// Checks that the tree with `new` is the tree with `old` but for these changes.
  ///
  /// - Throws: `ProofError` naming the rule that is broken.
  /// - Complexity: O(k log n) hashes for k changes; no more than the proof has digests.
  public func verify(
    old: TreeHead<Hasher>,
    new: TreeHead<Hasher>,
    changes: [Change]
  ) throws(ProofError) {
    guard new.size <= treeSizeLimit else { throw .sizeTooLarge(new.size) }
    guard old.size <= new.size else { throw .sizesReversed(old: old.size, new: new.size) }
    let changed = changes.map(\.leaf)
    guard zip(changed, changed.dropFirst()).allSatisfy({ $0 < $1 }),
      changed.last ?? 0 < old.size
        || changed.isEmpty
    else { throw .indexOutOfRange(index: changed.last ?? 0, size: old.size) }
    var before = Edge()
    var after = Edge()
    var used = 0
    var isShort = false
    for (range, isOld) in [(0..<old.size, true), (old.size..<new.size, false)] {
      Self.cut(range, changed) { _, piece in
        switch piece {
        case .change(let number):
          before.append(changes[number].former, level: 0)
          after.append(changes[number].present, level: 0)
        case .subtree(let level):
          guard used < nodes.count else {
            isShort = true
            return false
          }
          if isOld { before.append(nodes[used], level: level) }
          after.append(nodes[used], level: level)
          used += 1
        }
        return true
      }
    }
    guard !isShort, used == nodes.count else {
      throw .pathLength(expected: used, actual: nodes.count)
    }
    guard before.root == old.root else { throw .oldRootMismatch }
    guard after.root == new.root else { throw .rootMismatch }
  }
}
