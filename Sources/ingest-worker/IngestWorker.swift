internal import Files
internal import Glibc
internal import Ingestion
internal import LicensedArchive
internal import PrivateCorpus
internal import SourceAPI
internal import WebCrawl

/// The process that parses: a job on standard input, frames on standard output, and no rights.
@main
enum IngestWorker {
  /// The plugins that are linked in.
  private static let plugins: [String: any SourcePlugin.Type] = [
    LicensedArchiveSource.name: LicensedArchiveSource.self,
    PrivateCorpusSource.name: PrivateCorpusSource.self,
    WebCrawlSource.name: WebCrawlSource.self,
  ]

  static func main() {
    // A host that is gone ends the worker by an error of write, not by a signal that looks like an attack.
    signal(SIGPIPE, SIG_IGN)
    do throws(FileError) {
      try WorkerServer.run(InputStreamReader.all(limit: 1 << 28), plugins: plugins)
    } catch {
      exit(74)
    }
  }
}
