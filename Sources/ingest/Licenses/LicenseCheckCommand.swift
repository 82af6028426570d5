internal import ArgumentParser
internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import Licensing

/// `ingest license check EXPRESSION...`.
struct LicenseCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Parse SPDX license expressions: canonical form, categories, uses.",
    discussion: """
      SPDX 3.0.1 with the contested cases as docs/formats.md rules them. Exit 65 when one
      is not an expression; the message has the place, and the nearest known name.

      EXAMPLES
        ingest license check 'mit and (apache-2.0 or cc-by-4.0)'
        cut -f2 licenses.tsv | ingest license check --file -
      """
  )

  @Argument(help: "Expressions, one an argument.")
  var expressions: [String] = []
  @Option(name: .long, help: "A file with one expression a line; - is standard input.")
  var file: String?
  @Flag(name: .long, help: "One JSON object a line.")
  var json = false

  func validate() throws {
    guard expressions.isEmpty != (file == nil) else {
      throw ValidationError("name expressions, or a file with --file")
    }
  }

  func run() async throws {
    try await Terminal.run {
      var texts = expressions
      if let file {
        let bytes = try Terminal.read(file == "-" ? nil : file, limit: 1 << 28)
        texts = bytes.split(separator: 0x0A).map {
          String(decoding: $0.last == 0x0D ? $0.dropLast() : $0, as: UTF8.self)
        }
      }
      var isRefused = false
      var lines: [String] = []
      for text in texts {
        do throws(LicenseExpressionError) {
          lines.append(contentsOf: describe(try LicenseExpression(text), from: text))
        } catch {
          isRefused = true
          let shown = Terminal.escaped(String(text.prefix(120)))
          if json {
            lines.append(
              Self.line([
                "expression": .string(shown), "valid": false,
                "rule": .string(error.rule.rawValue), "character": .count(error.offset + 1),
                "reason": .string(Terminal.escaped(error.description)),
              ])
            )
          } else {
            flush(&lines)
            Terminal.note("ingest: '\(shown)': \(Terminal.escaped(error.description))")
          }
        }
        if lines.count > 4096 { flush(&lines) }
      }
      flush(&lines)
      if isRefused { throw ExitCode(ExitStatus.badData.rawValue) }
    }
  }

  private func flush(_ lines: inout [String]) {
    guard !lines.isEmpty else { return }
    Terminal.print(lines.joined(separator: "\n"))
    lines.removeAll(keepingCapacity: true)
  }

  private static func line(_ json: JSONValue) -> String {
    String(decoding: CanonicalJSON.encode(json), as: UTF8.self)
  }

  private func describe(_ expression: LicenseExpression, from text: String) -> [String] {
    let uses = LicenseFacts.uses(of: expression)
    let atoms = expression.atoms.map { (name: $0, categories: LicenseFacts.categories(of: $0)) }
    if json {
      return [
        Self.line([
          "expression": .string(expression.normalized), "valid": true,
          "licenses": .array(
            atoms.map {
              [
                "id": .string($0.name),
                "categories": .array(($0.categories ?? []).map(JSONValue.string)),
                "inTable": .bool($0.categories != nil),
              ]
            }
          ),
          "uses": .object(JSONObject(uses.map { ($0.0.rawValue, .string($0.1.rawValue)) })),
          "warnings": .array(expression.warnings(for: text).map(JSONValue.string)),
        ])
      ]
    }
    var lines = [expression.normalized]
    for atom in atoms {
      lines.append(
        "  \(atom.name): \(atom.categories?.joined(separator: ", ") ?? LicenseFacts.missing(atom.name))"
      )
    }
    lines.append("  uses: \(LicenseFacts.sentence(uses))")
    return lines + expression.warnings(for: text).map { "  warning: \($0)" }
  }
}

/// What the license table says, in forms that people read.
enum LicenseFacts {
  /// The categories in order; `nil` for a license that the table does not know.
  static func categories(of atom: String) -> [String]? {
    let base = atom.hasSuffix("+") ? String(atom.dropLast()) : atom
    return LicenseTable.axes(of: base)?.categories.sorted()
  }

  /// What the axes give for every use.
  static func uses(of expression: LicenseExpression) -> [(Use, Decision)] {
    let situation = LicenseSituation(licensed: expression)
    return Use.allCases.map { ($0, situation.decision(for: $0)) }
  }

  static func sentence(_ uses: [(Use, Decision)]) -> String {
    uses.map { "\($0.rawValue) \($1.rawValue)" }.joined(separator: ", ")
  }

  /// Why nothing is known about an identifier.
  static func missing(_ atom: String) -> String {
    if atom.contains("Ref-") {
      return
        "not in the license table; a manifest gives its text and axes (license.texts, license.axes)"
    }
    if atom == "NONE" || atom == "NOASSERTION" { return "no license is stated; judged unknown" }
    return
      "not in the license table (version \(LicenseTable.version)); judged unknown until a rule names it, and a manifest has to say its uses"
  }
}
