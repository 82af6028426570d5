internal import ArgumentParser
internal import Ingestion
internal import Normalization
internal import SourceAPI

/// `ingest normalize`: the normal form of one file.
struct NormalizeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "normalize",
    abstract: "Write the normal form of one file, or of standard input, to standard output.",
    discussion: """
      EXAMPLES
        ingest normalize page.html
        curl -s https://example.org/ \\
          | ingest normalize --media-type text/html --charset utf-8
        ingest normalize notes.txt | sha256sum      # the content digest of its leaf
      """
  )

  @Argument(help: "A file; standard input when it is left out.")
  var path: String?
  @Option(name: .long, help: "The media type; by default from the name, then from the bytes.")
  var mediaType: String?
  @Option(name: .long, help: "The charset label that a transport would declare.")
  var charset: String?
  @Option(name: .long, help: "text-nfc-v1 or html-text-v1; by default html-text-v1 for HTML.")
  var profile: String?
  @OptionGroup var workers: WorkerOptions

  func run() async throws {
    try await Terminal.run {
      let limit = DecodeBudget().heldBytes
      let bytes = try Terminal.read(path, limit: limit)
      let type =
        mediaType?.lowercased() ?? path.flatMap(MediaType.ofName) ?? MediaType.sniff(bytes[...])
      let isHTML = type == "text/html" || type == "application/xhtml+xml"
      let name = profile ?? (isHTML ? "html-text-v1" : "text-nfc-v1")
      guard let known = NormalizationProfile.Name(rawValue: name) else {
        throw IngestError(
          .usage,
          "'\(name)' is none of \(NormalizationProfile.Name.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      Terminal.print(
        try AsideReading(workers.options()).normalize(
          bytes,
          mediaType: type,
          charset: charset,
          profile: known,
          place: path ?? "standard input"
        )
      )
    }
  }
}
