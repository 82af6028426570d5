internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Manifests

/// How an epoch is signed and what is said about it, for commands that make one.
struct ResultOptions: ParsableArguments {
  @Flag(name: .long, help: "No progress; errors and the result only.")
  var quiet = false
  @Flag(
    name: .long,
    help: "One JSON object with every source commitment and the combined manifest."
  )
  var json = false
  @Option(name: .long, help: "Sign although up to this many records of a source are rejected.")
  var allowRejected: UInt64 = 0
  @Option(
    name: .long,
    help: "Sign although up to this many records of a source have no license (NOASSERTION, NONE)."
  )
  var allowUnlicensed: UInt64 = 0
  @Option(name: .long, help: "The day on which the policy decides, YYYY-MM-DD.")
  var asOf: String?
  @Option(name: .long, help: "The time that the manifest states, YYYY-MM-DDTHH:MM:SSZ.")
  var created: String?
  @Option(
    name: .long,
    help: "Sign with this key of the store; may be given several times. By default all."
  )
  var key: [String] = []

  @Flag(
    name: .long,
    help:
      "Commit to the sorted digests of all live records, so that absence can be proved; later epochs do so too."
  )
  var absence = false

  func validate() throws {
    if let asOf, CivilDate(asOf) == nil { throw ValidationError("--as-of is a day: YYYY-MM-DD") }
    if let created,
      created.utf8.count != 20 || !created.hasSuffix("Z") || CivilDate(created.prefix(10)) == nil
    {
      throw ValidationError("--created is a time: YYYY-MM-DDTHH:MM:SSZ")
    }
  }

  /// What a registry is told.
  func registryOptions() throws -> Registry.Options {
    var options = Registry.Options()
    options.allowedRejections = allowRejected
    options.allowedUnlicensed = allowUnlicensed
    options.asOf = asOf.flatMap { CivilDate($0) }
    options.created = created
    options.keys = key
    options.provesAbsence = absence
    return options
  }

  /// Says what came of a run.
  func print(_ outcome: Registry.Outcome) {
    if let key = outcome.newKey, !quiet {
      Terminal.note(
        "made the signing key 'registry' (\(key.identifier.prefix(16))…); its public half is \(key.path)"
      )
    }
    if json { printJSON(outcome) } else { printText(outcome) }
  }

  private func printJSON(_ outcome: Registry.Outcome) {
    let manifest = outcome.epoch.manifest
    Terminal.print(json: [
      "sources": .array(outcome.scanned.map(\.commitment.json)),
      "combined": manifest.combined.json, "counts": manifest.manifest.counts.json,
      "epoch": .count(manifest.manifest.epoch), "commitSha256": .string(manifest.digest.hex),
      "unchanged": .bool(outcome.epoch.isUnchanged),
      "signatures": .count(outcome.epoch.envelope.signatures.count),
      "folder": .string(outcome.epoch.folder),
    ])
  }

  private func printText(_ outcome: Registry.Outcome) {
    let manifest = outcome.epoch.manifest
    if !quiet {
      for record in outcome.scanned {
        let commitment = record.commitment
        Terminal.print("source \(commitment.id)  version \(commitment.version)")
        Terminal.print("  size           \(commitment.size)")
        Terminal.print("  sha256Root     \(commitment.sha256Root.hex)")
        Terminal.print("  poseidon2Root  \(commitment.poseidon2Root.hex)")
        for license in commitment.licenses {
          Terminal.print("  license        \(license.expression)  \(license.records) records")
        }
      }
      let change = outcome.epoch.isUnchanged ? ", unchanged" : ""
      Terminal.print(
        "combined, epoch \(manifest.manifest.epoch)\(change): \(manifest.manifest.sources.count) sources, \(manifest.manifest.counts.records) records, signed by \(outcome.epoch.envelope.signatures.count), as of \(manifest.manifest.policy.asOf)"
      )
      Terminal.print("  sha256Root     \(manifest.combined.sha256.hex)")
      Terminal.print("  poseidon2Root  \(manifest.combined.poseidon2.hex)")
      Terminal.print(
        "  commit file    \(FilePaths.join(outcome.epoch.folder, EpochBuilder.commitName))  sha256 \(manifest.digest.hex)"
      )
    }
    for record in outcome.scanned {
      let counts = record.commitment.counts
      Terminal.print(
        "\(record.commitment.id) records \(counts.records) rejected \(counts.rejected) excluded \(counts.excludedTotal) skipped \(counts.skipped) sha256Root \(record.commitment.sha256Root.hex)"
      )
    }
  }
}
