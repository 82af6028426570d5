/// Two statements of a policy that do not go together, or one that can never hold.
public struct PolicyContradiction: Hashable, Sendable {
  /// The kinds.
  public enum Kind: String, Sendable {
    /// Two rules have the same conditions and decide differently: nobody can say what was meant.
    case contradiction
    /// A stricter rule holds wherever this one does: it never decides anything.
    case shadowed = "rule-shadowed"
    /// No license, place or day can meet the conditions.
    case never = "rule-never"
  }

  /// The kind.
  public let kind: Kind
  /// The rule in question.
  public let rule: String
  /// The rule that it is measured against, if it is another.
  public let other: String?
  /// What is wrong and what to do, in one sentence.
  public let sentence: String

  /// Whether the policy is refused for it.
  public var isError: Bool { kind == .contradiction }
}

extension LicensePolicy {
  /// What does not go together in this policy.
  ///
  /// - Complexity: O(rules² · conditions).
  public var contradictions: [PolicyContradiction] {
    var found: [PolicyContradiction] = []
    for (index, rule) in rules.enumerated() {
      if let sentence = impossibility(of: rule) {
        found.append(
          PolicyContradiction(kind: .never, rule: rule.id, other: nil, sentence: sentence)
        )
      }
      for (place, other) in rules.enumerated() where place != index {
        let implies = rule.when.implies(other.when)
        if implies, other.when.implies(rule.when) {
          if place > index, rule.then != other.then {
            found.append(
              PolicyContradiction(
                kind: .contradiction,
                rule: other.id,
                other: rule.id,
                sentence:
                  "rule \(other.id) says \(other.then.rawValue) under the very conditions under which rule \(rule.id) says \(rule.then.rawValue); keep one of them"
              )
            )
          }
        } else if implies, other.then > rule.then {
          found.append(
            PolicyContradiction(
              kind: .shadowed,
              rule: rule.id,
              other: other.id,
              sentence:
                "rule \(rule.id) (\(rule.then.rawValue)) never decides: wherever it holds, rule \(other.id) says \(other.then.rawValue); narrow \(other.id) or remove \(rule.id)"
            )
          )
          break
        }
      }
    }
    return found
  }

  /// Why a rule can never hold; `nil` if it can.
  private func impossibility(of rule: Rule) -> String? {
    let when = rule.when
    if !when.jurisdictions.isEmpty,
      !when.jurisdictions.contains(where: { place in
        jurisdictions.contains { Jurisdiction.covers([place], $0) }
      })
    {
      return
        "rule \(rule.id) asks for \(when.jurisdictions.joined(separator: ", ")), and the policy decides on \(jurisdictions.joined(separator: ", ")) alone; add the jurisdiction to the policy, or remove the rule"
    }
    let axes = when.licenses.map { LicenseTable.axes(of: $0) }
    if !when.categories.isEmpty, !axes.isEmpty, axes.allSatisfy({ $0 != nil }),
      !axes.contains(where: { !($0?.categories.isDisjoint(with: when.categories) ?? true) })
    {
      return
        "rule \(rule.id) asks for a license and a category that it does not have (\(when.licenses.joined(separator: ", ")); \(when.categories.joined(separator: ", "))); see ingest license explain"
    }
    return nil
  }
}

extension LicensePolicy.Condition {
  /// Whether every situation that meets these conditions meets `other` too, as far as their text tells.
  func implies(_ other: Self) -> Bool {
    func narrows<T: Equatable>(_ own: [T], _ wider: [T]) -> Bool {
      wider.isEmpty || !own.isEmpty && own.allSatisfy(wider.contains)
    }
    // A contract prevails over a refusal, so that a rule about refusals may not hold where another does.
    let speaksOfRefusal = other.preferences.contains(.disallowed) && other.bases.isEmpty
    if speaksOfRefusal, bases.contains("contract") { return false }
    return (narrows(categories, other.categories) || licensesHave(other.categories))
      && narrows(licenses, other.licenses) && narrows(bases, other.bases)
      && narrows(sources, other.sources) && narrows(plugins, other.plugins)
      && (other.jurisdictions.isEmpty
        || !jurisdictions.isEmpty
          && jurisdictions.allSatisfy { Jurisdiction.covers(other.jurisdictions, $0) })
      && narrows(terms, other.terms) && other.uses.allSatisfy { uses[$0.key] == $0.value }
      && narrows(preferences, other.preferences) && narrows(personalData, other.personalData)
  }

  /// Whether all licenses that are named are known and of one of the categories.
  private func licensesHave(_ categories: [String]) -> Bool {
    !licenses.isEmpty
      && licenses.allSatisfy { license in
        LicenseTable.axes(of: license).map { !$0.categories.isDisjoint(with: categories) } ?? false
      }
  }
}
