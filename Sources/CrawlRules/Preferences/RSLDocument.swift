internal import Markup

/// A license of Really Simple Licensing 1.0: which uses of which parts of a site are permitted, prohibited, or paid for.
///
/// To be read in a sandboxed process.
public struct RSLDocument: Sendable {
  /// The terms of one `content` element.
  private struct Content: Sendable {
    var pattern: RobotsPattern
    var permits: Set<String> = []
    var prohibits: Set<String> = []
    var payments: Set<String> = []
  }

  private static let contentLimit = 10_000
  private var contents: [Content] = []
  /// Whether the file is one.
  public private(set) var isReadable = false

  /// Reads a document.
  public init(_ bytes: [UInt8]) {
    guard bytes.count <= RobotsFile.byteLimit else { return }
    var path: [String] = []
    var usage: Set<String>?
    var value = ""
    var found: [Content] = []
    var isLicense = false
    do throws(XMLDamage) {
      try XMLDocument.read(bytes) { event in
        switch event {
        case .start(let name, let attributes):
          path.append(name)
          if path.count == 1 { isLicense = name == "rsl" }
          if name == "content" {
            guard found.count < Self.contentLimit else { return false }
            let address = attributes["url"] ?? "/"
            found.append(Content(pattern: RobotsPattern(RobotsTarget(address).plain)))
          }
          if name == "payment", !found.isEmpty {
            found[found.count - 1].payments.insert(attributes["type"]?.lowercased() ?? "free")
          }
          value = ""
          // Geography and kinds of users narrow a term; a narrowed permission permits less, a narrowed prohibition no less.
          usage = (attributes["type"] ?? "usage").lowercased() == "usage" ? [] : nil
        case .text(let text):
          if value.utf8.count < 4096 { value += text }
        case .end:
          guard let name = path.popLast() else { return false }
          if usage != nil, !found.isEmpty {
            let words = Set(value.lowercased().split { " ,\n\t\r".contains($0) }.map(String.init))
            if name == "permits" { found[found.count - 1].permits.formUnion(words) }
            if name == "prohibits" { found[found.count - 1].prohibits.formUnion(words) }
          }
          usage = nil
        }
        return true
      }
    } catch {
      return
    }
    isReadable = isLicense
    contents = isLicense ? found : []
  }

  private static let training: Set<String> = ["all", "ai-all", "ai-train", "train-ai"]

  /// What it says about an address; `nil` where no part of it speaks of the address.
  ///
  /// A prohibition wins; a permission that costs something is none until somebody has paid.
  public func statement(on address: String) -> (training: UsagePreference, text: String)? {
    let target = RobotsTarget(address)
    let matching = contents.filter { $0.pattern.matches(target) }
    guard let length = matching.map(\.pattern.length).max() else { return nil }
    var said: (UsagePreference, String)?
    for content in matching where content.pattern.length == length {
      let words = "permits \(content.permits.sorted().joined(separator: " "))"
      let own: (UsagePreference, String)
      if !content.prohibits.isDisjoint(with: Self.training) {
        own = (.disallowed, "prohibits \(content.prohibits.sorted().joined(separator: " "))")
      } else if !content.permits.isEmpty, content.permits.isDisjoint(with: Self.training) {
        own = (.disallowed, words)
      } else if !content.payments.subtracting(["free", "attribution"]).isEmpty {
        own = (.disallowed, "payment \(content.payments.sorted().joined(separator: " "))")
      } else if content.permits.isEmpty {
        own = (.unknown, "no usage is named")
      } else {
        own = (.allowed, words)
      }
      if said == nil || own.0 == .disallowed { said = own }
    }
    return said
  }
}
