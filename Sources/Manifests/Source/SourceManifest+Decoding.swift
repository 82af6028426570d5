internal import CanonicalCoding
internal import Licensing
internal import Merkle

extension SourceManifest {
  /// Reads a source manifest.
  ///
  /// - Parameters:
  ///   - bytes: the file's bytes.
  ///   - file: its name, for findings alone.
  ///   - plugins: the plugins that are known beside the three of ours; `nil` takes every name that a plugin may have, for
  ///     manifests that were committed elsewhere.
  /// - Returns: the manifest, with its warnings.
  /// - Throws: `ManifestError` with all errors of the file at once.
  public static func decode(
    _ bytes: [UInt8],
    file: String,
    plugins: [String]? = []
  ) throws(ManifestError) -> SourceManifest {
    try decodeWithLines(bytes, file: file, plugins: plugins).manifest
  }

  /// The same with the place of every member, for those who link to them.
  ///
  /// - Throws: `ManifestError` with all errors of the file at once.
  static func decodeWithLines(
    _ bytes: [UInt8],
    file: String,
    plugins: [String]?
  ) throws(ManifestError) -> (manifest: SourceManifest, lines: ManifestLines) {
    let declaration = try YAMLReader.read(bytes, file: file, prefix: "manifest")
    let list = FindingList(file: file, prefix: "manifest")
    var decoder = SourceManifestDecoder(
      root: MapReader(declaration, path: "", list: list),
      list: list,
      plugins: plugins.map { ["licensed-archive", "private-corpus", "web-crawl"] + $0 }
    )
    let manifest = decoder.decode(
      typedForm: declaration.typedForm,
      file: file,
      bytes: bytes
    )
    guard !list.hasErrors, var manifest else {
      throw ManifestError(list.errors)
    }
    manifest.warnings = list.findings.sortedByPlace
    return (manifest, ManifestLines(declaration))
  }
}

extension SourceManifest {
  /// Whether a text can name a plugin: 1 to 32 of a-z, 0-9 and -, no - at the ends.
  public static func isPluginName(_ text: String) -> Bool {
    (1...32).contains(text.utf8.count) && text.first != "-" && text.last != "-"
      && text.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
      }
  }
}

extension [ManifestFinding] {
  /// In the order of the file.
  var sortedByPlace: [ManifestFinding] {
    sorted { ($0.line, $0.column, $0.code) < ($1.line, $1.column, $1.code) }
  }
}

/// Decodes one manifest, top to bottom; the order of the functions is that of docs/formats.md.
///
/// Longer than most files, because the table of fields is long; `input`, `license` and `crawl` have files of their own.
struct SourceManifestDecoder {
  let root: MapReader
  let list: FindingList
  let plugins: [String]?
  var documents: [SourceManifest.Document] = []
  var axes: [String: LicenseAxes] = [:]

  init(root: MapReader, list: FindingList, plugins: [String]?) {
    self.root = root
    self.list = list
    self.plugins = plugins
  }

  mutating func decode(
    typedForm: JSONValue,
    file: String,
    bytes: [UInt8]
  ) -> SourceManifest? {
    if let version = root.text("apiVersion", required: true), version != "ingest/v1" {
      root.report(
        "api-version",
        "apiVersion",
        "'\(version.prefix(40))' is not ingest/v1, the version that this tool reads"
      )
    }
    if let kind = root.text("kind", required: true), kind != "SourceManifest" {
      root.report("kind", "kind", "'\(kind.prefix(40))' is not SourceManifest")
    }
    let source = decodeSource()
    let plugin = source?.plugin ?? ""
    let owner = decodeParties()
    let personalData = decodePersonalData()
    let synthetic = decodeSynthetic()
    let input = decodeInput()
    let crawler = decodeCrawler(isRequired: plugin == "web-crawl")
    let crawl = decodeCrawl(isAllowed: plugin == "web-crawl", agent: crawler?.agent)
    checkCrawl(crawl, input, ignoresRobots: crawler?.ignoresRobots == true)
    decodeAgreement(isRequired: plugin == "licensed-archive")
    let withdrawals = decodeConsent(isRequired: plugin == "private-corpus" && personalData != "no")
    let (declared, grant) = decodeLicense(plugin: plugin)
    let overrides = root.maps("overrides").compactMap { decodeOverride($0) }
    let review = decodeReview()
    let derived = decodeRest()
    let purpose = root.text("purpose", required: true, length: 1...500)
    let confidential = root.bool("confidential", required: plugin == "private-corpus") ?? false
    if plugin == "private-corpus", personalData == "yes", !confidential {
      root.report(
        "confidential-required",
        "confidential",
        "a private corpus with personal data is confidential; write true"
      )
    }
    let policy = root.path("policy", required: true)
    root.finish()
    guard let source, let owner, let personalData, let synthetic, let input, let grant,
      let purpose, let policy
    else { return nil }
    return SourceManifest(
      file: file,
      id: source.id,
      title: source.title,
      plugin: source.plugin,
      version: source.version,
      modalities: source.modalities,
      owner: owner,
      input: input,
      declaredLicense: declared ?? "NOASSERTION",
      license: grant,
      axes: axes,
      overrides: overrides,
      withdrawals: withdrawals,
      onUnknownPreference: crawler?.onUnknown,
      crawlerAgent: crawler?.agent,
      crawl: crawl,
      inlineReview: review,
      derivedLicenses: derived,
      personalData: personalData,
      synthetic: synthetic,
      purpose: purpose,
      confidential: confidential,
      policy: policy,
      documents: documents,
      typedForm: typedForm,
      digest: .of(CanonicalJSON.encode(typedForm)),
      fileBytes: bytes,
      warnings: []
    )
  }

