/// A JSON value without the freedom that makes digests disagree: members in canonical order, each
/// name once, every text valid Unicode.
public enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A finite number; RFC 8785 writes it as ECMAScript does.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

/// Named members, each name once.
public struct JSONObject: Equatable, Sendable, ExpressibleByDictionaryLiteral {
  /// The members by name.
  ///
  /// The canonical order is made when bytes are written.
  public private(set) var members: [String: JSONValue]

  /// An object without members.
  public init() { members = [:] }

  /// - Precondition: no name stands twice.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    members = Dictionary(uniqueKeysWithValues: elements)
  }

  /// Collects members that are known to have different names.
  public init(_ elements: [(String, JSONValue)]) {
    members = Dictionary(elements, uniquingKeysWith: { first, _ in first })
  }

  /// The value of a member; `nil` removes it.
  public subscript(_ name: String) -> JSONValue? {
    get { members[name] }
    set { members[name] = newValue }
  }

  /// The names in the order of RFC 8785 section 3.2.3: by UTF-16 code units.
  public var sortedNames: [String] {
    members.keys.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object; no name may stand twice.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }

  /// A count as committed files write it: a decimal string.
  public static func count(_ value: some BinaryInteger) -> JSONValue { .string(String(value)) }

  /// The text, if it is one.
  public var text: String? { if case .string(let text) = self { text } else { nil } }
  /// The truth value, if it is one.
  public var boolean: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The elements, if it is a list.
  public var elements: [JSONValue]? { if case .array(let list) = self { list } else { nil } }
  /// The members, if it is an object.
  public var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
}
