internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import ProofSystem
internal import Proving

/// `ingest prove`: the proof engine on its example; statements over a registry come with their issue.
struct ProveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "Make a zero-knowledge proof with the proof engine's own example.",
    discussion: """
      The example 'range' draws secret numbers below 65536 and proves that they have the sum that is
      printed, and nothing else about them. It says nothing about a registry: it lets you try the engine.

      EXAMPLES
        ingest prove --example range > range.proof.json
        ingest prove --example range --count 8000 --profile KB5-UD128-L1 --out range.proof.json
        ingest verify range.proof.json
      """
  )

  /// What every output of the engine says.
  static let caveat = "zero knowledge and soundness by own analysis, not externally reviewed"

  @Option(name: .long, help: "The statement: range.")
  var example: String
  @Option(name: .long, help: "So many secret numbers, 1 to 8192.")
  var count: Int = 1000
  @Option(name: .long, help: "KB5-UD100-L1 or KB5-UD128-L1.")
  var profile: String = Profile.uniqueDecoding100.name
  @Option(name: .long, help: "A file for the proof, instead of standard output.")
  var out: String?

  func validate() throws {
    guard example == "range" else { throw ValidationError("the example is: range") }
    guard (1...RangeExample.countLimit).contains(count) else {
      throw ValidationError("--count is 1 to \(RangeExample.countLimit)")
    }
    guard Profile(rawValue: profile) != nil else {
      let names = Profile.allCases.map(\.name).joined(separator: ", ")
      throw ValidationError("--profile is one of \(names)")
    }
  }

  func run() async throws {
    try await Terminal.run {
      let profile = Profile(rawValue: profile) ?? .uniqueDecoding100
      var system = SystemRandomNumberGenerator()
      let values = (0..<count).map { _ in UInt16.random(in: 0...UInt16.max, using: &system) }
      let sum = values.reduce(0) { $0 + UInt64($1) }
      let statement = RangeExample.statement(count: count, sum: sum, profile: profile)
      let start = ProcessUsage.monotonicSeconds
      let proof: Prover.Result
      do throws(Prover.Failure) {
        proof = try Prover.prove(
          statement,
          RangeExample.witness(values),
          kernels: .best(workerCount: ProcessUsage.processorCount)
        )
      } catch {
        throw IngestError(.booksOpen, "the example cannot be proven: \(error)")
      }
      let seconds = ProcessUsage.monotonicSeconds - start
      let file = ExampleProofFile(count: count, sum: sum, profile: profile, proof: proof.bytes)
      let bytes = CanonicalJSON.encode(file.json) + [0x0A]
      if let out { try DurableFile.write(bytes, to: out) } else { Terminal.print(bytes) }
      Terminal.note(
        "proved: \(count) numbers below 65536 with the sum \(sum); \(proof.bytes.count) bytes in \(Int((seconds * 1000).rounded())) ms; profile \(profile.name); \(Self.caveat)"
      )
    }
  }
}
