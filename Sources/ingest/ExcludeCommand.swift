internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Manifests
internal import Merkle
internal import Normalization
internal import SourceAPI

/// `ingest exclude`: opt-outs, withdrawals and erasures.
struct ExcludeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exclude",
    abstract:
      "Leave records out by request: signed exclusion, next epoch with tombstones, and a proof for whoever asked.",
    discussion: """
      Finds the records by the digest of their normal form, by a text that has it, by
      address, host or locator; writes a signed exclusion beside each manifest; reads the
      sources again and makes tombstones; signs the next epoch; and writes an answer that
      ingest verify checks: committed before, tombstoned now, absent. Exactly equal normal
      forms alone are found: a copy that differs in one letter is another record.

      EXAMPLES
        ingest exclude --file letter.txt --reason erasure --reference GDPR-31 \\
          --received 2026-11-20 --answer answer.json
        ingest exclude --host '*.example.org' --reason opt-out --reference TKT-9 \\
          --received 2026-11-20 --source crawl --answer answer.json
        ingest verify answer.json --key registry.pem
      """
  )
  @Option(name: .long, help: "The address of a record, as its source writes it.")
  var url: String?
  @Option(name: .long, help: "The SHA-256 of a normal form, 64 hexadecimal digits.")
  var sha256: String?
  @Option(name: .long, help: "A host, or *.HOST for it and all below.")
  var host: String?
  @Option(name: .long, help: "A file with the text; its normal forms are looked for.")
  var file: String?
  @Option(name: .long, help: "The locator of a record.")
  var locator: String?
  @Option(name: .long, help: "opt-out, erasure, withdrawal, expired, policy or other.")
  var reason: String
  @Option(name: .long, help: "A ticket, a file number.")
  var reference: String
  @Option(name: .long, help: "The day on which the request came in, YYYY-MM-DD.")
  var received: String
  @Option(name: .long, help: "A source that is asked; may be given several times. By default all.")
  var source: [String] = []
  @Option(name: .long, help: "The file for the answer; by default standard output.")
  var answer: String?
  @Option(name: .long, help: "Sign with this key of the store; by default all.")
  var key: [String] = []
  @Option(name: [.short, .long], help: "Workers that normalize and hash.")
  var jobs: Int = 1
  @OptionGroup var store: StoreOptions
  @OptionGroup var workers: WorkerOptions

  func validate() throws {
    guard [url, sha256, host, file, locator].compactMap(\.self).count == 1 else {
      throw ValidationError("name exactly one of --url, --sha256, --host, --file, --locator")
    }
    if let sha256, SHA256Hash(hex: sha256) == nil {
      throw ValidationError("--sha256 is 64 lower-case hexadecimal digits")
    }
    guard ExclusionReason(rawValue: reason) != nil else {
      throw ValidationError(
        "--reason \(reason) is none of \(ExclusionReason.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
    guard CivilDate(received) != nil else {
      throw ValidationError("--received is a day: YYYY-MM-DD")
    }
  }

  func run() async throws {
    try await Terminal.run {
      guard let day = CivilDate(received), let reason = ExclusionReason(rawValue: reason) else {
        throw IngestError(.usage, "--received or --reason")
      }
      let store = try Store(store.folder, isWriter: true)
      var options = Registry.Options()
      options.keys = key
      options.jobs = jobs
      options.provesAbsence = true
      options.plan = workers.options()
      let desk = ExclusionDesk(Registry(store: store, plugins: Ingest.plugins, options: options))
      let outcome = try desk.carryOut(
        ExclusionDesk.Request(
          matches: try matches(),
          reason: reason,
          reference: reference,
          received: day,
          sources: source
        )
      )
      let bytes = CanonicalJSON.encode(outcome.answer.json) + [0x0A]
      if let answer {
        try DurableFile.write(bytes, to: answer)
        say(outcome, store, answer)
      } else {
        Terminal.print(bytes)
      }
    }
  }

  private func say(_ outcome: ExclusionDesk.Outcome, _ store: Store, _ path: String) {
    for (source, leaf) in outcome.found {
      Terminal.print("record \(leaf) of source '\(source)' is a tombstone now")
    }
    if outcome.found.isEmpty {
      Terminal.print("no committed record is what was asked for; nothing was removed")
    }
    for proof in outcome.answer.absent {
      let holders = (try? AbsenceMaker(store).holders(of: proof)) ?? []
      for holder in holders {
        Terminal.note(
          "ingest: source '\(holder)' still holds content \(proof.contentDigest.hex); ask it too: --source \(holder)"
        )
      }
    }
    Terminal.print(
      outcome.isNew ? "epoch \(outcome.epoch) is signed" : "epoch \(outcome.epoch) stays the newest"
    )
    Terminal.print("\(path): the answer; whoever asked checks it with ingest verify")
  }

  /// What is looked for.
  private func matches() throws -> [Exclusion.Match] {
    if let url { return [.address(url)] }
    if let host { return [.host(host.lowercased())] }
    if let locator { return [.locator(locator)] }
    if let digest = sha256.flatMap(SHA256Hash.init(hex:)) { return [.contentDigest(digest)] }
    guard let file else { return [] }
    let bytes = try InputFile.contents(of: file, limit: DecodeBudget().heldBytes)
    let type = MediaType.ofName(file) ?? MediaType.sniff(bytes[...])
    var digests: Set<SHA256Hash> = [.of(bytes)]
    for profile in [NormalizationProfile.Name.text, .html] {
      let form = try? AsideReading(workers.options()).normalize(
        bytes,
        mediaType: type,
        charset: nil,
        profile: profile,
        place: file
      )
      if let form { digests.insert(.of(form)) }
    }
    return digests.sorted().map { .contentDigest($0) }
  }
}
