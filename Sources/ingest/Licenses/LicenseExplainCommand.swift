internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Licensing
internal import Manifests

/// `ingest license explain ID`.
struct LicenseExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what we know of one license: axes, categories, uses, and what a policy decides.",
    discussion: """
      The axes are ours, not the SPDX list's, and no lawyer has reviewed them yet.

      EXAMPLES
        ingest license explain CC-BY-NC-4.0
        ingest license explain odbl-1.0 --policy manifests/policies/default.policy
      """
  )

  @Argument(help: "An identifier of the SPDX list.")
  var license: String
  @Option(name: .long, help: "A policy that is asked what it decides.")
  var policy: String?
  @Option(name: .long, help: "The day on which the policy decides, YYYY-MM-DD.")
  var asOf: String = "1970-01-01"
  @Flag(name: .long, help: "One JSON object.")
  var json = false

  func validate() throws {
    if CivilDate(asOf) == nil { throw ValidationError("--as-of is a day: YYYY-MM-DD") }
  }

  func run() async throws {
    try await Terminal.run {
      let expression: LicenseExpression
      do throws(LicenseExpressionError) {
        expression = try LicenseExpression(license)
      } catch {
        throw IngestError(.badData, error.description)
      }
      guard case .license(let id) = expression else {
        throw IngestError(
          .badData,
          "'\(expression.normalized)' is no identifier of the SPDX list; for expressions use ingest license check"
        )
      }
      let base = id.hasSuffix("+") ? String(id.dropLast()) : id
      let verdict = try policyVerdict(expression)
      if json { print(id, base, expression, verdict) } else { say(id, base, expression, verdict) }
    }
  }

  private func policyVerdict(_ expression: LicenseExpression) throws -> (
    policy: LicensePolicy, evaluation: PolicyEvaluation
  )? {
    guard let policy, let day = CivilDate(asOf) else { return nil }
    let file = try PolicyFile.decode(
      InputFile.contents(of: policy, limit: YAMLReader.sizeLimit + 1),
      file: policy
    )
    let evaluation = PolicyEvaluation.evaluate(
      LicenseSituation(licensed: expression),
      preference: .unknown,
      policy: file.policy,
      asOf: day
    )
    return (file.policy, evaluation)
  }

  private func print(
    _ id: String,
    _ base: String,
    _ expression: LicenseExpression,
    _ verdict: (policy: LicensePolicy, evaluation: PolicyEvaluation)?
  ) {
    let axes = LicenseTable.axes(of: base)
    var object: JSONObject = [
      "id": .string(id), "deprecated": .bool(SPDXLicenseList.isDeprecated(id)),
      "list": .string(SPDXLicenseList.version), "table": .string(LicenseTable.version),
      "categories": .array((LicenseFacts.categories(of: id) ?? []).map(JSONValue.string)),
      "uses": .object(
        JSONObject(LicenseFacts.uses(of: expression).map { ($0.rawValue, .string($1.rawValue)) })
      ),
    ]
    object["axes"] = axes?.json
    if let verdict {
      object["policy"] = [
        "id": .string(verdict.policy.id), "version": .string(verdict.policy.version),
        "decision": .string(verdict.evaluation.decision.rawValue),
        "rules": .array(verdict.evaluation.steps.map { .string($0.rule) }),
      ]
    }
    Terminal.print(json: .object(object))
  }

  private func say(
    _ id: String,
    _ base: String,
    _ expression: LicenseExpression,
    _ verdict: (policy: LicensePolicy, evaluation: PolicyEvaluation)?
  ) {
    let address = "https://spdx.org/licenses/\(base).html"
    Terminal.print("\(id)  SPDX list \(SPDXLicenseList.version), \(address)")
    for warning in expression.warnings(for: license) { Terminal.print("  warning: \(warning)") }
    if let axes = LicenseTable.axes(of: base) {
      Terminal.print("  categories: \(axes.categories.sorted().joined(separator: ", "))")
      for axis in LicenseAxes.values { Terminal.print("  \(axis.name): \(axes[axis.name])") }
    } else {
      Terminal.print("  \(LicenseFacts.missing(id))")
    }
    Terminal.print("  uses: \(LicenseFacts.sentence(LicenseFacts.uses(of: expression)))")
    if let verdict {
      Terminal.print(
        "  policy \(verdict.policy.id) \(verdict.policy.version): \(verdict.evaluation.decision.rawValue)"
      )
      for step in verdict.evaluation.steps {
        Terminal.print(
          "    \(step.rule): \(step.decision.rawValue): \(Terminal.escaped(step.reason))"
        )
      }
    }
    Terminal.print(
      "  the axes are table \(LicenseTable.version) of this tool: a proposal that no lawyer has reviewed yet"
    )
  }
}
