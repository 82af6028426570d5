internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import ProofSystem
internal import Proving

/// `ingest prove --example`: the proof engine on statements of its own.
struct ProveExampleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "example",
    abstract: "Make a zero-knowledge proof with the proof engine's own example (the default).",
    discussion: """
      'range' draws secret numbers below 65536 and proves that they have the sum
      that is printed, and nothing else about them. 'permutations' and 'provenance'
      are tables to measure the engine with. None says anything about a registry.

      EXAMPLES
        ingest prove --example range > range.proof.json
        ingest prove --example range --count 8000 --profile KB5-UD128-L1 \\
          --out range.proof.json
        ingest verify range.proof.json
        ingest prove --example provenance --count 100000 \\
          --profile KB5-UD128-W --out shape.json
      """
  )

  @Option(name: .long, help: "The statement: range, permutations or provenance.")
  var example: String
  @Option(
    name: .long,
    help: "So many secret numbers, permutations or records; range takes up to 8192."
  )
  var count: Int = 1000
  @Option(
    name: .long,
    help: "KB5-UD100-L1, KB5-UD128-L1, KB5-UD128-W, KB5-JB100-W or KB5-JB128-W."
  )
  var profile: String = Profile.uniqueDecoding100.name
  @Option(name: .long, help: "Threads; by default one a processor. No byte depends on it.")
  var workers: Int?
  @Flag(
    name: .long,
    help:
      "Say what the proof will show and what it hides, and check the witness rule by rule first."
  )
  var explain = false
  @Flag(
    name: .long,
    help:
      "Make codewords twice instead of keeping them: half the memory, 10 to 40 % more computing."
  )
  var lowMemory = false
  @Option(name: .long, help: "A file for the proof, instead of standard output.")
  var out: String?

  func validate() throws {
    _ = try ExampleStatement.parse(example, count: count)
    guard (workers ?? 1) > 0 else { throw ValidationError("--workers is 1 or more") }
    guard Profile(rawValue: profile) != nil else {
      let names = Profile.allCases.map(\.name).joined(separator: ", ")
      throw ValidationError("--profile is one of \(names)")
    }
  }

  func run() async throws {
    try await Terminal.run {
      let profile = Profile(rawValue: profile) ?? .uniqueDecoding100
      let example = try ExampleStatement.parse(example, count: count)
      var kernels = ProverKernels.best(workerCount: workers ?? ProcessUsage.processorCount)
      if lowMemory { kernels.codewords = .remade }
      let (witness, sum) = ExampleWitness.random(example, count: count, kernels: kernels)
      let statement = example.statement(count: count, sum: sum, profile: profile)
      if explain { try Self.explain(statement, witness) }
      let start = ProcessUsage.monotonicSeconds
      let proof: Prover.Result
      do throws(Prover.Failure) {
        proof = try Prover.prove(statement, witness, kernels: kernels)
      } catch {
        throw IngestError(.booksOpen, "the example cannot be proven: \(error)")
      }
      let seconds = ProcessUsage.monotonicSeconds - start
      let file = ExampleProofFile(
        example,
        count: count,
        sum: sum,
        profile: profile,
        proof: proof.bytes
      )
      let bytes = CanonicalJSON.encode(file.json) + [0x0A]
      if let out { try DurableFile.write(bytes, to: out) } else { Terminal.print(bytes) }
      let milliseconds = Int((seconds * 1000).rounded())
      let size = "\(proof.bytes.count) bytes in \(milliseconds) ms"
      let peak = ProcessUsage.current.peakBytes >> 20
      Terminal.note(
        "proved: \(file.claim); \(size), peak \(peak) MiB; profile \(profile.name); \(ProveCommand.caveat)"
      )
    }
  }

  /// What the statement says, in words, and the slow check of the witness.
  private static func explain(_ statement: Statement, _ witness: [TableWitness]) throws {
    Terminal.note(
      "The proof will show that somebody knows values for these tables that obey every rule:"
    )
    for table in statement.tables {
      Terminal.note(
        "  \(table.name): \(table.activeRowCount) rows of \(table.columns.count) secret columns, \(table.constraints.count) rules, \(table.messages.count) messages a row"
      )
    }
    let soundness = Soundness(statement)
    let bits = (soundness.bits * 10).rounded(.down) / 10
    Terminal.note("It hides the values. Everybody sees the tables' sizes and the proof's length.")
    Terminal.note(
      "A false statement passes with a chance of 2^-\(bits) a try: \(soundness.regime); \(ProveCommand.caveat)."
    )
    do throws(WitnessError) {
      try WitnessCheck.run(statement.tables, witness)
    } catch {
      throw IngestError(.booksOpen, "the witness breaks the statement: \(error)")
    }
    Terminal.note("The witness obeys every rule in every row, and every bus balances.")
  }
}

extension ExampleStatement {
  /// The example of a name, with a size that it takes.
  static func parse(_ name: String, count: Int) throws -> ExampleStatement {
    guard let example = ExampleStatement(rawValue: name) else {
      let names = allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--example is one of \(names)")
    }
    guard example.counts.contains(count) else {
      throw ValidationError("--count is 1 to \(example.counts.upperBound) for \(name)")
    }
    return example
  }
}
