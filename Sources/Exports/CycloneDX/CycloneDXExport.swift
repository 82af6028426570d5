internal import CanonicalCoding
internal import Licensing
internal import Manifests

/// CycloneDX 1.6 and 1.7: one component of type data a source.
///
/// Only here have licensor, licensee, order and end members of their own. 1.6 allows either one expression or named licenses;
/// 1.7 allows both in one list.
enum CycloneDXExport {
  enum Version: String {
    case v16 = "1.6"
    case v17 = "1.7"
  }

  static func encode(
    _ epoch: ExportedEpoch,
    _ profile: ExportProfile,
    _ version: Version
  ) -> JSONValue {
    [
      "$schema": .string("http://cyclonedx.org/schema/bom-\(version.rawValue).schema.json"),
      "bomFormat": "CycloneDX", "specVersion": .string(version.rawValue),
      "serialNumber": .string("urn:uuid:\(epoch.uuid)"), "version": .number(1),
      "metadata": [
        "timestamp": .string(epoch.commit.created),
        "component": [
          "type": "data", "name": .string(profile.title), "bom-ref": "combined",
          "version": .string("\(epoch.commit.epoch)"),
        ],
        "supplier": ["name": .string(profile.provider.name)],
      ],
      "components": .array(epoch.sources.map { component($0, version) }),
      "properties": .array([
        property("combinedSha256Root", epoch.contents.manifest.combined.sha256.hex),
        property("combinedPoseidon2Root", epoch.contents.manifest.combined.poseidon2.hex),
        property("commitSha256", epoch.commitDigest),
        property("policyDigest", epoch.commit.policy.sha256.hex),
        property("epoch", "\(epoch.commit.epoch)"),
      ]),
    ]
  }

  private static func property(_ name: String, _ value: String) -> JSONValue {
    ["name": .string("ingest:\(name)"), "value": .string(value)]
  }

  private static func component(_ source: ExportedSource, _ version: Version) -> JSONValue {
    let commitment = source.commitment
    var properties = [
      property("records", "\(commitment.counts.records)"),
      property("bytes", "\(commitment.counts.bytes)"),
      property("words", "\(commitment.counts.words)"),
      property("sha256Root", commitment.sha256Root.hex),
      property("poseidon2Root", commitment.poseidon2Root.hex),
      property("manifestSha256", commitment.manifestDigest.hex),
      property("declaredLicense", source.manifest.declaredLicense),
      property("collected", "\(source.collected.from) to \(source.collected.to)"),
      property("synthetic", source.manifest.synthetic),
    ]
    for entry in source.held {
      properties.append(
        property("license", "\(entry.license.expression): \(entry.license.records) records")
      )
    }
    for signal in source.manifest.texts("crawler.optOutSignals") {
      properties.append(property("optOutSignal", signal))
    }
    for review in source.manifest.reviews.reviews {
      properties.append(
        property(
          "review",
          "\(review.sequence) \(review.on) \(review.status.rawValue), payload sha256 \(review.digest.hex)"
        )
      )
    }
    var data: JSONObject = [
      "type": "dataset", "name": .string(source.title),
      "classification": source.isConfidential ? "confidential" : "public",
    ]
    if source.manifest.personalData != "no" {
      data["sensitiveData"] = [.string("personal data: \(source.manifest.personalData)")]
    }
    return [
      "type": "data", "bom-ref": .string(source.id), "name": .string(source.id),
      "version": .string(commitment.version),
      "description": .string(source.description),
      "licenses": .array(licenses(source, version)), "data": [.object(data)],
      "properties": .array(properties),
    ]
  }

  private static func licenses(_ source: ExportedSource, _ version: Version) -> [JSONValue] {
    var found: [JSONValue] = [
      ["expression": .string(source.expression), "acknowledgement": "concluded"]
    ]
    guard version == .v17, let name = source.manifest.text("agreement.id") else { return found }
    var licensing: JSONObject = ["licenseTypes": ["other"]]
    for role in ["licensor", "licensee"] {
      if let party = source.manifest.text("agreement.\(role)") {
        licensing[role] = ["organization": ["name": .string(party)]]
      }
    }
    licensing["purchaseOrder"] =
      source.manifest.text("agreement.purchaseOrder").map(JSONValue.string)
    licensing["lastRenewal"] =
      source.manifest.license.from.map { .string("\($0)T00:00:00Z") }
    licensing["expiration"] =
      source.manifest.license.until.map { .string("\($0)T23:59:59Z") }
    found.append([
      "license": [
        "name": .string(name), "acknowledgement": "concluded", "licensing": .object(licensing),
      ]
    ])
    return found
  }
}
