internal import Algebra
internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Manifests
internal import ProofSystem
internal import Provenance
internal import Proving

/// `ingest prove provenance`: that everything a run read was committed and allowed.
struct ProveProvenanceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "provenance",
    abstract:
      "Prove that everything a training run read was committed and allowed, without showing what it was.",
    discussion: """
      Needs the run of 'ingest feed' and the links of 'ingest prove link'; ties the
      run's training tree once (S1T), then proves (S2). The bundle has all that
      'ingest verify' needs beside the combined manifest, the policy and keys.

      A claim is CLASS QUANTITY RANGE: quantities are records, bytes, words; a range
      is A..B, >=A, <=B or =A, for records also in percent of all examples. Classes
      follow from --by: 'total' has one, 'license' one for every expression that the
      policy allows, 'decision' has 'allow' and 'allow by waiver'.

      NOT SHOWN, whatever is claimed: that the declared sources tell the truth; that
      nothing else was used in training; that a license is valid in law; that a
      paraphrase is absent.

      EXAMPLES
        ingest prove provenance --receipt run --policy policies/default.policy \\
            --out proof.bin
        ingest prove provenance --receipt run --policy p.policy --by license \\
            --claim 'MIT records 20%..40%' --out proof.bin
        ingest prove provenance --receipt run --policy p.policy --explain \\
            --claim 'total words >=1000000'
      """
  )

  @Option(name: .long, help: "The run's folder, or its receipt.json.")
  var receipt: String
  @Option(name: .long, help: "The policy that the run was fed under.")
  var policy: String
  @Option(name: .long, help: "What makes a class: total, license or decision.")
  var by: String = ProvenanceClaim.Grouping.total.rawValue
  @Option(name: .long, help: "'CLASS records|bytes|words RANGE'; may be given several times.")
  var claim: [String] = []
  @Option(name: .long, help: "So often may one record be used, 1 to 15.")
  var maxUses: Int = 1
  @Option(name: .long, help: "Who asked for the proof; bound by it.")
  var audience: String = ""
  @Option(name: .long, help: "64 hexadecimal digits that the asker chose; bound by the proof.")
  var nonce: String?
  @Flag(
    name: .long,
    help: "Say in words what the proof will show and what not; without --out nothing is proven."
  )
  var explain = false
  @Option(name: .long, help: "The bundle's file.")
  var out: String?
  @Flag(name: .long, help: "One JSON object with figures.")
  var json = false
  @OptionGroup var prover: ProverOptions
  @OptionGroup var options: StoreOptions

  func validate() throws {
    guard ProvenanceClaim.Grouping(rawValue: by) != nil else {
      let names = ProvenanceClaim.Grouping.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--by is one of \(names)")
    }
    guard ProvenanceStatement.useLimits.contains(maxUses) else {
      throw ValidationError("--max-uses is 1 to 15")
    }
    guard nonce.map({ Hex.decode($0)?.count == 32 }) ?? true else {
      throw ValidationError("--nonce is 64 lower-case hexadecimal digits")
    }
    guard audience.utf8.count <= 1024 else {
      throw ValidationError("--audience has at most 1024 bytes")
    }
    guard explain || out != nil else {
      throw ValidationError("pass --out FILE, or --explain alone")
    }
  }

  /// Everything that follows from the arguments before a proof is made.
  struct Case {
    let run: FeedFolder
    let head: TrainingReceipt
    let links: LinkFolder
    let question: ProvenanceQuestion
    let claim: ProvenanceClaim
    let rows: [DecisionRow]
    let classes: [String]
    let ranges: [TotalRange]
    let context: ProofContext
  }

  func run() async throws {
    try await Terminal.run {
      let store = try options.open()
      let made = try prepare(store)
      let sourceCount = made.question.manifest.manifest.sources.count
      if explain {
        let groups = made.links.ranges.map {
          ProvenanceStatement.Group(root: [], count: Int($0.count))
        }
        let sentences = statement(made, groups, [.init(root: [], count: Int(made.head.count))])
          .sentences(
            context: made.context,
            claim: made.claim,
            classes: made.classes,
            sourceCount: sourceCount,
            policy: policyName(made)
          )
        Self.say(sentences, verb: "The proof will show:")
      }
      guard let out else { return }
      let start = ProcessUsage.monotonicSeconds
      let steps = SegmentProgress("training link")
      let maker = LinkMaker(
        store: store,
        profile: prover.chosenProfile,
        kernels: prover.kernels,
        done: steps.done
      )
      let order = try made.run.order(of: made.head)
      let training = try await maker.linkRun(made.run, made.head, order, like: made.links)
      steps.end()
      let linked = ProcessUsage.monotonicSeconds
      let bundle = try prove(made, training, order)
      let proved = ProcessUsage.monotonicSeconds
      let bytes = bundle.bytes
      do throws(ProvenanceError) {
        _ = try ProvenanceVerifier.verify(bytes, made.question)
      } catch {
        throw IngestError(
          .booksOpen,
          "our own verifier refuses the bundle: \(error); please report it"
        )
      }
      let verified = ProcessUsage.monotonicSeconds
      try DurableFile.write(bytes, to: out)
      report(
        bundle,
        bytes,
        milliseconds: [linked - start, proved - linked, verified - proved].map { Int($0 * 1000) }
      )
    }
  }

  private func policyName(_ made: Case) -> String {
    "\(made.question.policy.policy.id) \(made.question.policy.policy.version)"
  }

  static func say(_ sentences: ProvenanceSentences, verb: String) {
    Terminal.note(verb)
    for (index, line) in sentences.shown.enumerated() {
      Terminal.note("  \(index + 1). \(Terminal.escaped(line))")
    }
    Terminal.note("It hides:")
    for line in sentences.hidden { Terminal.note("  - \(line)") }
    Terminal.note("It does not show:")
    for line in sentences.notShown { Terminal.note("  - \(line)") }
    Terminal.note("(\(ProveCommand.caveat))")
  }

  private func report(_ bundle: ProvenanceBundle, _ bytes: [UInt8], milliseconds: [Int]) {
    let peak = ProcessUsage.current.peakBytes
    if json {
      Terminal.print(json: [
        "bytes": .count(bytes.count), "proofBytes": .count(bundle.proof.count),
        "links": .count(bundle.links.count), "trainingLinks": .count(bundle.trainingLinks.count),
        "trainingLinkMilliseconds": .count(milliseconds[0]),
        "proveMilliseconds": .count(milliseconds[1]),
        "verifyMilliseconds": .count(milliseconds[2]),
        "cpuMilliseconds": .count(UInt64(ProcessUsage.current.cpuSeconds * 1000)),
        "peakBytes": .count(peak), "profile": .string(prover.profile),
      ])
    } else {
      Terminal.note(
        "proved: \(bundle.receipt.count) examples; training link \(milliseconds[0]) ms, proof \(milliseconds[1]) ms, checked in \(milliseconds[2]) ms; \(bytes.count) bytes, \(bundle.proof.count) of them the provenance proof; peak \(peak >> 20) MiB; profile \(prover.profile); \(ProveCommand.caveat)"
      )
    }
  }
}
