internal import CanonicalCoding
internal import Licensing
internal import Manifests

/// The public summary of training content, Regulation (EU) 2024/1689, Article 53(1)(d), in the headings of the Commission's
/// template (C(2025) 5235): as data, and as a text.
///
/// Sizes are bins of the template; words stand for tokens, and the summary says so.
enum EUSummaryExport {
  static func encode(_ epoch: ExportedEpoch, _ profile: ExportProfile) -> JSONValue {
    let provider = profile.provider
    var general: JSONObject = ["name": .string(provider.name), "contact": .string(provider.email)]
    general["address"] = provider.address.map(JSONValue.string)
    general["representative"] = provider.representative.map(JSONValue.string)
    var model: JSONObject = ["names": .array(profile.models.map(JSONValue.string))]
    model["placedOnMarket"] = profile.marketDate.map { .string($0.description) }
    model["latestAcquisition"] =
      .string(
        profile.latestAcquisition?.description ?? epoch.sources.map(\.collected.to).max() ?? ""
      )
    var summary: JSONObject = [
      "template": "C(2025) 5235", "epoch": .count(epoch.commit.epoch),
      "date": .string(epoch.day), "commitSha256": .string(epoch.commitDigest),
      "combinedSha256Root": .string(epoch.contents.manifest.combined.sha256.hex),
      "1.1 provider": .object(general), "1.2 model": .object(model),
      "1.3 modalities": modalities(epoch),
      "2.1 public data sets": sources(epoch) { kind($0, profile) == .public },
      "2.2.1 licensed data sets": sources(epoch) { kind($0, profile) == .licensed },
      "2.2.2 other private data sets": sources(epoch) { kind($0, profile) == .private },
      "2.3 crawled data": .array(
        epoch.sources.filter { kind($0, profile) == .crawled }.map(crawl)
      ),
      "2.4 user data": sources(epoch) { kind($0, profile) == .user },
      "2.5 synthetic data": .array(synthetic(epoch)),
      "2.6 other": sources(epoch) { kind($0, profile) == .other },
      "3.1 reservations": .array(epoch.sources.compactMap(reservations)),
      "3.2 illegal content": .array(epoch.sources.compactMap(illegalContent)),
    ]
    summary["smallEnterprise"] = .bool(profile.isSmall)
    summary["lastSummary"] = profile.lastSummary.map { .string($0.description) }
    summary["nextSummaryDue"] = profile.summaryDue.map { .string($0.description) }
    return .object(summary)
  }

  /// The sections that a source can stand in.
  enum Kind { case `public`, licensed, `private`, crawled, user, synthetic, other }

  static func kind(_ source: ExportedSource, _ profile: ExportProfile) -> Kind {
    if profile.publicSources.contains(source.id) { return .public }
    if source.manifest.synthetic == "all" { return .synthetic }
    switch source.commitment.pluginName {
    case "web-crawl": return .crawled
    case "licensed-archive": return .licensed
    case "private-corpus":
      return source.manifest.text("consent.kind") == nil ? .private : .user
    default: return .other
    }
  }

  /// 1.3: what there is, how much of it, in which languages.
  private static func modalities(_ epoch: ExportedEpoch) -> JSONValue {
    let all = Set(epoch.sources.flatMap(\.manifest.modalities))
    let words = epoch.commit.counts.words
    let languages = Set(epoch.sources.flatMap { $0.manifest.texts("source.languages") })
    return [
      "modalities": .array(all.sorted().map(JSONValue.string)),
      "textSize": .string(textSize(words)), "words": .count(words),
      "records": .count(epoch.commit.counts.records), "bytes": .count(epoch.commit.counts.bytes),
      "languages": .array(languages.sorted().map(JSONValue.string)),
      "note":
        "Words are counted (maximal runs of characters that are no white space), tokens are not; the bin takes a word for a token.",
    ]
  }

  static func textSize(_ words: UInt64) -> String {
    if words < 1_000_000_000 { return "less than 1 billion tokens" }
    return words <= 10_000_000_000_000
      ? "1 billion to 10 trillion tokens" : "more than 10 trillion tokens"
  }

  private static func sources(
    _ epoch: ExportedEpoch,
    where isMeant: (ExportedSource) -> Bool
  ) -> JSONValue {
    .array(epoch.sources.filter(isMeant).map(entry))
  }

  private static func entry(_ source: ExportedSource) -> JSONValue {
    var object: JSONObject = [
      "id": .string(source.id), "title": .string(source.title),
      "description": .string(source.description),
      "modalities": .array(source.manifest.modalities.map(JSONValue.string)),
      "records": .count(source.commitment.counts.records),
      "words": .count(source.commitment.counts.words),
      "bytes": .count(source.commitment.counts.bytes),
      "licenses": .array(
        source.held.map {
          ["expression": .string($0.license.expression), "records": .count($0.license.records)]
        }
      ),
      "collected": ["from": .string(source.collected.from), "to": .string(source.collected.to)],
    ]
    if !source.isConfidential {
      object["homepage"] = source.manifest.text("source.homepage").map(JSONValue.string)
    }
    return .object(object)
  }

  /// 2.3: who crawled, for what, how it behaved.
  private static func crawl(_ source: ExportedSource) -> JSONValue {
    let manifest = source.manifest
    guard case .object(var object) = entry(source) else { return .null }
    object["crawler"] = [
      "name": .string(manifest.text("crawler.name") ?? ""),
      "userAgent": .string(manifest.text("crawler.userAgent") ?? ""),
      "purposes": .array(manifest.texts("crawler.purposes").map(JSONValue.string)),
      "behavior": manifest.value("crawler.behavior") ?? .object([:]),
    ]
    object["domains"] =
      "not published here: records are committed without the names of their hosts; the publisher keeps them in its archives"
    return .object(object)
  }

  private static func synthetic(_ epoch: ExportedEpoch) -> [JSONValue] {
    epoch.sources.filter { $0.manifest.synthetic != "none" }.map { source in
      guard case .object(var object) = entry(source) else { return .null }
      object["generated"] = .string(source.manifest.synthetic)
      object["generators"] = .array(
        source.manifest.texts("synthetic.generators").map(JSONValue.string)
      )
      return .object(object)
    }
  }

  /// 3.1: what was heard of reservations, and what was left out for them.
  private static func reservations(_ source: ExportedSource) -> JSONValue? {
    let signals = source.manifest.texts("crawler.optOutSignals")
    let excluded = source.commitment.counts.excluded[.optOut] ?? 0
    guard !signals.isEmpty || excluded > 0 else { return nil }
    return [
      "id": .string(source.id), "signals": .array(signals.map(JSONValue.string)),
      "leftOut": .count(excluded),
      "reservedAndCommitted": .count(
        source.commitment.licenses.reduce(0) { $0 + ($1.preferences[.disallowed] ?? 0) }
      ),
    ]
  }

  private static func illegalContent(_ source: ExportedSource) -> JSONValue? {
    let measures = source.manifest.texts("illegalContent.measures")
    guard !measures.isEmpty else { return nil }
    return ["id": .string(source.id), "measures": .array(measures.map(JSONValue.string))]
  }
}
