/// Two epochs that a proof speaks about, each checked, and each source of the earlier one with what it is in the later.
struct EpochPair {
  let old: VerifiedManifest
  let new: VerifiedManifest
  let sources: [(before: SourceCommitment, after: SourceCommitment)]

  /// Checks both signatures, the order of the epochs, and that the later one keeps every source of the earlier.
  ///
  /// - Parameters:
  ///   - old: the earlier one.
  ///   - new: the later one.
  ///   - trust: whose signatures count.
  ///   - mayBeOne: the two may be the same epoch, if they are the same file.
  /// - Throws: `ProofFileError` naming the first rule that is broken.
  init(
    _ old: SignedCommit,
    _ new: SignedCommit,
    by trust: SignerTrust,
    mayBeOne: Bool
  ) throws(ProofFileError) {
    (self.old, self.new) = (try old.verify(by: trust), try new.verify(by: trust))
    let (before, after) = (self.old, self.new)
    let (first, second) = (before.manifest.epoch, after.manifest.epoch)
    let isOne = mayBeOne && first == second && before.digest == after.digest
    guard first < second || isOne else { throw .epochs(old: first, new: second) }
    if let previous = after.manifest.previous, previous.epoch == first,
      previous.sha256 != before.digest
    {
      throw .commitment(.rootMismatch("previous"))
    }
    var sources: [(before: SourceCommitment, after: SourceCommitment)] = []
    for source in before.manifest.sources {
      guard let later = after.manifest.sources.first(where: { $0.id == source.id }) else {
        throw .sourceMissing(source.id)
      }
      sources.append((source, later))
    }
    self.sources = sources
  }
}
