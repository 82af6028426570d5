internal import ArgumentParser
internal import CanonicalCoding
internal import Ingestion
internal import Normalization
internal import SourceAPI

/// `ingest inspect PATH`: what a plugin sees.
struct InspectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a plugin sees in a file or folder, committing nothing.",
    discussion: """
      One line a member: locator, kind, name, media type, member bytes and
      SHA-256, payload SHA-256, content bytes and SHA-256, verdict, reason. Exit 0
      only when the whole input was read clean.

      EXAMPLES
        ingest inspect crawl.warc.gz --limit 10
        ingest inspect delivery.zip --json \\
          | jq -r 'select(.verdict == "rejected") | .reason'
        ingest inspect notes --plugin private-corpus --profile text-nfc-v1
      """
  )

  @Argument(help: "A file or a folder.")
  var path: String
  @Option(
    name: .long,
    help:
      "web-crawl, licensed-archive, private-corpus or one of --plugins; by default from the file."
  )
  var plugin: String?
  @Option(
    name: .long,
    help:
      "raw-v1, text-nfc-v1 or html-text-v1; by default html-text-v1 for crawls, else text-nfc-v1."
  )
  var profile: String?
  @Option(name: .long, help: "The field or column that holds the text.")
  var textField: String?
  @Option(name: .long, help: "Stop after so many members.")
  var limit: Int?
  @Flag(name: .long, help: "One JSON object a line.")
  var json = false
  @OptionGroup var reading: ReadingOptions

  func run() async throws {
    try await Terminal.run {
      let inputs = try Inspection.inputs(of: path)
      let name = plugin ?? Inspection.pluginName(for: inputs)
      var options = try reading.options()
      if Ingest.plugins[name] == nil {
        let others = options.pluginFolders.names
        guard others.contains(name) else {
          throw IngestError(
            .usage,
            "'\(name)' is none of \((Ingest.plugins.keys.sorted() + others).joined(separator: ", "))"
          )
        }
        options = try options.with(plugin: name)
      }
      let profileName = profile ?? (name == "web-crawl" ? "html-text-v1" : "text-nfc-v1")
      guard let known = NormalizationProfile.Name(rawValue: profileName) else {
        throw IngestError(
          .usage,
          "'\(profileName)' is none of \(NormalizationProfile.Name.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      var damage: [Inspection.Line] = []
      let (rejected, isWhole) = try AsideReading(options).inspect(
        inputs,
        plugin: name,
        profile: known,
        textField: textField,
        limit: limit
      ) { line in
        Terminal.print(json ? Self.json(line) : Self.text(line))
        if line.verdict == "rejected", damage.count < 20 { damage.append(line) }
      }
      guard rejected == 0 else {
        for line in damage {
          Terminal.note(
            "ingest: \(Terminal.escaped(line.locator)): \(Terminal.escaped(line.reason))"
          )
        }
        throw IngestError(.badData, "\(path): \(rejected) members are rejected")
      }
      if !isWhole {
        Terminal.note("ingest: stopped after \(limit ?? 0) members; the rest was not read")
      }
    }
  }

  private static func text(_ line: Inspection.Line) -> String {
    let fields = [
      line.locator, line.kind, line.name.isEmpty ? "-" : line.name,
      line.mediaType.isEmpty ? "-" : line.mediaType,
      "\(line.memberBytes)", line.memberSha256 ?? "-", line.payloadSha256 ?? "-",
      line.contentBytes.map { "\($0)" } ?? "-", line.contentSha256 ?? "-", line.verdict,
      line.reason.isEmpty ? "-" : line.reason,
    ]
    return fields.map(Terminal.escaped).joined(separator: "\t")
  }

  private static func json(_ line: Inspection.Line) -> String {
    var object: JSONObject = [
      "locator": .string(line.locator), "kind": .string(line.kind), "name": .string(line.name),
      "mediaType": .string(line.mediaType), "memberBytes": .count(line.memberBytes),
      "verdict": .string(line.verdict), "reason": .string(line.reason),
    ]
    object["memberSha256"] = line.memberSha256.map(JSONValue.string)
    object["payloadSha256"] = line.payloadSha256.map(JSONValue.string)
    object["contentBytes"] = line.contentBytes.map { .count($0) }
    object["contentSha256"] = line.contentSha256.map(JSONValue.string)
    return String(decoding: CanonicalJSON.encode(object), as: UTF8.self)
  }
}
