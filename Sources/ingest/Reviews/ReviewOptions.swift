internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Licensing
internal import Manifests

/// What every review says.
struct ReviewOptions: ParsableArguments {
  @Argument(help: "The source manifest that was read.")
  var manifest: String
  @Option(name: .long, help: "The reviewer's own secret key, a PEM file.")
  var key: String
  @Option(name: .long, help: "Who decides: a name or a mail address.")
  var by: String
  @Option(name: .long, help: "The day of the decision, YYYY-MM-DD.")
  var on: String
  @Option(name: .long, help: "Why, in words.")
  var reason: String
  @Option(name: .long, help: "The last day on which it counts, YYYY-MM-DD.")
  var expires: String?
  @Option(name: .long, help: "A ticket, a file number.")
  var reference: String?
  @Option(name: .long, help: "A use that it is about; by default all of the policy's.")
  var use: [String] = []
  @Option(name: .long, help: "A place that it is about; by default all of the policy's.")
  var jurisdiction: [String] = []
  @Option(name: .long, help: "A license entry that it is about; by default all of the source's.")
  var license: [String] = []
  @OptionGroup var workers: WorkerOptions

  func validate() throws {
    if CivilDate(on) == nil { throw ValidationError("--on is a day: YYYY-MM-DD") }
    if let expires, CivilDate(expires) == nil {
      throw ValidationError("--expires is a day: YYYY-MM-DD")
    }
    for name in use where Use(rawValue: name) == nil {
      throw ValidationError(
        "--use \(name) is none of \(Use.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
  }

  /// Writes the next review of a state.
  func add(_ status: Review.Status, rule: String? = nil) async throws {
    try await Terminal.run {
      let writer = try ReviewWriter(
        manifestPath: manifest,
        plugins: workers.pluginFolders.names
      )
      let source = writer.source
      let path = FilePaths.join(FilePaths.folder(of: manifest), source.policy)
      let policy = try PolicyFile.decode(
        InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1),
        file: path
      )
      guard let day = CivilDate(on) else { throw IngestError(.usage, "--on is no day") }
      let licenses = try license.map { text in
        do { return try LicenseExpression(text).normalized } catch {
          throw IngestError(.badData, "--license: \(error)")
        }
      }
      let scope = Review.Scope(
        uses: use.isEmpty ? policy.policy.uses : use.compactMap(Use.init),
        jurisdictions: jurisdiction.isEmpty ? policy.policy.jurisdictions : jurisdiction,
        licenses: licenses
      )
      let written = try writer.add(key: ReviewKey.read(key), policy: policy) {
        sequence,
        previous,
        digest throws(ReviewError) in
        try Review(
          source: source.id,
          sequence: sequence,
          previous: previous,
          manifest: digest,
          scope: scope,
          status: status,
          rule: rule,
          by: by,
          on: day,
          reason: reason,
          expires: expires.flatMap { CivilDate($0) },
          reference: reference
        )
      }
      let rest = written.isComplete ? "" : "; more signatures are needed: ingest review sign"
      Terminal.print("\(written.path): \(status.rawValue)\(rest)")
    }
  }
}

/// A secret key in a file of its own.
enum ReviewKey {
  static func read(_ path: String) throws -> SigningKey {
    let pem = String(decoding: try InputFile.contents(of: path, limit: 1 << 14), as: UTF8.self)
    guard let key = SigningKey(pem: pem) else {
      throw IngestError(
        .usage,
        "\(path): is no PEM file of an Ed25519 or ML-DSA-65 secret key; make one: ingest key new"
      )
    }
    return key
  }
}

/// `ingest review sign`: one more signature under the last review.
struct ReviewSignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Add a signature to the last review, where the list of signers asks for more."
  )
  @Argument(help: "The source manifest.")
  var manifest: String
  @Option(name: .long, help: "The reviewer's own secret key, a PEM file.")
  var key: String
  @OptionGroup var workers: WorkerOptions

  func run() async throws {
    try await Terminal.run {
      let writer = try ReviewWriter(manifestPath: manifest, plugins: workers.pluginFolders.names)
      let written = try writer.sign(key: ReviewKey.read(key))
      let rest = written.isComplete ? "it counts now" : "more signatures are needed"
      Terminal.print("\(written.path): signed; \(rest)")
    }
  }
}
