public import Manifests
public import Merkle

/// Makes proofs that a content digest is not among the live records of the newest epoch.
public struct AbsenceMaker: Sendable {
  private let store: Store

  /// Proofs from a store.
  public init(_ store: Store) { self.store = store }

  /// The proof over every source where absence can be shown; a source that holds the digest is left out.
  ///
  /// - Throws: `IngestError` 69 without an epoch, or where no source proves absence.
  /// - Complexity: O(sources · log records).
  public func proof(of content: SHA256Hash) throws(IngestError) -> AbsenceProofFile {
    let latest = try store.latestEpoch()
    guard latest > 0 else {
      throw IngestError(.unavailable, "no epoch is signed yet; run ingest --source FILE --absence")
    }
    let signed = try store.signedCommit(ofEpoch: latest)
    var sources: [AbsenceProofFile.Source] = []
    do {
      let manifest = try VerifiedManifest(signed.commit).manifest
      guard manifest.sources.contains(where: { $0.absenceRoot != nil }) else {
        throw IngestError(
          .unavailable,
          "epoch \(latest) does not commit to sorted digests; sign one that does: ingest --source FILE --absence"
        )
      }
      for source in manifest.sources where source.absenceRoot != nil {
        guard let state = try store.state(of: source.id), state.absenceRoot == source.absenceRoot
        else {
          throw IngestError(
            .unavailable,
            "source '\(source.id)' has moved on since epoch \(latest); finish its scan first"
          )
        }
        let digests = try SortedDigests(state, confidential: source.confidential, store: store)
        let found = try digests.absence(of: content)
        guard let proof = found.proof else { continue }
        sources.append(
          AbsenceProofFile.Source(id: source.id, digest: found.digest, proof: proof)
        )
      }
    } catch {
      throw IngestError(error)
    }
    return AbsenceProofFile(signed: signed, contentDigest: content, sources: sources)
  }

  /// The sources of the newest epoch whose live records hold a digest.
  ///
  /// - Throws: `IngestError`.
  public func holders(of proof: AbsenceProofFile) throws(IngestError) -> [String] {
    do {
      let covered = Set(proof.sources.map(\.id))
      return try VerifiedManifest(proof.signed.commit).manifest.sources
        .filter { $0.absenceRoot != nil && !covered.contains($0.id) }.map(\.id)
    } catch {
      throw IngestError(error)
    }
  }
}
