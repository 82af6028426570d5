public import CanonicalCoding
internal import Merkle

/// The rule that a committed file breaks.
public enum CommitmentError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Not strict JSON.
  case json(JSONError)
  /// JSON, but not its RFC 8785 form.
  case notCanonical
  case missingMember(String)
  case unknownMember(String)
  /// The member has another type or form than asked for.
  case badValue(String)
  /// The books of a source, or of the whole, do not close.
  case booksOpen(String)
  /// A root or digest in the file is not the one that follows from it.
  case rootMismatch(String)
  /// Sources out of order, or one twice.
  case sourceOrder(String)

  /// The reason code that vectors and messages name.
  public var code: String {
    switch self {
    case .json(let error): error.code
    case .notCanonical: "not-canonical"
    case .missingMember: "missing-member"
    case .unknownMember: "unknown-member"
    case .badValue: "bad-value"
    case .booksOpen: "books-open"
    case .rootMismatch: "root-mismatch"
    case .sourceOrder: "source-order"
    }
  }

  /// One sentence for people; it holds no record content.
  public var description: String {
    switch self {
    case .json(let error): "not strict JSON (\(error.code)) at byte \(error.offset)"
    case .notCanonical: "the bytes are not the RFC 8785 form of their value"
    case .missingMember(let path): "the member \(path) is missing"
    case .unknownMember(let path): "the member \(path) is not known"
    case .badValue(let path): "the member \(path) has a value of the wrong form"
    case .booksOpen(let path): "the books of \(path) do not close"
    case .rootMismatch(let path): "\(path) does not follow from the rest of the file"
    case .sourceOrder(let id): "the source \(id) is out of order or stands twice"
    }
  }
}

/// Takes members out of an object and refuses those nobody asked for.
struct CommitmentReader {
  private let object: JSONObject
  private let path: String
  private var taken: Set<String> = []

  init(_ json: JSONValue?, _ path: String) throws(CommitmentError) {
    guard let object = json?.object else { throw .badValue(path) }
    self.object = object
    self.path = path
  }

  /// A whole file: RFC 8785 JSON of one kind.
  init(file bytes: [UInt8], kind: String) throws(CommitmentError) {
    let json: JSONValue
    do {
      json = try JSONParser.parse(bytes)
    } catch {
      throw .json(error)
    }
    guard CanonicalJSON.encode(json) == bytes else { throw .notCanonical }
    try self.init(json, "")
    try constant("apiVersion", "ingest/v1")
    try constant("kind", kind)
  }

  private func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  mutating func optional(_ name: String) -> JSONValue? {
    taken.insert(name)
    return object[name]
  }

  mutating func value(_ name: String) throws(CommitmentError) -> JSONValue {
    guard let value = optional(name) else { throw .missingMember(place(name)) }
    return value
  }

  mutating func text(_ name: String) throws(CommitmentError) -> String {
    guard let text = try value(name).text, !text.isEmpty else { throw .badValue(place(name)) }
    return text
  }

  mutating func optionalText(_ name: String) throws(CommitmentError) -> String? {
    guard let value = optional(name) else { return nil }
    guard let text = value.text, !text.isEmpty else { throw .badValue(place(name)) }
    return text
  }

  mutating func constant(_ name: String, _ expected: String) throws(CommitmentError) {
    guard try text(name) == expected else { throw .badValue(place(name)) }
  }

  mutating func bool(_ name: String) throws(CommitmentError) -> Bool {
    guard let value = try value(name).boolean else { throw .badValue(place(name)) }
    return value
  }

  /// A decimal string without leading zeros, at most 19 digits.
  mutating func count(_ name: String) throws(CommitmentError) -> UInt64 {
    let text = try text(name)
    guard text.utf8.count <= 19, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      text == "0" || text.utf8.first != 0x30, let value = UInt64(text)
    else { throw .badValue(place(name)) }
    return value
  }

  mutating func date(_ name: String) throws(CommitmentError) -> CivilDate {
    guard let date = CivilDate(try text(name)) else { throw .badValue(place(name)) }
    return date
  }

  mutating func sha256(_ name: String) throws(CommitmentError) -> SHA256Hash {
    guard let digest = SHA256Hash(hex: try text(name)) else { throw .badValue(place(name)) }
    return digest
  }

  mutating func poseidon2(_ name: String) throws(CommitmentError) -> Poseidon2Digest {
    guard let digest = Poseidon2Digest(hex: try text(name)) else { throw .badValue(place(name)) }
    return digest
  }

  mutating func list(_ name: String) throws(CommitmentError) -> [JSONValue] {
    guard let list = try value(name).elements else { throw .badValue(place(name)) }
    return list
  }

  mutating func texts(_ name: String) throws(CommitmentError) -> [String] {
    var texts: [String] = []
    for element in try list(name) {
      guard let text = element.text else { throw .badValue(place(name)) }
      texts.append(text)
    }
    return texts
  }

  mutating func object(_ name: String) throws(CommitmentError) -> CommitmentReader {
    try CommitmentReader(try value(name), place(name))
  }

  /// Refuses members that nobody took.
  func finish() throws(CommitmentError) {
    for name in object.sortedNames where !taken.contains(name) { throw .unknownMember(place(name)) }
  }
}
