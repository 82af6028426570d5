internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Manifests

/// `ingest review show`: the history of a source, and what counts of it.
struct ReviewShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show the reviews of sources, who signed them, and what counts on a day.",
    discussion: """
      Exit 78 for a review that is wrong, of a key that may not sign, missing or forked.

      EXAMPLES
        ingest review show manifests/*.manifest
        ingest review show manifests/crawl.manifest --as-of 2027-06-30 --json
      """
  )
  @Argument(help: "Source manifests.")
  var manifests: [String]
  @Option(name: .long, help: "The day, YYYY-MM-DD; by default the last that the reviews speak of.")
  var asOf: String?
  @Flag(name: .long, help: "One JSON object a source.")
  var json = false
  @OptionGroup var workers: WorkerOptions

  func validate() throws {
    if let asOf, CivilDate(asOf) == nil { throw ValidationError("--as-of is a day: YYYY-MM-DD") }
  }

  func run() async throws {
    try await Terminal.run { for path in manifests { try show(path) } }
  }

  private func show(_ path: String) throws {
    let writer = try ReviewWriter(manifestPath: path, plugins: workers.pluginFolders.names)
    var manifest = writer.source
    manifest.reviews = writer.folder?.history ?? .empty
    let policyPath = FilePaths.join(FilePaths.folder(of: path), manifest.policy)
    let policy = try PolicyFile.decode(
      InputFile.contents(of: policyPath, limit: YAMLReader.sizeLimit + 1),
      file: policyPath
    )
    let days = [manifest.input.collectedTo, manifest.license.from].compactMap { $0 }
    let day =
      asOf.flatMap { CivilDate($0) } ?? (days + manifest.reviews.reviews.map(\.on)).max()
      ?? manifest.input.collectedTo
    let inputs = DecisionInputs(manifest)
    let standings = inputs.entries.indices.map {
      (inputs.entries[$0].expression, inputs.standing(of: $0, policy: policy.policy, asOf: day))
    }
    if json {
      Terminal.print(json: [
        "source": .string(manifest.id), "asOf": .string(day.description),
        "reviews": .array(manifest.reviews.reviews.map(\.json)),
        "signers": .array(
          (writer.folder?.signers ?? []).map { .array($0.map(JSONValue.string)) }
        ),
        "pending": writer.folder?.pending?.review.json ?? .bool(false),
        "standing": .array(
          standings.map {
            [
              "license": .string($0.0), "status": .string($0.1.status.rawValue),
              "sentence": .string($0.1.sentence),
            ]
          }
        ),
      ])
      return
    }
    Terminal.print("source \(manifest.id), manifest sha256 \(manifest.digest.hex)")
    for (review, signers) in zip(manifest.reviews.reviews, writer.folder?.signers ?? []) {
      Terminal.print("  \(Terminal.escaped(Self.line(review)))")
      Terminal.print("     signed by \(Terminal.escaped(signers.joined(separator: ", ")))")
      if review.manifest != manifest.digest {
        Terminal.print("     voided: the manifest changed since")
      }
    }
    if let pending = writer.folder?.pending {
      Terminal.print("  \(Terminal.escaped(Self.line(pending.review)))")
      Terminal.print("     PENDING: more signatures are needed: ingest review sign \(path)")
    }
    if manifest.reviews.reviews.isEmpty, let own = manifest.inlineReview {
      Terminal.print(
        "  in the manifest: \(own.status.rawValue) by \(Terminal.escaped(own.by)) on \(own.on)"
      )
    } else if manifest.inlineReview != nil {
      Terminal.print("  the review in the manifest is ignored: there are signed ones")
    }
    for (license, standing) in standings {
      Terminal.print("  on \(day): \(license): \(Terminal.escaped(standing.sentence))")
    }
  }

  private static func line(_ review: Review) -> String {
    let rule = review.rule.map { ", rule \($0)" } ?? ""
    let licenses =
      review.scope.licenses.isEmpty ? "" : ", \(review.scope.licenses.joined(separator: ", "))"
    let end = review.expires.map { ", through \($0)" } ?? ""
    let reference = review.reference.map { " [\($0)]" } ?? ""
    return
      "\(review.sequence). \(review.on) \(review.status.rawValue)\(rule) by \(review.by) (\(review.scope.uses.map(\.rawValue).joined(separator: ", ")); \(review.scope.jurisdictions.joined(separator: ", "))\(licenses)\(end)): \(review.reason)\(reference)"
  }
}
