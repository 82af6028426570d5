internal import ArgumentParser
internal import Files
internal import Ingestion
internal import ProofSystem
internal import Proving

/// `ingest prove`: zero-knowledge proofs over a registry, and the engine's examples.
struct ProveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "Make zero-knowledge proofs: links, provenance, or the engine's examples.",
    discussion: """
      EXAMPLES
        ingest prove link
        ingest prove provenance --receipt run \\
          --policy policies/default.policy --out proof.bin
        ingest prove --example range > range.proof.json
      """,
    subcommands: [
      ProveLinkCommand.self, ProveProvenanceCommand.self, ProveExampleCommand.self,
    ],
    defaultSubcommand: ProveExampleCommand.self
  )

  /// What every output of the engine says.
  static let caveat = "zero knowledge and soundness by own analysis, not externally reviewed"
}

/// What all provers over a registry are told.
struct ProverOptions: ParsableArguments {
  @Option(name: .long, help: "KB5-UD100-L1, KB5-UD128-L1, KB5-UD128-W, KB5-JB100-W or KB5-JB128-W.")
  var profile: String = Profile.uniqueDecoding128.name
  @Option(name: .long, help: "Threads; by default one a processor. No byte depends on it.")
  var workers: Int?
  @Flag(
    name: .long,
    help: "Make codewords twice instead of keeping them: less memory, 10 to 40 % more computing."
  )
  var lowMemory = false

  func validate() throws {
    guard (workers ?? 1) > 0 else { throw ValidationError("--workers is 1 or more") }
    guard Profile(rawValue: profile) != nil else {
      let names = Profile.allCases.map(\.name).joined(separator: ", ")
      throw ValidationError("--profile is one of \(names)")
    }
  }

  var chosenProfile: Profile { Profile(rawValue: profile) ?? .uniqueDecoding128 }

  var kernels: ProverKernels {
    var kernels = ProverKernels.best(workerCount: workers ?? ProcessUsage.processorCount)
    if lowMemory { kernels.codewords = .remade }
    return kernels
  }
}

extension IngestError {
  /// A folder of links that cannot be used.
  init(_ failure: LinkFolder.Failure, missing advice: String) {
    switch failure {
    case .file(let error):
      self = error.isMissing ? IngestError(.unavailable, advice) : IngestError(error)
    case .damaged(let path):
      self.init(
        .badData,
        "\(path): is not what was written there; remove its folder and link again"
      )
    case .other(let path):
      self.init(
        .usage,
        "\(path): links with another segment size or subject are here; remove the folder to link anew"
      )
    }
  }

  /// A prover that gives up.
  init(_ failure: Prover.Failure) {
    switch failure {
    case .statement(.soundnessCondition):
      self.init(.usage, "the statement does not reach the profile's target; choose another profile")
    case .statement(let rule):
      self.init(
        .badData,
        "the public inputs do not belong together (\(rule.rawValue)); run ingest fsck"
      )
    case .witness(let error):
      self.init(.badData, "the data break the statement: \(error); run ingest fsck")
    case .budgetExhausted, .group(.ledger):
      self.init(
        .refused,
        "a group has shown as much as it can hide (budgetExhausted); remove its link folder and link anew"
      )
    case .group(.damaged), .group(.otherColumns):
      self.init(
        .badData,
        "a group's state file does not fit its columns; remove the folder and link anew"
      )
    case .group(.file(let error)): self.init(error)
    case .rankDeficient, .refused:
      self.init(.booksOpen, "the prover failed (\(failure)); please report it")
    }
  }
}
