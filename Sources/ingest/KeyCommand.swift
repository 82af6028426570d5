internal import ArgumentParser
internal import Files
internal import Ingestion
internal import Manifests

/// `ingest key`: keys that sign.
struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key",
    abstract: "Make and list the keys that sign epochs.",
    subcommands: [New.self, List.self]
  )

  /// `ingest key new`.
  struct New: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Make a key. The secret half stays in the store, mode 0600; pass the public half on.",
      discussion: """
        EXAMPLES
          ingest key new --name legal --scheme ml-dsa-65
          ingest key new --name data-team > data-team.pem
        """
    )

    @Option(name: .long, help: "The key's name: a-z, 0-9 and -.")
    var name: String = "registry"
    @Option(name: .long, help: "ed25519 or ml-dsa-65.")
    var scheme: String = "ed25519"
    @OptionGroup var options: StoreOptions

    func run() async throws {
      try await Terminal.run {
        guard let scheme = SignatureScheme(rawValue: scheme) else {
          throw IngestError(.usage, "'\(scheme)' is none of ed25519, ml-dsa-65")
        }
        let (key, path) = try KeyRing(store: options.folder).makeSigner(name, scheme: scheme)
        Terminal.note(
          "key '\(name)', \(scheme.rawValue), \(key.identifier); public half in \(path)"
        )
        Terminal.print(Array(key.pem.utf8))
      }
    }
  }

  /// `ingest key list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the keys of a store.")
    @OptionGroup var options: StoreOptions

    func run() async throws {
      try await Terminal.run {
        let ring = KeyRing(store: options.folder)
        for name in ring.signerNames() {
          let key = try ring.signer(name)
          Terminal.print("\(name)  \(key.scheme.rawValue)  \(key.publicKey.identifier)")
        }
      }
    }
  }
}