  // MARK: source, parties, input

  private func decodeSource() -> (
    id: String, title: String, plugin: String, version: String, modalities: [String]
  )? {
    guard let map = root.map("source", required: true) else { return nil }
    let id = map.text("id", required: true)
    if let id, !Self.isIdentifier(id) {
      map.report(
        "source-id",
        "id",
        "'\(id.prefix(70))' is no id: 3 to 64 of a-z, 0-9 and -, no - at the ends"
      )
    }
    let title = map.text("title", required: true, length: 1...200)
    _ = map.text("description", length: 0...4000)
    let plugin = decodePlugin(map)
    let version = map.text("version", required: true, length: 1...64)
    if let homepage = map.text("homepage") { checkURI(homepage, "homepage", map) }
    let modalities = map.choices(
      "modality",
      ["text", "image", "audio", "video", "other"],
      required: true
    )
    for language in map.texts("languages", required: true) ?? [] where !Self.isLanguage(language) {
      map.report(
        "language",
        "languages",
        "'\(language.prefix(40))' is no BCP 47 language tag; use und when it is unknown"
      )
    }
    map.finish()
    guard let id, let title, let plugin, let version, let modalities else { return nil }
    return (id, title, plugin, version, modalities)
  }

  private func decodePlugin(_ map: MapReader) -> String? {
    if let plugins {
      return map.choice("plugin", plugins, required: true, code: "plugin-unknown")
    }
    let plugin = map.text("plugin", required: true)
    if let plugin, !SourceManifest.isPluginName(plugin) {
      map.report("plugin-unknown", "plugin", "'\(plugin.prefix(40))' is no name of a plugin")
    }
    return plugin
  }

  private func decodeParties() -> String? {
    guard let map = root.map("parties", required: true) else { return nil }
    var name: String?
    if let owner = map.map("owner", required: true) {
      name = owner.text("name", required: true)
      _ = owner.choice("type", ["organization", "person"], required: true, code: "party")
      _ = owner.text("url")
      if let country = owner.text("country"), !Jurisdiction.isCountry(country) {
        owner.report("party", "country", "'\(country.prefix(40))' is no two-letter country code")
      }
      owner.finish()
    }
    for role in ["steward", "legal"] {
      guard let party = map.map(role, required: role == "steward") else { continue }
      _ = party.text("name", required: true)
      if let email = party.text("email", required: true), !email.contains("@") {
        party.report("party", "email", "is no mail address")
      }
      party.finish()
    }
    map.finish()
    return name
  }

  // MARK: crawler, agreement, consent

  private mutating func decodeCrawler(isRequired: Bool) -> (
    agent: String?, ignoresRobots: Bool, onUnknown: Decision?
  )? {
    guard let map = optional("crawler", isAllowed: isRequired) else { return nil }
    _ = map.text("name", required: true)
    let agent = map.text("userAgent", required: true)
    var ignoresRobots = false
    _ = map.texts("purposes", required: true)
    if let behavior = map.map("behavior", required: true) {
      let robots = behavior.choice("robotsTxt", ["honored", "ignored"], required: true)
      ignoresRobots = robots == "ignored"
      _ = behavior.choice("paywalls", ["not-circumvented", "circumvented"], required: true)
      _ = behavior.choice("captchas", ["not-circumvented", "circumvented"], required: true)
      behavior.finish()
    }
    _ = map.choices(
      "optOutSignals",
      [
        "robots.txt", "aipref", "tdmrep", "rsl", "tdm-meta", "content-signal", "x-robots-tag",
        "cawg", "trust-txt",
      ],
      required: true
    )
    decodeDocument(map, "optOutSnapshot", required: true)
    let decision = map.decision("onUnknownPreference", required: true)
    map.finish()
    return (agent, ignoresRobots, decision)
  }

