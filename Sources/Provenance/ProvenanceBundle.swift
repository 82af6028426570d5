internal import CanonicalCoding
public import Manifests
internal import Merkle
public import ProofSystem

/// Everything that a trainer hands over: the receipt's head, the claim, and the proofs that belong together.
///
/// `"IPRB" | version | varlen(header, RFC 8785) | varlen(proof) …`: link proofs, training link proofs, the provenance
/// proof (docs/formats.md). Nothing in it is trusted before `ProvenanceVerifier` has checked it.
public struct ProvenanceBundle: Sendable {
  /// A proof that ties a group of columns to a range of a tree.
  public struct Link: Sendable {
    /// What is opened.
    public var segment: TreeSegment
    /// The root of the group.
    public var root: [UInt8]
    /// The proof.
    public var proof: [UInt8]

    /// A link from its parts.
    public init(segment: TreeSegment, root: [UInt8], proof: [UInt8]) {
      (self.segment, self.root, self.proof) = (segment, root, proof)
    }
  }

  private static let magic = Array("IPRB".utf8)
  private static let version: UInt32 = 1
  /// More bytes than any header of ours.
  private static let headerLimit = 16 << 20
  /// The most links of a kind.
  static let linkLimit = 90

  /// The profile of all proofs.
  public var profile: Profile
  /// The code of all groups.
  public var code: CodeParameters
  /// The public head of the receipt.
  public var receipt: TrainingReceipt
  /// The claim.
  public var claim: ProvenanceClaim
  /// S1 for every segment of the registry.
  public var links: [Link]
  /// S1T for every segment of the training tree.
  public var trainingLinks: [Link]
  /// S2.
  public var proof: [UInt8]

  /// A bundle from its parts.
  public init(
    profile: Profile,
    code: CodeParameters,
    receipt: TrainingReceipt,
    claim: ProvenanceClaim,
    links: [Link],
    trainingLinks: [Link],
    proof: [UInt8]
  ) {
    (self.profile, self.code, self.receipt, self.claim) = (profile, code, receipt, claim)
    (self.links, self.trainingLinks, self.proof) = (links, trainingLinks, proof)
  }

  // MARK: bytes

  /// The file.
  public var bytes: [UInt8] {
    var bytes = Self.magic + ProofCoding.bytes(Self.version)
    bytes += ProofCoding.varlen(CanonicalJSON.encode(header))
    for link in links + trainingLinks { bytes += ProofCoding.varlen(link.proof) }
    return bytes + ProofCoding.varlen(proof)
  }

  private var header: JSONValue {
    [
      "apiVersion": "ingest/v1", "kind": "ProvenanceBundle", "profile": .string(profile.name),
      "code": .array([
        .count(code.logDataLength), .count(code.logTailLength), .count(code.logInverseRate),
      ]),
      "receipt": receipt.json, "claim": claim.json,
      "links": .array(links.map(\.header)), "trainingLinks": .array(trainingLinks.map(\.header)),
    ]
  }

  /// Whether a file begins as a bundle does.
  public static func isBundle(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

  /// Reads a file; every length is checked against what is there.
  ///
  /// - Throws: `ProvenanceError` with `truncated`, `trailingBytes`, `unsupportedVersion`, `nonCanonical`, `tooLong`,
  ///   `unknownProfile` or `publicInputInvalid`.
  public init(_ bytes: [UInt8]) throws(ProvenanceError) {
    guard Self.isBundle(bytes) else {
      throw ProvenanceError("bundle", "does not begin with IPRB", rule: .unsupportedVersion)
    }
    var rest = bytes.dropFirst(Self.magic.count)
    func number() throws(ProvenanceError) -> Int {
      guard rest.count >= 4 else {
        throw ProvenanceError("bundle", "ends inside a length", rule: .truncated)
      }
      defer { rest = rest.dropFirst(4) }
      return rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    func part(_ name: String, limit: Int) throws(ProvenanceError) -> [UInt8] {
      let length = try number()
      guard length <= limit else {
        throw ProvenanceError(name, "has \(length) bytes, at most \(limit)", rule: .tooLong)
      }
      guard length <= rest.count else {
        throw ProvenanceError(name, "ends after \(rest.count) of its bytes", rule: .truncated)
      }
      defer { rest = rest.dropFirst(length) }
      return Array(rest.prefix(length))
    }
    guard try number() == Self.version else {
      throw ProvenanceError("bundle", "is of another version than 1", rule: .unsupportedVersion)
    }
    let header = try part("header", limit: Self.headerLimit)
    guard let json = try? JSONParser.parse(header), CanonicalJSON.encode(json) == header else {
      throw ProvenanceError("header", "is not the RFC 8785 form of JSON", rule: .nonCanonical)
    }
    let names: Set = [
      "apiVersion", "kind", "profile", "code", "receipt", "claim", "links", "trainingLinks",
    ]
    guard let object = json.object, Set(object.members.keys) == names,
      object["apiVersion"]?.text == "ingest/v1", object["kind"]?.text == "ProvenanceBundle"
    else { throw ProvenanceError("header", "does not have the members of a bundle") }
    guard let profile = object["profile"]?.text.flatMap(Profile.init(rawValue:)) else {
      throw ProvenanceError("header", "names no profile of ours", rule: .unknownProfile)
    }
    guard let code = Self.code(object["code"]), let claim = ProvenanceClaim(object["claim"]) else {
      throw ProvenanceError("header", "code or claim cannot be read")
    }
    (self.profile, self.code, self.claim) = (profile, code, claim)
    do {
      receipt = try TrainingReceipt(CanonicalJSON.encode(object["receipt"] ?? .null))
    } catch {
      throw ProvenanceError("receipt", error.description)
    }
    guard var links = Self.links(object["links"]),
      var trainingLinks = Self.links(object["trainingLinks"])
    else { throw ProvenanceError("header", "a link cannot be read") }
    for index in links.indices {
      links[index].proof = try part("link \(index + 1)", limit: 64 << 20)
    }
    for index in trainingLinks.indices {
      trainingLinks[index].proof = try part("training link \(index + 1)", limit: 64 << 20)
    }
    (self.links, self.trainingLinks) = (links, trainingLinks)
    proof = try part("provenance", limit: 64 << 20)
    // Numbers have more than one text; a header has one.
    guard CanonicalJSON.encode(self.header) == header else {
      throw ProvenanceError("header", "is not written as we write it", rule: .nonCanonical)
    }
    guard rest.isEmpty else {
      throw ProvenanceError(
        "bundle",
        "goes on for \(rest.count) bytes behind its last proof",
        rule: .trailingBytes
      )
    }
  }

  private static func code(_ json: JSONValue?) -> CodeParameters? {
    let numbers = (json?.elements ?? []).compactMap { $0.text.flatMap { Int($0) } }
    guard numbers.count == 3, json?.elements?.count == 3, numbers.allSatisfy({ $0 <= 24 }) else {
      return nil
    }
    let code = CodeParameters(
      logDataLength: numbers[0],
      logTailLength: numbers[1],
      logInverseRate: numbers[2]
    )
    return code.isAllowed ? code : nil
  }

  private static func links(_ json: JSONValue?) -> [Link]? {
    guard let list = json?.elements, (1...linkLimit).contains(list.count) else { return nil }
    var links: [Link] = []
    for element in list {
      guard let link = Link(header: element) else { return nil }
      links.append(link)
    }
    return links
  }
}
