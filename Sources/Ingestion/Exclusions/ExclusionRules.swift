internal import Manifests
internal import Merkle
internal import SourceAPI

/// The exclusions of a source, so that a record is looked up and not compared with each of them.
struct ExclusionRules: Sendable {
  private var byDigest: [SHA256Hash: Int] = [:]
  private var byHost: [String: Int] = [:]
  private var byAddress: [String: Int] = [:]
  private var byLocator: [String: Int] = [:]
  private let exclusions: [Exclusion]

  init(_ exclusions: [Exclusion]) {
    self.exclusions = exclusions
    for (number, exclusion) in exclusions.enumerated() {
      // The first that names a record is the one that counts.
      switch exclusion.match {
      case .contentDigest(let digest): byDigest[digest] = byDigest[digest] ?? number
      case .host(let host):
        let key = HostNames.key(of: host)
        byHost[key] = byHost[key] ?? number
      case .address(let address): byAddress[address] = byAddress[address] ?? number
      case .locator(let locator): byLocator[locator] = byLocator[locator] ?? number
      }
    }
  }

  /// The reason for which a record is left out, and which exclusion says so; `nil` when none does.
  func match(_ member: Member, _ content: SHA256Hash?) -> (ExclusionReason, detail: String)? {
    guard !exclusions.isEmpty else { return nil }
    var numbers = [
      content.flatMap { byDigest[$0] }, byAddress[member.name], byLocator[member.locator],
    ]
    if let host = member.host { numbers += HostNames.keys(of: host).map { byHost[$0] } }
    guard let number = numbers.compactMap(\.self).min() else { return nil }
    let exclusion = exclusions[number]
    return (exclusion.reason, "exclusion \(exclusion.sequence) \(exclusion.reference)")
  }
}

/// Names of hosts as rules write them: exact, or with `*.` before them for the host and all below it.
enum HostNames {
  /// The key under which a rule's host is kept: `*.` becomes a dot.
  static func key(of rule: String) -> String {
    rule.hasPrefix("*.") ? String(rule.dropFirst()) : rule
  }

  /// The keys of all rules that match a host.
  static func keys(of host: String) -> [String] {
    var keys = [host, "." + host]
    for (index, character) in zip(host.indices, host) where character == "." {
      keys.append(String(host[index...]))
    }
    return keys
  }
}
