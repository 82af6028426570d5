internal import CanonicalCoding
internal import SourceAPI

/// The protocol between a host and a plugin in a process of its own, version 1; docs/plugin-protocol.md is for authors.
///
/// A frame is `u32` length of what follows, big-endian, `u8` kind, the content. The host sends one message, `configure`,
/// which is there before the plugin starts; the plugin sends the others.
enum PluginProtocol {
  static let version = 1
  /// What begins the name of every executable.
  static let prefix = "ingest-source-"
  /// The host's only message.
  static let configure: UInt8 = 1

  /// What a plugin sends.
  enum Message: UInt8 {
    /// JSON: who it is. Always the first, and the only one when nothing is configured.
    case hello = 1
    /// `u32` length of the head, the head as JSON, the payload, the text.
    case record = 2
    /// JSON: a place behind the last record from which reading can go on.
    case checkpoint = 3
    /// JSON: everything was read.
    case done = 4
    /// JSON: the source cannot be read.
    case failed = 5
  }

  /// The most bytes of a frame: payload and text within what is held of a record, and a head.
  static func frameLimit(_ budget: DecodeBudget) -> Int { 2 * budget.heldBytes + (1 << 20) }

  /// The bytes of a frame with JSON.
  static func frame(_ kind: UInt8, _ json: JSONValue) -> [UInt8] {
    let content = CanonicalJSON.encode(json)
    var writer = ByteWriter(capacity: content.count + 5)
    writer.write(UInt32(content.count + 1))
    writer.write(kind)
    writer.write(content)
    return writer.bytes
  }

  /// What a plugin is told about a source.
  static func configuration(
    _ configuration: SourceConfiguration,
    from place: Checkpoint
  ) -> JSONValue {
    let mapping = configuration.mapping
    func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
    let inputs = configuration.inputs.enumerated().filter { $0.element.skipped == nil }.map {
      JSONValue.object([
        "input": .number(Double($0.offset)), "path": .string($0.element.path),
        "name": .string($0.element.name),
      ])
    }
    return [
      "protocol": .number(Double(version)), "inputs": .array(inputs),
      "format": text(configuration.format),
      "fields": [
        "text": text(mapping.text), "id": text(mapping.id), "url": text(mapping.url),
        "license": text(mapping.license), "timestamp": text(mapping.timestamp),
      ],
      "wantedFields": .array(configuration.wantedFields.map(JSONValue.string)),
      "include": .array(configuration.include.map(JSONValue.string)),
      "exclude": .array(configuration.exclude.map(JSONValue.string)),
      "limits": configuration.budget.json,
      "resume": place == .start(of: 0) ? .null : Self.place(place),
    ]
  }

  /// A place: numbers that the plugin gave, which mean something to the plugin alone.
  static func place(_ place: Checkpoint) -> JSONValue {
    [
      "input": .number(Double(place.input)), "offset": .count(place.offset),
      "ordinal": .count(place.ordinal), "position": .count(place.position),
    ]
  }
}

extension JSONValue {
  /// A whole number that is not negative: as a number below 2^53, or as decimal text.
  var whole: UInt64? {
    switch self {
    case .number(let value) where value >= 0 && value < 0x1p53 && value == value.rounded():
      UInt64(value)
    case .string(let text): UInt64(text)
    default: nil
    }
  }
}
