import CanonicalCoding
import Manifests
import Merkle
import Testing

/// Whose signature counts, for what, when, and how many are needed.
@Suite struct SignerListTests {
  private func key(_ number: UInt8, _ scheme: SignatureScheme = .ed25519) throws -> SigningKey {
    try #require(SigningKey(scheme: scheme, seed: [UInt8](repeating: number, count: 32)))
  }

  private func keys() throws -> [String: SigningKey] {
    [
      "a.pem": try key(1), "b.pem": try key(2), "c.pem": try key(3, .mlDSA65), "d.pem": try key(4),
    ]
  }

  private static let text = """
    apiVersion: ingest/v1
    kind: SignerList
    roles:
      - id: data-team
        signs: [epochs]
        threshold: "1"
        keys: [{name: Data, file: d.pem}]
      - id: legal
        signs: [reviews]
        threshold: "2"
        keys:
          - {name: Anna, file: a.pem, until: "2026-06-30"}
          - {name: Ben, file: b.pem}
          - {name: Anna, file: c.pem, from: "2026-07-01"}
    """

  private func list(_ text: String = SignerListTests.text) throws -> SignerList {
    let keys = try keys()
    return try SignerList.decode(Array(text.utf8), file: "s") { keys[$0]?.publicKey.pem }
  }

  private func envelope(_ names: [String]) throws -> DSSEEnvelope {
    var envelope = DSSEEnvelope(payload: Array("payload".utf8), payloadType: Review.payloadType)
    for name in names { try envelope.sign(with: #require(try keys()[name])) }
    return envelope
  }

  private func outcome(
    _ names: [String],
    on: String = "2026-11-01",
    list text: String = SignerListTests.text,
    purpose: SignerList.Purpose? = .reviews
  ) throws -> String {
    let (list, envelope) = (try list(text), try envelope(names))
    let day = try #require(CivilDate(on))
    do throws(SignatureError) {
      let signers = try list.signers(of: envelope, for: purpose, on: day)
      return signers?.joined(separator: ", ") ?? "not enough"
    } catch {
      return error.code
    }
  }

  @Test func `distinct keys of the role are counted, on their days`() throws {
    #expect(try outcome(["b.pem", "c.pem"]) == "Anna (legal), Ben (legal)")
    #expect(try outcome(["b.pem"]) == "not enough")
    #expect(try outcome([]) == "not enough")
    #expect(try outcome(["a.pem", "b.pem"], on: "2026-06-30") == "Anna (legal), Ben (legal)")
    #expect(try outcome(["a.pem", "b.pem"], on: "2026-07-01") == "key-days")
    #expect(try outcome(["d.pem", "b.pem"]) == "wrong-role")
    #expect(try outcome(["d.pem"], purpose: .epochs) == "Data (data-team)")
    #expect(try outcome(["d.pem"], purpose: nil) == "Data")
  }

  @Test func `an unknown, a doubled, a bent signature refuses everything`() throws {
    var stranger = try envelope(["b.pem", "c.pem"])
    try stranger.sign(with: key(9))
    let good = try envelope(["b.pem", "c.pem"])
    func bend(_ change: (inout JSONObject) -> Void) throws -> DSSEEnvelope {
      var object = try #require(good.json.object)
      change(&object)
      return try DSSEEnvelope(.object(object))
    }
    let doubled = try bend { object in
      let all = object["signatures"]?.elements ?? []
      object["signatures"] = .array(all + all.prefix(1))
    }
    let bent = try bend { $0["payload"] = .string(Base64.encode(Array("other".utf8))) }
    for (envelope, code) in [
      (stranger, "unknown-key"), (doubled, "doubled-key"), (bent, "bad-signature"),
    ] {
      let list = try list()
      do throws(SignatureError) {
        _ = try list.signers(of: envelope, for: .reviews, on: CivilDate("2026-11-01")!)
        Issue.record("\(code) is not seen")
      } catch { #expect(error.code == code) }
    }
  }

  @Test func `a revoked key counts before its day, a compromised one never`() throws {
    let ben = try key(2).publicKey.identifier
    func with(_ reason: String) -> String {
      Self.text + "\nrevoked: [{key: \(ben), on: \"2026-10-01\", reason: \(reason)}]\n"
    }
    #expect(
      try outcome(["b.pem", "c.pem"], on: "2026-09-30", list: with("left"))
        == "Anna (legal), Ben (legal)"
    )
    #expect(try outcome(["b.pem", "c.pem"], on: "2026-10-01", list: with("left")) == "revoked-key")
    #expect(
      try outcome(["b.pem", "c.pem"], on: "2026-09-30", list: with("compromised")) == "revoked-key"
    )
  }

  @Test func `a profile of post-quantum signatures wants one of each role`() throws {
    let text = Self.text.replacing("roles:", with: "profile: pq\nroles:")
    #expect(try outcome(["b.pem", "c.pem"], list: text) == "Anna (legal), Ben (legal)")
    #expect(try outcome(["a.pem", "b.pem"], on: "2026-06-01", list: text) == "not enough")
  }

  @Test(arguments: [
    ("threshold: \"2\"", "threshold: \"0\"", "signers.threshold"),
    ("threshold: \"2\"", "threshold: \"4\"", "signers.threshold"),
    ("threshold: \"2\"", "threshold: two", "signers.number"),
    ("    threshold: \"2\"\n", "", "signers.required"),
    ("id: legal", "id: data-team", "signers.role-twice"),
    ("signs: [reviews]", "signs: [review]", "signers.enum"),
    ("file: b.pem", "file: missing.pem", "signers.key"),
    ("file: b.pem", "file: ../b.pem", "signers.path"),
    ("until: \"2026-06-30\"", "from: \"2026-07-30\", until: \"2026-06-30\"", "signers.date-order"),
    ("kind: SignerList", "kind: Signers", "signers.kind"),
    ("    signs: [epochs]", "    sings: [epochs]", "signers.unknown-key"),
  ])
  func `a list that trusts the wrong people is refused`(
    _ from: String,
    _ to: String,
    _ code: String
  ) throws {
    #expect(Self.text.contains(from))
    do {
      _ = try list(Self.text.replacing(from, with: to))
      Issue.record("\(to) is accepted")
    } catch let error as ManifestError {
      #expect(error.findings.contains { $0.code == code }, "\(error)")
    }
  }
}
