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
      Needs the run of 'ingest feed' and the links of 'ingest prove link'; ties the run's training tree once (S1T), then
      proves (S2). The bundle has all that 'ingest verify' needs beside the combined manifest, the policy and keys.

      A claim is CLASS QUANTITY RANGE: quantities are records, bytes, words; a range is A..B, >=A, <=B or =A, for records
      also in percent of all examples. Classes follow from --by: 'total' has one, 'license' one for every expression that
      the policy allows, 'decision' has 'allow' and 'allow by waiver'.

      NOT SHOWN, whatever is claimed: that the declared sources tell the truth; that nothing else was used in training;
      that a license is valid in law; that a paraphrase is absent.

      EXAMPLES
        ingest prove provenance --receipt run --policy policies/default.policy --out proof.bin
        ingest prove provenance --receipt run --policy p.policy --by license --claim 'MIT records 20%..40%' --out proof.bin
        ingest prove provenance --receipt run --policy p.policy --claim 'total words >=1000000' --explain
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
  private struct Case {
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
      let training = try maker.linkRun(made.run, made.head, order, like: made.links)
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

  // MARK: parts

  private func prepare(_ store: Store) throws -> Case {
    let run = FeedFolder(receipt.hasSuffix(".json") ? FilePaths.folder(of: receipt) : receipt)
    let head = try run.receipt()
    let manifest = try VerifiedManifest(store.signedCommit(ofEpoch: head.epoch).commit)
    let file = try PolicyFile.decode(
      InputFile.contents(of: policy, limit: YAMLReader.sizeLimit + 1),
      file: policy
    )
    let manifests = try manifest.manifest.sources.map { source in
      guard
        let record = try SourceRecord.load(source.id, from: store, plugins: Ingest.plugins),
        record.commitment.manifestDigest == source.manifestDigest
      else {
        throw IngestError(
          .unavailable,
          "the manifest of source '\(source.id)' in epoch \(head.epoch) is not in the store any more"
        )
      }
      return record.manifest
    }
    let question = ProvenanceQuestion(
      manifest: manifest,
      policy: file,
      table: DecisionTable(manifests: manifests, policy: file.policy, asOf: head.asOf),
      audience: Array(audience.utf8),
      nonce: nonce.flatMap(Hex.decode) ?? [UInt8](repeating: 0, count: 32)
    )
    var claim = ProvenanceClaim(
      grouping: ProvenanceClaim.Grouping(rawValue: by) ?? .total,
      useLimit: maxUses
    )
    let (rows, classes) = DecisionRow.rows(
      question.table,
      sources: manifest.manifest.sources.map(\.id),
      on: head.asOf,
      by: claim.grouping
    )
    let ranges: [TotalRange]
    let context: ProofContext
    do {
      for text in self.claim {
        let (subject, range) = try ProvenanceClaim.range(text, exampleCount: head.count)
        guard claim.ranges.updateValue(range, forKey: subject) == nil else {
          throw IngestError(
            .usage,
            "--claim: \(subject.name) \(subject.quantity.rawValue) is claimed twice; write one range"
          )
        }
      }
      ranges = try claim.ranges(of: classes)
      context = try ProofContext(
        manifest: manifest,
        receipt: head,
        policy: file,
        table: question.table
      )
    } catch let error as ProvenanceClaim.FormError {
      throw IngestError(.usage, "--claim: \(error)")
    } catch let error as ProvenanceError {
      throw IngestError(.badData, error.description)
    }
    let links: LinkFolder
    do throws(LinkFolder.Failure) {
      links = try LinkFolder(
        reading: LinkMaker.folder(store, epoch: head.epoch, prover.chosenProfile),
        kind: .registry
      )
    } catch {
      throw IngestError(
        error,
        missing:
          "epoch \(head.epoch) is not linked under \(prover.profile); run ingest prove link --profile \(prover.profile)"
      )
    }
    guard links.subject == manifest.digest.hex,
      links.ranges.indices.allSatisfy({ links.isComplete($0) })
    else {
      throw IngestError(
        .unavailable,
        "the links of epoch \(head.epoch) are not complete; run ingest prove link --profile \(prover.profile)"
      )
    }
    return Case(
      run: run,
      head: head,
      links: links,
      question: question,
      claim: claim,
      rows: rows,
      classes: classes,
      ranges: ranges,
      context: context
    )
  }

  private func statement(
    _ made: Case,
    _ registry: [ProvenanceStatement.Group],
    _ training: [ProvenanceStatement.Group]
  ) -> ProvenanceStatement {
    ProvenanceStatement(
      context: made.context,
      registryGroups: registry,
      trainingGroups: training,
      useLimit: made.claim.useLimit,
      decisions: made.rows,
      ranges: made.ranges,
      profile: prover.chosenProfile,
      code: made.links.code,
      audience: made.question.audience,
      nonce: made.question.nonce
    )
  }

  /// The secret columns of a folder's segments, their groups, and the links.
  private func open(
    _ folder: LinkFolder
  ) throws -> (columns: [LeafColumns], groups: [ReusableGroup], links: [ProvenanceBundle.Link]) {
    var found: (columns: [LeafColumns], groups: [ReusableGroup], links: [ProvenanceBundle.Link]) =
      ([], [], [])
    for index in folder.ranges.indices {
      do {
        let (columns, leaves) = try folder.columns(index)
        found.columns.append(columns)
        found.links.append(try folder.link(index))
        found.groups.append(
          try ProvenanceProver.group(
            columns,
            leaves: leaves,
            state: folder.statePath(index),
            kernels: prover.kernels
          )
        )
      } catch let error as ReusableGroup.Failure {
        throw IngestError(Prover.Failure.group(error))
      } catch let error as LinkFolder.Failure {
        throw IngestError(
          error,
          missing: "a linked segment is gone; remove the folder and link anew"
        )
      }
    }
    return found
  }

  private func prove(
    _ made: Case,
    _ training: LinkFolder,
    _ order: [FeedFolder.Entry]
  ) throws -> ProvenanceBundle {
    let registry = try open(made.links)
    let examples = try open(training)
    let uses = made.links.ranges.map { WordBuffer(zeros: Int($0.count)) }
    var firsts: [UInt64] = [0]
    for source in made.question.manifest.manifest.sources {
      firsts.append((firsts.last ?? 0) + source.size)
    }
    let limit = Int(made.links.ranges[0].count)
    for entry in order {
      guard entry.source < firsts.count - 1 else {
        throw IngestError(
          .badData,
          "\(made.run.path): the order names a source that the epoch has not"
        )
      }
      let place = Int(firsts[entry.source] + entry.leaf)
      guard place / limit < uses.count, place % limit < uses[place / limit].count else {
        throw IngestError(
          .badData,
          "\(made.run.path): the order names a record that the epoch has not"
        )
      }
      uses[place / limit][place % limit] += 1
    }
    func groups(
      _ links: [ProvenanceBundle.Link],
      _ ranges: [Range<UInt64>]
    ) -> [ProvenanceStatement.Group] {
      zip(links, ranges).map { ProvenanceStatement.Group(root: $0.root, count: Int($1.count)) }
    }
    let statement = statement(
      made,
      groups(registry.links, made.links.ranges),
      groups(examples.links, training.ranges)
    )
    let proof: [UInt8]
    do throws(ProvenanceProver.Failure) {
      proof = try ProvenanceProver.prove(
        statement,
        ProvenanceWitness(
          registry: registry.columns,
          uses: uses,
          training: examples.columns
        ),
        groups: registry.groups + examples.groups,
        kernels: prover.kernels
      )
    } catch {
      throw explained(error, made, firsts: firsts, limit: limit)
    }
    return ProvenanceBundle(
      profile: prover.chosenProfile,
      code: made.links.code,
      receipt: made.head,
      claim: made.claim,
      links: registry.links,
      trainingLinks: examples.links,
      proof: proof
    )
  }

  /// The trainer sees which record it is; nobody else does.
  private func explained(
    _ failure: ProvenanceProver.Failure,
    _ made: Case,
    firsts: [UInt64],
    limit: Int
  ) -> IngestError {
    func name(_ segment: Int, _ row: Int) -> String {
      let place = UInt64(segment * limit + row)
      let source = max(0, (firsts.firstIndex { $0 > place } ?? 1) - 1)
      let id = made.question.manifest.manifest.sources[source].id
      return "\(id):\(place - firsts[source])"
    }
    switch failure {
    case .notAllowed(let segment, let row):
      return IngestError(
        .refused,
        "record \(name(segment, row)) was used, and policy \(policy) does not allow it on \(made.head.asOf); ingest explain \(name(segment, row)) says why"
      )
    case .usedTooOften(let segment, let row, let uses):
      return IngestError(
        .refused,
        "record \(name(segment, row)) was used \(uses) times; pass --max-uses \(uses) to claim that much"
      )
    case .outsideRange(let index, let quantity, let total):
      let subject = "\(made.classes[index]) \(ProvenanceClaim.Quantity.allCases[quantity].rawValue)"
      return IngestError(
        .refused,
        "the claim is false: \(subject) is \(total), outside of the range that is claimed"
      )
    case .prover(let failure): return IngestError(failure)
    }
  }
}
