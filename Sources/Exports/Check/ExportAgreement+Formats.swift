internal import CanonicalCoding
internal import Licensing
internal import Manifests
internal import Merkle

/// What each format has to say, and where.
extension Facts {
  func croissant(_ bytes: [UInt8]) -> [ExportFinding] {
    guard let object = object(bytes) else { return notJSON }
    var found: [ExportFinding] = []
    if (object["name"]?.text ?? "").isEmpty { found.append(finding("name", "has no name")) }
    let addresses = object["license"]?.elements?.compactMap(\.text) ?? []
    let given = Set(addresses.compactMap(Self.license))
    if addresses.isEmpty || given.count != addresses.count {
      found.append(finding("license-missing", "license is missing, or is no address of a license"))
    } else if given != names {
      found.append(
        finding(
          "license",
          "the licenses are not those of the commitment: \(given.symmetricDifference(names).sorted().joined(separator: ", "))"
        )
      )
    }
    let root = object["ing:combinedRoot"]?.object
    found += expect(
      "ing:sha256Root",
      root?["ing:sha256Root"]?.text,
      manifest.combined.sha256.hex
    )
    found += expect(
      "ing:poseidon2Root",
      root?["ing:poseidon2Root"]?.text,
      manifest.combined.poseidon2.hex
    )
    found += expect(
      "ing:policyDigest",
      object["ing:policyDigest"]?.text,
      committed.policy.sha256.hex
    )
    found += expect("ing:records", object["ing:records"]?.text, "\(committed.counts.records)")
    let file = object["distribution"]?.elements?.first?.object
    found += expect("distribution sha256", file?["sha256"]?.text, manifest.digest.hex)
    let list = object["ing:sources"]?.elements?.compactMap(\.object) ?? []
    found += sources(list.compactMap { $0["ing:id"]?.text })
    for source in committed.sources {
      guard let own = list.first(where: { $0["ing:id"]?.text == source.id }) else { continue }
      found += expect(
        "records of '\(source.id)'",
        own["ing:records"]?.text,
        "\(source.counts.records)"
      )
      found += expect("words of '\(source.id)'", own["ing:words"]?.text, "\(source.counts.words)")
      found += expect("bytes of '\(source.id)'", own["ing:bytes"]?.text, "\(source.counts.bytes)")
      found += expect("root of '\(source.id)'", own["ing:sha256Root"]?.text, source.sha256Root.hex)
    }
    return found
  }

  /// The license that an address names.
  private static func license(_ address: String) -> String? {
    let prefix = "https://spdx.org/licenses/"
    if address.hasPrefix(prefix) {
      let rest = address.dropFirst(prefix.count)
      return String(rest.hasSuffix(".html") ? rest.dropLast(5) : rest)
    }
    let last = address.split(separator: "/").last.map(String.init) ?? ""
    return last.contains("Ref-") ? last : nil
  }

