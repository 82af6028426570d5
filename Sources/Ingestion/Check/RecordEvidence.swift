public import CanonicalCoding
internal import Crypto
internal import Files
internal import Manifests

/// What a crawl wrote down with a committed page, read from its archive again and compared with what the leaf binds.
public struct RecordEvidence: Sendable {
  /// The source.
  public let source: String
  /// The manifest's file, by which the crawl's folder is found.
  public let manifestPath: String
  /// The page's address.
  public let address: String
  /// The evidence; docs/formats.md has its members.
  public let json: JSONValue

  /// Reads the evidence of a record.
  ///
  /// - Returns: `nil` for a record that no crawl of ours archived, a tombstone, or one that has no leaf.
  /// - Throws: `IngestError`: 65 when the archive has other evidence than was committed, 69 when it is gone.
  public static func read(
    of text: String,
    store: Store,
    options: SourcePlan.Options
  ) throws(IngestError) -> RecordEvidence? {
    let found = try ProofMaker(store).find(text)
    guard found.row.tombstone == nil,
      let descriptor = (try? JSONParser.parse(found.row.descriptor))?.object,
      let digest = descriptor["evidence"]?.object?["crawl"]?.text,
      let state = try store.state(of: found.source)
    else { return nil }
    let locator = CommittedReader.locator(found.row)
    do {
      let plan = try SourcePlan.load(
        state.manifestPath,
        options: options.reading(as: state.options) ?? options
      )
      guard let index = RecordCheck.input(of: locator, in: plan) else {
        throw IngestError(
          .unavailable,
          "\(locator): its archive is not among the inputs of \(state.manifestPath); restore it"
        )
      }
      let input = plan.configuration.inputs[index]
      var line: Inspection.Line?
      _ = try AsideReading(options).inspect(
        [input],
        plugin: plan.manifest.plugin,
        profile: .raw,
        textField: nil,
        from: try RecordCheck.start(of: locator, in: plan.inputs[index], folder: plan.folder),
        limit: 1
      ) { line = $0 }
      guard let line, line.locator == locator, let evidence = line.crawlEvidence,
        Hex.encode(SHA256.hash(data: Array(evidence.utf8))) == digest,
        let json = try? JSONParser.parse(Array(evidence.utf8))
      else {
        throw IngestError(
          .badData,
          "\(locator): its archive has other evidence than was committed (leaf \(found.index) of source '\(found.source)')"
        )
      }
      return RecordEvidence(
        source: found.source,
        manifestPath: state.manifestPath,
        address: line.name,
        json: json
      )
    } catch {
      throw IngestError(error)
    }
  }

  /// The evidence in sentences, one a step.
  public var steps: [String] { Self.steps(of: json) }

  static func steps(of json: JSONValue) -> [String] {
    guard let object = json.object else { return [] }
    func text(_ name: String) -> String { object[name]?.text ?? "" }
    var steps = ["fetched: \(text("at")) from \(text("peer")) by \(text("agent"))"]
    for address in object["via"]?.elements ?? [] {
      steps.append("redirected from: \(address.text ?? "")")
    }
    if let digest = object["tls"]?.text { steps.append("tls certificate: sha256 \(digest)") }
    for (name, answer) in (object["asked"]?.object?.members ?? [:]).sorted(by: { $0.key < $1.key })
    {
      let answer = answer.object
      let digest = answer?["sha256"]?.text.map { ", sha256 \($0)" } ?? ""
      steps.append(
        "asked: \(name): \(answer?["status"]?.text ?? "") at \(answer?["at"]?.text ?? "")\(digest)"
      )
    }
    let robots = object["robots"]?.object
    let rule =
      robots?["line"]?.text.map { "line \($0): \(robots?["rule"]?.text ?? "")" }
      ?? "no rule matches"
    steps.append("robots.txt: \(robots?["verdict"]?.text ?? ""), \(rule)")
    for signal in object["signals"]?.elements ?? [] {
      let signal = signal.object
      func part(_ name: String) -> String { signal?[name]?.text ?? "" }
      steps.append("signal: \(part("name")) in \(part("in")): \(part("text")): \(part("train"))")
    }
    steps.append("training, all signals together: \(text("train"))")
    return steps
  }
}
