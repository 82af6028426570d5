internal import Files
internal import Glibc
internal import Ingestion
internal import LinkedPlugins

/// The process that parses: a job on standard input, frames on standard output, and no rights.
@main
enum IngestWorker {
  static func main() {
    guard CommandLine.arguments.count == 1, isatty(0) == 0 else {
      let sentence = "ingest-worker: ingest starts this program and gives it a job; run ingest"
      FileOutput.complain(sentence)
      exit(64)
    }
    // A host that is gone ends the worker by an error of write, not by a signal that looks like an attack.
    signal(SIGPIPE, SIG_IGN)
    do throws(FileError) {
      try WorkerServer.run(InputStreamReader.all(limit: 1 << 28), plugins: LinkedPlugins.byName)
    } catch {
      exit(74)
    }
  }
}
