internal import CanonicalCoding
internal import Licensing
internal import Manifests

/// MLCommons Croissant 1.1 with RAI 1.0.
///
/// The context is that of the specification, with `https` for schema.org (mlcommons/croissant issue 1018: the validator
/// refuses the `http` form that the specification's own appendix shows).
enum CroissantExport {
  private static let terms = [
    "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileProperty",
    "fileObject", "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5",
    "parentField", "path", "recordSet", "references", "regex", "readLines", "repeated", "replace",
    "samplingRate", "sdVersion", "separator", "source", "subField", "transform", "unArchive",
    "value",
  ]

  static func encode(_ epoch: ExportedEpoch, _ profile: ExportProfile) -> JSONValue {
    let commit = epoch.commit
    let name = "combined.commit.json"
    let from = epoch.sources.map(\.collected.from).min() ?? epoch.day
    let to = epoch.sources.map(\.collected.to).max() ?? epoch.day
    var object: JSONObject = [
      "@context": context(profile.namespace), "@type": "sc:Dataset",
      "conformsTo": [
        "http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0",
      ],
      "name": .string(profile.title), "description": .string(profile.description),
      "url": .string("\(profile.namespace)/combined"),
      "license": .array(epoch.licenseNames.map { .string(epoch.address(of: $0)) }),
      "sdLicense": .string(epoch.address(of: profile.metadataLicense)),
      "creator": creator(profile), "datePublished": .string(epoch.day),
      "version": .string("\(commit.epoch).0.0"),
      "citeAs": .string(
        "\(profile.provider.name), \(profile.title), epoch \(commit.epoch), \(epoch.day.prefix(4))"
      ),
      "isLiveDataset": .bool(false),
      "rai:dataCollection": .string(
        epoch.sources.map { "\($0.id): \(process($0))" }.joined(separator: "; ")
      ),
      "rai:dataCollectionType": .array(
        Set(epoch.sources.map(collectionType)).sorted().map(JSONValue.string)
      ),
      "rai:dataCollectionTimeframe": [.string(from), .string(to)],
      "rai:personalSensitiveInformation": .array(
        epoch.sources.map { .string("\($0.id): \($0.manifest.personalData)") }
      ),
      "rai:dataUseCases": .array(commit.policy.uses.map(JSONValue.string)),
      "prov:wasGeneratedBy": [
        "@type": "prov:Activity", "prov:label": .string("ingest \(commit.toolVersion)"),
      ],
      "ing:combinedRoot": [
        "@type": "ing:TreeRoot",
        "ing:sha256Root": .string(epoch.contents.manifest.combined.sha256.hex),
        "ing:poseidon2Root": .string(epoch.contents.manifest.combined.poseidon2.hex),
      ],
      "ing:policyDigest": .string(commit.policy.sha256.hex),
      "ing:records": .count(commit.counts.records),
      "ing:sources": .array(epoch.sources.map(source)),
      "distribution": [
        [
          "@type": "cr:FileObject", "@id": .string(name), "name": .string(name),
          "contentUrl": .string(name), "encodingFormat": "application/json",
          "sha256": .string(epoch.commitDigest),
        ]
      ],
      "recordSet": [recordSet(name)],
    ]
    let synthetic = epoch.sources.filter { $0.manifest.synthetic != "none" }
    if !synthetic.isEmpty {
      object["rai:machineAnnotationTools"] = .array(synthetic.flatMap(tools))
    }
    let limits = epoch.sources.flatMap(usage)
    if !limits.isEmpty { object["usageInfo"] = .array(limits) }
    return .object(object)
  }

  private static func tools(_ source: ExportedSource) -> [JSONValue] {
    let named = source.manifest.texts("synthetic.generators")
    return (named.isEmpty ? ["not named"] : named).map { tool in
      .string("\(source.id): \(tool) (\(source.manifest.synthetic) of the records)")
    }
  }

