public import CanonicalCoding
internal import Merkle

/// What somebody gets who asked that a record be left out: it was committed, it is a tombstone now, and no live record has its content.
///
/// Three proofs in one file, each of which can be checked alone, and a check that they speak of the same record.
public struct ExclusionAnswer: Sendable {
  /// The exclusion that was written, signed.
  public let exclusions: [ExclusionFile]
  /// That each record stood in the epoch before.
  public let before: [InclusionProofFile]
  /// That each is a tombstone now, and nothing else of the epoch before was changed.
  public let removed: DifferenceProofFile?
  /// That no live record has the same content, one proof a content digest.
  public let absent: [AbsenceProofFile]

  /// An answer from its parts; nothing is checked here.
  public init(
    exclusions: [ExclusionFile],
    before: [InclusionProofFile],
    removed: DifferenceProofFile?,
    absent: [AbsenceProofFile]
  ) {
    (self.exclusions, self.before, self.removed, self.absent) = (
      exclusions, before, removed, absent
    )
  }

  /// The file as JSON.
  public var json: JSONValue {
    var object: JSONObject = [
      "apiVersion": "ingest/v1", "kind": "ExclusionAnswer",
      "exclusions": .array(exclusions.map(\.envelope.json)),
      "before": .array(before.map(\.json)), "absent": .array(absent.map(\.json)),
    ]
    object["removed"] = removed?.json
    return .object(object)
  }

  /// Reads a file.
  ///
  /// - Throws: `ProofFileError.form`.
  public init(_ json: JSONValue) throws(ProofFileError) {
    guard let object = json.object, object["kind"]?.text == "ExclusionAnswer",
      Set(object.members.keys).isSubset(of: [
        "apiVersion", "kind", "exclusions", "before", "removed", "absent",
      ]),
      let exclusions = object["exclusions"]?.elements, let before = object["before"]?.elements,
      let absent = object["absent"]?.elements
    else { throw .form("its members are not those of an answer to an exclusion") }
    self.exclusions = try exclusions.map { entry throws(ProofFileError) in
      do throws(ReviewError) { return try ExclusionFile(CanonicalJSON.encode(entry)) } catch {
        throw .form(error.description)
      }
    }
    self.before = try before.map { entry throws(ProofFileError) in try InclusionProofFile(entry) }
    self.absent = try absent.map { entry throws(ProofFileError) in try AbsenceProofFile(entry) }
    removed = try object["removed"].map { entry throws(ProofFileError) in
      try DifferenceProofFile(entry)
    }
  }

  /// What a checked answer says.
  public struct Verified: Sendable {
    /// The newest epoch that it speaks of.
    public let manifest: VerifiedManifest
    /// One sentence a fact.
    public let sentences: [String]
  }

  /// Checks every proof, and that they speak of the same records.
  ///
  /// - Throws: `ProofFileError` naming the first rule that is broken.
  public func verify(by trust: SignerTrust) throws(ProofFileError) -> Verified {
    var sentences: [String] = []
    for file in exclusions {
      do throws(SignatureError) { _ = try file.envelope.verify(by: trust) } catch {
        throw .signature(error)
      }
      let exclusion = file.exclusion
      sentences.append(
        "asked: \(exclusion.reason.rawValue) of \(exclusion.match.name) \(exclusion.match.text), received \(exclusion.received), reference \(exclusion.reference), source '\(exclusion.source)'"
      )
    }
    let pair = try removed.map { proof throws(ProofFileError) in try proof.verify(by: trust) }
    var digests: Set<SHA256Hash> = []
    for proof in before {
      let found = try proof.verify(by: trust)
      guard let pair, found.manifest.digest == pair.old.digest else {
        throw .form("a record is shown in another epoch than the one before the removal")
      }
      let gone = removed?.sources.first { $0.id == proof.source }?.removed
        .first { $0.leaf == proof.index }
      guard let gone, gone.tombstone.formerLeaf == found.leaf.sha256 else {
        throw .leaf(
          "record \(proof.index) of source '\(proof.source)' is no tombstone in the later epoch"
        )
      }
      digests.insert(found.leaf.contentDigest)
      sentences.append(
        "committed before: record \(proof.index) of source '\(proof.source)', epoch \(found.manifest.manifest.epoch), content sha256 \(found.leaf.contentDigest.hex)"
      )
      sentences.append(
        "tombstoned now: leaf \(gone.leaf), reason \(gone.tombstone.reason.rawValue), day \(gone.tombstone.day), epoch \(pair.new.manifest.epoch)"
      )
    }
    var newest = pair?.new
    for proof in absent {
      let found = try proof.verify(by: trust)
      guard newest == nil || newest?.digest == found.manifest.digest else {
        throw .form("absence is shown in another epoch than the newest one")
      }
      newest = found.manifest
      digests.remove(found.contentDigest)
      sentences += found.sentences
    }
    guard let newest else { throw .form("the answer shows nothing") }
    for digest in digests.sorted() {
      sentences.append("NOT shown: that no other record has the content \(digest.hex)")
    }
    return Verified(manifest: newest, sentences: sentences)
  }
}

extension AbsenceProofFile.Verified {
  /// One sentence a fact, with what it does not say.
  public var sentences: [String] {
    var found: [String] = []
    if !absent.isEmpty {
      found.append(
        "absent from epoch \(manifest.manifest.epoch): no live record of \(absent.joined(separator: ", ")) has the content sha256 \(contentDigest.hex)"
      )
    }
    if !stated.isEmpty {
      found.append(
        "stated by the registry, not checkable without its key: the same for the confidential sources \(stated.joined(separator: ", "))"
      )
    }
    if !uncovered.isEmpty {
      found.append("NOT covered: \(uncovered.joined(separator: ", "))")
    }
    found.append(
      "exactly equal normal forms alone are meant: a copy that differs in one letter, or a paraphrase, has another digest"
    )
    return found
  }
}
