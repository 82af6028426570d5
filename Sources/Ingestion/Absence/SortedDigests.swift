internal import Files
internal import Manifests
internal import Merkle

/// The content digests of a source's live records in ascending order, and the tree over them: what proofs of absence are made from.
///
/// One file of 32 bytes a record and the tiles of its tree, for each state of the source; both follow from its segments.
struct SortedDigests {
  private let folder: String
  private let size: UInt64
  private let key: [UInt8]?

  /// Where those of a state are.
  init(_ state: SourceState, confidential: Bool, store: Store) throws(IngestError) {
    size = state.sha256.size - state.tombstoneCount
    folder = FilePaths.join(
      store.folder(of: state.id),
      "absence-\(state.generation)-\(state.sha256.size)"
    )
    do throws(FileError) {
      key = confidential ? try KeyRing(store: store.folder).saltKey(of: state.id) : nil
    } catch {
      throw IngestError(error)
    }
  }

  private var digestsPath: String { FilePaths.join(folder, "digests") }

  /// Makes them where they are not, and gives the root.
  ///
  /// - Throws: `IngestError`.
  /// - Complexity: O(n log n) in the live records.
  func build(_ state: SourceState, store: Store) throws(IngestError) -> SHA256Hash {
    do {
      if FilePaths.exists(digestsPath) {
        return try tree.head(size: size).root
      }
      var sorter = try sorted(state, store)
      try DurableFile.makeFolder(folder)
      let file = try AppendedFile(digestsPath + ".tmp")
      var writer = TileWriter<SHA256TreeHasher>(
        FilePaths.join(folder, "tile"),
        hashing: .sideBySide
      )
      try sorter.finish { digests in
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32 * digests.count)
        for digest in digests { digest.append(to: &bytes) }
        try file.append(bytes[...])
        try writer.append(contentsOf: digests.map { SHA256TreeHasher.leaf($0.bytes) })
      }
      guard writer.size == size else {
        throw IngestError(
          .badData,
          "source '\(state.id)': \(writer.size) live records are stored and \(size) are counted; run ingest fsck"
        )
      }
      try file.sync()
      try writer.finish()
      // The name says that everything before it is there.
      try DurableFile.rename(digestsPath + ".tmp", to: digestsPath)
      return writer.root
    } catch {
      throw IngestError(error)
    }
  }

  /// All digests of a state's live records.
  private func sorted(_ state: SourceState, _ store: Store) throws -> DigestSorter {
    var sorter = try DigestSorter()
    for place in try store.segments(of: state.id) {
      for row in try store.segment(place, of: state.id).rows where row.tombstone == nil {
        try sorter.add(AbsenceDigest.of(row.leaf.contentDigest, key: key))
      }
    }
    return sorter
  }

  /// The root that the segments give, whatever lies in the folder.
  ///
  /// - Throws: `IngestError`.
  func root(of state: SourceState, in store: Store) throws(IngestError) -> SHA256Hash {
    do {
      var range = CompactRange<SHA256TreeHasher>()
      var sorter = try sorted(state, store)
      try sorter.finish { digests in
        for digest in digests { range.append(SHA256TreeHasher.leaf(digest.bytes)) }
      }
      return range.root
    } catch {
      throw IngestError(error)
    }
  }

  /// Compares what lies in the folder, from which proofs are made, with a root.
  ///
  /// - Throws: `IngestError` 65 where it is another.
  func compare(with root: SHA256Hash) throws(IngestError) {
    do {
      let file = try InputFile(digestsPath)
      var range = CompactRange<SHA256TreeHasher>()
      var offset: UInt64 = 0
      while offset < size {
        let count = min(4096, size - offset)
        guard let bytes = try file.bytes(at: 32 * offset, 32 * Int(count)) else { break }
        for start in stride(from: 0, to: bytes.count, by: 32) {
          range.append(SHA256TreeHasher.leaf(Array(bytes[start..<start + 32])))
        }
        offset += count
      }
      guard range.size == size, range.root == root, try tree.head(size: size).root == root else {
        throw IngestError(
          .badData,
          "\(folder): is not what the epoch committed; remove the folder, and sign again with --absence"
        )
      }
    } catch {
      throw IngestError(error)
    }
  }

  private var tree: TileStore<SHA256TreeHasher> {
    TileStore(FilePaths.join(folder, "tile"), size: size)
  }

  /// The proof that a content digest is not among the live records; `nil` when it is.
  ///
  /// - Returns: the proof, and what stands for the digest in the tree.
  /// - Throws: `IngestError` 69 where the sorted digests were never made.
  func absence(
    of content: SHA256Hash
  ) throws(IngestError) -> (proof: AbsenceProof?, digest: SHA256Hash) {
    guard FilePaths.exists(digestsPath) else {
      throw IngestError(
        .unavailable,
        "\(folder): the sorted digests are not there; sign an epoch with ingest --source FILE --absence"
      )
    }
    let digest = AbsenceDigest.of(content, key: key)
    do {
      let file = try InputFile(digestsPath)
      let proof = try AbsenceProof(of: digest, size: size, tree: tree) { index in
        guard let bytes = try file.bytes(at: 32 * index, 32), let found = SHA256Hash(bytes) else {
          throw IngestError(.badData, "\(digestsPath): is cut; run ingest fsck")
        }
        return found
      }
      return (proof, digest)
    } catch {
      throw IngestError(error)
    }
  }
}
