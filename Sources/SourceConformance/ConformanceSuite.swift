internal import CanonicalCoding
public import SourceAPI

/// The tests that every source plugin must pass, over inputs of the plugin's own.
///
/// A plugin's test target gives a configuration over real inputs and expects no finding.
public struct ConformanceSuite: Sendable {
  private let plugin: any SourcePlugin.Type
  private let configuration: SourceConfiguration

  /// A suite for a plugin over inputs.
  public init(_ plugin: any SourcePlugin.Type, configuration: SourceConfiguration) {
    self.plugin = plugin
    self.configuration = configuration
  }

  /// Everything that is not as it must be, in words; empty for a plugin that conforms.
  public func findings() -> [String] {
    do throws(SourceError) {
      let all = try read(from: nil).members
      var found: [String] = []
      if all.isEmpty { found.append("the inputs give no member: nothing is tested") }
      found += try sameTwice(all)
      found += locatorsDiffer(all)
      found += try resumesAnywhere(all)
      found += rangesAreInside(all)
      return found
    } catch {
      return ["reading throws: \(error)"]
    }
  }

  /// A member without its place in an arena: what two runs must agree on.
  private struct Seen: Equatable {
    var locator: String
    var kind: String
    var name: String
    var mediaType: String
    var verdict: Member.Verdict
    var payload: [UInt8]
    var member: [UInt8]
    var text: [UInt8]?
  }

  private struct Place {
    let checkpoint: Checkpoint
    let count: Int
  }

  /// Members of a batch where places are looked for: few, so that there are many.
  private static let placeDistance = 13

  private func read(
    from checkpoint: Checkpoint?,
    memberGoal: Int = MemberBatch.usualMemberGoal
  ) throws(SourceError) -> (members: [Seen], places: [Place]) {
    let reader = try plugin.init(configuration: configuration).reader(from: checkpoint)
    var members: [Seen] = []
    var places: [Place] = []
    var batch = MemberBatch(memberGoal: memberGoal)
    var hasMore = true
    while hasMore {
      batch.removeAll()
      hasMore = try reader.read(into: &batch)
      members += batch.members.map { Self.see($0, batch.bytes) }
      if let checkpoint = reader.checkpoint {
        places.append(Place(checkpoint: checkpoint, count: members.count))
      }
    }
    return (members, places)
  }

  private static func see(_ member: Member, _ arena: [UInt8]) -> Seen {
    func bytes(_ bytes: Member.Bytes) -> [UInt8] {
      switch bytes {
      case .held(let range):
        arena.indices.contains(range) || range.isEmpty ? Array(arena[range]) : []
      case .streamed(let streamed): streamed.sha256
      }
    }
    return Seen(
      locator: member.locator,
      kind: member.kind,
      name: member.name,
      mediaType: member.mediaType,
      verdict: member.verdict,
      payload: bytes(member.payload),
      member: bytes(member.member),
      text: member.text.map { Array(arena[$0]) }
    )
  }

  /// Same input, same members.
  private func sameTwice(_ all: [Seen]) throws(SourceError) -> [String] {
    try read(from: nil).members == all
      ? [] : ["two runs over the same inputs give different members"]
  }

  /// Salts rest on it: no locator comes twice.
  private func locatorsDiffer(_ all: [Seen]) -> [String] {
    var seen: Set<String> = []
    return all.compactMap {
      seen.insert($0.locator).inserted ? nil : "the locator \($0.locator) comes twice"
    }
  }

  /// From every checkpoint that a reader gives, the rest is what it was.
  private func resumesAnywhere(_ all: [Seen]) throws(SourceError) -> [String] {
    var found: [String] = []
    let (members, places) = try read(from: nil, memberGoal: Self.placeDistance)
    if members != all { found.append("smaller batches give other members") }
    // Each rest is read to its end: twenty places show as much as a thousand.
    for place in places.enumerated().filter({ $0.offset % (places.count / 20 + 1) == 0 }).map(
      \.element
    ) {
      let rest = try read(from: place.checkpoint).members
      if rest != Array(all.dropFirst(place.count)) {
        found.append(
          "from the checkpoint \(place.checkpoint.text) the reader gives \(rest.count) members, not the \(all.count - place.count) that were left"
        )
      }
    }
    return found
  }

  /// A record has bytes; what is rejected says why.
  private func rangesAreInside(_ all: [Seen]) -> [String] {
    all.compactMap { member in
      if case .rejected(let reason, let detail) = member.verdict, reason.isEmpty || detail.isEmpty {
        return "\(member.locator) is rejected without a reason"
      }
      return nil
    }
  }
}

extension Range<Int> {
  fileprivate func contains(_ other: Range<Int>) -> Bool {
    other.lowerBound >= lowerBound && other.upperBound <= upperBound
  }
}
