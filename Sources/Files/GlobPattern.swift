/// A path pattern: `*` and `?` inside one component, `**` over any number of components.
public struct GlobPattern: Hashable, Sendable {
  /// The pattern's text.
  public let text: String
  private let parts: [[UInt8]]
  /// What a path begins with that `folder/**` matches; `nil` for any other pattern.
  private let openFolder: [UInt8]?

  /// Reads a pattern; every text is one.
  public init(_ text: String) {
    self.text = text
    parts = text.utf8.split(separator: 0x2F).map(Array.init)
    let folders = parts.dropLast()
    let isOpen =
      parts.last == [0x2A, 0x2A] && !folders.joined().contains { $0 == 0x2A || $0 == 0x3F }
    openFolder = isOpen ? folders.flatMap { $0 + [0x2F] } : nil
  }

  /// Whether it has no wildcard.
  public var isLiteral: Bool { !text.contains(where: { "*?".contains($0) }) }

  /// The folder before the first wildcard, and `nil` components after it.
  public var literalFolder: String {
    let fixed = parts.prefix { !$0.contains(UInt8(ascii: "*")) && !$0.contains(UInt8(ascii: "?")) }
    let count = fixed.count == parts.count ? parts.count - 1 : fixed.count
    return parts.prefix(max(0, count)).map { String(decoding: $0, as: UTF8.self) }.joined(
      separator: "/"
    )
  }

  /// Whether a `/`-separated path matches.
  ///
  /// - Complexity: O(pattern · path); no pattern is exponential.
  public func matches(_ path: String) -> Bool {
    if let openFolder, path.utf8.starts(with: openFolder) { return true }
    let names = path.utf8.split(separator: 0x2F).map(Array.init)
    // reachable[j]: the pattern parts read so far can match the first j names.
    var reachable = [Bool](repeating: false, count: names.count + 1)
    reachable[0] = true
    for part in parts {
      var next = [Bool](repeating: false, count: names.count + 1)
      if part == [0x2A, 0x2A] {
        var isOpen = false
        for j in 0...names.count {
          isOpen = isOpen || reachable[j]
          next[j] = isOpen
        }
      } else {
        for j in 0..<names.count where reachable[j] && Self.matches(part, names[j]) {
          next[j + 1] = true
        }
      }
      reachable = next
    }
    return reachable[names.count]
  }

  private static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
    var p = 0
    var n = 0
    var star: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        star = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == name[n] || pattern[p] == UInt8(ascii: "?") {
        p += 1
        n += 1
      } else if let last = star {
        p = last.pattern + 1
        n = last.name + 1
        star = (last.pattern, n)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
