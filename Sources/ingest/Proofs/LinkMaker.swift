internal import Files
internal import Ingestion
internal import Kernels
internal import Manifests
internal import Merkle
internal import ProofSystem
internal import Provenance
internal import Proving

/// Brings leaves out of a store or a run to the link prover, segment by segment, and keeps what it makes.
struct LinkMaker {
  let store: Store
  let profile: Profile
  let kernels: ProverKernels
  /// Hears when a segment is done: its number, of how many, its leaves.
  let done: (Int, Int, Int) -> Void

  /// Where the links of an epoch are.
  static func folder(_ store: Store, epoch: UInt64, _ profile: Profile) -> String {
    FilePaths.join(store.folder(ofEpoch: epoch), "link/\(profile.name)")
  }

  /// Where the links of a run are.
  static func folder(_ run: FeedFolder, _ profile: Profile) -> String {
    run.file("private/link/\(profile.name)")
  }

  // MARK: the registry

  /// Links every segment of an epoch that is not linked yet.
  ///
  /// - Returns: the number of leaves, of segments, and of bytes of all proofs.
  func linkRegistry(
    epoch: UInt64,
    logSegment: Int
  ) async throws -> (leaves: UInt64, segments: Int, bytes: Int) {
    let manifest = try VerifiedManifest(store.signedCommit(ofEpoch: epoch).commit)
    let registry = CommittedRegistry(manifest)
    guard registry.size > 0 else {
      throw IngestError(.unavailable, "epoch \(epoch) has no leaf; there is nothing to link")
    }
    let ranges = LinkFolder.ranges(
      count: registry.size,
      limit: StatementShape.leafLimit(logSegment: logSegment)
    )
    let height = StatementShape.logHeight(
      rowCount: Int(ranges[0].count),
      logPadRowCount: StatementShape.logReusablePadRowCount
    )
    let folder: LinkFolder
    do throws(LinkFolder.Failure) {
      folder = try LinkFolder(
        making: Self.folder(store, epoch: epoch, profile),
        kind: .registry,
        subject: manifest.digest.hex,
        code: StatementShape.code(logSegment: height, profile: profile),
        ranges: ranges
      )
    } catch {
      throw IngestError(error, missing: "")
    }
    let prover = LinkProver(profile: profile, code: folder.code, kernels: kernels)
    let maker = ProofMaker(store)
    let sources = manifest.manifest.sources
    try await linkMissing(folder, ranges) { [store] range in
      try Self.registryColumns(store, sources, range)
    } prove: { index, range, columns in
      let places = try TreeSegment.cover(range, sizes: sources.map(\.size)).map { source, node in
        LinkProver.Place(
          source: source,
          node: node,
          path: try maker.subtree(node, of: sources[source]).path
        )
      }
      return try prover.link(registry, places, columns, state: folder.statePath(index))
    }
    let bytes = try ranges.indices.reduce(0) { try $0 + folder.link($1).proof.count }
    return (registry.size, ranges.count, bytes)
  }

  /// Links the segments that are not linked yet; while one is proven, the next one's leaves are read.
  private func linkMissing(
    _ folder: LinkFolder,
    _ ranges: [Range<UInt64>],
    read: @escaping @Sendable (Range<UInt64>) throws -> LeafColumns,
    prove: (_ index: Int, Range<UInt64>, LeafColumns) throws -> LinkProver.Made
  ) async throws {
    let missing = ranges.indices.filter { !folder.isComplete($0) }
    func reading(_ number: Int) -> Task<LeafColumns, any Error>? {
      guard number < missing.count else { return nil }
      let range = ranges[missing[number]]
      return Task { try read(range) }
    }
    var next = reading(0)
    defer { next?.cancel() }
    for (number, index) in missing.enumerated() {
      guard let columns = try await next?.value else { return }
      next = reading(number + 1)
      try folder.clear(index)
      do {
        let made = try prove(index, ranges[index], columns)
        try keep(folder, index, columns, made)
      } catch let failure as Prover.Failure {
        throw IngestError(failure)
      }
      done(index + 1, ranges.count, columns.count)
    }
  }

