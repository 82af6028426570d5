internal import Licensing
internal import Manifests

/// The statement of California's AB 2013 (Civil Code 3111), twelve items, each with what the commitment and the manifests say.
///
/// Items 1 to 9 follow the statute's text, 10 to 12 paraphrases of it (docs/formats.md).
enum AB2013Export {
  static func encode(_ epoch: ExportedEpoch, _ profile: ExportProfile) -> [UInt8] {
    var text = "# \(Markdown.escape("Training data documentation: \(profile.title)"))\n\n"
    text +=
      "California Civil Code section 3111 (AB 2013). Developer: \(Markdown.escape(profile.provider.name)). Epoch \(epoch.commit.epoch) of \(epoch.day); commit file sha256 `\(epoch.commitDigest)`. Counts are those that were committed.\n"
    for (number, item) in items(epoch).enumerated() {
      text += "\n## \(number + 1). \(item.title)\n\n\(item.body)\n"
    }
    text +=
      "\nNot legal advice. Nothing here says that a license is valid in law, or that a source speaks the truth.\n"
    return Array(text.utf8)
  }

  private static func items(_ epoch: ExportedEpoch) -> [(title: String, body: String)] {
    let sources = epoch.sources
    func list(_ line: (ExportedSource) -> String) -> String {
      sources.map { "* \(Markdown.escape("\($0.id): \(line($0))"))" }.joined(separator: "\n")
    }
    let counts = epoch.commit.counts
    return [
      (
        "Sources or owners of the data",
        list { source in
          source.owner.map { "\(source.title), owned by \($0)" } ?? "confidential"
        }
      ),
      (
        "How the data furthers the intended purpose",
        list { $0.manifest.purpose }
      ),
      (
        "Number of data points",
        Markdown.table(
          ["Source", "Records", "Words", "Bytes"],
          sources.map { source in
            let counts = source.commitment.counts
            return [source.id, "\(counts.records)", "\(counts.words)", "\(counts.bytes)"]
          } + [["in all", "\(counts.records)", "\(counts.words)", "\(counts.bytes)"]]
        )
      ),
      (
        "Types of data points",
        list {
          "\($0.manifest.text("input.recordUnit") ?? "record"), \($0.manifest.modalities.joined(separator: ", ")); \($0.entries.count) license classes"
        }
      ),
      (
        "Copyright, trademark, patent, or public domain",
        list { source in
          source.held.map { "\($0.license.records) records under \($0.license.expression)" }
            .joined(separator: "; ") + " (basis: \(source.manifest.license.basis))"
        }
      ),
      (
        "Purchased or licensed",
        list { source in
          source.manifest.text("agreement.id").map {
            "licensed under agreement \($0) with \(source.manifest.text("agreement.licensor") ?? "")"
          } ?? "no agreement; concluded license \(source.expression)"
        }
      ),
      (
        "Personal information (Civil Code 1798.140(v))",
        list {
          "\($0.manifest.personalData)\($0.manifest.text("personalData.basis").map { ", basis: \($0)" } ?? "")"
        }
      ),
      (
        "Aggregate consumer information (Civil Code 1798.140(b))",
        list { $0.manifest.text("personalData.aggregateConsumer") ?? "not stated" }
      ),
      (
        "Cleaning, processing, modification",
        list {
          let measures = $0.manifest.texts("personalData.measures")
          return "normal form \($0.commitment.profileName)"
            + (measures.isEmpty ? "" : "; \(measures.joined(separator: ", "))")
        }
      ),
      (
        "Period of collection",
        list {
          "\($0.collected.from) to \($0.collected.to)\($0.isOngoing ? ", going on" : ", ended")"
        }
      ),
      (
        "First use in development",
        list { $0.manifest.text("firstUsed") ?? "not stated" }
      ),
      (
        "Synthetic data generation",
        list {
          let tools = $0.manifest.texts("synthetic.generators")
          return "\($0.manifest.synthetic)"
            + (tools.isEmpty ? "" : ", by \(tools.joined(separator: ", "))")
        }
      ),
    ]
  }
}
