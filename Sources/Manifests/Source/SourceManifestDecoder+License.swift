internal import CanonicalCoding
internal import Licensing

/// The sections that say what may be done with the records: `license` and `overrides`.
extension SourceManifestDecoder {
  mutating func decodeLicense(
    plugin: String
  ) -> (declared: String?, grant: SourceManifest.LicenseGrant?) {
    guard let map = root.map("license", required: true) else { return (nil, nil) }
    let declaredText = map.text("declared", required: true)
    let declared = declaredText == nil ? nil : map.expression("declared")
    for evidence in map.maps("evidence") {
      _ = evidence.text("kind", required: true)
      note(evidence, evidence.path, sha256: evidence.digest("sha256", required: true))
      evidence.finish()
    }
    let texts = decodeTexts(map)
    decodeAxes(map)
    let grant = decodeGrant(map, isComplete: true, plugin: plugin)
    if let attribution = map.map("attribution", required: true) { decodeAttribution(attribution) }
    for obligation in map.maps("obligations") { decodeObligation(obligation) }
    if let declared, let grant, declared != grant.concluded, map.maps("evidence").isEmpty {
      map.report(
        "evidence-missing",
        "evidence",
        "declared and concluded differ; name the evidence for the conclusion"
      )
    }
    for atom in grant?.concluded.atoms ?? [] where atom.hasPrefix("LicenseRef-") {
      if !texts.contains(atom) {
        map.report("license-text-missing", "texts", "\(atom) needs a text; add its path")
      }
      if axes[atom] == nil, LicenseTable.axes(of: atom) == nil {
        map.report("axes-missing", "axes", "\(atom) needs its axes")
      }
    }
    map.finish()
    return (declaredText, grant)
  }

  private mutating func decodeTexts(_ map: MapReader) -> [String] {
    guard let texts = map.map("texts") else { return [] }
    for name in texts.names {
      // The name becomes that of a file: nothing but a LicenseRef may be one.
      guard case .reference? = try? LicenseExpression(name), !name.contains(":") else {
        texts.report(
          "license-ref",
          name,
          "'\(name.prefix(40))' is no LicenseRef-… of letters, digits, '-' and '.'"
        )
        _ = texts.value(name)
        continue
      }
      var path: String?
      var sha256: String?
      if case .map = texts.value(name), let bound = texts.map(name) {
        path = bound.path("uri", required: true)
        sha256 = bound.digest("sha256", required: true)
        bound.finish()
      } else {
        path = texts.path(name)
        texts.warn(
          "license-text-unbound",
          name,
          "the text can change without notice; write {uri: \(path ?? "PATH"), sha256: DIGEST} to bind it"
        )
      }
      guard let path else { continue }
      documents.append(
        SourceManifest.Document(
          field: texts.field(name),
          uri: path,
          sha256: sha256,
          position: texts.position(of: name)
        )
      )
    }
    return texts.names
  }

  private mutating func decodeAxes(_ map: MapReader) {
    guard let all = map.map("axes") else { return }
    for license in all.names {
      guard let entry = all.map(license) else { continue }
      var values: [String: String] = [:]
      for axis in LicenseAxes.values {
        values[axis.name] = entry.choice(axis.name, axis.values, required: true)
      }
      entry.finish()
      axes[license] = LicenseAxes(values)
    }
  }

  private mutating func decodeGrant(
    _ map: MapReader,
    isComplete: Bool,
    plugin: String
  ) -> SourceManifest.LicenseGrant? {
    let concluded = map.expression("concluded", required: true)
    let basis = map.choice(
      "basis",
      ["license", "public-domain", "tdm-exception", "consent", "own-data", "contract"],
      required: true
    )
    if plugin == "licensed-archive", let basis, basis != "contract", basis != "license" {
      map.report("basis", "basis", "a licensed archive rests on a contract or a license")
    }
    let jurisdictions = map.jurisdictions("jurisdiction", required: isComplete)
    let uses = decodeUses(map)
    var from: CivilDate?
    var until: CivilDate?
    var warns = false
    if let term = map.map("term", required: isComplete) {
      from = term.date("from", required: true)
      until = term.date("until")
      warns = term.choice("onExpiry", ["block", "warn"]) == "warn"
      if isComplete, plugin == "licensed-archive", until == nil {
        term.report("term", "until", "a licensed archive needs the last valid day")
      }
      if let from, let until, until < from {
        term.report("date-order", "until", "lies before 'from'")
      }
      term.finish()
    }
    checkUses(map, concluded, uses)
    guard let concluded, let basis else { return nil }
    var identity = JSONObject()
    for name in ["concluded", "basis", "jurisdiction", "uses", "term", "attribution"] {
      if let value = map.value(name) { identity[name] = value.typedForm }
    }
    return SourceManifest.LicenseGrant(
      concluded: concluded,
      basis: basis,
      jurisdictions: jurisdictions ?? ["any"],
      uses: uses,
      from: from,
      until: until,
      warnsOnExpiry: warns,
      identity: .object(identity),
      position: map.position
    )
  }

