internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion

/// `ingest duplicates`: who else holds the same record, and under which license.
struct DuplicatesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "duplicates",
    abstract: "Find records that several places hold, with the licenses of all holders.",
    discussion: """
      Equal payloads and equal normal forms, within and across all sources of the
      store; with --near also texts that share about four fifths of their word
      sequences (MinHash). Nothing is deleted and no leaf changes: each source gets
      attributes/duplicates.jsonl beside its tree, one line for each record that is
      not the first of its cluster.

      EXAMPLES
        ingest duplicates
        ingest duplicates --near --jobs 2 --json | jq .acrossLicenses
      """
  )

  @Flag(name: .long, help: "Also texts that are about the same; reads all sources again.")
  var near = false
  @Option(name: .long, help: "Threads that read sources again.")
  var jobs: Int = 1
  @Flag(name: .long, help: "No progress.")
  var quiet = false
  @Flag(name: .long, help: "One JSON object with every cluster that spans licenses.")
  var json = false
  @OptionGroup var workers: WorkerOptions
  @OptionGroup var options: StoreOptions

  func validate() throws {
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs is 1 to 256") }
  }

  func run() async throws {
    try await Terminal.run {
      let search = DuplicateSearch(
        try Store(options.folder, isWriter: true),
        plugins: Ingest.plugins,
        jobs: jobs,
        options: workers.options(),
        observer: quiet ? SilentObserver() : ProgressLine()
      )
      let found = try await search.run(near: near)
      if json { return Terminal.print(json: found.json) }
      let kinds = DuplicateCluster.Kind.allCases.filter { $0 != .near || near }
      let copies = kinds.map { "\(found.copies($0)) by \($0.rawValue)" }.joined(separator: ", ")
      Terminal.print(
        "\(found.recordCount) records; copies of an earlier one: \(copies); \(found.clusters.count { $0.sources.count > 1 }) clusters across sources"
      )
      let mixed = found.acrossLicenses
      Terminal.print("\(mixed.count) clusters whose holders have different licenses")
      for cluster in mixed.prefix(20) {
        Terminal.print("  \(cluster.kind.rawValue): \(cluster.licenses.joined(separator: " | "))")
        for holder in cluster.holders.prefix(8) {
          Terminal.print("    \(holder.source):\(holder.leaf)  \(holder.license)")
        }
        if cluster.holders.count > 8 {
          Terminal.print("    and \(cluster.holders.count - 8) others")
        }
      }
      if mixed.count > 20 { Terminal.print("  and \(mixed.count - 20) others: --json has all") }
      for file in found.files { Terminal.print("  \(file)") }
    }
  }
}
