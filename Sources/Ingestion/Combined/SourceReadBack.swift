internal import Algebra
internal import Files
internal import Kernels
internal import Manifests
internal import Merkle

/// Reads the leaves of a completed source back from its segments, hashes them anew in both forms,
/// and writes the tiles: a bit that flipped between leaf and signature stops everything here.
enum SourceReadBack {
  /// - Throws: `IngestError` 65 when what is stored is not what was committed.
  static func run(_ state: SourceState, store: Store) throws(IngestError) {
    let folder = store.folder(of: state.id)
    var sha256 = TileWriter<SHA256TreeHasher>(
      FilePaths.join(folder, state.tileFolder("tile")),
      hashing: .sideBySide
    )
    var poseidon2 = TileWriter<Poseidon2TreeHasher>(
      FilePaths.join(folder, state.tileFolder("tile-poseidon2")),
      hashing: NodeHashing(.best)
    )
    var ledger = CompactRange<SHA256TreeHasher>()
    var salts = SaltRegister()
    for place in try store.segments(of: state.id) {
      guard place.firstLeaf == sha256.size, place.firstLedger == ledger.size else {
        throw IngestError(
          .badData,
          "source '\(state.id)': a segment is missing before leaf \(place.firstLeaf); run ingest fsck"
        )
      }
      let segment = try store.segment(place, of: state.id)
      try sha256.append(contentsOf: segment.rows.map(\.sha256))
      try poseidon2.append(contentsOf: segment.rows.map(\.poseidon2))
      for row in segment.rows where row.tombstone == nil { salts.take(row.leaf) }
      for entry in segment.ledger { ledger.append(SHA256TreeHasher.leaf(entry)) }
    }
    if let word = salts.repeated() { try refuse(word, state, store) }
    guard sha256.size == state.sha256.size, sha256.root == state.sha256.root,
      poseidon2.root == state.poseidon2.root, ledger.root == state.ledger.root
    else {
      throw IngestError(
        .badData,
        "source '\(state.id)': the leaves that are stored do not give the committed roots; run ingest fsck"
      )
    }
    try sha256.finish()
    try poseidon2.finish()
  }

  /// Names the records whose salt is the same; two salts that agree in eight bytes alone are no fault.
  private static func refuse(
    _ word: UInt64,
    _ state: SourceState,
    _ store: Store
  ) throws(IngestError) {
    var seen: [SHA256Hash: UInt64] = [:]
    for place in try store.segments(of: state.id) {
      for (offset, row) in try store.segment(place, of: state.id).rows.enumerated()
      where row.tombstone == nil && row.leaf.salt.words[0] == word {
        let index = place.firstLeaf + UInt64(offset)
        if let other = seen.updateValue(index, forKey: row.leaf.salt) {
          throw IngestError(
            .badData,
            "source '\(state.id)': locator-twice: records \(other) and \(index) have one locator, so that their salts are the same; the plugin must give every record a locator of its own"
          )
        }
      }
    }
  }
}
