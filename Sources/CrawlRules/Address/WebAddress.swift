/// An address on the web in its one canonical form: two texts that lead to the same place by the WHATWG URL Standard are
/// the same value.
///
/// Only http and https; without fragment, because no server sees it, and without user and password, because a crawler has
/// none. The order of a query is kept: it may mean something.
public struct WebAddress: Hashable, Sendable {
  /// The longest address that is taken, in bytes of its canonical form.
  public static let lengthLimit = 2048

  /// `http` or `https`.
  public let scheme: String
  /// A name in ASCII, an IPv4 address in dotted decimal, or an IPv6 address in brackets.
  public let host: String
  /// The port; `nil` for that of the scheme.
  public let port: UInt16?
  /// The path, percent-coded; at least `/`.
  public let path: String
  /// The query without its question mark, percent-coded.
  public let query: String?

  /// Reads an address; `nil` for what is none, what leads to no web page, and what is too long.
  ///
  /// - Parameters:
  ///   - text: absolute, or relative to `base`.
  ///   - base: where the text stands.
  /// - Complexity: O(n).
  public init?(_ text: String, base: WebAddress? = nil) {
    guard text.utf8.count <= Self.lengthLimit else { return nil }
    var parser = AddressParser(text, base: base)
    guard let found = parser.parse(), found.text.utf8.count <= Self.lengthLimit else { return nil }
    self = found
  }

  init(scheme: String, host: String, port: UInt16?, path: String, query: String?) {
    (self.scheme, self.host, self.port) = (scheme, host, port)
    (self.path, self.query) = (path, query)
  }

  /// Scheme, host and port: what one robots.txt holds for (RFC 9309, section 2.3), in the form of an origin.
  public var authority: String { "\(scheme)://\(host)\(port.map { ":\($0)" } ?? "")" }
  /// Path and query: what the server is asked for.
  public var target: String { path + (query.map { "?" + $0 } ?? "") }
  /// The whole address.
  public var text: String { authority + target }

  /// The same address without its query.
  public var withoutQuery: WebAddress {
    WebAddress(scheme: scheme, host: host, port: port, path: path, query: nil)
  }

  /// The same address without the parameters of its query that say where a visitor came from.
  ///
  /// - Parameter names: the names of parameters; one that ends in `*` stands for all that begin so. Case counts.
  /// - Returns: the rest of the address.
  public func dropping(parameters names: [String]) -> WebAddress {
    guard let query, !names.isEmpty else { return self }
    let parts = query.split(separator: "&", omittingEmptySubsequences: false)
    let kept = parts.filter { part in
      let name = part.prefix { $0 != "=" }
      return !names.contains { rule in
        rule.hasSuffix("*") ? name.hasPrefix(rule.dropLast()) : name == rule
      }
    }
    guard kept.count < parts.count else { return self }
    let rest = kept.joined(separator: "&")
    guard !rest.isEmpty else { return withoutQuery }
    return WebAddress(scheme: scheme, host: host, port: port, path: path, query: rest)
  }
}
