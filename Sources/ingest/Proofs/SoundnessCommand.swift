internal import ArgumentParser
internal import CanonicalCoding
internal import ProofSystem

/// `ingest soundness`: what an attacker's chance is, term by term.
struct SoundnessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "soundness",
    abstract: "Print the soundness calculator's table for one of the proof engine's examples.",
    discussion: """
      EXAMPLES
        ingest soundness
        ingest soundness --profile KB5-UD128-L1 --count 8000 --json
        ingest soundness --profile KB5-JB128-W --example provenance --count 1000000
      """
  )

  @Option(name: .long, help: "One profile; by default all.")
  var profile: String?
  @Option(name: .long, help: "The statement: range, permutations or provenance.")
  var example: String = ExampleStatement.range.rawValue
  @Option(name: .long, help: "So many numbers, permutations or records; range takes up to 8192.")
  var count: Int = 1000
  @Flag(name: .long, help: "One JSON object.")
  var json = false

  func validate() throws {
    _ = try ExampleStatement.parse(example, count: count)
    if let profile, Profile(rawValue: profile) == nil {
      let names = Profile.allCases.map(\.name).joined(separator: ", ")
      throw ValidationError("--profile is one of \(names)")
    }
  }

  func run() async throws {
    try await Terminal.run {
      let profiles = profile.flatMap(Profile.init(rawValue:)).map { [$0] } ?? Profile.allCases
      let example = try ExampleStatement.parse(example, count: count)
      var list: [JSONValue] = []
      for profile in profiles {
        let statement = example.statement(count: count, sum: 0, profile: profile)
        let soundness = Soundness(statement)
        if json {
          list.append(Self.json(profile, soundness))
        } else {
          Self.print(profile, soundness)
        }
      }
      if json { Terminal.print(json: ["profiles": .array(list)]) }
    }
  }

  private static func rounded(_ bits: Double) -> String { "\((bits * 10).rounded(.down) / 10)" }

  private static func print(_ profile: Profile, _ soundness: Soundness) {
    Terminal.print("\(profile.name): \(soundness.regime), target \(profile.targetBits) bits")
    for term in soundness.terms {
      let bits = rounded(term.bits)
      let space = String(repeating: " ", count: max(0, 7 - bits.count))
      let work = term.workBits > 0 ? ", \(term.workBits) of it work" : ""
      Terminal.print("  \(space)\(bits)  \(term.name) (\(term.status.rawValue)\(work))")
    }
    Terminal.print(
      "  the smallest term has \(rounded(soundness.bits)) bits; \(ProveCommand.caveat)"
    )
  }

  private static func json(_ profile: Profile, _ soundness: Soundness) -> JSONValue {
    [
      "profile": .string(profile.name), "regime": .string(soundness.regime),
      "target": .string(String(profile.targetBits)), "bits": .string(rounded(soundness.bits)),
      "queries": .string(String(soundness.queryCount)),
      "terms": .array(
        soundness.terms.map {
          [
            "name": .string($0.name), "bits": .string(rounded($0.bits)),
            "work": .string(String($0.workBits)), "status": .string($0.status.rawValue),
          ]
        }
      ),
    ]
  }
}
