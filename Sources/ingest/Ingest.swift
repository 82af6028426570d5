internal import ArgumentParser
internal import Files
internal import Glibc
internal import Ingestion
internal import LinkedPlugins
internal import SourceAPI

/// Where the program begins.
@main
enum Program {
  static func main() async {
    // Who starts us without standard error must not find its sentences in a file of the store.
    StandardStreams.open()
    // Swift finds them through /proc/self/maps; where that cannot be read there are none, not even the program's name.
    guard !CommandLine.arguments.isEmpty else {
      Terminal.note("ingest: the arguments cannot be read (/proc/self/maps); run again")
      exit(ExitStatus.inputOutput.rawValue)
    }
    await Ingest.main()
  }
}

/// The command line: arguments in, exit code out.
struct Ingest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract:
      "Commits data sources record by record, binds them to their licenses, and proves what a model was trained on.",
    discussion: """
      EXAMPLES
        scan, normalize, commit and sign one source:
          ingest --source manifests/crawl.manifest
        a manifest alone, without touching data; what a plugin sees in a file:
          ingest check manifests/*.manifest
          ingest inspect crawl.warc.gz
        that record 17 stands in the signed epoch, checked elsewhere, offline:
          ingest proof inclusion 17 > proof.json
          ingest verify proof.json --key registry.pem
        what the policy allows, to a training program, with a receipt:
          ingest feed --policy p.policy --out run
        that all of the run was committed and allowed, without showing any of it:
          ingest prove link
          ingest prove provenance --receipt run --policy p.policy --out proof.bin
          ingest verify proof.bin --manifest combined.commit.json \\
            --policy p.policy --key registry.pem

      EXIT CODES
        0   done
        64  usage
        65  bad data
        69  source unavailable, or format not enabled
        70  books do not close
        74  input or output
        75  locked, try again
        77  refused: policy, false claim, spent ledger
        78  bad manifest or policy
      """,
    version: EpochBuilder.toolVersion,
    subcommands: [
      RunCommand.self, CrawlCommand.self, PlanCommand.self, ShardCommand.self, MergeCommand.self,
      CheckCommand.self,
      InspectCommand.self, NormalizeCommand.self, RobotsCommand.self, SitemapCommand.self,
      PluginCommand.self, LicenseCommand.self, PolicyCommand.self, ReviewCommand.self,
      ExportCommand.self, DiffCommand.self, ReportCommand.self,
      ExcludeCommand.self,
      StatusCommand.self, DuplicatesCommand.self,
      ShowCommand.self, ExplainCommand.self, ReservationsCommand.self, KeyCommand.self,
      SignCommand.self, VerifyCommand.self,
      ProofCommand.self, FeedCommand.self, ProveCommand.self, SoundnessCommand.self,
      AuditCommand.self,
      FsckCommand.self, CanonicalizeCommand.self,
    ],
    defaultSubcommand: RunCommand.self
  )

  /// The plugins that are linked in; the scan receives them and never knows which.
  static let plugins = LinkedPlugins.byName
}
