internal import CanonicalCoding
internal import Files
public import Manifests
public import Merkle

/// Finds records in a store and makes the proofs that others check without it.
public struct ProofMaker: Sendable {
  /// A record that was found.
  public struct Found: Sendable {
    /// The source.
    public let source: String
    /// The position in the tree, from 0.
    public let index: UInt64
    /// The stored row.
    public let row: LeafRow
  }

  /// The store.
  public let store: Store

  /// Proofs from a store.
  public init(_ store: Store) { self.store = store }

  /// The record that a person means: `SOURCE:INDEX`, `SOURCE:LOCATOR`, `INDEX` or `LOCATOR`.
  ///
  /// - Throws: `IngestError` 65 when there is none, or more than one source has it.
  public func find(_ text: String) throws(IngestError) -> Found {
    var identifiers = try store.sourceIdentifiers()
    var rest = Substring(text)
    for id in identifiers where text.hasPrefix(id + ":") {
      identifiers = [id]
      rest = text.dropFirst(id.count + 1)
    }
    var found: [Found] = []
    for id in identifiers {
      if let record = try find(String(rest), in: id) { found.append(record) }
    }
    guard let first = found.first else {
      throw IngestError(.badData, "no record '\(text)' is committed in \(store.folder)")
    }
    guard found.count == 1 else {
      throw IngestError(
        .usage,
        "'\(text)' is in several sources; write SOURCE:\(text) with one of \(found.map(\.source).joined(separator: ", "))"
      )
    }
    return first
  }

  private func find(_ text: String, in source: String) throws(IngestError) -> Found? {
    let wanted = UInt64(text)
    var quoted: [UInt8] = Array("\"locator\":".utf8)
    CanonicalJSON.appendString(text, to: &quoted)
    for place in try store.segments(of: source) {
      if let wanted, !(place.firstLeaf..<place.firstLeaf + place.leafCount).contains(wanted) {
        continue
      }
      let segment = try store.segment(place, of: source)
      for (offset, row) in segment.rows.enumerated() {
        let index = place.firstLeaf + UInt64(offset)
        let isMatch =
          wanted.map { $0 == index }
          ?? (row.tombstone == nil && Self.contains(row.descriptor, quoted))
        if isMatch { return Found(source: source, index: index, row: row) }
      }
    }
    return nil
  }

