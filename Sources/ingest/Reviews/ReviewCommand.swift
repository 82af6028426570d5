internal import ArgumentParser

/// `ingest review`: what legal decided about a source, read and written.
struct ReviewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Read and write signed reviews: submit, approve, reject, waive, revoke.",
    discussion: """
      A review is a file beside the manifest (reviews/SOURCE/N.review.dsse.json), signed
      with the reviewer's own key. It names the digest of the manifest that was read: a
      manifest that changes voids it. Files are only added. reviews/registry.signers
      says whose keys count and how many of them are needed.

      The next run of ingest --source takes reviews into the epoch.

      EXAMPLES
        ingest review submit manifests/crawl.manifest --key data.pem \\
          --by data@example.org --on 2026-11-01 --reason 'New crawl, September'
        ingest review approve manifests/crawl.manifest --key legal.pem \\
          --by legal@example.org --on 2026-11-02 --reason 'Terms read' --expires 2027-11-02
        ingest review waive manifests/crawl.manifest --rule share-alike --key legal.pem \\
          --by legal@example.org --on 2026-11-02 --reason 'In house' --expires 2027-02-01
        ingest review show manifests/*.manifest
      """,
    subcommands: [
      ReviewShowCommand.self, Submit.self, Draft.self, Approve.self, Reject.self, Waive.self,
      Revoke.self, ReviewSignCommand.self,
    ]
  )

  /// `ingest review submit`: asks legal to look.
  struct Submit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask for a decision: the state is in-review. Reopens what was rejected or revoked."
    )
    @OptionGroup var options: ReviewOptions
    func run() async throws { try await options.add(.inReview) }
  }

  /// `ingest review draft`: takes it back.
  struct Draft: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take a submission back.")
    @OptionGroup var options: ReviewOptions
    func run() async throws { try await options.add(.draft) }
  }

  /// `ingest review approve`.
  struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Approve what was submitted, for its uses and places."
    )
    @OptionGroup var options: ReviewOptions
    func run() async throws { try await options.add(.approved) }
  }

  /// `ingest review reject`.
  struct Reject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Reject what was submitted: every record of the scope is denied."
    )
    @OptionGroup var options: ReviewOptions
    func run() async throws { try await options.add(.rejected) }
  }

  /// `ingest review waive`.
  struct Waive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lift the review of one rule of the policy, through a day. A deny cannot be lifted."
    )
    @Option(name: .long, help: "The rule of the policy.")
    var rule: String
    @OptionGroup var options: ReviewOptions
    func run() async throws { try await options.add(.waived, rule: rule) }
  }

  /// `ingest review revoke`.
  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take an approval or a waiver back: every record of the scope is denied."
    )
    @OptionGroup var options: ReviewOptions
    func run() async throws { try await options.add(.revoked) }
  }
}
