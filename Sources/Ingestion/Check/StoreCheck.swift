internal import CanonicalCoding
internal import Files
internal import Kernels
internal import Manifests
internal import Merkle
public import SourceAPI

/// Checks a store against itself: every segment, leaf, tile, root, epoch and signature.
public struct StoreCheck: Sendable {
  private let store: Store
  private let plugins: [String: any SourcePlugin.Type]

  /// A check of a store.
  public init(_ store: Store, plugins: [String: any SourcePlugin.Type]) {
    self.store = store
    self.plugins = plugins
  }

  /// What is wrong, in words, each with its file; empty when all is well.
  public func problems() throws(IngestError) -> [String] {
    var problems: [String] = []
    for id in try store.sourceIdentifiers() {
      do throws(IngestError) {
        try check(id, &problems)
      } catch {
        problems.append(error.description)
      }
    }
    let latest = try store.latestEpoch()
    var earlier: VerifiedManifest?
    for epoch in 1..<max(1, latest + 1) {
      do {
        earlier = try check(epoch: epoch, after: earlier)
      } catch {
        problems.append(IngestError(error).description)
        earlier = nil
      }
    }
    return problems
  }

  private func check(_ id: String, _ problems: inout [String]) throws(IngestError) {
    guard let state = try store.state(of: id) else { return }
    var sha256 = CompactRange<SHA256TreeHasher>()
    var poseidon2 = CompactRange<Poseidon2TreeHasher>()
    var ledger = CompactRange<SHA256TreeHasher>()
    for place in try store.segments(of: id) {
      if place.firstLeaf != sha256.size {
        problems.append("source '\(id)': leaves are missing before \(place.firstLeaf)")
      }
      let segment = try store.segment(place, of: id)
      sha256.append(contentsOf: segment.rows.map(\.sha256), hashing: .sideBySide)
      poseidon2.append(contentsOf: segment.rows.map(\.poseidon2), hashing: NodeHashing(.best))
      for entry in segment.ledger { ledger.append(SHA256TreeHasher.leaf(entry)) }
    }
    if sha256.head != state.sha256.head {
      problems.append("source '\(id)': the SHA-256 root of the leaves is not the committed one")
    }
    if poseidon2.head != state.poseidon2.head {
      problems.append("source '\(id)': the Poseidon2 root of the leaves is not the committed one")
    }
    if ledger.head != state.ledger.head {
      problems.append("source '\(id)': the root of the ledger is not the committed one")
    }
    try checkOrder(state, &problems)
    if !state.books.counts.close { problems.append("source '\(id)': the books do not close") }
    guard state.isComplete, state.signedEpoch > 0 else { return }
    _ = try SourceRecord.load(id, from: store)
    // Tiles are written when an epoch is made: a new version that is committed and not signed yet has none.
    guard try isInNewestEpoch(state) else { return }
    checkTiles(id, state.sha256.head, state.tileFolder("tile"), &problems)
    checkTiles(id, state.poseidon2.head, state.tileFolder("tile-poseidon2"), &problems)
    try checkAbsence(state, &problems)
  }

  /// The sorted digests are those of the live records, all of them and in order.
  private func checkAbsence(_ state: SourceState, _ problems: inout [String]) throws(IngestError) {
    guard let root = state.absenceRoot else { return }
    let confidential = try SourceRecord.load(state.id, from: store)?.manifest.confidential ?? false
    let digests = try SortedDigests(state, confidential: confidential, store: store)
    do throws(IngestError) {
      guard try digests.root(of: state, in: store) == root else {
        problems.append(
          "source '\(state.id)': the sorted digests of its live records do not give the committed root"
        )
        return
      }
      try digests.compare(with: root)
    } catch {
      problems.append(error.description)
    }
  }