  private mutating func decodeAgreement(isRequired: Bool) {
    guard let map = optional("agreement", isAllowed: isRequired) else { return }
    for name in ["id", "licensor", "licensee"] { _ = map.text(name, required: true) }
    for name in ["purchaseOrder", "governingLaw"] { _ = map.text(name, length: 1...200) }
    _ = map.choice("renewal", ["none", "manual", "automatic"])
    _ = map.date("signed", required: true)
    decodeDocument(map, "document", required: true)
    map.finish()
  }

  private mutating func decodeConsent(isRequired: Bool) -> String? {
    guard root.has("consent") || isRequired else { return nil }
    guard root.has("consent") else {
      root.report(
        "consent-missing",
        "consent",
        "a private corpus needs it unless personalData.present is \"no\""
      )
      return nil
    }
    guard let map = root.map("consent") else { return nil }
    _ = map.choice("kind", ["consent", "contract-terms", "legitimate-interest"], required: true)
    decodeDocument(map, "document", required: true)
    _ = map.text("storage")
    let withdrawals = map.path("withdrawals")
    map.finish()
    return withdrawals
  }

  /// A section that one plugin needs and others refuse.
  private func optional(_ name: String, isAllowed: Bool) -> MapReader? {
    if !isAllowed, root.has(name) {
      root.report("section", name, "does not belong to this plugin; remove it")
      _ = root.value(name)
      return nil
    }
    return root.map(name, required: isAllowed)
  }

  private mutating func decodeDocument(_ map: MapReader, _ name: String, required: Bool) {
    guard let document = map.map(name, required: required) else { return }
    note(document, document.path, sha256: document.digest("sha256", required: true))
    document.finish()
  }

  mutating func note(_ map: MapReader, _ field: String, sha256: String?) {
    guard let uri = map.text("uri", required: true) else { return }
    checkURI(uri, "uri", map)
    documents.append(
      SourceManifest.Document(field: field, uri: uri, sha256: sha256, position: map.position)
    )
  }

  private func checkURI(_ text: String, _ name: String, _ map: MapReader) {
    if text.contains("://") {
      if text.unicodeScalars.contains(where: { $0.value <= 0x20 }) {
        map.report("uri", name, "has white space")
      }
    } else {
      _ = map.checkPath(text, name)
    }
  }

  // MARK: the rest

  private func decodeReview() -> SourceManifest.InlineReview? {
    guard let map = root.map("review") else { return nil }
    let status = map.choice(
      "status",
      Review.Status.allCases.map(\.rawValue),
      required: true,
      code: "review"
    )
    let by = map.text("by", required: true)
    let on = map.date("on", required: true)
    let reason = map.text("reason", required: true)
    let expires = map.date("expires")
    if let on, let expires, expires < on {
      map.report("date-order", "expires", "lies before 'on'")
    }
    map.finish()
    guard let status = status.flatMap(Review.Status.init), let by, let on, let reason else {
      return nil
    }
    return SourceManifest.InlineReview(
      status: status,
      by: by,
      on: on,
      reason: reason,
      expires: expires
    )
  }

  private func decodePersonalData() -> String? {
    guard let map = root.map("personalData", required: true) else { return nil }
    let present = map.choice("present", ["no", "possible", "yes"], required: true)
    let basis = map.text("basis", length: 1...200)
    if present == "no", basis != nil {
      map.report("enum", "basis", "is left out when no personal data is present")
    }
    if let present, present != "no", basis == nil {
      map.report("required", "basis", "is needed when personal data may be present")
    }
    _ = map.texts("measures", required: true, allowsEmpty: true)
    _ = map.choice("aggregateConsumer", ["none", "some"], required: true)
    map.finish()
    return present
  }

  private func decodeSynthetic() -> String? {
    guard let map = root.map("synthetic", required: true) else { return nil }
    let generated = map.choice("generated", ["none", "some", "all"], required: true)
    _ = map.texts("generators")
    map.finish()
    return generated
  }

  /// The sections that nothing here depends on, and the licenses of sub-sources.
  private func decodeRest() -> [LicenseExpression] {
    if let illegal = root.map("illegalContent") {
      _ = illegal.texts("measures")
      illegal.finish()
    }
    _ = root.date("firstUsed")
    var licenses: [LicenseExpression] = []
    for source in root.maps("derivedFrom") {
      let id = source.text("id")
      let uri = source.text("uri")
      if (id == nil) == (uri == nil) {
        source.report("override", "id", "exactly one of id and uri is needed")
      }
      _ = source.digest("sha256")
      if let license = source.expression("license", required: true) { licenses.append(license) }
      source.finish()
    }
    return licenses
  }

  private static func isIdentifier(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
    guard (3...64).contains(bytes.count), let first = bytes.first, let last = bytes.last else {
      return false
    }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  private static func isLanguage(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard let first = parts.first, (2...8).contains(first.count) else { return false }
    return first.allSatisfy { $0.isASCII && $0.isLetter }
      && parts.dropFirst().allSatisfy {
        (1...8).contains($0.count) && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
      }
  }
}
