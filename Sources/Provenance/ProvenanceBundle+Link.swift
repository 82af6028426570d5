package import CanonicalCoding
internal import Merkle
internal import ProofSystem

/// A link in a bundle's header, and as a file of its own.
extension ProvenanceBundle.Link {
  /// Root and parts.
  package var header: JSONValue {
    [
      "root": .string(Hex.encode(root)),
      "parts": .array(
        segment.parts.map { part in
          [
            "source": .count(part.source), "start": .count(part.node.start),
            "count": .count(part.node.count), "digest": .string(part.digest.hex),
            "path": .array(part.path.map { .string($0.hex) }),
          ]
        }
      ),
    ]
  }

  /// Root and parts without the proof; `nil` unless every member is there, and no other.
  init?(header json: JSONValue) {
    guard let object = json.object, Set(object.members.keys) == ["root", "parts"],
      let root = Hex.decode(object["root"]?.text ?? ""), root.count == 32,
      let parts = object["parts"]?.elements, parts.count <= TreeSegment.partLimit
    else { return nil }
    let read = parts.compactMap(Self.part)
    guard read.count == parts.count else { return nil }
    self.init(segment: TreeSegment(read), root: root, proof: [])
  }

  /// Reads `varlen(header) | varlen(proof)`.
  package init?(_ bytes: [UInt8]) {
    func varlen(_ bytes: ArraySlice<UInt8>) -> (part: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)? {
      guard bytes.count >= 4 else { return nil }
      let length = bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      let rest = bytes.dropFirst(4)
      return length <= rest.count ? (rest.prefix(length), rest.dropFirst(length)) : nil
    }
    guard let (header, rest) = varlen(bytes[...]), let (proof, end) = varlen(rest), end.isEmpty,
      let json = try? JSONParser.parse(Array(header)), let link = Self(header: json)
    else { return nil }
    self = link
    self.proof = Array(proof)
  }

  private static func part(_ json: JSONValue) -> TreeSegment.Part? {
    guard let object = json.object,
      Set(object.members.keys) == ["source", "start", "count", "digest", "path"],
      let source = object["source"]?.text.flatMap({ Int($0) }),
      let start = object["start"]?.text.flatMap({ UInt64($0) }),
      let count = object["count"]?.text.flatMap({ UInt64($0) }),
      let digest = object["digest"]?.text.flatMap(Poseidon2Digest.init(hex:)),
      let path = object["path"]?.elements, path.count <= 64
    else { return nil }
    let digests = path.compactMap { $0.text.flatMap(Poseidon2Digest.init(hex:)) }
    guard digests.count == path.count else { return nil }
    return TreeSegment.Part(
      source: source,
      node: Subtree(start: start, count: count),
      digest: digest,
      path: digests
    )
  }
}
