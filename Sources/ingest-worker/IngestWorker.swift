internal import Files
internal import Glibc
internal import Ingestion
internal import LinkedPlugins
internal import PageReading
internal import PluginBridge

/// The process that parses: a job on standard input, frames on standard output, and no rights.
///
/// With the argument `plugin` it becomes a plugin in another language instead, with no more rights; with `pages` it answers
/// a crawler's questions about what was fetched, with none.
@main
enum IngestWorker {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    if arguments.elementsEqual([PluginLauncher.word]), isatty(0) == 0 { exit(PluginLauncher.run()) }
    if arguments.first == PageServer.word, isatty(0) == 0 {
      signal(SIGPIPE, SIG_IGN)
      do throws(FileError) {
        return try PageServer.run(Array(arguments.dropFirst()))
      } catch {
        exit(74)
      }
    }
    guard arguments.isEmpty, isatty(0) == 0 else {
      FileOutput.complain(
        "ingest-worker: ingest starts this program and gives it a job; run ingest"
      )
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
