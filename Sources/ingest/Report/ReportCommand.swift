internal import ArgumentParser
internal import CanonicalCoding
internal import Exports
internal import Files
internal import Ingestion
internal import Manifests
internal import Reporting

/// `ingest report`: the page that a lawyer reads.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Write the license report of the newest epoch: a page for the whole, a page a source, and a PDF.",
    discussion: """
      The decision comes first, then what blocks it, what ends within 90 days, what is
      unknown or reserved, what changed since the last epoch. Every figure links to the
      line of the manifest that it comes from. The pages have no script, load nothing, and
      print well. They show everything, also of confidential sources: they are for legal,
      not for the public.

      --pdf prints the page of the whole with a Chromium that is installed.

      EXAMPLES
        ingest report --out report
        ingest report --out report --pdf --key legal.pem
      """
  )
  @Option(name: .long, help: "The folder to write to.")
  var out: String
  @Option(name: .long, help: "What the set is called; by default the title of summary.profile.")
  var title: String?
  @Flag(name: .long, help: "Write report.pdf too.")
  var pdf = false
  @Option(name: .long, help: "The browser that prints; by default the Chromium on the PATH.")
  var browser: String?
  @Option(name: .long, help: "A trusted public key, PEM; may be given several times.")
  var key: [String] = []
  @OptionGroup var store: StoreOptions

  func run() async throws {
    try await Terminal.run {
      let store = try store.open()
      let epoch = try store.contents()
      var input = EpochReport.Input(
        epoch: epoch,
        figures: try store.figures(of: epoch),
        title: try title ?? profileTitle() ?? "registry"
      )
      input.signers = try signers(epoch)
      if let previous = epoch.manifest.manifest.previous {
        input.previous = try store.contents(ofEpoch: previous.epoch, besides: epoch)
      }
      let report = EpochReport(input)
      try DurableFile.makeFolder(FilePaths.join(out, "sources"))
      for source in epoch.sources {
        let id = source.commitment.id
        guard let page = report.page(of: id) else { continue }
        try put(EpochReport.pageName(of: id), page)
      }
      try put("report.html", report.index())
      Terminal.print(
        "\(FilePaths.join(out, "report.html")): epoch \(epoch.number), \(epoch.sources.count) sources"
      )
      if pdf { try printPDF() }
    }
  }

  /// A page can be made again at any time: it is written whole, and not waited for.
  private func put(_ name: String, _ bytes: [UInt8]) throws {
    try DurableFile.writeReplaceable(bytes, to: FilePaths.join(out, name))
  }

  private func profileTitle() throws -> String? {
    let path = FilePaths.join(FilePaths.folder(of: store.folder), PublishedFolder.profileName)
    guard FilePaths.exists(path) else { return nil }
    return try ExportProfile.decode(
      InputFile.contents(of: path, limit: YAMLReader.sizeLimit + 1),
      file: path
    ).title
  }

  /// The keys that were given and have signed.
  private func signers(_ epoch: EpochContents) throws -> [String] {
    guard !key.isEmpty else { return [] }
    var names: [String] = []
    for path in key {
      let pem = String(decoding: try InputFile.contents(of: path, limit: 1 << 14), as: UTF8.self)
      guard let key = PublicKey(pem: pem) else {
        throw IngestError(.usage, "\(path): is no PEM file of a public key")
      }
      guard let envelope = epoch.envelope else {
        throw IngestError(.badData, "epoch \(epoch.number) has no envelope")
      }
      let signed = SignedCommit(commit: epoch.bytes, envelope: envelope)
      try signed.verify(by: SignerTrust(keys: [key]), of: epoch.manifest)
      names.append("\(FilePaths.name(of: path)) \(key.identifier)")
    }
    return names
  }

  private func printPDF() throws {
    let browser = try PageBrowser.find(browser)
    let page = FilePaths.resolved(FilePaths.join(out, "report.html")) ?? out
    let target = FilePaths.join(FilePaths.folder(of: page), "report.pdf")
    try PageBrowser.printPDF(browser, page: page, to: target)
    Terminal.print("\(FilePaths.join(out, "report.pdf"))")
  }
}