  private func keep(
    _ folder: LinkFolder,
    _ index: Int,
    _ columns: LeafColumns,
    _ made: LinkProver.Made
  ) throws(Prover.Failure) {
    do throws(LinkFolder.Failure) {
      try folder.write(index, columns, made)
    } catch {
      if case .file(let file) = error { throw .group(.file(file)) }
      throw .group(.damaged)
    }
  }

  /// The leaves of a range of all sources' leaves as columns.
  private static func registryColumns(
    _ store: Store,
    _ sources: [SourceCommitment],
    _ range: Range<UInt64>
  ) throws -> LeafColumns {
    let columns = LeafColumns(.registry, count: Int(range.count))
    var first: UInt64 = 0
    for (index, source) in sources.enumerated() {
      let own = range.clamped(to: first..<first + source.size)
      if !own.isEmpty {
        for place in try store.segments(of: source.id) {
          try Task.checkCancellation()
          let start = first + place.firstLeaf
          let shared = own.clamped(to: start..<start + place.leafCount)
          guard !shared.isEmpty else { continue }
          let rows = try store.segment(place, of: source.id).rows
          for leaf in shared {
            let row = rows[Int(leaf - start)]
            let position = Int(leaf - range.lowerBound)
            if let tombstone = row.tombstone {
              columns.set(position, tombstone, source: index)
            } else {
              columns.set(position, row.leaf, source: index)
            }
          }
        }
      }
      first += source.size
    }
    return columns
  }

  // MARK: a run

  /// Links every segment of a run's training tree that is not linked yet.
  func linkRun(
    _ run: FeedFolder,
    _ receipt: TrainingReceipt,
    _ order: [FeedFolder.Entry],
    like registry: LinkFolder
  ) async throws -> LinkFolder {
    let limit = StatementShape.leafLimit(
      logSegment: StatementShape.logHeight(
        rowCount: Int(registry.ranges[0].count),
        logPadRowCount: StatementShape.logReusablePadRowCount
      )
    )
    let ranges = LinkFolder.ranges(count: receipt.count, limit: limit)
    let folder: LinkFolder
    do throws(LinkFolder.Failure) {
      folder = try LinkFolder(
        making: Self.folder(run, profile),
        kind: .training,
        subject: receipt.digest.hex,
        code: registry.code,
        ranges: ranges
      )
    } catch {
      throw IngestError(error, missing: "")
    }
    guard ranges.indices.contains(where: { !folder.isComplete($0) }) else { return folder }
    let key = try run.runKey()
    let prover = LinkProver(profile: profile, code: folder.code, kernels: kernels)
    var digests: [Poseidon2Digest] = []
    digests.reserveCapacity(order.count)
    for start in stride(from: 0, to: order.count, by: 4096) {
      let leaves = (start..<min(start + 4096, order.count)).map {
        order[$0].leaf(position: UInt64($0), runKey: key)
      }
      digests += TrainingLeaf.poseidon2(of: leaves, kernel: .best)
    }
    let tree = LevelTree<Poseidon2TreeHasher>(leaves: digests, hashing: NodeHashing(.best))
    guard try tree.head.root == receipt.poseidon2Root else {
      throw IngestError(.badData, "\(run.path): order and run key do not give the receipt's root")
    }
    try await linkMissing(folder, ranges) { range in
      let columns = LeafColumns(.training, count: Int(range.count))
      for position in range {
        columns.set(
          Int(position - range.lowerBound),
          order[Int(position)].leaf(position: position, runKey: key)
        )
      }
      return columns
    } prove: { index, range, columns in
      let places = try TreeSegment.cover(range, sizes: [receipt.count]).map { source, node in
        LinkProver.Place(
          source: source,
          node: node,
          path: try tree.subtreeProof(node, size: receipt.count).proof.path
        )
      }
      return try prover.trainingLink(
        receipt,
        base: range.lowerBound,
        places,
        columns,
        state: folder.statePath(index)
      )
    }
    return folder
  }
}
