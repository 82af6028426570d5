internal import ArgumentParser
internal import CanonicalCoding
internal import Exports
internal import Files
internal import Ingestion
internal import Manifests

/// `ingest export`: an epoch in the formats of other people.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract:
      "Write an epoch as Croissant, SPDX, CycloneDX, in-toto, COSE, OASIS, EU summary, AB 2013, NOTICE, data set card.",
    discussion: """
      Counts and licenses come from the commit file alone; names and terms from the
      manifests that it names; who publishes from --profile. The same inputs give the same
      bytes. Of confidential sources no title, path, host or key is written.

      FORMATS
        croissant spdx3 cyclonedx-1.6 cyclonedx-1.7 dsse cose decisions prov-meta
        eu-summary ab2013 notice dataset-card

      EXAMPLES
        ingest export --format croissant > croissant.json
        ingest export --all out --profile manifests/summary.profile
        ingest verify out
      """
  )

  @Option(name: .long, help: "One format, to standard output; eu-summary as JSON.")
  var format: String?
  @Option(name: .long, help: "All formats, into this folder, with what is needed to check them.")
  var all: String?
  @Option(name: .long, help: "Who publishes; by default summary.profile beside the store.")
  var profile: String?
  @Option(name: .long, help: "The epoch; by default the newest.")
  var epoch: UInt64?
  @Option(
    name: .long,
    help: "The Ed25519 key of the store that signs COSE_Sign1; by default its first."
  )
  var key: String?
  @Flag(
    name: .long,
    help:
      "Put manifests of confidential sources into the folder too: for an auditor, not for the public."
  )
  var withConfidential = false
  @Flag(
    name: .long,
    help:
      "Exit 77 when the public summary of the profile is due on the day of the epoch (six months after lastSummary)."
  )
  var failOnOverdue = false
  @OptionGroup var store: StoreOptions

  func validate() throws {
    guard (format == nil) != (all == nil) else {
      throw ValidationError("name one --format, or a folder with --all")
    }
    if let format, ExportFormat(rawValue: format) == nil {
      throw ValidationError(
        "--format \(format) is none of \(ExportFormat.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
  }

  func run() async throws {
    try await Terminal.run {
      let store = try store.open()
      let contents = try store.contents(ofEpoch: epoch)
      let epoch = try ExportedEpoch(contents, profile: readProfile())
      if let format = format.flatMap(ExportFormat.init) {
        let key = format == .cose ? try signer(store) : nil
        Terminal.print(try epoch.files(format, key: key).first?.bytes ?? [])
      } else if let all {
        try write(epoch, contents, store, to: all)
      }
      if failOnOverdue, let due = epoch.profile?.summaryDue, due <= contents.asOf {
        throw IngestError(
          .refused,
          "the public summary was due on \(due); publish this one, and write lastSummary: \"\(contents.asOf)\" into the profile"
        )
      }
    }
  }

  private func readProfile() throws -> ExportProfile? {
    let path =
      profile ?? FilePaths.join(FilePaths.folder(of: store.folder), PublishedFolder.profileName)
    guard profile != nil || FilePaths.exists(path) else { return nil }
    return try ExportProfile.decode(
      InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1),
      file: path
    )
  }

  /// The key that is named, or the first Ed25519 key of the store.
  private func signer(_ store: Store) throws -> SigningKey? {
    let ring = KeyRing(store: store.folder)
    if let key { return try ring.signer(key) }
    return try ring.signerNames().map { try ring.signer($0) }.first { $0.scheme == .ed25519 }
  }

  private func write(
    _ epoch: ExportedEpoch,
    _ contents: EpochContents,
    _ store: Store,
    to folder: String
  ) throws {
    let key = try signer(store)
    try DurableFile.makeFolder(folder)
    func put(_ name: String, _ bytes: [UInt8]) throws {
      let path = FilePaths.join(folder, name)
      try DurableFile.makeFolder(FilePaths.folder(of: path))
      try DurableFile.write(bytes, to: path)
    }
    var names: [String] = []
    for format in ExportFormat.allCases {
      for file in try epoch.files(format, key: key) {
        try put(file.name, file.bytes)
        names.append(file.name)
      }
    }
    for file in PublishedFolder.parts(
      of: contents,
      profile: epoch.profile,
      withConfidential: withConfidential
    ) {
      try put(file.name, file.bytes)
    }
    for name in KeyRing(store: store.folder).signerNames() {
      let signer = try KeyRing(store: store.folder).signer(name)
      try put("keys/\(name).pem", Array(signer.publicKey.pem.utf8))
    }
    Terminal.print("\(folder): epoch \(contents.number), \(names.count) exports")
    for name in names { Terminal.print("  \(name)") }
    Terminal.print("check them with: ingest verify \(folder)")
  }
}
