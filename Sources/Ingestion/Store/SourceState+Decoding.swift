internal import CanonicalCoding
internal import Merkle

extension SourceState {
  /// Reads the stored form; `nil` if any part of it is missing or of the wrong form.
  init?(id: String, _ json: JSONValue) {
    guard let object = json.object, let manifestPath = object["manifestPath"]?.text,
      let manifestDigest = object["manifestDigest"]?.text,
      let profileDigest = object["profileDigest"]?.text,
      let asOf = object["asOf"]?.text.flatMap({ CivilDate($0) }),
      let isComplete = object["isComplete"]?.boolean,
      let signedEpoch = object.number("signedEpoch"),
      let size = object.number("size"), let ledgerSize = object.number("ledgerSize"),
      let resume = object["resume"].flatMap({ ResumePoint($0) }),
      let books = object["books"].flatMap({ ResumePoint($0) }),
      let inputsDigest = object["inputsDigest"]?.text, let options = object["options"],
      let plugin = object["plugin"].flatMap({ PluginIdentity($0) }),
      let generation = object.number("generation"),
      let tombstoneCount = object.number("tombstones"),
      let sha256 = CompactRange<SHA256TreeHasher>(
        size: size,
        edge: object.texts("sha256Edge").compactMap(SHA256Hash.init(hex:))
      ),
      let poseidon2 = CompactRange<Poseidon2TreeHasher>(
        size: size,
        edge: object.texts("poseidon2Edge").compactMap(Poseidon2Digest.init(hex:))
      ),
      let ledger = CompactRange<SHA256TreeHasher>(
        size: ledgerSize,
        edge: object.texts("ledgerEdge").compactMap(SHA256Hash.init(hex:))
      )
    else { return nil }
    self.id = id
    self.asOf = asOf
    (self.manifestPath, self.manifestDigest, self.profileDigest) = (
      manifestPath, manifestDigest, profileDigest
    )
    (self.isComplete, self.signedEpoch) = (isComplete, signedEpoch)
    (self.sha256, self.poseidon2, self.ledger) = (sha256, poseidon2, ledger)
    (self.resume, self.books) = (resume, books)
    self.inputsDigest = inputsDigest
    self.options = options
    self.plugin = plugin
    (self.generation, self.tombstoneCount) = (generation, tombstoneCount)
    absence = object["absence"].flatMap { AbsenceState($0) }
  }
}

extension JSONObject {
  /// A decimal text.
  fileprivate func number(_ name: String) -> UInt64? { self[name]?.text.flatMap { UInt64($0) } }
  /// A list of texts.
  fileprivate func texts(_ name: String) -> [String] {
    (self[name]?.elements ?? []).compactMap(\.text)
  }
}
