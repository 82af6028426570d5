internal import CanonicalCoding
internal import Manifests

/// What is proved and what is not, what the report does not cover, and how to check it with another program.
struct ProofSection {
  private let report: EpochReport
  init(_ report: EpochReport) { self.report = report }

  private static let notCovered = [
    "patents, trademarks, export control",
    "jurisdictions and uses that the policy does not name",
    "whether a license was revoked by its licensor after the day of the decision",
    "the truth of what a source declares, and the validity of a license in law",
    "records that are paraphrases of others: digests find equal text alone",
  ]

  private static let proved = [
    "every record counted here is committed, under the license entry that is shown: the counts are those of the signed commit file",
    "the decisions follow from this policy, these manifests, these reviews and this day; their table has the committed root",
    "an earlier epoch's records keep their places, or left tombstones: ingest proof difference shows it",
  ]

  private static let notProved = [
    "that nothing else was used in training: a training receipt and its proof speak of one run (ingest prove provenance)",
    "that the license table is right: it is a proposal that no lawyer has reviewed yet",
    "who holds the keys that signed",
  ]

  var markup: Markup {
    let epoch = report.input.epoch
    let committed = epoch.manifest.manifest
    let digest = epoch.manifest.digest.hex
    return .section(
      "proof",
      "What is proved, and how to check it",
      [
        .element("h3", [], "Proved"), .list(Self.proved.map(Markup.text), empty: ""),
        .element("h3", [], "Not proved"), .list(Self.notProved.map(Markup.text), empty: ""),
        .element("h3", [], "Not covered"), .list(Self.notCovered.map(Markup.text), empty: ""),
        .element("h3", [], "Check it elsewhere"),
        .element(
          "pre",
          [("class", "text")],
          """
          sha256sum combined.commit.json     # \(digest)
          ingest verify combined.commit.dsse.json --key KEY.pem
          ingest export --all out && ingest verify out
          """
        ),
        .facts(
          [
            ("Commit file", .code(digest)),
            ("Combined root, SHA-256", .code(epoch.manifest.combined.sha256.hex)),
            ("Combined root, Poseidon2", .code(epoch.manifest.combined.poseidon2.hex)),
            ("Policy", .code(committed.policy.sha256.hex)),
            ("Decision table", .code(committed.policy.table.sha256Root.hex)),
            ("Reviews", .code(committed.reviews.sha256Root.hex)),
            (
              "SPDX list",
              .text("\(committed.licenseListVersion), sha256 \(committed.licenseListDigest.hex)")
            ),
            (
              "License table",
              .text("\(committed.licenseTableVersion), sha256 \(committed.licenseTableDigest.hex)")
            ),
            (
              "Signed by",
              .list(
                report.input.signers.map(Markup.code),
                empty: "nobody whose key was given: signatures were not checked"
              )
            ),
          ],
          isWide: true
        ),
        .element(
          "footer",
          [],
          "Made by ingest \(committed.toolVersion) from the commit file and what it names; nothing else. Not legal advice."
        ),
      ]
    )
  }
}
