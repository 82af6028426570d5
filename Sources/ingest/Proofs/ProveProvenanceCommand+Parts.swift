internal import Algebra
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Manifests
internal import ProofSystem
internal import Provenance
internal import Proving

/// What the command does one after the other: read and judge, open the linked columns, prove.
extension ProveProvenanceCommand {
  func prepare(_ store: Store) throws -> Case {
    let run = FeedFolder(receipt.hasSuffix(".json") ? FilePaths.folder(of: receipt) : receipt)
    let head = try run.receipt()
    guard head.count <= ProvenanceStatement.rowLimit else {
      throw IngestError(
        .usage,
        "the run has \(head.count) examples; one proof speaks of at most \(ProvenanceStatement.rowLimit)"
      )
    }
    let manifest = try VerifiedManifest(store.signedCommit(ofEpoch: head.epoch).commit)
    let file = try PolicyFile.decode(
      InputFile.contents(of: policy, limit: YAMLReader.sizeLimit + 1),
      file: policy
    )
    let reviews = try store.reviews(ofEpoch: head.epoch)
    let manifests = try manifest.manifest.sources.map { source in
      guard
        var record = try SourceRecord.load(source.id, from: store),
        record.commitment.manifestDigest == source.manifestDigest
      else {
        throw IngestError(
          .unavailable,
          "the manifest of source '\(source.id)' in epoch \(head.epoch) is not in the store any more"
        )
      }
      record.manifest.reviews = reviews[source.id] ?? .empty
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

  func statement(
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
    do {
      for (index, (columns, leaves)) in try folder.allColumns(prover.kernels).enumerated() {
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
      }
    } catch let error as ReusableGroup.Failure {
      throw IngestError(Prover.Failure.group(error))
    } catch let error as LinkFolder.Failure {
      throw IngestError(error, missing: "a linked segment is gone; remove the folder and link anew")
    }
    return found
  }

  func prove(
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
      guard entry.leaf < firsts[entry.source + 1] - firsts[entry.source] else {
        throw IngestError(
          .badData,
          "\(made.run.path): the order names a record that the epoch has not"
        )
      }
      let place = Int(firsts[entry.source] + entry.leaf)
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