  func spdx3(_ bytes: [UInt8]) -> [ExportFinding] {
    guard let graph = object(bytes)?["@graph"]?.elements?.compactMap(\.object) else {
      return notJSON
    }
    var found: [ExportFinding] = []
    let byId = Dictionary(
      graph.compactMap { element in element["spdxId"]?.text.map { ($0, element) } },
      uniquingKeysWith: { first, _ in first }
    )
    let packages = graph.filter { $0["type"]?.text == "dataset_DatasetPackage" }
    func id(_ package: JSONObject) -> String {
      package["spdxId"]?.text?.split(separator: "#").last.map(String.init) ?? ""
    }
    found += sources(packages.map(id))
    for source in committed.sources {
      guard let package = packages.first(where: { id($0) == source.id }) else { continue }
      if (package["name"]?.text ?? "").isEmpty {
        found.append(finding("name", "package '\(source.id)' has no name"))
      }
      if package["dataset_datasetSize"] != .number(Double(source.counts.bytes)) {
        found.append(
          finding(
            "differs",
            "dataset_datasetSize of '\(source.id)' is not the committed \(source.counts.bytes) bytes"
          )
        )
      }
      let hash = package["verifiedUsing"]?.elements?.first?.object
      found += expect("root of '\(source.id)'", hash?["hashValue"]?.text, source.sha256Root.hex)
      found += expect("algorithm of the root of '\(source.id)'", hash?["algorithm"]?.text, "other")
      for kind in ["hasConcludedLicense", "hasDeclaredLicense"] {
        let relations = graph.filter {
          $0["relationshipType"]?.text == kind && $0["from"]?.text == package["spdxId"]?.text
        }
        guard relations.count == 1, let target = relations[0]["to"]?.elements?.first?.text else {
          found.append(
            finding(
              "license-missing",
              "package '\(source.id)' has \(relations.count) relationships \(kind); exactly one is asked for"
            )
          )
          continue
        }
        let text = Self.spdxExpression(target, byId)
        if kind == "hasConcludedLicense" {
          found += expression(text, of: source.id)
        } else if text.flatMap({ try? LicenseExpression($0) }) == nil {
          found.append(
            finding(
              "expression",
              "package '\(source.id)': the declared license is no license expression"
            )
          )
        }
      }
    }
    let document = graph.first { $0["type"]?.text == "SpdxDocument" }?["comment"]?.text ?? ""
    for (name, digest) in [
      ("commit file", manifest.digest.hex), ("combined root", manifest.combined.sha256.hex),
    ] where !document.contains(digest) {
      found.append(finding("digest", "the document does not name the \(name) \(digest)"))
    }
    return found
  }

  private static func spdxExpression(_ target: String, _ byId: [String: JSONObject]) -> String? {
    if target.hasSuffix("/NoAssertionLicense") { return "NOASSERTION" }
    if target.hasSuffix("/NoneLicense") { return "NONE" }
    return byId[target]?["simplelicensing_licenseExpression"]?.text
  }

  func cycloneDX(_ bytes: [UInt8]) -> [ExportFinding] {
    guard let object = object(bytes) else { return notJSON }
    var found: [ExportFinding] = []
    func properties(_ object: JSONObject) -> [String: String] {
      Dictionary(
        (object["properties"]?.elements ?? []).compactMap { element in
          guard let name = element.object?["name"]?.text, let value = element.object?["value"]?.text
          else { return nil }
          return (name, value)
        },
        uniquingKeysWith: { first, _ in first }
      )
    }
    let whole = properties(object)
    found += expect(
      "ingest:combinedSha256Root",
      whole["ingest:combinedSha256Root"],
      manifest.combined.sha256.hex
    )
    found += expect("ingest:commitSha256", whole["ingest:commitSha256"], manifest.digest.hex)
    found += expect(
      "ingest:policyDigest",
      whole["ingest:policyDigest"],
      committed.policy.sha256.hex
    )
    let components = object["components"]?.elements?.compactMap(\.object) ?? []
    found += sources(components.compactMap { $0["name"]?.text })
    for source in committed.sources {
      guard let own = components.first(where: { $0["name"]?.text == source.id }) else { continue }
      let values = properties(own)
      found += expect(
        "records of '\(source.id)'",
        values["ingest:records"],
        "\(source.counts.records)"
      )
      found += expect("words of '\(source.id)'", values["ingest:words"], "\(source.counts.words)")
      found += expect("root of '\(source.id)'", values["ingest:sha256Root"], source.sha256Root.hex)
      found += expect("version of '\(source.id)'", own["version"]?.text, source.version)
      let concluded = own["licenses"]?.elements?.compactMap(\.object).first {
        $0["acknowledgement"]?.text == "concluded" && $0["expression"] != nil
      }
      found += expression(concluded?["expression"]?.text, of: source.id)
    }
    return found
  }

