public import CanonicalCoding
internal import Licensing
public import Manifests

/// What exports say about who publishes them, and about the model: `summary.profile`, written by a person.
public struct ExportProfile: Sendable {
  /// Who places the model on the market.
  public let provider: Provider
  /// The models that the data was for.
  public let models: [String]
  /// When they were placed on the market.
  public let marketDate: CivilDate?
  /// When the data was last added to.
  public let latestAcquisition: CivilDate?
  /// When the summary was published last; it is due again six months later.
  public let lastSummary: CivilDate?
  /// What the set of data is called.
  public let title: String
  /// What it is, in a sentence.
  public let description: String
  /// Addresses of exported objects begin with it; no slash at its end.
  public let namespace: String
  /// The license of the metadata itself.
  public let metadataLicense: String
  /// Whether the provider is a small or medium enterprise, of which less is asked.
  public let isSmall: Bool
  /// Sources that are public sets of data (EU template 2.1).
  public let publicSources: Set<String>
  /// The file's bytes.
  public let bytes: [UInt8]

  /// The day on which the public summary is due again: six months after the last one (EU template, "updates").
  public var summaryDue: CivilDate? {
    guard let last = lastSummary else { return nil }
    let month = last.month + 6
    let (year, rest) = (last.year + (month > 12 ? 1 : 0), month > 12 ? month - 12 : month)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    // The 31st of a month of 30 days is its last.
    return [last.day, 30, 29, 28].lazy
      .compactMap { CivilDate("\(year)-\(two(rest))-\(two(min($0, last.day)))") }.first
  }

  /// A provider, or its representative.
  public struct Provider: Sendable {
    /// The name.
    public let name: String
    /// A mail address.
    public let email: String
    /// A web address.
    public let url: String?
    /// A postal address.
    public let address: String?
    /// The country, ISO 3166-1.
    public let country: String
    /// The authorised representative in the Union, if there is one.
    public let representative: String?
  }

  /// Reads a profile.
  ///
  /// - Parameters:
  ///   - bytes: the file's bytes.
  ///   - file: its name, for findings alone.
  /// - Returns: the profile.
  /// - Throws: `ManifestError` with all errors of the file at once; codes begin with `profile.`.
  public static func decode(_ bytes: [UInt8], file: String) throws(ManifestError) -> ExportProfile {
    let file = try DeclarationReader(bytes, file: file, kind: "SummaryProfile", prefix: "profile")
    let root = file.root
    let provider = root.map("provider", required: true).flatMap(Self.provider)
    let model = root.map("model")
    let models = model?.texts("names") ?? []
    let marketDate = model?.date("placedOnMarket")
    let acquisition = model?.date("latestAcquisition")
    model?.finish()
    let lastSummary = root.date("lastSummary")
    let title = root.text("title", required: true, length: 1...200)
    let description = root.text("description", required: true, length: 1...4000)
    let namespace = root.text("namespace", required: true, length: 1...1000)
    if let namespace, !isNamespace(namespace) {
      root.report(
        "namespace",
        "namespace",
        "is no address that others can be made of; write https://HOST/PATH, without a slash at its end"
      )
    }
    let license = root.expression("metadataLicense", required: true)
    if let license, LicenseTable.axes(of: license.normalized) == nil {
      root.report("license", "metadataLicense", "is no single license that the table knows")
    }
    let isSmall = root.choice("smallEnterprise", ["true", "false"]) == "true"
    let publicSources = root.texts("publicSources") ?? []
    try file.finish()
    guard let provider, let title, let description, let namespace, let license else {
      throw ManifestError([])
    }
    return ExportProfile(
      provider: provider,
      models: models,
      marketDate: marketDate,
      latestAcquisition: acquisition,
      lastSummary: lastSummary,
      title: title,
      description: description,
      namespace: namespace,
      metadataLicense: license.normalized,
      isSmall: isSmall,
      publicSources: Set(publicSources),
      bytes: bytes
    )
  }

  private static func provider(_ map: DeclarationReader.Section) -> Provider? {
    let name = map.text("name", required: true, length: 1...200)
    let email = map.text("email", required: true, length: 3...200)
    let url = map.text("url", length: 1...1000)
    let address = map.text("address", length: 1...400)
    let country = map.text("country", required: true)
    let representative = map.text("representative", length: 1...400)
    if let email, !email.contains("@") { map.report("email", "email", "is no mail address") }
    if let country, !Jurisdiction.isCountry(country) {
      map.report("country", "country", "is no two-letter country code")
    }
    if let url, !isNamespace(url) { map.report("url", "url", "is no https address") }
    map.finish()
    guard let name, let email, let country else { return nil }
    return Provider(
      name: name,
      email: email,
      url: url,
      address: address,
      country: country,
      representative: representative
    )
  }

  /// `https://` and characters that need no escape in an address.
  private static func isNamespace(_ text: String) -> Bool {
    let rest = text.hasPrefix("https://") ? text.dropFirst(8) : ""
    return !rest.isEmpty && !rest.hasSuffix("/") && !rest.hasPrefix("/")
      && rest.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || "-._~/:".utf8.contains(byte)
      }
  }
}
