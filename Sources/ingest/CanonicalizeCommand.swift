internal import ArgumentParser
internal import CanonicalCoding
internal import Ingestion

/// `ingest canonicalize`: RFC 8785 bytes.
struct CanonicalizeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "canonicalize",
    abstract: "Write the RFC 8785 bytes of a JSON file, so that anyone checks a digest by hand.",
    discussion: """
      EXAMPLES
        ingest canonicalize combined.commit.json | sha256sum
      """
  )

  @Argument(help: "A JSON file; standard input when it is left out.")
  var file: String?

  func run() async throws {
    try await Terminal.run {
      let limit = 1 << 28
      let bytes = try Terminal.read(file, limit: limit)
      do throws(JSONError) {
        Terminal.print(CanonicalJSON.encode(try JSONParser.parse(bytes)))
      } catch {
        throw IngestError(
          .badData,
          "\(file ?? "standard input"): \(error.code) at byte \(error.offset)"
        )
      }
    }
  }
}
