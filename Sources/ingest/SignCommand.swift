internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Manifests

/// `ingest sign`: one more signature under an epoch.
struct SignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Add a signature to the newest epoch, or to the one that is named.",
    discussion: """
      The commit file is checked before it is signed: form, books, both combined
      roots.

      EXAMPLES
        ingest sign --key legal
        ingest sign --key legal --epoch 3
      """
  )

  @Option(name: .long, help: "The name of a key of the store.")
  var key: String
  @Option(name: .long, help: "The epoch; by default the newest.")
  var epoch: UInt64?
  @OptionGroup var options: StoreOptions

  func run() async throws {
    try await Terminal.run {
      let store = try Store(options.folder, isWriter: true)
      let number = try epoch ?? store.latestEpoch()
      let signed = try store.signedCommit(ofEpoch: number)
      let manifest = try VerifiedManifest(signed.commit)
      try CommitStatement(signed.envelope.payload).check(manifest)
      var envelope = signed.envelope
      let signer = try KeyRing(store: store.folder).signer(key)
      try envelope.sign(with: signer)
      var folders = [store.folder(ofEpoch: number)]
      if try number == store.latestEpoch() { folders.append(store.folder) }
      for folder in folders {
        try DurableFile.write(
          CanonicalJSON.encode(envelope.json),
          to: FilePaths.join(folder, "combined.commit.dsse.json")
        )
      }
      Terminal.print(
        "epoch \(number): signed with \(signer.publicKey.identifier), \(envelope.signatures.count) signatures"
      )
    }
  }
}