  func provenanceMetadata(_ bytes: [UInt8]) -> [ExportFinding] {
    guard let object = object(bytes) else { return notJSON }
    let hash = object["source"]?.object?["id"]?.object?["hashes"]?.elements?.first?.object
    let tree = hash?["tree-hashes"]?.elements?.first?.object
    var found = expect("tree hash", tree?["value"]?.text, manifest.combined.sha256.hex)
    let given = Set(
      (object["use"]?.object?["license"]?.elements ?? []).compactMap(\.text)
        .flatMap(ExportedEpoch.names)
    )
    let isUnknown = expressions.values.contains {
      $0.isEmpty || !$0.isDisjoint(with: ["NOASSERTION", "NONE"])
    }
    if !isUnknown, given != names {
      found.append(
        finding(
          "license",
          "the licenses are not those of the commitment: \(given.symmetricDifference(names).sorted().joined(separator: ", "))"
        )
      )
    }
    found += expect(
      "data-version",
      object["source"]?.object?["data-version"]?.text,
      "\(committed.epoch)"
    )
    return found
  }

  func euSummary(_ bytes: [UInt8]) -> [ExportFinding] {
    guard let object = object(bytes) else { return notJSON }
    var found = expect("commitSha256", object["commitSha256"]?.text, manifest.digest.hex)
    found += expect(
      "combinedSha256Root",
      object["combinedSha256Root"]?.text,
      manifest.combined.sha256.hex
    )
    let sizes = object["1.3 modalities"]?.object
    found += expect("words", sizes?["words"]?.text, "\(committed.counts.words)")
    found += expect("records", sizes?["records"]?.text, "\(committed.counts.records)")
    found += expect(
      "textSize",
      sizes?["textSize"]?.text,
      EUSummaryExport.textSize(committed.counts.words)
    )
    var listed: [String: JSONObject] = [:]
    for name in object.sortedNames where name.hasPrefix("2.") {
      for entry in object[name]?.elements?.compactMap(\.object) ?? [] {
        if let id = entry["id"]?.text { listed[id] = entry }
      }
    }
    found += sources(Array(listed.keys))
    for source in committed.sources {
      guard let own = listed[source.id] else { continue }
      found += expect("records of '\(source.id)'", own["records"]?.text, "\(source.counts.records)")
      let held = Set(
        (own["licenses"]?.elements ?? []).compactMap { $0.object?["expression"]?.text }
      )
      if held != expressions[source.id] ?? [] {
        found.append(
          finding("license", "the licenses of '\(source.id)' are not those of the commitment")
        )
      }
    }
    return found
  }

  /// The footer's digest, and every count.
  func notice(_ bytes: [UInt8]) -> [ExportFinding] {
    let text = String(decoding: bytes, as: UTF8.self)
    let marker = "sha256 of the text above: "
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 2, lines.last == "", lines[lines.count - 2].hasPrefix(marker) else {
      return [finding("form", "has no digest in its last line")]
    }
    let above = bytes.dropLast(lines[lines.count - 2].utf8.count + 1)
    var found = expect(
      "the digest of the text",
      String(lines[lines.count - 2].dropFirst(marker.count)),
      SHA256Hash.of(Array(above)).hex
    )
    for source in committed.sources {
      for license in source.licenses where license.records > 0 {
        let isUnknown = license.expression == "NOASSERTION" || license.expression == "NONE"
        let heading = isUnknown ? "== unknown" : "== \(license.expression)"
        let line = "   \(source.id): \(license.records) records"
        guard let start = lines.firstIndex(where: { $0 == heading }),
          lines[(start + 1)...].prefix(while: { !$0.hasPrefix("== ") }).contains(Substring(line))
        else {
          found.append(
            finding("differs", "'\(line.dropFirst(3))' does not stand under '\(heading)'")
          )
          continue
        }
      }
    }
    return found
  }

  func decisions(_ bytes: [UInt8]) -> [ExportFinding] {
    guard let table = try? DecisionTable(lines: bytes), bytes.isEmpty || bytes.last == 0x0A else {
      return [finding("form", "a row is not in its canonical form")]
    }
    return table.head == committed.policy.table
      ? [] : [finding("digest", "the rows are not those that were committed")]
  }

  func dsse(_ bytes: [UInt8]) -> [ExportFinding] {
    guard let json = try? JSONParser.parse(bytes), let envelope = try? DSSEEnvelope(json),
      !envelope.signatures.isEmpty
    else { return [finding("form", "is no DSSE envelope with a signature")] }
    do {
      try CommitStatement(envelope.payload).check(manifest)
      return []
    } catch {
      return [finding("differs", "\(error)")]
    }
  }
}
