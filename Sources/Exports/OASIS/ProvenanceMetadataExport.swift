internal import CanonicalCoding
internal import Licensing
internal import Manifests

/// OASIS data provenance metadata 1.0 (oasis-tcs/dps at 01d6a2b, a working draft).
enum ProvenanceMetadataExport {
  static func encode(_ epoch: ExportedEpoch, _ profile: ExportProfile) -> JSONValue {
    let commit = epoch.commit
    let number = "\(commit.epoch)"
    let purposes = commit.policy.uses.map(purpose)
    var issuer: JSONObject = ["legal-name": .string(profile.provider.name)]
    issuer["url"] = profile.provider.url.map(JSONValue.string)
    return [
      "$schema": "https://docs.oasis-open.org/dps/prov-meta/v1.0/schema/data-provenance.json",
      "set": [
        "category": "training-data", "schema-version": "1.0",
        "publisher": [
          "name": .string(profile.provider.name), "namespace": .string(profile.namespace),
          "contact-details": .string(profile.provider.email),
        ],
        "label": .string(profile.title),
        "notes": .array(notes(epoch)),
        "tracking": [
          "current-release-date": .string(commit.created), "id": .string("combined-\(number)"),
          "initial-release-date": .string(commit.created),
          "revision-history": [
            [
              "date": .string(commit.created), "number": .string(number),
              "summary": .string(
                "Epoch \(number): \(commit.sources.count) sources, \(commit.counts.records) records."
              ),
            ]
          ],
          "status": "final", "version": .string(number),
          "generator": [
            "engine": ["name": "ingest", "version": .string(commit.toolVersion)]
          ],
        ],
      ],
      "source": [
        "about": [
          "content": .string(profile.description),
          "purpose": .string(commit.policy.uses.joined(separator: ", ")),
        ],
        "id": [
          "uuids": [.string(epoch.uuid)],
          "hashes": [
            [
              "path": "combined.commit.json",
              "tree-hashes": [
                [
                  "algorithm": "RFC9162-SHA256",
                  "value": .string(epoch.contents.manifest.combined.sha256.hex),
                ]
              ],
            ]
          ],
        ],
        "issuer": [.object(issuer)], "location": .string("\(profile.namespace)/combined"),
        "name": .string(profile.title), "data-version": .string(number),
      ],
      "provenance": provenance(epoch, profile),
      "use": [
        "intended-purpose": .array(unique(purposes)),
        "license": .array(unique(epoch.sources.map { .string($0.expression) })),
        "copyright": .array(unique(epoch.sources.flatMap(copyright))),
        "classification": [
          [
            "regulation": [
              "code": "pi",
              "long-description": .string(
                epoch.sources.map { "\($0.id): \($0.manifest.personalData)" }
                  .joined(separator: "; ")
              ),
            ],
            "evaluated": .bool(true), "tool": "declared in the source manifests",
          ]
        ],
      ],
    ]
  }

  private static func provenance(_ epoch: ExportedEpoch, _ profile: ExportProfile) -> JSONValue {
    let from = epoch.sources.map(\.collected.from).min() ?? epoch.day
    let to = epoch.sources.map(\.collected.to).max() ?? epoch.day
    var places = Set(epoch.sources.flatMap { $0.manifest.texts("input.geography") })
    if places.isEmpty {
      places = Set(epoch.sources.compactMap { $0.manifest.text("parties.owner.country") })
    }
    if places.isEmpty { places = [profile.provider.country] }
    return [
      "date": .string(epoch.day),
      "origin-geography": .array(places.sorted().map { ["country": .string($0)] }),
      "generation-period": [
        "start": .string("\(from)T00:00:00Z"), "end": .string("\(to)T23:59:59Z"),
      ],
      "generation-method": .array(
        unique(epoch.sources.map { ["code": .string(method($0))] })
      ),
    ]
  }

  private static func notes(_ epoch: ExportedEpoch) -> [JSONValue] {
    [
      [
        "category": "details", "title": "records by source",
        "text": .string(
          epoch.sources.map { "\($0.id): \($0.commitment.counts.records)" }.joined(separator: "; ")
        ),
      ],
      [
        "category": "legal_disclaimer",
        "text":
          "Licenses are as concluded by the publisher; nothing here says that a license is valid in law.",
      ],
    ]
  }

  /// The code list is closed.
  private static func method(_ source: ExportedSource) -> String {
    if source.manifest.synthetic == "all" { return "machine-generated-ml-ops" }
    switch source.commitment.pluginName {
    case "web-crawl": return "web-scraping-crawling"
    case "licensed-archive": return "syndication"
    case "private-corpus": return "primary-user-source"
    default: return "other"
    }
  }

  private static func purpose(_ use: String) -> JSONValue {
    let codes = ["train": "pre-training", "evaluate": "evaluation"]
    let words = [
      "train": "Training a model.", "fine-tune": "Fine-tuning a model.",
      "evaluate": "Evaluating a model.", "redistribute": "Passing the data on.",
      "commercial": "Commercial use.",
    ]
    return [
      "code": .string(codes[use] ?? "other"), "long-description": .string(words[use] ?? use),
    ]
  }

  private static func copyright(_ source: ExportedSource) -> [JSONValue] {
    if let licensor = source.manifest.text("agreement.licensor"),
      let agreement = source.manifest.text("agreement.id")
    {
      return [.string("\(source.id): \(licensor), agreement \(agreement)")]
    }
    return [.string("\(source.id): \(source.owner ?? "not published")")]
  }

  /// Lists of the schema have no element twice.
  private static func unique(_ values: [JSONValue]) -> [JSONValue] {
    var found: [JSONValue] = []
    for value in values where !found.contains(value) { found.append(value) }
    return found
  }
}
