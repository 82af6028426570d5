internal import CanonicalCoding
internal import Licensing
internal import Manifests
internal import Merkle

/// The policy as text, the license texts, the attributions.
struct PolicySection {
  private let report: EpochReport
  init(_ report: EpochReport) { self.report = report }

  var markup: Markup {
    let epoch = report.input.epoch
    let policy = epoch.policy.policy
    return .section(
      "policy",
      "Policy \(policy.id) \(policy.version)",
      [
        .table(
          ["Rule", "Then", "Why"],
          policy.rules.map { [.text($0.id), DecisionSection.mark($0.then), .text($0.reason)] },
          empty: "The policy has no rule."
        ),
        .element("h3", [], "Waivers"), waivers(policy),
        .element("h3", [], "Text of the policy"),
        .element("pre", [("class", "text")], String(decoding: epoch.policy.bytes, as: UTF8.self)),
        .element("h3", [], "Attributions"), attributions,
        .element("h3", [], "License texts"), .all(texts),
      ]
    )
  }

  private func waivers(_ policy: LicensePolicy) -> Markup {
    let day = report.input.epoch.asOf
    return .table(
      ["Waiver", "Source", "Rule", "By", "Through", "Days left", "Why"],
      policy.waivers.map { waiver in
        let left = waiver.expires.dayNumber - day.dayNumber
        return [
          .text(waiver.id), .text(waiver.source), .text(waiver.rule), .text(waiver.by),
          .text(waiver.expires.description), .text(left < 0 ? "expired" : "\(left)"),
          .text(waiver.reason),
        ]
      },
      numbers: [5],
      empty: "The policy waives nothing; signed reviews stand with their sources."
    )
  }

  private var attributions: Markup {
    var seen: Set<String> = []
    var items: [Markup] = []
    for source in report.input.epoch.sources {
      for entry in source.entries where entry.license.records > 0 {
        guard let line = entry.grant?.attribution, seen.insert(line).inserted else { continue }
        items.append(
          .all([
            report.link(report.facts.place(source.commitment.id, "license.attribution")),
            .text(" \(line)"),
          ])
        )
      }
    }
    return .list(items, empty: "No license asks for attribution.")
  }

  private var texts: [Markup] {
    var seen: Set<SHA256Hash> = []
    var pieces: [Markup] = []
    for source in report.input.epoch.sources {
      let bound = Set(
        (source.manifest?.documents ?? []).compactMap { $0.sha256 == nil ? nil : $0.field }
      )
      for (name, text) in source.texts.sorted(by: { $0.key < $1.key }) {
        let digest = SHA256Hash.of(text)
        guard seen.insert(digest).inserted else { continue }
        let isBound = bound.contains("license.texts.\(name)")
        pieces += [
          .element(
            "h4",
            [],
            "\(name) (\(source.commitment.id)), sha256 \(digest.hex)\(isBound ? "" : ", not bound by the manifest")"
          ),
          .element("pre", [("class", "text")], String(decoding: text, as: UTF8.self)),
        ]
      }
    }
    return pieces.isEmpty
      ? [.element("p", [("class", "none")], "No license text beyond the SPDX list is used.")]
      : pieces
  }
}
