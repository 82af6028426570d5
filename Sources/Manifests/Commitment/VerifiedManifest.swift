internal import CanonicalCoding
public import Merkle

/// A commit file whose bytes are canonical, whose books close and whose roots follow from it.
///
/// Only the checks below make one; what they do not check is whether anybody signed it.
public struct VerifiedManifest: Hashable, Sendable {
  /// The content.
  public let manifest: CommittedManifest
  /// SHA-256 of the file's bytes.
  public let digest: SHA256Hash
  /// Both combined roots: those of the content, computed once.
  public let combined: CombinedRoot

  /// Checks the bytes of a commit file.
  ///
  /// - Throws: `CommitmentError` naming the first rule that is broken.
  /// - Complexity: O(bytes + sources · log sources).
  public init(_ bytes: [UInt8]) throws(CommitmentError) {
    var reader = try CommitmentReader(file: bytes, kind: "CommittedManifest")
    var tree = try reader.object("tree")
    try tree.constant("shape", "RFC9162")
    try tree.constant("leaf", "IRL1")
    try tree.constant("poseidon2Leaf", "P2KB-1")
    try tree.constant("poseidon2", "P2-KB-plonky3-v1")
    try tree.finish()
    manifest = try CommittedManifest(&reader)
    combined = try Self.check(manifest, &reader)
    try reader.finish()
    digest = .of(bytes)
  }

  private static func check(
    _ manifest: CommittedManifest,
    _ reader: inout CommitmentReader
  ) throws(CommitmentError) -> CombinedRoot {
    guard !manifest.sources.isEmpty else { throw .badValue("sources") }
    for (earlier, later) in zip(manifest.sources, manifest.sources.dropFirst()) {
      guard earlier.id.utf8.lexicographicallyPrecedes(later.id.utf8) else {
        throw .sourceOrder(later.id)
      }
    }
    let counts = try SourceCounts(try reader.value("counts"), at: "counts")
    guard counts.close, counts == manifest.counts else { throw .booksOpen("counts") }
    var roots = try reader.object("combined")
    let stated = CombinedRoot(
      sha256: try roots.sha256("sha256Root"),
      poseidon2: try roots.poseidon2("poseidon2Root")
    )
    try roots.finish()
    guard stated == manifest.combined else { throw .rootMismatch("combined") }
    guard (manifest.epoch == 1) == (manifest.previous == nil) else { throw .badValue("previous") }
    if let previous = manifest.previous, previous.epoch &+ 1 != manifest.epoch {
      throw .badValue("previous.epoch")
    }
    return stated
  }
}

extension CommittedManifest {
  /// Takes the members that are the manifest's own; roots and sums are checked by the caller.
  init(_ reader: inout CommitmentReader) throws(CommitmentError) {
    created = try reader.text("created")
    let isTime =
      created.utf8.count == 20 && created.hasSuffix("Z") && CivilDate(created.prefix(10)) != nil
    guard isTime else { throw .badValue("created") }
    epoch = try reader.count("epoch")
    guard epoch > 0 else { throw .badValue("epoch") }
    var tool = try reader.object("tool")
    try tool.constant("name", "ingest")
    toolVersion = try tool.text("version")
    try tool.finish()
    sources = []
    for (index, source) in try reader.list("sources").enumerated() {
      sources.append(try SourceCommitment(source, at: "sources[\(index)]"))
    }
    policy = try Policy(try reader.object("policy"))
    var list = try reader.object("licenseList")
    try list.constant("name", "SPDX")
    licenseListVersion = try list.text("version")
    licenseListDigest = try list.sha256("sha256")
    try list.finish()
    var table = try reader.object("licenseTable")
    licenseTableVersion = try table.text("version")
    licenseTableDigest = try table.sha256("sha256")
    try table.finish()
    reviews = try CountedHead(try reader.object("reviews"))
    tombstones = try CountedHead(try reader.object("tombstones"))
    if let earlier = reader.optional("previous") {
      var object = try CommitmentReader(earlier, "previous")
      previous = Previous(epoch: try object.count("epoch"), sha256: try object.sha256("sha256"))
      try object.finish()
    }
  }
}
