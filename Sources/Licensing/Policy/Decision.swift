/// What a policy says about a use; the order is deny > review > allow.
public enum Decision: String, Comparable, Sendable, CaseIterable {
  case allow
  case review
  case deny

  private var severity: Int { self == .allow ? 0 : self == .review ? 1 : 2 }
  /// The order of the parts.
  public static func < (a: Decision, b: Decision) -> Bool { a.severity < b.severity }
}

/// What data may be used for.
public enum Use: String, Sendable, CaseIterable, Hashable {
  case train
  case fineTune = "fine-tune"
  case evaluate
  case redistribute
  case commercial
}

/// What a record's publisher said about training, as flag bits 4 and 5 of the leaf hold it.
public enum Preference: UInt8, Sendable, CaseIterable {
  case unknown = 0
  case allowed = 1
  case disallowed = 2

  /// The name in committed files.
  public var name: String {
    switch self {
    case .unknown: "unknown"
    case .allowed: "allowed"
    case .disallowed: "disallowed"
    }
  }
}
