public import CanonicalCoding
public import Licensing
internal import Merkle

/// What the policy decides for every license entry and preference on the as-of day.
public struct DecisionTable: Sendable {
  /// One row; the names are those of the committed form.
  public struct Row: Hashable, Sendable {
    /// The source.
    public let source: String
    /// The position in the license entries of the source.
    public let licenseIndex: Int
    /// What the publisher said about training.
    public let preference: Preference
    /// The license expression, normalized.
    public let expression: String
    /// What the policy decides.
    public let decision: Decision
    /// The operand of an OR that was taken.
    public let chosen: String?
    /// The waivers that were needed.
    public let waiver: String?
    /// The last valid day.
    public let until: CivilDate?

    /// Whether records under this row may be used on a day: allowed, and the license has not ended.
    ///
    /// A waiver that is valid has turned `review` into `allow` where the table was made.
    public func isUsable(on day: CivilDate) -> Bool {
      decision == .allow && until.map { day <= $0 } ?? true
    }

    /// The row as JSON.
    public var json: JSONValue {
      var object: JSONObject = [
        "source": .string(source), "licenseIndex": .count(licenseIndex),
        "preference": .string(preference.name), "expression": .string(expression),
        "decision": .string(decision.rawValue),
      ]
      object["chosen"] = chosen.map(JSONValue.string)
      object["waiver"] = waiver.map(JSONValue.string)
      object["until"] = until.map { .string($0.description) }
      return .object(object)
    }
  }

  /// Rows by source id, license index and preference.
  public let rows: [Row]
  /// The full judgment of each row, for explanations.
  public let evaluations: [PolicyEvaluation]

  /// Compiles the rows of source manifests with the reviews that they bring.
  public init(manifests: [SourceManifest], policy: LicensePolicy, asOf day: CivilDate) {
    self.init(inputs: manifests.map { DecisionInputs($0) }, policy: policy, asOf: day)
  }

  /// Compiles the rows, in ascending order of source ids.
  ///
  /// - Complexity: O(entries · preferences · jurisdictions · licenses · rules).
  public init(inputs: [DecisionInputs], policy: LicensePolicy, asOf day: CivilDate) {
    var rows: [Row] = []
    var evaluations: [PolicyEvaluation] = []
    for source in inputs.sorted(by: { $0.source < $1.source }) {
      for (index, entry) in source.entries.enumerated() {
        let situation = source.situation(of: index, policy: policy, asOf: day)
        for preference in Self.preferences(of: source.plugin) {
          let evaluation = PolicyEvaluation.evaluate(
            situation,
            preference: preference,
            policy: policy,
            asOf: day
          )
          let waivers = evaluation.waivers.sorted().joined(separator: " ")
          rows.append(
            Row(
              source: source.source,
              licenseIndex: index,
              preference: preference,
              expression: entry.expression,
              decision: evaluation.decision,
              chosen: evaluation.chosen,
              waiver: waivers.isEmpty ? nil : waivers,
              until: entry.until
            )
          )
          evaluations.append(evaluation)
        }
      }
    }
    self.rows = rows
    self.evaluations = evaluations
  }

  /// Reads the lines of a table and refuses anything but their RFC 8785 form; it has no evaluations.
  ///
  /// - Throws: `CommitmentError` naming the member.
  public init(lines bytes: [UInt8]) throws(CommitmentError) {
    var rows: [Row] = []
    for line in bytes.split(separator: 0x0A) { rows.append(try Row(Array(line))) }
    (self.rows, evaluations) = (rows, [])
  }

  /// The preference classes that a plugin's records can have.
  public static func preferences(of plugin: String) -> [Preference] {
    plugin == "web-crawl" ? [.unknown, .allowed, .disallowed] : [.unknown]
  }

  /// The committed lines: one JCS object each.
  public var lines: [[UInt8]] { rows.map { CanonicalJSON.encode($0.json) } }

  /// The number of rows and the root over them.
  public var head: CountedHead { CountedHead(entries: lines) }
}

extension DecisionTable.Row {
  init(_ line: [UInt8]) throws(CommitmentError) {
    let json: JSONValue
    do {
      json = try JSONParser.parse(line)
    } catch {
      throw .json(error)
    }
    var reader = try CommitmentReader(json, "")
    source = try reader.text("source")
    guard let index = Int(exactly: try reader.count("licenseIndex")), index <= UInt16.max else {
      throw .badValue("licenseIndex")
    }
    licenseIndex = index
    let name = try reader.text("preference")
    guard let preference = Preference.allCases.first(where: { $0.name == name }) else {
      throw .badValue("preference")
    }
    self.preference = preference
    expression = try reader.text("expression")
    guard let decision = Decision(rawValue: try reader.text("decision")) else {
      throw .badValue("decision")
    }
    self.decision = decision
    chosen = try reader.optionalText("chosen")
    waiver = try reader.optionalText("waiver")
    let day = try reader.optionalText("until")
    until = day.flatMap { CivilDate($0) }
    guard (day == nil) == (until == nil) else { throw .badValue("until") }
    try reader.finish()
    guard CanonicalJSON.encode(self.json) == line else { throw .notCanonical }
  }
}
