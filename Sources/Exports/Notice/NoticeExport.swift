internal import CanonicalCoding
internal import Manifests
internal import Merkle

/// NOTICE: who has to be named, by license; the texts of licenses that no list has; what is unknown, also where nothing is.
enum NoticeExport {
  static func encode(_ epoch: ExportedEpoch) -> [UInt8] {
    var text = "NOTICE for combined, epoch \(epoch.commit.epoch)\n\n"
    var groups: [String: [(source: ExportedSource, entry: EpochContents.Entry)]] = [:]
    for source in epoch.sources {
      for entry in source.held {
        groups[entry.license.expression, default: []].append((source, entry))
      }
    }
    let unknown = (groups["NOASSERTION"] ?? []) + (groups["NONE"] ?? [])
    let known = groups.keys.filter { $0 != "NOASSERTION" && $0 != "NONE" }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for expression in known {
      text += "== \(expression)\n"
      for (source, entry) in groups[expression] ?? [] { text += lines(source, entry) }
      text += "\n"
    }
    text += "== unknown\n"
    text += unknown.isEmpty ? "   none\n" : unknown.map { lines($0.source, $0.entry) }.joined()
    text += "\n" + texts(epoch)
    let digest = SHA256Hash.of(Array(text.utf8)).hex
    return Array((text + "sha256 of the text above: \(digest)\n").utf8)
  }

  private static func lines(_ source: ExportedSource, _ entry: EpochContents.Entry) -> String {
    var text = "   \(source.id): \(entry.license.records) records\n"
    if let attribution = entry.grant?.attribution { text += indented(attribution) }
    return text
  }

  /// The words as they were given; what could be taken for a heading or a footer stands behind spaces.
  private static func indented(_ text: String) -> String {
    HiddenCharacters.escape(text, keepsLines: true).split(
      separator: "\n",
      omittingEmptySubsequences: false
    )
    .map { "   \($0)\n" }.joined()
  }

  private static func texts(_ epoch: ExportedEpoch) -> String {
    var text = ""
    var seen: Set<String> = []
    for source in epoch.sources {
      let names = Set(source.held.flatMap { ExportedEpoch.names(in: $0.license.expression) })
      for name in source.texts.keys.sorted() where names.contains(name) {
        guard let bytes = source.texts[name] else { continue }
        let digest = SHA256Hash.of(bytes).hex
        guard seen.insert("\(name) \(digest)").inserted else { continue }
        text += "== text of \(name), sha256 \(digest)\n"
        text += indented(String(decoding: bytes, as: UTF8.self)) + "\n"
      }
    }
    return text
  }
}
