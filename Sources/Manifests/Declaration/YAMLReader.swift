internal import CanonicalCoding
internal import Yams

/// Reads a YAML file under the rules that keep it unambiguous: one document, no anchors, aliases,
/// tags or merge keys, valid UTF-8, bounded size, depth and number of nodes.
public enum YAMLReader {
  /// The largest file, in bytes.
  public static let sizeLimit = 1 << 20
  /// The deepest nesting.
  public static let depthLimit = 32
  /// The most nodes.
  public static let nodeLimit = 100_000

  /// Reads the bytes of `file`.
  ///
  /// - Parameters:
  ///   - bytes: the file's bytes.
  ///   - file: its name, for findings alone.
  ///   - prefix: the prefix of error codes, `manifest` or `policy`.
  /// - Returns: the values as they stand there, all of them text.
  /// - Throws: `ManifestError` with every place that breaks a rule of YAML as we take it.
  public static func read(
    _ bytes: [UInt8],
    file: String,
    prefix: String
  ) throws(ManifestError) -> Declaration {
    func refuse(_ code: String, _ sentence: String, line: Int = 1, column: Int = 1) -> ManifestError
    {
      ManifestError([
        ManifestFinding(
          file: file,
          line: line,
          column: column,
          code: "\(prefix).\(code)",
          field: "",
          sentence: sentence
        )
      ])
    }
    guard bytes.count <= sizeLimit else { throw refuse("size", "the file is larger than 1 MiB") }
    if let offset = UTF8Check.firstInvalid(bytes) {
      let line = bytes[..<offset].count { $0 == 0x0A } + 1
      throw refuse("utf-8", "the file is not valid UTF-8; save it as UTF-8", line: line)
    }
    if let bad = YAMLGuard.firstRefusal(bytes) {
      throw refuse(bad.code, bad.sentence, line: bad.position.line, column: bad.position.column)
    }
    let root: Node?
    do {
      // Every value is text: no scalar is to be guessed a number or a day, and building the patterns
      // of the guessing resolver was a twelfth of a short run.
      root = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self), .basic)
    } catch let error as YamlError {
      let (code, sentence, mark) = describe(error)
      throw refuse(code, sentence, line: mark.line, column: mark.column)
    } catch {
      throw refuse("yaml", "the file is not YAML")
    }
    guard let root else { throw refuse("empty", "the file is empty") }
    var converter = NodeConverter(file: file, prefix: prefix)
    let declaration = converter.convert(root, depth: 0)
    guard converter.findings.isEmpty else { throw ManifestError(converter.findings) }
    return declaration
  }

  private static func describe(_ error: YamlError) -> (String, String, SourcePosition) {
    func place(_ mark: Mark) -> SourcePosition {
      SourcePosition(line: max(1, mark.line), column: max(1, mark.column))
    }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return ("yaml", "not YAML: \(problem)", place(mark))
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.joined(separator: ", ")
      return ("duplicate-key", "the key \(names) stands twice; keep one", place(context.mark))
    default:
      return ("yaml", "not YAML", SourcePosition(line: 1, column: 1))
    }
  }
}

/// Turns Yams nodes into declarations and collects what breaks our rules.
private struct NodeConverter {
  let file: String
  let prefix: String
  var findings: [ManifestFinding] = []
  private var count = 0

  init(file: String, prefix: String) {
    self.file = file
    self.prefix = prefix
  }

  private mutating func report(_ code: String, _ sentence: String, _ position: SourcePosition) {
    guard findings.count < 100 else { return }
    findings.append(
      ManifestFinding(
        file: file,
        line: position.line,
        column: position.column,
        code: "\(prefix).\(code)",
        field: "",
        sentence: sentence
      )
    )
  }

  mutating func convert(_ node: Node, depth: Int) -> Declaration {
    let position = SourcePosition(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    count += 1
    guard depth <= YAMLReader.depthLimit, count <= YAMLReader.nodeLimit else {
      report("depth", "nested deeper than 32, or more than 100,000 nodes", position)
      return .absent(position)
    }
    guard node.anchor == nil else {
      report("anchor", "anchors and aliases are refused; write the value out", position)
      return .absent(position)
    }
    switch node {
    case .scalar(let scalar): return convert(scalar, node, position)
    case .sequence(let sequence):
      refuseTag(of: node, unless: [.implicit, .seq], position)
      var elements: [Declaration] = []
      for element in sequence {
        let converted = convert(element, depth: depth + 1)
        if case .absent(let place) = converted {
          report("null", "a list has no empty element", place)
        }
        elements.append(converted)
      }
      return .list(elements, position)
    case .mapping(let mapping):
      refuseTag(of: node, unless: [.implicit, .map], position)
      var members: [Declaration.Member] = []
      for (key, value) in mapping {
        let place = SourcePosition(line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
        guard case .scalar(let name) = key, key.anchor == nil else {
          report("key", "a key is a plain text", place)
          continue
        }
        if name.string == "<<" {
          report("merge-key", "merge keys are refused; write the members out", place)
        }
        members.append(
          Declaration.Member(
            name: name.string,
            position: place,
            value: convert(value, depth: depth + 1)
          )
        )
      }
      return .map(members, position)
    case .alias:
      report("anchor", "anchors and aliases are refused; write the value out", position)
      return .absent(position)
    }
  }

  private mutating func convert(
    _ scalar: Node.Scalar,
    _ node: Node,
    _ position: SourcePosition
  ) -> Declaration {
    refuseTag(
      of: node,
      unless: [.implicit, .str],
      position
    )
    if scalar.style == .plain, ["", "~", "null"].contains(scalar.string) {
      return .absent(position)
    }
    for unicode in scalar.string.unicodeScalars {
      switch unicode.value {
      case 0x0A: break
      case 0..<0x20, 0x7F...0x9F: report("control", "a control character; remove it", position)
      case 0x202A...0x202E, 0x2066...0x2069:
        report(
          "bidi",
          "a bidirectional override, which can hide what a text says; remove it",
          position
        )
      default: break
      }
    }
    return .text(scalar.string, position)
  }

  private mutating func refuseTag(
    of node: Node,
    unless allowed: [Tag.Name],
    _ position: SourcePosition
  ) {
    let name = node.tag.description
    if !allowed.contains(where: { $0.rawValue == name }) {
      report("tag", "explicit tags are refused; every value is text", position)
    }
  }
}
