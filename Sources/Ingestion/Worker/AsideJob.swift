internal import CanonicalCoding
internal import Files
internal import Normalization
internal import SourceAPI

/// Work for a worker beside a scan: what a plugin sees, the normal form of some bytes, what a robots.txt
/// says, or what a sitemap lists.
///
/// Nothing of it is committed.
enum AsideJob {
  /// Members of some inputs, described.
  case inspect(Inspecting)
  /// The normal form of bytes.
  case normalize(Normalizing)

  /// What a robots.txt says about some addresses.
  case robots(AskingRobots)

  /// What a sitemap lists.
  case sitemap(ReadingSitemap)

  /// What is looked at.
  struct Inspecting {
    var plugin: String
    var inputs: [SourceConfiguration.Input]
    /// Formats and limits, and how the worker is shut in.
    var options: SourcePlan.Options
    var textField: String?
    var profile: NormalizationProfile.Name
    /// The most members.
    var limit: Int?
    /// Where reading begins.
    var place: Checkpoint?
  }

  /// What is normalized.
  struct Normalizing {
    var bytes: [UInt8]
    var mediaType: String
    var charset: String?
    var profile: NormalizationProfile.Name
    /// How errors name it.
    var place: String
    var options: SourcePlan.Options
  }

  /// What is asked of a robots.txt.
  struct AskingRobots {
    var bytes: [UInt8]
    /// The product token that asks.
    var agent: String
    var addresses: [String]
    var options: SourcePlan.Options
  }

  /// A sitemap that is read.
  struct ReadingSitemap {
    var bytes: [UInt8]
    var options: SourcePlan.Options
  }

  /// How its worker is shut in.
  var options: SourcePlan.Options {
    switch self {
    case .inspect(let work): work.options
    case .normalize(let work): work.options
    case .robots(let work): work.options
    case .sitemap(let work): work.options
    }
  }

  /// The byte form, which begins as that of a `WorkerJob`.
  var bytes: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .inspect(let work):
      let head: JSONValue = [
        "mode": "inspect", "plugin": .string(work.plugin),
        "options": work.options.json,
        "textField": work.textField.map(JSONValue.string) ?? .null,
        "profile": .string(work.profile.rawValue),
        "limit": work.limit.map { .count($0) } ?? .null,
        "place": work.place.map { .string($0.text) } ?? .null,
      ]
      Self.write(head, &writer)
      for input in work.inputs {
        writer.write(text: input.path)
        writer.write(text: input.name)
        writer.write(text: input.skipped ?? "")
      }
    case .normalize(let work):
      let head: JSONValue = [
        "mode": "normalize", "mediaType": .string(work.mediaType),
        "charset": work.charset.map(JSONValue.string) ?? .null,
        "profile": .string(work.profile.rawValue), "place": .string(work.place),
        "options": work.options.json,
      ]
      Self.write(head, &writer)
      writer.write(work.bytes)
    case .robots(let work):
      let head: JSONValue = [
        "mode": "robots", "agent": .string(work.agent), "options": work.options.json,
        "addresses": .array(work.addresses.map(JSONValue.string)),
      ]
      Self.write(head, &writer)
      writer.write(work.bytes)
    case .sitemap(let work):
      Self.write(["mode": "sitemap", "options": work.options.json], &writer)
      writer.write(work.bytes)
    }
    return writer.bytes
  }

  private static func write(_ head: JSONValue, _ writer: inout ByteWriter) {
    let bytes = CanonicalJSON.encode(head)
    writer.write(UInt32(bytes.count))
    writer.write(bytes)
  }

  /// Reads the byte form; `nil` for that of a `WorkerJob`.
  ///
  /// - Throws: `CodingFault`, `ByteReaderError`.
  init?(_ bytes: [UInt8]) throws {
    var reader = ByteReader(bytes)
    let head = try reader.read(count: Int(try reader.read(UInt32.self)))
    guard let object = (try? JSONParser.parse(Array(head)))?.object,
      let mode = object["mode"]?.text
    else { return nil }
    guard let options = object["options"].flatMap({ SourcePlan.Options($0) }) else {
      throw CodingFault.form
    }
    if mode == "robots" {
      self = .robots(
        AskingRobots(
          bytes: Array(try reader.read(count: reader.remaining)),
          agent: object["agent"]?.text ?? "",
          addresses: object["addresses"]?.elements?.compactMap(\.text) ?? [],
          options: options
        )
      )
      return
    }
    if mode == "sitemap" {
      let bytes = Array(try reader.read(count: reader.remaining))
      self = .sitemap(ReadingSitemap(bytes: bytes, options: options))
      return
    }
    guard let profile = object["profile"]?.text.flatMap(NormalizationProfile.Name.init(rawValue:))
    else { throw CodingFault.form }
    if mode == "inspect" {
      var inputs: [SourceConfiguration.Input] = []
      while reader.remaining > 0 {
        let path = try reader.text(limit: 1 << 16)
        let name = try reader.text(limit: 1 << 18)
        let skipped = try reader.text(limit: 64)
        inputs.append(.init(path: path, name: name, skipped: skipped.isEmpty ? nil : skipped))
      }
      self = .inspect(
        Inspecting(
          plugin: object["plugin"]?.text ?? "",
          inputs: inputs,
          options: options,
          textField: object["textField"]?.text,
          profile: profile,
          limit: object["limit"]?.text.flatMap { Int($0) },
          place: object["place"]?.text.flatMap { Checkpoint($0) }
        )
      )
    } else {
      self = .normalize(
        Normalizing(
          bytes: Array(try reader.read(count: reader.remaining)),
          mediaType: object["mediaType"]?.text ?? "",
          charset: object["charset"]?.text,
          profile: profile,
          place: object["place"]?.text ?? "",
          options: options
        )
      )
    }
  }
}
