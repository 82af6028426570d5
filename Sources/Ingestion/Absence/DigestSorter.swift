package import Files
package import Merkle

/// Puts any number of digests in ascending order: runs of a fixed size in memory, then a merge of files.
package struct DigestSorter {
  /// Digests in one run: 32 MiB.
  package static let runLength = 1 << 20
  /// Digests that are read of one run at a time.
  private static let blockLength = 1 << 11

  private let folder: TemporaryFolder
  private var run: [SHA256Hash] = []
  private var files: [String] = []
  private let runLength: Int

  /// A sorter; runs lie in a temporary folder below the store.
  package init(runLength: Int = DigestSorter.runLength) throws(FileError) {
    folder = try TemporaryFolder("ingest-digests")
    self.runLength = runLength
  }

  /// Takes the next digest.
  package mutating func add(_ digest: SHA256Hash) throws(FileError) {
    run.append(digest)
    if run.count == runLength { try flush() }
  }

  private mutating func flush() throws(FileError) {
    run.sort()
    let path = FilePaths.join(folder.path, "\(files.count)")
    let file = try AppendedFile(path)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32 * Self.blockLength)
    for digest in run {
      digest.append(to: &bytes)
      if bytes.count == 32 * Self.blockLength {
        try file.append(bytes[...])
        bytes.removeAll(keepingCapacity: true)
      }
    }
    try file.append(bytes[...])
    files.append(path)
    run.removeAll(keepingCapacity: true)
  }

  /// Gives all digests in ascending order, and removes what was written.
  ///
  /// - Complexity: O(n log n) in time; one run, or a block of each, in memory.
  package mutating func finish(_ body: ([SHA256Hash]) throws -> Void) throws {
    defer { folder.remove() }
    guard !files.isEmpty else {
      run.sort()
      try body(run)
      return
    }
    if !run.isEmpty { try flush() }
    var runs = try files.map { path throws(FileError) in try SortedRun(path) }
    var heap = RunHeap()
    for index in runs.indices {
      if let first = try runs[index].next() { heap.insert(first, index) }
    }
    var block: [SHA256Hash] = []
    while let (digest, index) = heap.first {
      block.append(digest)
      heap.replaceFirst(try runs[index].next())
      if block.count == Self.blockLength {
        try body(block)
        block.removeAll(keepingCapacity: true)
      }
    }
    try body(block)
  }

  /// A file of digests in order, read block by block.
  private struct SortedRun {
    private let file: InputFile
    private let byteCount: UInt64
    private var offset: UInt64 = 0
    private var block: ArraySlice<UInt8> = []

    init(_ path: String) throws(FileError) {
      file = try InputFile(path)
      byteCount = try file.byteCount()
    }

    mutating func next() throws(FileError) -> SHA256Hash? {
      if block.isEmpty {
        let count = min(UInt64(32 * DigestSorter.blockLength), byteCount - offset)
        guard count > 0, let bytes = try file.bytes(at: offset, Int(count)) else { return nil }
        block = bytes[...]
        offset += count
      }
      defer { block = block.dropFirst(32) }
      return SHA256Hash(block.prefix(32))
    }
  }

  /// The smallest digest of all runs on top.
  private struct RunHeap {
    private var entries: [(digest: SHA256Hash, run: Int)] = []

    var first: (SHA256Hash, Int)? { entries.first.map { ($0.digest, $0.run) } }

    mutating func insert(_ digest: SHA256Hash, _ run: Int) {
      entries.append((digest, run))
      var child = entries.count - 1
      while child > 0, entries[child].digest < entries[(child - 1) / 2].digest {
        entries.swapAt(child, (child - 1) / 2)
        child = (child - 1) / 2
      }
    }

    /// The run on top gives its next digest, or is at its end.
    mutating func replaceFirst(_ digest: SHA256Hash?) {
      if let digest {
        entries[0].digest = digest
      } else {
        let last = entries.removeLast()
        guard !entries.isEmpty else { return }
        entries[0] = last
      }
      var parent = 0
      while true {
        var least = parent
        for child in [2 * parent + 1, 2 * parent + 2]
        where child < entries.count && entries[child].digest < entries[least].digest {
          least = child
        }
        guard least != parent else { return }
        entries.swapAt(least, parent)
        parent = least
      }
    }
  }
}
