public import CanonicalCoding

/// One line of the reject ledger: a record that has no leaf, and why.
public struct LedgerEntry: Hashable, Sendable {
  /// The way back to the record, unique in its source.
  public let locator: String
  /// Where it starts in its container.
  public let offset: UInt64
  /// The number of bytes in the container.
  public let length: UInt64
  /// The reason code; an exclusion's is its committed reason.
  public let reason: String
  /// What exactly, without any record content.
  public let detail: String

  /// An entry from its members.
  public init(locator: String, offset: UInt64, length: UInt64, reason: String, detail: String) {
    (self.locator, self.offset, self.length) = (locator, offset, length)
    (self.reason, self.detail) = (reason, detail)
  }

  /// The entry as JSON.
  public var json: JSONValue {
    [
      "locator": .string(locator), "offset": .count(offset), "length": .count(length),
      "reason": .string(reason), "detail": .string(detail),
    ]
  }

  /// Reads the members of an entry's object; `nil` for any other.
  public init?(_ object: JSONObject) {
    guard object.members.count == 5, let locator = object["locator"]?.text,
      let offset = object["offset"]?.text.flatMap({ UInt64($0) }),
      let length = object["length"]?.text.flatMap({ UInt64($0) }),
      let reason = object["reason"]?.text, let detail = object["detail"]?.text
    else { return nil }
    self.init(locator: locator, offset: offset, length: length, reason: reason, detail: detail)
  }

  /// The JCS bytes, which are the leaf of the ledger's tree.
  public var bytes: [UInt8] { CanonicalJSON.encode(json) }
}
