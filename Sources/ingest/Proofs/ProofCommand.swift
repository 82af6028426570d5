internal import ArgumentParser
internal import Ingestion
internal import Merkle

/// `ingest proof`: proofs that others check without the store.
struct ProofCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proof",
    abstract: "Make proofs that others check with ingest verify.",
    subcommands: [Inclusion.self, Consistency.self, Difference.self, Absence.self]
  )

  /// `ingest proof inclusion RECORD`.
  struct Inclusion: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "That one record stands in the newest signed epoch.",
      discussion: """
        The proof reveals the record's leaf: three digests, license entry, counts,
        and its own salt.

        EXAMPLES
          ingest proof inclusion 17 > proof.json
          ingest proof inclusion 'crawl:pages.warc.gz@38159649,18233' > proof.json
        """
    )

    @Argument(help: "INDEX, LOCATOR, SOURCE:INDEX or SOURCE:LOCATOR.")
    var record: String
    @OptionGroup var options: StoreOptions

    func run() async throws {
      try await Terminal.run {
        let maker = ProofMaker(try options.open())
        Terminal.print(json: try maker.inclusion(of: try maker.find(record)).json)
      }
    }
  }

  /// `ingest proof absence DIGEST`.
  struct Absence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "That no live record of the newest epoch has a content digest.",
      discussion: """
        Of exactly equal normal forms alone: a copy that differs in one letter has another
        digest. Needs an epoch that was signed with --absence, or by ingest exclude.
        Exit 65 when a source holds the digest.

        EXAMPLES
          ingest proof absence \\
            "$(ingest normalize letter.txt | sha256sum | cut -c1-64)" > absence.json
        """
    )

    @Argument(help: "The SHA-256 of a normal form, 64 hexadecimal digits.")
    var digest: String
    @OptionGroup var options: StoreOptions

    func validate() throws {
      guard SHA256Hash(hex: digest) != nil else {
        throw ValidationError("DIGEST is 64 lower-case hexadecimal digits")
      }
    }

    func run() async throws {
      try await Terminal.run {
        guard let digest = SHA256Hash(hex: digest) else { throw IngestError(.usage, "DIGEST") }
        let maker = AbsenceMaker(try options.open())
        let proof = try maker.proof(of: digest)
        let holders = try maker.holders(of: proof)
        guard holders.isEmpty else {
          throw IngestError(
            .badData,
            "it is not absent: \(holders.joined(separator: ", ")) holds a live record of this content"
          )
        }
        Terminal.print(json: proof.json)
      }
    }
  }

  /// `ingest proof difference OLD NEW`.
  struct Difference: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What became of each leaf of an earlier epoch: kept in its place, or a tombstone.",
      discussion: """
        The proof lists every leaf that was removed, with its reason, its day and the
        hash that stood there; nothing else of an older epoch has changed.

        EXAMPLES
          ingest proof difference 1 2 > removals.json
        """
    )

    @Argument(help: "The earlier epoch.")
    var old: UInt64
    @Argument(help: "The newest epoch.")
    var new: UInt64
    @OptionGroup var options: StoreOptions

    func validate() throws {
      guard old >= 1, old < new else {
        throw ValidationError("epochs count from 1, and OLD comes before NEW")
      }
    }

    func run() async throws {
      try await Terminal.run {
        Terminal.print(json: try ProofMaker(try options.open()).difference(old: old, new: new).json)
      }
    }
  }

  /// `ingest proof consistency OLD NEW`.
  struct Consistency: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "That a later epoch keeps every leaf of an earlier one in its place.",
      discussion: """
        EXAMPLES
          ingest proof consistency 1 2 > growth.json
        """
    )

    @Argument(help: "The earlier epoch.")
    var old: UInt64
    @Argument(help: "The later epoch.")
    var new: UInt64
    @OptionGroup var options: StoreOptions

    func validate() throws {
      guard old >= 1, old <= new else {
        throw ValidationError("epochs count from 1, and OLD is not after NEW")
      }
    }

    func run() async throws {
      try await Terminal.run {
        Terminal.print(
          json: try ProofMaker(try options.open()).consistency(old: old, new: new).json
        )
      }
    }
  }
}
