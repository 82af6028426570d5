internal import ArgumentParser
internal import CanonicalCoding
internal import Exports
internal import Files
internal import Glibc
internal import Ingestion

/// Standard output and error.
///
/// Whatever came from data is escaped before it gets here.
enum Terminal {
  /// One line on standard output.
  static func print(_ line: String) { write(line + "\n", STDOUT_FILENO) }
  /// One line on standard error.
  static func note(_ line: String) { write(line + "\n", STDERR_FILENO) }
  /// Raw bytes on standard output.
  static func print(_ bytes: [UInt8]) { write(bytes, STDOUT_FILENO) }
  /// Text on standard error without a line end.
  static func draw(_ text: String) { write(text, STDERR_FILENO) }

  private static func write(_ text: String, _ descriptor: Int32) {
    write(Array(text.utf8), descriptor)
  }

  private static func write(_ bytes: [UInt8], _ descriptor: Int32) {
    var offset = 0
    while offset < bytes.count {
      // SAFETY: the offset stays inside the array.
      let count = unsafe bytes.withUnsafeBytes { raw in
        unsafe Glibc.write(descriptor, raw.baseAddress?.advanced(by: offset), raw.count - offset)
      }
      if count > 0 {
        offset += count
      } else if errno != EINTR {
        guard descriptor == STDOUT_FILENO else { return }
        // What was asked for did not arrive: that is no success, whatever else was done.
        let reason = String(describing: FileError(.write, "standard output", number: errno))
        write("ingest: \(reason)\n", STDERR_FILENO)
        exit(ExitStatus.inputOutput.rawValue)
      }
    }
  }

  /// A text from data, safe to show: control characters and bidirectional overrides as escapes.
  static func escaped(_ text: String) -> String { HiddenCharacters.escape(text) }

  /// Runs a command's body; an error is one message on standard error and its exit code.
  static func run(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let code as ExitCode {
      throw code
    } catch {
      let failure =
        (error as? ExportError).map { IngestError(.badData, $0.description) } ?? IngestError(error)
      let lines = failure.description.split(separator: "\n").map { escaped(String($0)) }
      note("ingest: \(lines.joined(separator: "\n"))")
      throw ExitCode(failure.status.rawValue)
    }
  }

  /// The bytes of a file, or of standard input where none is named, up to a limit.
  static func read(_ path: String?, limit: Int) throws(FileError) -> [UInt8] {
    guard let path else { return try InputStreamReader.all(limit: limit) }
    return try InputFile.contents(of: path, limit: limit)
  }

  /// One JSON object on one line.
  static func print(json: JSONValue) {
    print(String(decoding: CanonicalJSON.encode(json), as: UTF8.self))
  }
}
