/// The size and the root of a tree: all that stands for its leaves.
public struct TreeHead<Hasher: TreeHasher>: Hashable, Sendable {
  /// The number of leaves.
  public let size: UInt64
  /// The root over them.
  public let root: Hasher.Digest

  /// A head as somebody states it; nothing is checked here.
  public init(size: UInt64, root: Hasher.Digest) {
    self.size = size
    self.root = root
  }

  /// Compares the parts.
  public static func == (a: Self, b: Self) -> Bool { a.size == b.size && a.root == b.root }
  /// Feeds the parts.
  public func hash(into hasher: inout Swift.Hasher) {
    hasher.combine(size)
    hasher.combine(root)
  }
}

/// The most leaves that a tree may have: 2^40 (design of the commitments, section 1).
public let treeSizeLimit: UInt64 = 1 << 40
