internal import Files
internal import Merkle

/// The tiles of one source: both trees in the layout of C2SP tlog-tiles, in sibling folders.
struct TileStore<Hasher: TreeHasher>: TreeNodes {
  private let folder: String
  /// The number of leaves when the tiles were written.
  private let size: UInt64

  /// The tiles below a folder, of a tree of `size` leaves.
  init(_ folder: String, size: UInt64) {
    self.folder = folder
    self.size = size
  }

  func node(level: Int, index: UInt64) throws -> Hasher.Digest {
    let below = level % 8
    let first = index << UInt64(below)
    var digests: [Hasher.Digest] = []
    for offset in 0..<UInt64(1 << below) {
      digests.append(try stored(tileLevel: level / 8, first + offset))
    }
    return CompactRange<Hasher>.root(of: digests)
  }

  private func stored(tileLevel: Int, _ index: UInt64) throws -> Hasher.Digest {
    let width = UInt64(TilePath.width)
    let nodes = size >> UInt64(8 * tileLevel)
    let number = index / width
    let count = min(width, nodes - number * width)
    let tile = TilePath(level: tileLevel, number: number, count: Int(count))
    let path = FilePaths.join(folder, tile.path)
    let bytes = try InputFile.contents(of: path, limit: 8192)
    let start = 32 * Int(index % width)
    guard bytes.count == 32 * Int(count), let digest = Hasher.digest(bytes[start..<start + 32])
    else {
      throw IngestError(.badData, "\(path): is no tile of this tree; run ingest fsck")
    }
    return digest
  }
}

/// Writes the tiles of a tree while its leaves go by, and compares those that are there.
struct TileWriter<Hasher: TreeHasher> {
  private let folder: String
  private let hashing: NodeHashing<Hasher>
  private var range = CompactRange<Hasher>()
  private var pending: [[UInt8]] = [[]]
  private var written: [UInt64] = [0]
  private var files: DurableFileSet

  init(_ folder: String, hashing: NodeHashing<Hasher>) {
    self.folder = folder
    self.hashing = hashing
    files = DurableFileSet(folder: folder)
  }

  var root: Hasher.Digest { range.root }
  var size: UInt64 { range.size }

  /// Takes the next leaf hashes.
  mutating func append(contentsOf leaves: [Hasher.Digest]) throws(IngestError) {
    var completed: [(level: Int, digests: [Hasher.Digest])] = []
    range.append(contentsOf: leaves, hashing: hashing) { level, _, digests in
      if level % 8 == 0 { completed.append((level / 8, digests)) }
    }
    for leaf in leaves { try add(leaf, level: 0) }
    for nodes in completed {
      for digest in nodes.digests { try add(digest, level: nodes.level) }
    }
  }

  private mutating func add(_ digest: Hasher.Digest, level: Int) throws(IngestError) {
    while pending.count <= level {
      pending.append([])
      written.append(0)
    }
    Hasher.append(digest, to: &pending[level])
    if pending[level].count == 32 * TilePath.width {
      try write(level)
      written[level] += 1
      pending[level].removeAll(keepingCapacity: true)
    }
  }

  /// Writes the partial tiles at the right edge, and makes all tiles durable.
  mutating func finish() throws(IngestError) {
    for level in pending.indices where !pending[level].isEmpty { try write(level) }
    do throws(FileError) {
      try files.commit()
    } catch {
      throw IngestError(error)
    }
  }

  private mutating func write(_ level: Int) throws(IngestError) {
    let count = pending[level].count / 32
    let tile = TilePath(level: level, number: written[level], count: count)
    let path = FilePaths.join(folder, tile.path)
    let isAdded: Bool
    do throws(FileError) {
      isAdded = try files.add(pending[level], at: path)
    } catch {
      throw IngestError(error)
    }
    guard isAdded else {
      throw IngestError(
        .badData,
        "\(path): another tile stands here; the store is damaged, restore it from a copy"
      )
    }
  }
}
