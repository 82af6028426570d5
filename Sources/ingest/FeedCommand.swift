internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Licensing
internal import Manifests

/// `ingest feed`: the records that a policy allows, to a training program.
struct FeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feed",
    abstract:
      "Stream the records that a policy allows, checked against their leaves, and write the training receipt.",
    discussion: """
      Every record is made anew from its source and compared with its leaf; one that
      differs stops the feed with its locator. With --out the records lie in parts
      of consecutive positions, which ranks and workers share out among themselves
      (python/ingest_reader.py); without, they go to standard output. A feed that
      was interrupted goes on when it is run again. The receipt's public head says
      what was read without showing it; 'ingest prove' proves it.

      A drawn order depends on the seed and on the combined manifest: fix the seed
      after the data is committed, by something public, and say so with
      --seed-fixed.

      EXAMPLES
        ingest feed --policy policies/default.policy --out run
        ingest feed --policy p.policy --use train --as-of 2026-11-20 --seed \\
            6f3a… --seed-fixed 'drand round 4711' --out run
        ingest feed --policy p.policy --select 'license=MIT|CC0-1.0, words>=50' \\
            | train
        ingest feed --policy p.policy --shard 0/4 --format text
      """
  )

  @Option(name: .long, help: "The policy that decides.")
  var policy: String
  @Option(
    name: .long,
    help: "What the records are for: train, fine-tune, evaluate, redistribute or commercial."
  )
  var use: String = Use.train.rawValue
  @Option(name: .long, help: "The day on which the policy decides; by default that of the epoch.")
  var asOf: String?
  @Option(name: .long, help: "A public seed from which the order is drawn.")
  var seed: String?
  @Option(name: .long, help: "How and when the seed was fixed; stands in the receipt.")
  var seedFixed: String = ""
  @Option(
    name: .long,
    help: "'committed': sources by id, each in its own order (the default without --seed)."
  )
  var order: String?
  @Option(
    name: .long,
    help:
      "Clauses that all must hold: source=a|b, license=, language=, mediaType=, bytes<=N, words>=N."
  )
  var select: String = ""
  @Option(name: .long, help: "jsonl or text.")
  var format: String = FeedFormat.jsonl.rawValue
  @Option(
    name: .long,
    help: "The run's folder: parts and receipt. Without it records go to standard output."
  )
  var out: String?
  @Option(
    name: .long,
    help: "The run's folder when records go to standard output; by default in the store."
  )
  var receipt: String?
  @Option(name: .long, help: "Records in a part.")
  var partSize: Int = 4096
  @Option(
    name: .long,
    help: "R/N: of standard output only every N-th part, from R on; 0/N writes the receipt."
  )
  var shard: String = "0/1"
  @Option(name: .long, help: "The first position that goes to standard output.")
  var start: Int = 0
  @Option(name: .long, help: "Threads of the worker.")
  var jobs: Int = 1
  @Flag(name: .long, help: "No progress and no summary.")
  var quiet = false
  @Flag(name: .long, help: "With --out: the summary as one JSON object.")
  var json = false
  @OptionGroup var workers: WorkerOptions
  @OptionGroup var options: StoreOptions

  func validate() throws {
    guard Use(rawValue: use) != nil else {
      throw ValidationError(
        "--use is one of \(Use.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
    if let asOf, (CivilDate(asOf)?.dayNumber ?? -1) < 0 {
      throw ValidationError("--as-of is a day from 1970 on: YYYY-MM-DD")
    }
    guard order == nil || order == "committed" else {
      throw ValidationError("--order is 'committed'; for a drawn one pass --seed")
    }
    guard order == nil || seed == nil else {
      throw ValidationError("--order committed and --seed exclude each other")
    }
    if let seed, seed.isEmpty || seed.utf8.count > 1024 {
      throw ValidationError("--seed has 1 to 1024 bytes")
    }
    guard FeedFormat(rawValue: format) != nil else {
      throw ValidationError("--format is jsonl or text")
    }
    guard (1...1 << 20).contains(partSize) else {
      throw ValidationError("--part-size is 1 to 1048576")
    }
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs is 1 to 256") }
    guard start >= 0 else { throw ValidationError("--start is a position") }
    guard feedShard != nil else { throw ValidationError("--shard is R/N with R below N") }
    guard out == nil || (shard == "0/1" && start == 0 && receipt == nil) else {
      throw ValidationError(
        "--shard, --start and --receipt are for standard output; parts are shared out by the reader"
      )
    }
  }

  private var feedShard: FeedShard? {
    let parts = shard.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count > 0,
      (0..<count).contains(number)
    else { return nil }
    var shard = FeedShard()
    (shard.number, shard.count, shard.start) = (number, count, start)
    return shard
  }

  func run() async throws {
    try await Terminal.run {
      let store = try options.open()
      var asked = FeedPlan.Options()
      asked.policyPath = policy
      asked.use = Use(rawValue: use) ?? .train
      asked.asOf = asOf.flatMap { CivilDate($0) }
      asked.order = seed.map { .seeded(seed: $0, fixed: seedFixed) } ?? .committed
      asked.selection = try FeedSelection(select)
      let plan = try FeedPlan(store: store, plugins: Ingest.plugins, options: asked)
      var settings = RecordFeed.Options()
      settings.format = FeedFormat(rawValue: format) ?? .jsonl
      (settings.partSize, settings.jobs) = (partSize, jobs)
      settings.workers = workers.options()
      settings.shard = feedShard ?? FeedShard()
      let folder = FeedFolder(
        out ?? receipt ?? RecordFeed.defaultFolder(plan, settings, store: store)
      )
      let feed = RecordFeed(
        store: store,
        plugins: Ingest.plugins,
        plan: plan,
        folder: folder,
        options: settings,
        observer: quiet ? SilentObserver() : ProgressLine()
      )
      let head = try await feed.run(
        stream: out == nil ? { try FileOutput.writeToStandardOutput($0) } : nil
      )
      summarize(plan, head, folder)
    }
  }

  private func summarize(_ plan: FeedPlan, _ head: TrainingReceipt, _ folder: FeedFolder) {
    if json, out != nil {
      Terminal.print(json: [
        "receipt": .string(head.digest.hex), "records": .count(head.count),
        "notRead": .count(plan.refusedCount), "folder": .string(folder.path), "head": head.json,
      ])
    }
    guard !quiet, !json else { return }
    Terminal.note(
      "fed \(head.count) records of epoch \(head.epoch) under policy \(plan.policy.policy.id) \(plan.policy.policy.version) as of \(head.asOf); \(plan.refusedCount) were not allowed or not selected"
    )
    switch head.order {
    case .committed: Terminal.note("  order          that of the registry")
    case .seeded(let seed, let fixed):
      Terminal.note(
        "  order          drawn from seed '\(Terminal.escaped(seed))' and the combined manifest; \(fixed.isEmpty ? "nobody says how the seed was fixed (--seed-fixed)" : "the seed was fixed by: \(Terminal.escaped(fixed))")"
      )
    }
    Terminal.note("  receipt        \(folder.file("receipt.json"))  sha256 \(head.digest.hex)")
    Terminal.note("  training root  \(head.sha256Root.hex)")
  }
}
