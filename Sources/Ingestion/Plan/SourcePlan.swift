public import CanonicalCoding
internal import Crypto
public import Files
public import Manifests
public import Merkle
public import Normalization
public import PluginBridge
public import SourceAPI

/// What a scan will read: the manifest, its inputs in committed order, its policy, its profile.
public struct SourcePlan: Sendable {
  /// One input with the state of its file.
  public struct Input: Hashable, Sendable {
    /// Relative to the manifest's folder, as the file system names it.
    public var path: String
    /// The way back to the record, unique in its source.
    public var locator: String
    /// The state of its file when the plan was made.
    public var fingerprint: FileFingerprint
    /// Set for links and special files, which are counted and not opened.
    public var skipped: String?
    /// SHA-256 of its bytes, where a plan for other machines was made.
    public var sha256: String?
  }

  /// What the command line adds to a manifest; it may only widen what is read, never what is signed.
  public struct Options: Sendable {
    /// Formats that were asked for by name.
    public var extraFormats: Set<String> = []
    /// What reading may cost.
    public var budget = DecodeBudget()
    /// Whether a scan stops at the first rejected record.
    public var stopsAtRejection = false
    /// Whether parsers may run without a mechanism of the sandbox that the kernel lacks.
    public var allowsUnsandboxed = false
    /// Where plugins in other languages are looked for.
    public var pluginFolders = PluginFolders([])
    /// The program that reads the source, once it is known.
    var external: ExternalPlugin?
    /// Seconds of CPU time that one batch may take before its worker is stopped.
    public var cpuSeconds: UInt64 = 60
    /// No option.
    public init() {}
  }

  /// The manifest.
  public let manifest: SourceManifest
  /// The folder of the manifest; all paths are relative to it.
  public internal(set) var folder: String
  /// The inputs in committed order.
  public let inputs: [Input]
  /// The policy.
  public let policy: PolicyFile
  /// The rules of the normal form.
  public let profile: NormalizationProfile
  /// The license entries, in their order.
  public let licenses: LicenseEntries
  /// Keys of records whose consent was withdrawn.
  public let withdrawals: Set<String>
  /// Requests that records leave the source.
  public let exclusions: [Exclusion]
  /// What the command line adds.
  public internal(set) var options: Options

  /// A plan over inputs; profile and license entries follow from the manifest.
  init(
    manifest: SourceManifest,
    folder: String,
    inputs: [Input],
    policy: PolicyFile,
    withdrawals: Set<String>,
    exclusions: [Exclusion],
    options: Options
  ) {
    (self.manifest, self.folder, self.inputs) = (manifest, folder, inputs)
    (self.policy, self.withdrawals, self.options) = (policy, withdrawals, options)
    self.exclusions = exclusions
    let name = NormalizationProfile.Name(rawValue: manifest.input.profile) ?? .text
    profile = NormalizationProfile(
      name,
      declaredCharset: manifest.input.charset ?? manifest.input.csv.charset,
      textField: manifest.input.fields.text
    )
    licenses = LicenseEntries(manifest)
  }

  /// The same plan over some of its inputs.
  func part(_ range: Range<Int>) -> SourcePlan {
    SourcePlan(
      manifest: manifest,
      folder: folder,
      inputs: Array(inputs[range]),
      policy: policy,
      withdrawals: withdrawals,
      exclusions: exclusions,
      options: options
    )
  }

  /// Reads a manifest and finds everything that it names, without touching the data.
  ///
  /// - Throws: `IngestError`: 78 for a bad manifest or policy, 69 for missing inputs.
  public static func load(_ path: String, options: Options = Options()) throws(IngestError)
    -> SourcePlan
  {
    do {
      let manifest = try readManifest(path, plugins: options.pluginFolders.names)
      let options = try options.with(plugin: manifest.plugin)
      let folder = FilePaths.folder(of: path)
      var findings = try ManifestFiles.check(manifest, folder: folder)
      let inputs = try InputExpansion.expand(manifest, folder: folder, findings: &findings)
      let policy = try readPolicy(manifest, folder: folder, findings: &findings)
      guard findings.isEmpty, let policy else { throw ManifestError(findings) }
      let withdrawals = try manifest.withdrawals.map {
        try InputFile.contents(of: FilePaths.join(folder, $0), limit: 1 << 26)
      }
      let removed = try removedPages(manifest, folder: folder)
      return SourcePlan(
        manifest: manifest,
        folder: folder,
        inputs: inputs,
        policy: policy,
        withdrawals: keys(withdrawals ?? []).union(keys(removed)),
        exclusions: try ExclusionFolder.load(manifest.id, manifestPath: path).map(\.exclusion),
        options: options
      )
    } catch {
      throw IngestError(error)
    }
  }