  private func decodeUses(_ map: MapReader) -> [Use: Decision] {
    guard let entries = map.map("uses") else { return [:] }
    var uses: [Use: Decision] = [:]
    for use in Use.allCases { uses[use] = entries.decision(use.rawValue) }
    entries.finish()
    return uses
  }

  /// A use may not be allowed where the license denies it, and has to be said where nobody knows.
  private func checkUses(_ map: MapReader, _ concluded: LicenseExpression?, _ uses: [Use: Decision])
  {
    guard let concluded else { return }
    let isKnown = concluded.atoms.allSatisfy { LicenseTable.axes(of: $0) != nil }
    if !isKnown, uses.count < Use.allCases.count, concluded.atoms != ["NOASSERTION"],
      concluded.atoms != ["NONE"]
    {
      map.report(
        "uses-missing",
        "uses",
        "is needed with all of train, fine-tune, evaluate, redistribute, commercial: the license table does not know \(concluded.normalized)"
      )
    }
    var situation = LicenseSituation(licensed: concluded)
    situation.axes = axes
    for use in Use.allCases where uses[use] == .allow && situation.decision(for: use) == .deny {
      map.report(
        "uses-exceed-license",
        "uses",
        "\(use.rawValue): allow, but \(concluded.normalized) denies it"
      )
    }
  }

  private func decodeAttribution(_ map: MapReader) {
    let required = map.bool("required", required: true)
    let text = map.text("text")
    if required == true, text == nil {
      map.report("attribution-text", "text", "is needed when attribution is required")
    }
    map.finish()
  }

  private func decodeObligation(_ map: MapReader) {
    for name in ["id", "text", "owner"] { _ = map.text(name, required: true) }
    let due = map.date("due")
    let every = map.text("every")
    if (due == nil) == (every == nil) {
      map.report("obligation", "due", "exactly one of due and every is needed")
    }
    map.finish()
  }

  mutating func decodeOverride(_ map: MapReader) -> SourceManifest.Override? {
    defer { map.finish() }
    let match = map.map("match", required: true).flatMap { decodeMatch($0) }
    let exclude = map.map("exclude")
    let license = map.map("license")
    guard (exclude == nil) != (license == nil) else {
      map.report("override", "match", "an override has exactly one of exclude and license")
      return nil
    }
    if let exclude {
      let reason = exclude.choice(
        "reason",
        ExclusionReason.allCases.map(\.rawValue),
        required: true
      )
      let reference = exclude.text("reference", required: true)
      _ = exclude.date("received", required: true)
      exclude.finish()
      guard let match, let reason = reason.flatMap(ExclusionReason.init) else { return nil }
      return SourceManifest.Override(
        match: match,
        effect: .exclude(reason: reason, reference: reference),
        position: map.position
      )
    }
    guard let license else { return nil }
    let grant = decodeGrant(license, isComplete: false, plugin: "")
    if let attribution = license.map("attribution") {
      decodeAttribution(attribution)
    } else if let atoms = grant?.concluded.atoms,
      atoms.contains(where: { LicenseTable.axes(of: $0)?["attribution"] == "required" })
    {
      license.report(
        "attribution-text",
        "attribution",
        "this license asks for attribution; add required: true and the text"
      )
    }
    license.finish()
    guard let match, let grant else { return nil }
    return SourceManifest.Override(match: match, effect: .license(grant), position: map.position)
  }

  private func decodeMatch(_ map: MapReader) -> SourceManifest.Match? {
    defer { map.finish() }
    var found: [SourceManifest.Match] = []
    if let host = map.text("host") { found.append(.host(host.lowercased())) }
    if let path = map.text("path") { found.append(.path(path)) }
    if let digest = map.digest("sha256") { found.append(.contentDigest(digest)) }
    if let language = map.text("language") { found.append(.language(language)) }
    if let field = map.text("field") {
      if let equals = map.text("equals", required: true) {
        found.append(.field(name: field, equals: equals))
      }
    }
    if let range = map.map("range") {
      let bounds = ["from", "to"].map { range.text($0, required: true).flatMap { UInt64($0) } }
      range.finish()
      if let from = bounds[0], let to = bounds[1], from <= to {
        found.append(.ordinals(from...to))
      } else {
        map.report("override", "range", "from and to are ordinals from 0, from at most to")
      }
    }
    guard found.count == 1 else {
      map.report(
        "override",
        "",
        "match has exactly one of host, path, sha256, field with equals, language, range"
      )
      return nil
    }
    return found[0]
  }
}
