internal import Files
public import Normalization
public import SourceAPI

/// `ingest inspect` and `ingest normalize` as their host sees them: foreign bytes are parsed by a worker here too.
public struct AsideReading: Sendable {
  private let options: SourcePlan.Options

  /// Reading with workers that are shut in as the options say.
  public init(_ options: SourcePlan.Options) { self.options = options }

  /// The program that parses, for those who start it themselves.
  ///
  /// - Throws: `IngestError` 74 when it is not installed.
  public static func workerProgram() throws(IngestError) -> String {
    do throws(FileError) {
      return try ParserProcess.program()
    } catch {
      throw IngestError(
        .inputOutput,
        "\(error); ingest-worker has to lie beside ingest: build or install both"
      )
    }
  }

  /// The members of some inputs, each described as JSON.
  ///
  /// - Parameters:
  ///   - inputs: the files.
  ///   - plugin: the name of the plugin.
  ///   - profile: the rules of the normal form.
  ///   - textField: the field that holds the text of rows.
  ///   - place: where reading begins.
  ///   - limit: the most members that are read.
  ///   - visit: gets each member in order.
  /// - Returns: the number of rejected members, and whether everything was read.
  /// - Throws: `IngestError`.
  public func inspect(
    _ inputs: [SourceConfiguration.Input],
    plugin: String,
    profile: NormalizationProfile.Name,
    textField: String?,
    from place: Checkpoint? = nil,
    limit: Int?,
    visit: (Inspection.Line) -> Void
  ) throws(IngestError) -> (rejected: Int, isWhole: Bool) {
    let job = AsideJob.inspect(
      AsideJob.Inspecting(
        plugin: plugin,
        inputs: inputs,
        options: options,
        textField: textField,
        profile: profile,
        limit: limit,
        place: place
      )
    )
    var rejected = 0
    var isWhole = true
    try run(job, named: inputs.first?.name ?? "") { item throws(IngestError) in
      guard let line = Inspection.Line(item) else {
        // The last item says that the limit was reached.
        isWhole = false
        return
      }
      if line.verdict == "rejected" { rejected += 1 }
      visit(line)
    }
    return (rejected, isWhole)
  }

  /// The normal form of bytes.
  ///
  /// - Throws: `IngestError` 65 where there is none.
  public func normalize(
    _ bytes: [UInt8],
    mediaType: String,
    charset: String?,
    profile: NormalizationProfile.Name,
    place: String
  ) throws(IngestError) -> [UInt8] {
    let job = AsideJob.normalize(
      AsideJob.Normalizing(
        bytes: bytes,
        mediaType: mediaType,
        charset: charset,
        profile: profile,
        place: place,
        options: options
      )
    )
    var result: [UInt8] = []
    try run(job, named: place) { item throws(IngestError) in result = Array(item) }
    return result
  }

  /// What a robots.txt says about some addresses.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - agent: the product token that asks.
  ///   - addresses: absolute addresses, or paths.
  ///   - place: how errors name the file.
  /// - Returns: an answer for each address.
  /// - Throws: `IngestError`.
  public func robots(
    _ bytes: [UInt8],
    agent: String,
    addresses: [String],
    place: String
  ) throws(IngestError) -> [RobotsAnswer] {
    let job = AsideJob.robots(
      AsideJob.AskingRobots(bytes: bytes, agent: agent, addresses: addresses, options: options)
    )
    var answers: [RobotsAnswer] = []
    try run(job, named: place) { item throws(IngestError) in
      guard let answer = RobotsAnswer(item) else {
        throw IngestError(.booksOpen, "\(place): a worker gave no answer; please report it")
      }
      answers.append(answer)
    }
    guard answers.map(\.address) == addresses else {
      throw IngestError(.booksOpen, "\(place): a worker answered something else; please report it")
    }
    return answers
  }

  /// What a sitemap, or a feed that stands for one, lists.
  ///
  /// - Parameters:
  ///   - bytes: the file, which may be compressed with gzip.
  ///   - place: how errors name it.
  ///   - visit: gets each entry in order.
  /// - Returns: what the file is.
  /// - Throws: `IngestError`.
  public func sitemap(
    _ bytes: [UInt8],
    place: String,
    visit: (SitemapListing.Entry) -> Void
  ) throws(IngestError) -> SitemapListing {
    var listing: SitemapListing?
    let job = AsideJob.sitemap(AsideJob.ReadingSitemap(bytes: bytes, options: options))
    try run(job, named: place) { item throws(IngestError) in
      if let entry = SitemapListing.Entry(item), listing == nil { return visit(entry) }
      guard let end = SitemapListing(item), listing == nil else {
        throw IngestError(.booksOpen, "\(place): a worker gave no entry; please report it")
      }
      listing = end
    }
    guard let listing else {
      throw IngestError(.booksOpen, "\(place): a worker did not say what it read; please report it")
    }
    return listing
  }

  private func run(
    _ job: AsideJob,
    named name: String,
    _ take: (ArraySlice<UInt8>) throws(IngestError) -> Void
  ) throws(IngestError) {
    let worker = try ParserProcess(job.bytes, of: name, profile: nil, options)
    while true {
      guard let event = try worker.next() else {
        try worker.fill()
        continue
      }
      switch event {
      case .item(let item): try take(item)
      case .batch: throw worker.fault("a batch that nobody asked for")
      case .end: return
      }
    }
  }
}