  private static func context(_ namespace: String) -> JSONValue {
    var context: JSONObject = [
      "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
      "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
      "dct": "http://purl.org/dc/terms/", "prov": "http://www.w3.org/ns/prov#",
      "odrl": "http://www.w3.org/ns/odrl/2/", "ing": .string("\(namespace)/ns/v1#"),
      "conformsTo": "dct:conformsTo", "data": ["@id": "cr:data", "@type": "@json"],
      "dataType": ["@id": "cr:dataType", "@type": "@vocab"],
      "examples": ["@id": "cr:examples", "@type": "@json"],
    ]
    for term in terms { context[term] = .string("cr:\(term)") }
    return .object(context)
  }

  private static func creator(_ profile: ExportProfile) -> JSONValue {
    var creator: JSONObject = [
      "@type": "sc:Organization", "name": .string(profile.provider.name),
    ]
    creator["url"] = profile.provider.url.map(JSONValue.string)
    return .object(creator)
  }

  private static func process(_ source: ExportedSource) -> String {
    switch source.commitment.pluginName {
    case "web-crawl": "web crawl"
    case "licensed-archive": "delivery under a license"
    case "private-corpus": "private corpus"
    default: "plugin \(source.commitment.pluginName)"
    }
  }

  /// The values that the vocabulary names.
  private static func collectionType(_ source: ExportedSource) -> String {
    switch source.commitment.pluginName {
    case "web-crawl": "Web Scraping"
    case "licensed-archive": "Secondary Data analysis"
    default: "Others"
    }
  }

  /// Counts and roots of one source, as they are committed.
  private static func source(_ source: ExportedSource) -> JSONValue {
    let commitment = source.commitment
    return [
      "@type": "ing:Source", "ing:id": .string(source.id),
      "ing:version": .string(commitment.version),
      "ing:records": .count(commitment.counts.records),
      "ing:bytes": .count(commitment.counts.bytes), "ing:words": .count(commitment.counts.words),
      "ing:sha256Root": .string(commitment.sha256Root.hex),
      "ing:poseidon2Root": .string(commitment.poseidon2Root.hex),
      "ing:manifestSha256": .string(commitment.manifestDigest.hex),
      "ing:licenses": .array(
        source.held.map {
          [
            "ing:expression": .string($0.license.expression),
            "ing:records": .count($0.license.records),
          ]
        }
      ),
    ]
  }

  /// Until when, and under which agreement; what a crawl listened to.
  private static func usage(_ source: ExportedSource) -> [JSONValue] {
    var found: [JSONValue] = []
    if let until = source.until {
      found.append([
        "@type": "odrl:Permission", "odrl:target": .string(source.id),
        "odrl:constraint": [
          "@type": "odrl:Constraint", "odrl:leftOperand": ["@id": "odrl:dateTime"],
          "odrl:operator": ["@id": "odrl:lteq"], "odrl:rightOperand": .string(until.description),
        ],
      ])
    }
    var notes: [String] = []
    if let agreement = source.manifest.text("agreement.id") {
      notes.append("agreement \(agreement)")
    }
    let signals = source.manifest.texts("crawler.optOutSignals")
    if !signals.isEmpty { notes.append("reservations heard: \(signals.joined(separator: ", "))") }
    if !notes.isEmpty {
      found.append([
        "@type": "sc:CreativeWork", "sc:about": .string(source.id),
        "sc:text": .string(notes.joined(separator: "; ")),
      ])
    }
    return found
  }

  private static func recordSet(_ file: String) -> JSONValue {
    func field(_ name: String, _ path: String, property: String? = nil) -> JSONValue {
      var field: JSONObject = [
        "@type": "cr:Field", "@id": .string("sources/\(name)"), "name": .string(name),
        "dataType": "sc:Text",
        "source": [
          "fileObject": ["@id": .string(file)], "extract": ["jsonPath": .string(path)],
        ],
      ]
      field["equivalentProperty"] = property.map(JSONValue.string)
      return .object(field)
    }
    return [
      "@type": "cr:RecordSet", "@id": "sources", "name": "sources",
      "field": [
        field("id", "$.sources[*].id"),
        field("license", "$.sources[*].licenses[0].expression", property: "sc:license"),
        field("records", "$.sources[*].counts.records"),
      ],
    ]
  }
}