  static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
    guard bytes.count >= needle.count else { return false }
    return (0...bytes.count - needle.count).contains { bytes[$0...].starts(with: needle) }
  }

  /// The proof that a record stands in the newest epoch.
  public func inclusion(of record: Found) throws(IngestError) -> InclusionProofFile {
    if let tombstone = record.row.tombstone {
      throw IngestError(
        .badData,
        "leaf \(record.index) of source '\(record.source)' is a tombstone (\(tombstone.reason.rawValue), \(tombstone.day)): the record is no part of the newest epoch; ingest proof difference shows both"
      )
    }
    let epoch = try store.latestEpoch()
    guard epoch > 0 else { throw IngestError(.unavailable, "no epoch is signed yet") }
    let signed = try store.signedCommit(ofEpoch: epoch)
    do {
      let manifest = try VerifiedManifest(signed.commit).manifest
      guard let source = manifest.sources.first(where: { $0.id == record.source }),
        record.index < source.size
      else {
        throw IngestError(.unavailable, "the record is committed but stands in no signed epoch yet")
      }
      let trees = try trees(of: record.source, size: source.size)
      let paths = PathPair(
        sha256: try trees.sha256.inclusionProof(index: record.index, size: source.size).path,
        poseidon2: try trees.poseidon2.inclusionProof(index: record.index, size: source.size).path
      )
      return InclusionProofFile(
        signed: signed,
        source: record.source,
        index: record.index,
        leaf: record.row.leaf.bytes,
        paths: paths
      )
    } catch {
      throw IngestError(error)
    }
  }

  /// The proof that a record stood in an epoch whose source has moved on since.
  ///
  /// - Throws: `IngestError` 65 where the tiles of that epoch are not there any more.
  func inclusion(
    of leaf: UInt64,
    _ row: LeafRow,
    in source: SourceCommitment,
    _ signed: SignedCommit
  ) throws(IngestError) -> InclusionProofFile {
    let folder = store.folder(of: source.id)
    do {
      guard let state = try store.state(of: source.id) else {
        throw IngestError(.unavailable, "source '\(source.id)' is not in the store")
      }
      // Each generation has tiles of its own; the one whose root is the epoch's is meant.
      for generation in (0...state.generation).reversed() {
        let suffix = generation == 0 ? "" : "-\(generation)"
        let sha256 = TileStore<SHA256TreeHasher>(
          FilePaths.join(folder, "tile\(suffix)"),
          size: source.size
        )
        guard (try? sha256.head(size: source.size))?.root == source.sha256Root else { continue }
        let poseidon2 = TileStore<Poseidon2TreeHasher>(
          FilePaths.join(folder, "tile-poseidon2\(suffix)"),
          size: source.size
        )
        return InclusionProofFile(
          signed: signed,
          source: source.id,
          index: leaf,
          leaf: row.leaf.bytes,
          paths: PathPair(
            sha256: try sha256.inclusionProof(index: leaf, size: source.size).path,
            poseidon2: try poseidon2.inclusionProof(index: leaf, size: source.size).path
          )
        )
      }
      throw IngestError(
        .badData,
        "source '\(source.id)': the tiles of its signed epoch are not in the store; run ingest fsck"
      )
    } catch {
      throw IngestError(error)
    }
  }

  /// The proof that epoch `new` keeps every leaf of epoch `old`.
  public func consistency(old: UInt64, new: UInt64) throws(IngestError) -> ConsistencyProofFile {
    let before = try store.signedCommit(ofEpoch: old)
    let after = try store.signedCommit(ofEpoch: new)
    do {
      let earlier = try VerifiedManifest(before.commit).manifest
      let later = try VerifiedManifest(after.commit).manifest
      var sources: [ConsistencyProofFile.Source] = []
      for source in earlier.sources {
        guard let now = later.sources.first(where: { $0.id == source.id }) else { continue }
        guard source.size <= now.size else {
          throw IngestError(
            .badData,
            "source '\(source.id)' has fewer leaves in epoch \(new) than in epoch \(old)"
          )
        }
        guard source.tombstones == now.tombstones else {
          throw IngestError(
            .badData,
            "source '\(source.id)' has records removed between epochs \(old) and \(new): ingest proof difference \(old) \(new) proves what became of each leaf"
          )
        }
        let trees = try trees(of: source.id, size: now.size)
        sources.append(
          ConsistencyProofFile.Source(
            id: source.id,
            paths: PathPair(
              sha256: try trees.sha256.consistencyProof(old: source.size, new: now.size).path,
              poseidon2: try trees.poseidon2.consistencyProof(old: source.size, new: now.size).path
            )
          )
        )
      }
      return ConsistencyProofFile(old: before, new: after, sources: sources)
    } catch {
      throw IngestError(error)
    }
  }

  /// The proof that epoch `new` keeps every leaf of epoch `old` in its place but those that became tombstones.
  ///
  /// - Throws: `IngestError`: 65 when `new` is not what the store has now.
  public func difference(old: UInt64, new: UInt64) throws(IngestError) -> DifferenceProofFile {
    let before = try store.signedCommit(ofEpoch: old)
    let after = try store.signedCommit(ofEpoch: new)
    do {
      let earlier = try VerifiedManifest(before.commit).manifest
      let later = try VerifiedManifest(after.commit).manifest
      var sources: [DifferenceProofFile.Source] = []
      for source in earlier.sources {
        guard let now = later.sources.first(where: { $0.id == source.id }) else { continue }
        guard let state = try store.state(of: source.id),
          state.tombstoneCount == now.tombstones, source.size <= now.size
        else {
          throw IngestError(
            .badData,
            "source '\(source.id)' has changed since epoch \(new); a difference is proved to the newest epoch"
          )
        }
        let removed = try removed(since: source)
        let positions = removed.map(\.leaf)
        let trees = try trees(of: source.id, size: now.size)
        sources.append(
          DifferenceProofFile.Source(
            id: source.id,
            removed: removed,
            nodes: PathPair(
              sha256: try DifferenceProof(
                from: trees.sha256,
                old: source.size,
                new: now.size,
                changed: positions
              ).nodes,
              poseidon2: try DifferenceProof(
                from: trees.poseidon2,
                old: source.size,
                new: now.size,
                changed: positions
              ).nodes
            )
          )
        )
      }
      return DifferenceProofFile(old: before, new: after, sources: sources)
    } catch {
      throw IngestError(error)
    }
  }

  /// The leaves of an older epoch's source that became tombstones since.
  func removed(
    since old: SourceCommitment
  ) throws(IngestError) -> [DifferenceProofFile.Removed] {
    let all = try store.tombstones(of: old.id)
    // Each generation removed something: the old epoch's number of tombstones says which it was.
    let known = all.map(\.generation).sorted()
    let last = old.tombstones == 0 ? 0 : known[Int(min(old.tombstones, UInt64(known.count))) - 1]
    var found: [DifferenceProofFile.Removed] = []
    var rows = CommittedRows(store: store, source: old.id)
    for removed in all where removed.generation > last && removed.leaf < old.size {
      let row: LeafRow
      do { row = try rows.row(at: removed.leaf) } catch { throw IngestError(error) }
      guard let tombstone = row.tombstone else { continue }
      found.append(
        DifferenceProofFile.Removed(
          leaf: removed.leaf,
          tombstone: tombstone,
          formerPoseidon2: row.leaf.poseidon2
        )
      )
    }
    return found
  }

  /// A node of a source's Poseidon2 tree with the way to the root, for a link.
  ///
  /// - Throws: `IngestError` 65 when a tile is not what it must be.
  public func subtree(
    _ node: Subtree,
    of source: SourceCommitment
  ) throws(IngestError) -> (digest: Poseidon2Digest, path: [Poseidon2Digest]) {
    do {
      let found = try trees(of: source.id, size: source.size).poseidon2
        .subtreeProof(node, size: source.size)
      return (found.digest, found.proof.path)
    } catch {
      throw IngestError(error)
    }
  }

  private func trees(
    of source: String,
    size: UInt64
  ) throws(IngestError) -> (
    sha256: TileStore<SHA256TreeHasher>, poseidon2: TileStore<Poseidon2TreeHasher>
  ) {
    let folder = store.folder(of: source)
    guard let state = try store.state(of: source) else {
      throw IngestError(.unavailable, "source '\(source)' is not in the store")
    }
    return (
      TileStore(FilePaths.join(folder, state.tileFolder("tile")), size: size),
      TileStore(FilePaths.join(folder, state.tileFolder("tile-poseidon2")), size: size)
    )
  }
}
