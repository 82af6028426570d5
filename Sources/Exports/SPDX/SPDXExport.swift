internal import CanonicalCoding
internal import Licensing
internal import Manifests

/// SPDX 3.0.1, profile Dataset: one package a source, one declared and one concluded license each.
///
/// "Declared" means in SPDX "found by tooling"; here it is the supplier's claim, and an annotation says so. A tree root is
/// no digest of bytes: its algorithm is `other`.
struct SPDXExport {
  private let epoch: ExportedEpoch
  private let profile: ExportProfile
  private let base: String
  private let provider: String
  private var graph: [JSONValue] = []
  private var elements: [String] = []

  static func encode(_ epoch: ExportedEpoch, _ profile: ExportProfile) -> JSONValue {
    var export = SPDXExport(epoch, profile)
    return export.document()
  }

  private init(_ epoch: ExportedEpoch, _ profile: ExportProfile) {
    (self.epoch, self.profile) = (epoch, profile)
    base = "\(profile.namespace)/combined/\(epoch.commit.epoch)#"
    provider = "\(profile.namespace)/provider"
  }

  private static let terms = "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing"

  /// Adds an element, once.
  private mutating func add(_ type: String, _ identifier: String, _ members: JSONObject) {
    guard !elements.contains(identifier) else { return }
    var object = members
    object["type"] = .string(type)
    object["spdxId"] = .string(identifier)
    object["creationInfo"] = "_:creation"
    graph.append(.object(object))
    elements.append(identifier)
  }

  private mutating func document() -> JSONValue {
    graph.append([
      "type": "CreationInfo", "@id": "_:creation", "specVersion": "3.0.1",
      "created": .string(epoch.commit.created), "createdBy": [.string(provider)],
    ])
    add("Organization", provider, ["name": .string(profile.provider.name)])
    let metadata = base + "metadata-license"
    add(
      "simplelicensing_LicenseExpression",
      metadata,
      [
        "simplelicensing_licenseExpression": .string(profile.metadataLicense),
        "simplelicensing_licenseListVersion": .string(SPDXLicenseList.version),
      ]
    )
    for source in epoch.sources { package(source) }
    let packages = epoch.sources.map { JSONValue.string(base + $0.id) }
    let all = elements.map(JSONValue.string)
    add(
      "software_Sbom",
      base + "sbom",
      [
        "rootElement": .array(packages), "element": .array(all), "software_sbomType": ["build"],
      ]
    )
    add(
      "SpdxDocument",
      base + "document",
      [
        "name": .string(profile.title),
        "profileConformance": ["core", "software", "dataset", "simpleLicensing"],
        "rootElement": [.string(base + "sbom")], "dataLicense": .string(metadata),
        "element": .array(all),
        "comment": .string(
          "combined root \(epoch.contents.manifest.combined.sha256.hex) (RFC9162-SHA256), commit file sha256 \(epoch.commitDigest), epoch \(epoch.commit.epoch)"
        ),
      ]
    )
    return [
      "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": .array(graph),
    ]
  }

  private mutating func package(_ source: ExportedSource) {
    let identifier = base + source.id
    let commitment = source.commitment
    var holder = provider
    if let owner = source.owner {
      holder = "\(identifier)-owner"
      let isPerson = source.manifest.text("parties.owner.type") == "person"
      add(isPerson ? "Person" : "Organization", holder, ["name": .string(owner)])
    }
    let personal = ["yes": "yes", "no": "no"][source.manifest.personalData] ?? "noAssertion"
    var members: JSONObject = [
      "name": .string(source.title), "software_packageVersion": .string(commitment.version),
      "originatedBy": [.string(holder)], "builtTime": .string(epoch.commit.created),
      "releaseTime": .string(epoch.commit.created),
      "software_downloadLocation": .string("\(profile.namespace)/\(source.id)"),
      "software_primaryPurpose": "data",
      "dataset_datasetType": .array(
        source.manifest.modalities.map { .string($0) }
      ),
      "dataset_datasetSize": .number(Double(commitment.counts.bytes)),
      "dataset_dataCollectionProcess": .string(
        "\(commitment.pluginName), \(source.collected.from) to \(source.collected.to)"
      ),
      "dataset_dataPreprocessing": [.string("profile \(commitment.profileName)")],
      "dataset_hasSensitivePersonalInformation": .string(personal),
      "dataset_intendedUse": .string(source.manifest.purpose),
      "dataset_confidentialityLevel": source.isConfidential ? "red" : "green",
      "summary": .string(
        "\(commitment.counts.records) records, \(commitment.counts.words) words"
      ),
      "verifiedUsing": [
        [
          "type": "Hash", "algorithm": "other",
          "hashValue": .string(commitment.sha256Root.hex),
          "comment": "RFC9162-SHA256 tree root of the source, not a digest of bytes",
        ]
      ],
    ]
    if let until = source.until { members["validUntilTime"] = .string("\(until)T23:59:59Z") }
    let measures = source.manifest.texts("personalData.measures")
    if !measures.isEmpty {
      members["dataset_anonymizationMethodUsed"] = .array(measures.map(JSONValue.string))
    }
    let signals = source.manifest.texts("crawler.optOutSignals")
    if !signals.isEmpty {
      members["comment"] = .string("reservations heard: \(signals.joined(separator: ", "))")
    }
    add("dataset_DatasetPackage", identifier, members)
    relate(source, identifier, "concluded", source.expression)
    relate(source, identifier, "declared", source.manifest.declaredLicense)
    add(
      "Annotation",
      "\(identifier)-note",
      [
        "annotationType": "other", "subject": .string(identifier),
        "statement": .string(
          "declared license is the supplier's claim as written in the source manifest \(commitment.manifestDigest.hex); concluded licenses by records: \(source.held.map { "\($0.license.expression) \($0.license.records)" }.joined(separator: ", "))"
        ),
      ]
    )
  }

  /// The declared or the concluded license of a package.
  private mutating func relate(
    _ source: ExportedSource,
    _ package: String,
    _ kind: String,
    _ text: String
  ) {
    let target: String
    switch text {
    case "NONE": target = "\(Self.terms)/NoneLicense"
    case "NOASSERTION": target = "\(Self.terms)/NoAssertionLicense"
    default:
      target = "\(package)-\(kind)"
      var members: JSONObject = [
        "simplelicensing_licenseExpression": .string(text),
        "simplelicensing_licenseListVersion": .string(SPDXLicenseList.version),
      ]
      let custom = ExportedEpoch.names(in: text).filter { $0.contains("Ref-") }
      if !custom.isEmpty {
        members["simplelicensing_customIdToUri"] = .array(custom.map { licensing($0, source) })
      }
      add("simplelicensing_LicenseExpression", target, members)
    }
    let name = kind == "concluded" ? "hasConcludedLicense" : "hasDeclaredLicense"
    add(
      "Relationship",
      "\(package)-has-\(kind)",
      [
        "from": .string(package), "relationshipType": .string(name), "to": [.string(target)],
      ]
    )
  }

  /// The text of a license that no list has.
  private mutating func licensing(_ name: String, _ source: ExportedSource) -> JSONValue {
    let identifier = "\(base)\(source.id)-\(name.replacing(":", with: "-"))"
    let text =
      source.texts[name].map { String(decoding: $0, as: UTF8.self) }
      ?? "The text of \(name) is not at hand; the manifest \(source.commitment.manifestDigest.hex) names it."
    add(
      "simplelicensing_SimpleLicensingText",
      identifier,
      ["simplelicensing_licenseText": .string(text)]
    )
    return ["type": "DictionaryEntry", "key": .string(name), "value": .string(identifier)]
  }
}
