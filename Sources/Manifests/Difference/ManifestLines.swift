internal import CanonicalCoding

/// Where each member of a source manifest stands, by its dotted name: `license.term.until`, `overrides[3].license.concluded`.
public struct ManifestLines: Sendable {
  /// The lines by name.
  public let lines: [String: Int]

  /// The places in a manifest that was decoded already.
  ///
  /// - Complexity: O(bytes); the file is read once more, because nothing else needs its places.
  public init(_ manifest: SourceManifest) {
    guard
      let declaration = try? YAMLReader.read(
        manifest.fileBytes,
        file: manifest.file,
        prefix: "manifest"
      )
    else {
      self.init(lines: [:])
      return
    }
    self.init(declaration)
  }

  private init(lines: [String: Int]) { self.lines = lines }

  /// The places in a file that was read already.
  init(_ declaration: Declaration) {
    var lines: [String: Int] = [:]
    func visit(_ value: Declaration, _ path: String) {
      if lines[path] == nil { lines[path] = value.position.line }
      switch value {
      case .map(let members, _):
        for member in members {
          let own = path.isEmpty ? member.name : "\(path).\(member.name)"
          lines[own] = member.position.line
          visit(member.value, own)
        }
      case .list(let elements, _):
        for (index, element) in elements.enumerated() { visit(element, "\(path)[\(index)]") }
      case .text, .absent: break
      }
    }
    visit(declaration, "")
    self.init(lines: lines)
  }

  /// The line of a member, or of the nearest one that holds it.
  public func line(of path: String) -> Int {
    var path = Substring(path)
    while !path.isEmpty {
      if let line = lines[String(path)] { return line }
      guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { break }
      path = path[..<end]
    }
    return 1
  }
}