  /// Each live leaf stands once in the order of the scan, and no other.
  private func checkOrder(_ state: SourceState, _ problems: inout [String]) throws(IngestError) {
    let order: ScanOrder
    let leaves: [UInt64]
    do throws(IngestError) {
      order = try ScanOrder(state, in: store)
      guard !order.isPlain, state.isComplete else { return }
      leaves = try order.leaves(of: 0..<state.sha256.size - state.tombstoneCount)
    } catch {
      problems.append(error.description)
      return
    }
    let removed = Set(try store.tombstones(of: state.id).map(\.leaf))
    let isWhole =
      Set(leaves).count == leaves.count && UInt64(removed.count) == state.tombstoneCount
      && leaves.allSatisfy { $0 < state.sha256.size && !removed.contains($0) }
    if !isWhole {
      problems.append("source '\(state.id)': the order of its records is not that of its leaves")
    }
  }

  private func isInNewestEpoch(_ state: SourceState) throws(IngestError) -> Bool {
    let latest = try store.latestEpoch()
    guard latest > 0 else { return false }
    // What is wrong with an epoch's own files is said where epochs are checked.
    guard let manifest = try? VerifiedManifest(store.signedCommit(ofEpoch: latest).commit),
      let source = manifest.manifest.sources.first(where: { $0.id == state.id })
    else { return true }
    return source.sha256Root == state.sha256.root
  }

  private func checkTiles<Hasher: TreeHasher>(
    _ id: String,
    _ head: TreeHead<Hasher>,
    _ name: String,
    _ problems: inout [String]
  ) {
    let folder = FilePaths.join(store.folder(of: id), name)
    var below: [Hasher.Digest] = []
    for tile in TilePath.all(size: head.size) {
      let path = FilePaths.join(folder, tile.path)
      guard let bytes = try? InputFile.contents(of: path, limit: 8192),
        bytes.count == 32 * tile.count
      else {
        problems.append("\(path): the tile is missing or of another length")
        return
      }
      if tile.level == 0 {
        for start in stride(from: 0, to: bytes.count, by: 32) {
          guard let digest = Hasher.digest(bytes[start..<start + 32]) else {
            problems.append("\(path): holds something that is no digest")
            return
          }
          below.append(digest)
        }
      }
    }
    if CompactRange<Hasher>.root(of: below) != head.root {
      problems.append("\(folder): the tiles do not give the committed root")
    }
    var level = below
    var tileLevel = 0
    while level.count >= TilePath.width {
      level = stride(from: 0, to: level.count / TilePath.width * TilePath.width, by: TilePath.width)
        .map {
          CompactRange<Hasher>.root(of: level[$0..<$0 + TilePath.width])
        }
      tileLevel += 1
      var expected: [UInt8] = []
      for digest in level { Hasher.append(digest, to: &expected) }
      let actual = TilePath.all(size: head.size).filter { $0.level == tileLevel }.flatMap { tile in
        (try? InputFile.contents(of: FilePaths.join(folder, tile.path), limit: 8192)) ?? []
      }
      if expected != actual {
        problems.append("\(folder)/\(tileLevel): the tiles are not those of the level below")
      }
    }
  }

  private func check(epoch: UInt64, after earlier: VerifiedManifest?) throws -> VerifiedManifest {
    let signed = try store.signedCommit(ofEpoch: epoch)
    let name = "epoch \(epoch)"
    let manifest: VerifiedManifest
    do {
      manifest = try VerifiedManifest(signed.commit)
    } catch {
      throw IngestError(.badData, "\(name): \(error)")
    }
    // Policy, decisions, reviews and manifests are those that it names.
    // Epochs of the earliest versions did not keep their policy.
    if FilePaths.exists(FilePaths.join(store.folder(ofEpoch: epoch), EpochBuilder.policyName)) {
      _ = try store.contents(ofEpoch: epoch)
    }
    guard try store.digest(ofEpoch: epoch) == manifest.digest.hex else {
      throw IngestError(.badData, "\(name): the commit file is not the one that was recorded")
    }
    let ring = KeyRing(store: store.folder)
    var keys: [PublicKey] = []
    for signer in ring.signerNames() { keys.append(try ring.signer(signer).publicKey) }
    if !keys.isEmpty {
      do {
        _ = try signed.verify(by: SignerTrust(keys: keys))
      } catch {
        throw IngestError(.badData, "\(name): \(error)")
      }
    }
    if let earlier, manifest.manifest.previous?.sha256 != earlier.digest {
      throw IngestError(.badData, "\(name): does not name epoch \(epoch - 1)")
    }
    return manifest
  }
}
