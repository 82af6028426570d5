internal import CanonicalCoding
internal import Manifests

/// What a trainer claims beside "all of it was allowed": classes, ranges of their totals, uses of a record.
public struct ProvenanceClaim: Hashable, Sendable {
  /// What makes two records count under one class.
  public enum Grouping: String, Sendable, CaseIterable {
    /// One class for everything.
    case total
    /// What the policy decided: allowed as it is, or by a waiver.
    case decision
    /// The license expression.
    case license

    /// The class of a row that may be used.
    func name(_ row: DecisionTable.Row) -> String {
      switch self {
      case .total: "total"
      case .decision: row.waiver == nil ? "allow" : "allow by waiver"
      case .license: row.expression
      }
    }
  }

  /// What is added up.
  public enum Quantity: String, Sendable, CaseIterable {
    case records, bytes, words
  }

  /// Why a claim cannot be read.
  public struct FormError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One sentence.
    public let description: String
  }

  /// A class and what is added up in it.
  public struct Subject: Hashable, Sendable, Comparable {
    /// The class.
    public let name: String
    /// What is added up.
    public let quantity: Quantity

    /// A subject from its parts.
    public init(_ name: String, _ quantity: Quantity) {
      (self.name, self.quantity) = (name, quantity)
    }

    /// By class, then records, bytes, words.
    public static func < (a: Subject, b: Subject) -> Bool {
      a.name == b.name
        ? Quantity.allCases.firstIndex(of: a.quantity) ?? 0
          < Quantity.allCases.firstIndex(of: b.quantity) ?? 0
        : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
  }

  /// What makes a class.
  public var grouping: Grouping
  /// How often one record may be used.
  public var useLimit: Int
  /// The ranges that say something.
  public var ranges: [Subject: TotalRange]

  /// A claim; without ranges it says nothing about totals.
  public init(grouping: Grouping = .total, useLimit: Int = 1, ranges: [Subject: TotalRange] = [:]) {
    (self.grouping, self.useLimit, self.ranges) = (grouping, useLimit, ranges)
  }

  /// The ranges of all classes in the order of the statement.
  ///
  /// - Throws: `FormError` when a range names a class that no usable row has.
  public func ranges(of classes: [String]) throws(FormError) -> [TotalRange] {
    for subject in ranges.keys.sorted() where !classes.contains(subject.name) {
      throw FormError(
        description:
          "there is no class '\(subject.name)' that the policy allows; there is \(classes.joined(separator: ", "))"
      )
    }
    return classes.flatMap { name in
      Quantity.allCases.map { ranges[Subject(name, $0)] ?? .any }
    }
  }

  /// Reads `CLASS QUANTITY RANGE`: `MIT records 25%..30%`, `total words >=1000000`, `CC0-1.0 bytes =5120`.
  ///
  /// A percentage is of the number of examples, and for records only.
  ///
  /// - Throws: `FormError` that says what is expected.
  public static func range(
    _ text: String,
    exampleCount: UInt64
  ) throws(FormError) -> (Subject, TotalRange) {
    let words = text.split(separator: " ").map(String.init)
    guard words.count >= 3, let quantity = Quantity(rawValue: words[words.count - 2]) else {
      throw FormError(
        description:
          "'\(text)' is no claim; write CLASS records|bytes|words A..B, >=A, <=B or =A"
      )
    }
    let subject = Subject(words.dropLast(2).joined(separator: " "), quantity)
    let range = words[words.count - 1]
    let invalid = FormError(
      description: "'\(range)' is no range; write A..B, >=A, <=B or =A, with A% of records"
    )
    func bound(_ text: some StringProtocol, isUpper: Bool) throws(FormError) -> UInt64 {
      if text.hasSuffix("%") {
        guard quantity == .records, let share = hundredths(text.dropLast()), share <= 10_000
        else { throw invalid }
        let (product, overflow) = exampleCount.multipliedReportingOverflow(by: share)
        guard !overflow else { throw invalid }
        return isUpper ? product / 10_000 : (product + 9_999) / 10_000
      }
      guard let value = UInt64(text), value < TotalRange.limit else { throw invalid }
      return value
    }
    let found: TotalRange
    if range.hasPrefix(">=") {
      found = TotalRange(try bound(range.dropFirst(2), isUpper: false), TotalRange.limit - 1)
    } else if range.hasPrefix("<=") {
      found = TotalRange(0, try bound(range.dropFirst(2), isUpper: true))
    } else if range.hasPrefix("=") {
      let value = try bound(range.dropFirst(), isUpper: false)
      found = TotalRange(value, value)
    } else {
      let ends = range.split(separator: "..", omittingEmptySubsequences: false)
      guard ends.count == 2 else { throw invalid }
      found = TotalRange(
        try bound(ends[0], isUpper: false),
        try bound(ends[1], isUpper: true)
      )
    }
    guard found.low <= found.high else {
      throw FormError(description: "'\(range)' holds no number: its lower end is above the upper")
    }
    return (subject, found)
  }

  /// A decimal with at most two digits behind the point, in hundredths.
  private static func hundredths(_ text: some StringProtocol) -> UInt64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = UInt64(parts[0]), whole <= 100 else {
      return nil
    }
    guard parts.count == 2 else { return 100 * whole }
    guard (1...2).contains(parts[1].utf8.count), let rest = UInt64(parts[1]) else { return nil }
    return 100 * whole + (parts[1].utf8.count == 1 ? 10 * rest : rest)
  }

  // MARK: in a bundle

  var json: JSONValue {
    [
      "by": .string(grouping.rawValue), "useLimit": .count(useLimit),
      "ranges": .array(
        ranges.keys.sorted().map { subject in
          let range = ranges[subject] ?? .any
          return [
            "class": .string(subject.name), "quantity": .string(subject.quantity.rawValue),
            "low": .count(range.low), "high": .count(range.high),
          ]
        }
      ),
    ]
  }

  init?(_ json: JSONValue?) {
    guard let object = json?.object, Set(object.members.keys) == ["by", "useLimit", "ranges"],
      let grouping = object["by"]?.text.flatMap(Grouping.init(rawValue:)),
      let limit = object["useLimit"]?.text.flatMap({ Int($0) }),
      let list = object["ranges"]?.elements
    else { return nil }
    self.init(grouping: grouping, useLimit: limit)
    for element in list {
      guard let object = element.object,
        Set(object.members.keys) == ["class", "quantity", "low", "high"],
        let name = object["class"]?.text,
        let quantity = object["quantity"]?.text.flatMap(Quantity.init(rawValue:)),
        let low = object["low"]?.text.flatMap({ UInt64($0) }),
        let high = object["high"]?.text.flatMap({ UInt64($0) }),
        ranges.updateValue(TotalRange(low, high), forKey: Subject(name, quantity)) == nil
      else { return nil }
    }
  }
}
