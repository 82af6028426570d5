/// Where a tile of 256 hashes lies, in the layout of C2SP tlog-tiles.
///
/// Tile (level, number) holds the nodes of tree level 8·level, from 256·number on: 8,192 bytes when
/// full. The number is written in groups of three digits, all but the last prefixed with `x`; a
/// partial tile of width w has `.p/w` appended.
public struct TilePath: Hashable, Sendable {
  /// The number of hashes in a full tile.
  public static let width = 256

  /// The tile level; level l holds nodes of tree level 8·l.
  public let level: Int
  /// The number of the tile in its level.
  public let number: UInt64
  /// The number of hashes it holds, 1…256.
  public let count: Int

  /// A tile's place; `count` below 256 makes it partial.
  public init(level: Int, number: UInt64, count: Int = TilePath.width) {
    self.level = level
    self.number = number
    self.count = count
  }

  /// The path below the tree's folder.
  public var path: String {
    var groups: [String] = []
    var rest = number
    repeat {
      let digits = String(rest % 1000)
      groups.append(String(repeating: "0", count: 3 - digits.count) + digits)
      rest /= 1000
    } while rest > 0
    var path = "\(level)"
    for (index, group) in groups.reversed().enumerated() {
      path += "/" + (index < groups.count - 1 ? "x" : "") + group
    }
    return count == Self.width ? path : path + ".p/\(count)"
  }

  /// The tiles of a tree of `size` leaves, partial ones included.
  public static func all(size: UInt64) -> [TilePath] {
    var tiles: [TilePath] = []
    var nodes = size
    var level = 0
    while nodes > 0 {
      for number in 0..<nodes / 256 { tiles.append(TilePath(level: level, number: number)) }
      if nodes % 256 > 0 {
        tiles.append(TilePath(level: level, number: nodes / 256, count: Int(nodes % 256)))
      }
      nodes /= 256
      level += 1
    }
    return tiles
  }
}
