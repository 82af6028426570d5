internal import ArgumentParser
internal import Ingestion

/// `ingest sitemap`: what a sitemap lists.
struct SitemapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sitemap",
    abstract:
      "List the addresses of a sitemap, an index of sitemaps, RSS, Atom or a list of lines.",
    discussion: """
      The file may be compressed with gzip. At most 50,000 entries and 50 MiB are read, as
      the protocol of sitemaps.org says. With --json an object for each entry, then one
      about the file. Exit 65 when the file is none, or damaged; what stands before the
      damage is listed.

      EXAMPLES
        ingest sitemap sitemap.xml.gz
        curl -s https://example.org/sitemap.xml | ingest sitemap --json
      """
  )

  @Argument(help: "A file; standard input when it is left out.")
  var path: String?
  @Flag(name: .long, help: "One JSON object a line.")
  var json = false
  @OptionGroup var workers: WorkerOptions

  func run() async throws {
    try await Terminal.run {
      let limit = 1 << 26
      let bytes = try Terminal.read(path, limit: limit)
      let place = path ?? "standard input"
      let listing = try AsideReading(workers.options()).sitemap(bytes, place: place) { entry in
        if json {
          Terminal.print(json: entry.json)
        } else {
          let hint = entry.modified.map { "\t" + Terminal.escaped($0) } ?? ""
          Terminal.print(Terminal.escaped(entry.location) + hint)
        }
      }
      if json { Terminal.print(json: listing.json) }
      if listing.invalidCount > 0 {
        Terminal.note("\(place): \(listing.invalidCount) entries without an http address")
      }
      if listing.isCut {
        Terminal.note("\(place): more than \(listing.entryCount) entries; the rest is not read")
      }
      if let damage = listing.damage {
        throw IngestError(
          .badData,
          "\(place): \(damage); \(listing.entryCount) entries stand before it"
        )
      }
    }
  }
}
