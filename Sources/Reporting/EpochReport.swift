internal import CanonicalCoding
public import Manifests

/// The report of one epoch: a page that a lawyer reads first, and a page for every source.
///
/// Everything on it is verified: the parts of an epoch have the digests that were committed. No script, no resource from
/// elsewhere, every text escaped; the same inputs give the same bytes.
public struct EpochReport: Sendable {
  /// What the report is made from.
  public struct Input: Sendable {
    /// The epoch.
    public var epoch: EpochContents
    /// The epoch before, where it is at hand.
    public var previous: EpochContents?
    /// Records and words of its leaves.
    public var figures: RecordFigures
    /// What the set is called.
    public var title: String
    /// The keys whose signatures hold.
    public var signers: [String]

    /// The least that a report needs.
    public init(epoch: EpochContents, figures: RecordFigures, title: String) {
      (self.epoch, self.figures, self.title) = (epoch, figures, title)
      (previous, signers) = (nil, [])
    }
  }

  let input: Input
  let facts: ReportFacts
  let difference: EpochDifference?

  /// Looks at everything once.
  ///
  /// - Complexity: O(manifests + decisions + figures).
  public init(_ input: Input) {
    self.input = input
    facts = ReportFacts(input.epoch)
    difference = input.previous.map { EpochDifference($0, input.epoch) }
  }

  /// The page of the whole.
  public func index() -> [UInt8] {
    let epoch = input.epoch
    return Markup.page(
      title: "License report: \(input.title), epoch \(epoch.number)",
      [
        .element(
          "header",
          [],
          [
            .element("h1", [], "License report: \(input.title)"),
            .element(
              "p",
              [("class", "soft")],
              "Epoch \(epoch.number) of \(epoch.manifest.manifest.created), decided as of \(epoch.asOf). This is not legal advice."
            ),
            navigation,
          ]
        ),
        DecisionSection(self).markup, BlockersSection(self).markup, DeadlinesSection(self).markup,
        CoverageSection(self).markup, ChangesSection(self).markup, ChartsSection(self).markup,
        SourcesSection(self).markup, PolicySection(self).markup, ProofSection(self).markup,
      ]
    )
  }

  private var navigation: Markup {
    .element(
      "nav",
      [],
      [
        ("blockers", "Blockers"), ("deadlines", "Deadlines"), ("coverage", "Unknown and reserved"),
        ("changes", "Changes"), ("charts", "Charts"), ("sources", "Sources"), ("policy", "Policy"),
        ("proof", "What is proved"),
      ].map { Markup.link("#\($0.0)", $0.1) }
    )
  }

  /// The page of a source; `nil` for one that the epoch does not have.
  public func page(of source: String) -> [UInt8]? {
    input.epoch.sources.first { $0.commitment.id == source }.map { SourcePage(self, $0).bytes }
  }

  /// The name of a source's page, relative to that of the whole.
  public static func pageName(of source: String) -> String { "sources/\(source).html" }

  /// A link to the line of a manifest that a figure comes from.
  func link(_ place: ReportFacts.Place, _ text: String? = nil) -> Markup {
    let page = Self.pageName(of: place.source)
    guard let line = place.line else { return .link(page, text ?? place.source) }
    return .link("\(page)#L\(line)", text ?? "\(place.source):\(line)")
  }
}
