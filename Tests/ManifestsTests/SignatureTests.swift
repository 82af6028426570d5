import CanonicalCoding
import Manifests
import Merkle
import Testing
import _TestSupport

@Suite struct SignatureTests {
  private let ed: SigningKey
  private let pq: SigningKey
  private let other: SigningKey

  init() throws {
    ed = try #require(SigningKey(scheme: .ed25519, seed: Array(repeating: 1, count: 32)))
    pq = try #require(SigningKey(scheme: .mlDSA65, seed: Array(repeating: 2, count: 32)))
    other = try #require(SigningKey(scheme: .ed25519, seed: Array(repeating: 3, count: 32)))
  }

  private func envelope(_ keys: [SigningKey]) throws -> DSSEEnvelope {
    var envelope = DSSEEnvelope(payload: Array("payload".utf8))
    for key in keys { try envelope.sign(with: key) }
    return envelope
  }

  @Test func `keys read back from PEM, and nothing else is a key`() throws {
    for key in [ed, pq] {
      #expect(PublicKey(pem: key.publicKey.pem) == key.publicKey)
      #expect(SigningKey(pem: key.secretPEM)?.publicKey == key.publicKey)
      #expect(PublicKey(pem: key.secretPEM) == nil)
      #expect(PublicKey(pem: "x" + key.publicKey.pem) == nil)
    }
  }

  @Test func `the pre-authentication encoding is that of the DSSE protocol`() {
    // The example of the DSSE specification, protocol.md.
    let envelope = DSSEEnvelope(
      payload: Array("hello world".utf8),
      payloadType: "http://example.com/HelloWorld"
    )
    #expect(
      String(decoding: envelope.preAuthenticationEncoding, as: UTF8.self)
        == "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
  }

  @Test func `enough distinct trusted keys are needed, and each reason has its name`() throws {
    let both = try envelope([ed, pq])
    let keys = [ed.publicKey, pq.publicKey]
    #expect(
      try both.verify(by: SignerTrust(keys: keys, threshold: 2, needsPostQuantum: true))
        == Array("payload".utf8)
    )
    #expect(throws: SignatureError.threshold(found: 1, needed: 2)) {
      try envelope([ed]).verify(by: SignerTrust(keys: keys, threshold: 2))
    }
    #expect(throws: SignatureError.threshold(found: 0, needed: 1)) {
      try both.verify(by: SignerTrust(keys: [other.publicKey]))
    }
    #expect(throws: SignatureError.threshold(found: 1, needed: 2)) {
      try both.verify(by: SignerTrust(keys: [ed.publicKey, ed.publicKey], threshold: 2))
    }
    #expect(throws: SignatureError.postQuantumMissing) {
      try envelope([ed]).verify(by: SignerTrust(keys: keys, needsPostQuantum: true))
    }
    #expect(throws: SignatureError.noKeys) { try both.verify(by: SignerTrust(keys: [])) }
    #expect(throws: SignatureError.threshold(found: 0, needed: 1)) {
      try envelope([]).verify(by: SignerTrust(keys: keys))
    }
  }

  @Test func `one flipped bit anywhere refuses, and a key that signs twice counts once`() throws {
    let good = try envelope([ed])
    let trust = SignerTrust(keys: [ed.publicKey])
    for index in 0..<7 {
      var payload = good.payload
      payload[index] ^= 1
      var json = good.json.object!
      json["payload"] = .string(Base64.encode(payload))
      #expect(throws: SignatureError.badSignature(key: ed.publicKey.identifier)) {
        try DSSEEnvelope(.object(json)).verify(by: trust)
      }
    }
    var json = good.json.object!
    let list = json["signatures"]!.elements!
    json["signatures"] = .array(list + list)
    #expect(throws: SignatureError.doubled(key: ed.publicKey.identifier)) {
      try DSSEEnvelope(.object(json)).verify(by: trust)
    }
    json["signatures"] = .array(Array(repeating: list[0], count: 65))
    #expect(throws: SignatureError.self) { try DSSEEnvelope(.object(json)) }
  }

  @Test func `a subject that is no plain file name is refused`() throws {
    for name in ["../secret", "/etc/passwd", "a/b", "..", "", "a\\b", "a b", "a\u{7}"] {
      let text =
        #"{"_type":"https://in-toto.io/Statement/v1","predicate":{},"predicateType":"\#(CommitStatement.predicateType)","subject":[{"digest":{"sha256":"\#(String(repeating: "0", count: 64))"},"name":\#(String(decoding: CanonicalJSON.encode(.string(name)), as: UTF8.self))}]}"#
      #expect(throws: SignatureError.self) { try CommitStatement(Array(text.utf8)) }
    }
  }
}