  /// The records whose pages are gone, where the manifest wants tombstones for them.
  private static func removedPages(
    _ manifest: SourceManifest,
    folder: String
  ) throws(FileError) -> [UInt8] {
    guard let crawl = manifest.crawl, crawl.buriesRemoved else { return [] }
    let path = FilePaths.join(folder, SourceManifest.removedFile(of: crawl))
    guard FilePaths.exists(path) else { return [] }
    return try InputFile.contents(of: path, limit: 1 << 28)
  }

  /// Reads and decodes the manifest alone.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - plugins: the plugins that are known beside those that are linked in.
  /// - Returns: the manifest, with its warnings.
  /// - Throws: `ManifestError`, or `FileError`.
  public static func readManifest(_ path: String, plugins: [String] = []) throws -> SourceManifest {
    do {
      return try SourceManifest.decode(
        InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1),
        file: path,
        plugins: plugins
      )
    } catch let error as FileError where error.isMissing {
      throw ManifestError([
        ManifestFinding(
          file: path,
          line: 1,
          column: 1,
          code: "manifest.missing",
          field: "",
          sentence: "there is no such file"
        )
      ])
    }
  }

  private static func readPolicy(
    _ manifest: SourceManifest,
    folder: String,
    findings: inout [ManifestFinding]
  ) throws -> PolicyFile? {
    let path = FilePaths.join(folder, manifest.policy)
    guard FilePaths.isInside(path, folder: folder) else {
      findings.append(
        ManifestFiles.finding(
          manifest,
          "path",
          "policy",
          "'\(manifest.policy)' is no file below the manifest's folder"
        )
      )
      return nil
    }
    return try PolicyFile.decode(
      InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1),
      file: path
    )
  }

  private static func keys(_ bytes: [UInt8]) -> Set<String> {
    Set(
      bytes.split(separator: 0x0A).map {
        String(decoding: $0.last == 0x0D ? $0.dropLast() : $0, as: UTF8.self)
      }
      .filter { !$0.isEmpty }
    )
  }

  /// SHA-256 of JCS of the typed form.
  public var manifestDigest: SHA256Hash { .of(CanonicalJSON.encode(manifest.typedForm)) }
  /// SHA-256 of the manifest's bytes.
  public var manifestFileDigest: SHA256Hash { .of(manifest.fileBytes) }
  /// The digest of the profile.
  public var profileDigest: SHA256Hash { SHA256Hash(profile.digest) ?? .of([]) }

  /// The latest day that the manifest speaks of: the default for as-of, because no clock may reach a committed byte.
  public var latestDay: CivilDate? {
    [manifest.input.collectedTo, manifest.license.from].compactMap { $0 }.max()
  }

  /// The sum of the inputs' lengths.
  public var byteCount: UInt64 { inputs.reduce(0) { $0 + $1.fingerprint.byteCount } }

  /// What the plugin is told.
  public var configuration: SourceConfiguration {
    var configuration = SourceConfiguration(
      inputs: inputs.map {
        SourceConfiguration.Input(
          path: FilePaths.join(folder, $0.path),
          name: $0.locator,
          skipped: $0.skipped
        )
      }
    )
    let input = manifest.input
    configuration.format = input.format
    configuration.mapping = SourceConfiguration.Mapping(
      text: input.fields.text,
      id: input.fields.id,
      url: input.fields.url,
      license: input.fields.license,
      timestamp: input.fields.timestamp
    )
    configuration.csv.delimiter = input.csv.delimiter
    configuration.csv.quote = input.csv.quote
    configuration.csv.hasHeader = input.csv.hasHeader
    configuration.sql = input.sql.map {
      SourceConfiguration.SQLSelection(table: $0.table, query: $0.query, key: $0.key)
    }
    configuration.include = input.include
    configuration.exclude = input.exclude
    configuration.extraFormats = options.extraFormats
    configuration.budget = options.budget
    configuration.external = options.external
    configuration.allowsUnsandboxed = options.allowsUnsandboxed
    configuration.silenceSeconds = 5 * options.cpuSeconds
    configuration.wantedFields = manifest.overrides.compactMap {
      if case .field(let name, _) = $0.match { name } else { nil }
    }
    return configuration
  }
}
