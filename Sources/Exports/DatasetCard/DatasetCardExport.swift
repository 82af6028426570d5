internal import CanonicalCoding
internal import Licensing
internal import Manifests

/// A data set card as the Hugging Face hub reads it: YAML metadata, then Markdown.
enum DatasetCardExport {
  /// What the hub calls licenses (its list of license identifiers); everything else is `other`.
  private static let hubNames: Set<String> = [
    "apache-2.0", "mit", "cc0-1.0", "cc-by-4.0", "cc-by-3.0", "cc-by-2.0", "cc-by-sa-4.0",
    "cc-by-sa-3.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nc-nd-4.0", "cc-by-nd-4.0",
    "odc-by", "odbl", "pddl", "gfdl", "gpl-2.0", "gpl-3.0", "lgpl-3.0", "agpl-3.0", "mpl-2.0",
    "bsd-2-clause", "bsd-3-clause", "isc", "unlicense", "etalab-2.0", "cdla-permissive-2.0",
    "cdla-permissive-1.0", "cdla-sharing-1.0",
  ]
  private static let otherNames = [
    "ODC-By-1.0": "odc-by", "ODbL-1.0": "odbl", "PDDL-1.0": "pddl", "GFDL-1.3-or-later": "gfdl",
    "GPL-2.0-only": "gpl-2.0", "GPL-2.0-or-later": "gpl-2.0", "GPL-3.0-only": "gpl-3.0",
    "GPL-3.0-or-later": "gpl-3.0", "AGPL-3.0-only": "agpl-3.0", "AGPL-3.0-or-later": "agpl-3.0",
    "LGPL-3.0-only": "lgpl-3.0", "LGPL-3.0-or-later": "lgpl-3.0",
  ]

  static func encode(_ epoch: ExportedEpoch, _ profile: ExportProfile) -> [UInt8] {
    Array((metadata(epoch, profile) + body(epoch, profile)).utf8)
  }

  /// Every scalar is a quoted text: JSON's quotes are YAML's double quotes, and nothing in them is markup.
  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    CanonicalJSON.appendString(HiddenCharacters.escape(text, keepsLines: true), to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func metadata(_ epoch: ExportedEpoch, _ profile: ExportProfile) -> String {
    func list(_ name: String, _ values: [String]) -> String {
      "\(name):\n" + values.map { "- \(quoted($0))\n" }.joined()
    }
    let names = epoch.licenseNames
    let hub = Set(
      names.map { name in
        let lower = name.lowercased()
        return otherNames[name] ?? (hubNames.contains(lower) ? lower : "other")
      }
    )
    var text = "---\n"
    text += "pretty_name: \(quoted(profile.title))\n"
    text += list("license", hub.isEmpty ? ["unknown"] : hub.sorted())
    if hub.contains("other") {
      text += "license_name: \(quoted(names.joined(separator: ", ")))\n"
      text += "license_link: \"NOTICE\"\n"
    }
    let languages = Set(epoch.sources.flatMap { $0.manifest.texts("source.languages") })
    text += list("language", languages.sorted())
    let modalities = Set(epoch.sources.flatMap(\.manifest.modalities)).subtracting(["other"])
    if !modalities.isEmpty { text += list("modality", modalities.sorted()) }
    text += list("size_categories", [size(epoch.commit.counts.records)])
    text += list("tags", ["croissant", "provenance"])
    return text + "---\n\n"
  }

  /// The bins of the hub.
  private static func size(_ records: UInt64) -> String {
    let bins: [(UInt64, String)] = [
      (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
      (10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B"),
      (10_000_000_000, "1B<n<10B"), (100_000_000_000, "10B<n<100B"),
      (1_000_000_000_000, "100B<n<1T"),
    ]
    return bins.first { records < $0.0 }?.1 ?? "n>1T"
  }

  private static func body(_ epoch: ExportedEpoch, _ profile: ExportProfile) -> String {
    let counts = epoch.commit.counts
    var text = "# \(Markdown.escape(profile.title))\n\n\(Markdown.escape(profile.description))\n\n"
    text +=
      "Epoch \(epoch.commit.epoch) of \(epoch.day): \(counts.records) records, \(counts.words) words, \(counts.bytes) bytes in \(epoch.sources.count) sources. Every record is committed; combined root `\(epoch.contents.manifest.combined.sha256.hex)`, commit file sha256 `\(epoch.commitDigest)`.\n\n"
    text += "## Sources and licenses\n\n"
    text += Markdown.table(
      ["Source", "Title", "Records", "Licenses by records", "Personal data", "Synthetic"],
      epoch.sources.map { source in
        [
          source.id, source.title, "\(source.commitment.counts.records)",
          source.held.map { "\($0.license.expression) (\($0.license.records))" }
            .joined(separator: "; "),
          source.manifest.personalData, source.manifest.synthetic,
        ]
      }
    )
    let lines = epoch.sources.flatMap(\.attributions)
    if !lines.isEmpty {
      text += "\n## Attribution\n\n"
      text += lines.map { "* \(Markdown.escape($0))\n" }.joined()
    }
    text += "\n## How to check\n\n"
    text +=
      "`ingest verify combined.commit.dsse.json --key KEY.pem` says who signed; `ingest verify .` in this folder compares every export with the commitment.\n\n"
    text += "Contact: \(Markdown.escape("\(profile.provider.name), \(profile.provider.email)"))\n"
    return text
  }
}
