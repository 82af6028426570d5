internal import Files

/// The patterns of a configuration over member names.
public struct NamePatterns: Sendable {
  private let include: [GlobPattern]
  private let exclude: [GlobPattern]

  /// The patterns of a configuration.
  public init(_ configuration: SourceConfiguration) {
    include = configuration.include.map(GlobPattern.init)
    exclude = configuration.exclude.map(GlobPattern.init)
  }

  /// Why a name is left out: `exclude:PATTERN` or `include`, the first that applies.
  public func exclusion(of name: String) -> String? {
    if let pattern = exclude.first(where: { $0.matches(name) }) { return "exclude:\(pattern.text)" }
    if !include.isEmpty, !include.contains(where: { $0.matches(name) }) { return "include" }
    return nil
  }
}
