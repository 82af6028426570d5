package import Algebra

/// Challenges that depend on everything before them.
///
/// A challenge is 100 bytes for an element of E: each coordinate is the little-endian integer of 20
/// bytes modulo p (DecodeField of draft-irtf-cfrg-fiat-shamir; bias 2^-128 a coordinate).
package struct ChallengeSource: ~Copyable {
  private var sponge: DuplexSponge
  /// Coins that do not depend on any message, for the simulator; `nil` in every real transcript.
  private var coins: SHAKE128?
  package private(set) var events: [TranscriptEvent] = []

  package init(sessionIdentifier: [UInt8], statement: [UInt8]) {
    sponge = DuplexSponge(sessionIdentifier: sessionIdentifier)
    absorb(statement, "statement")
  }

  /// Challenges that somebody fixed: what zero knowledge is defined over.
  package init(coins seed: [UInt8]) {
    sponge = DuplexSponge(sessionIdentifier: Array(repeating: 0, count: 32))
    var stream = SHAKE128()
    stream.absorb(seed)
    coins = stream
  }

  package mutating func absorb(_ bytes: [UInt8], _ label: String) {
    sponge.absorb(bytes)
    events.append(TranscriptEvent(kind: .absorb, label: label, byteCount: bytes.count))
  }

  private mutating func squeeze(_ count: Int, _ label: String) -> [UInt8] {
    events.append(TranscriptEvent(kind: .challenge, label: label, byteCount: count))
    return coins?.squeeze(count) ?? sponge.squeeze(count)
  }

  package mutating func element(_ label: String) -> ChallengeField {
    let bytes = squeeze(100, label)
    var coordinates: [BaseField] = []
    for start in stride(from: 0, to: 100, by: 20) {
      // Horner's rule in base 2^8, from the highest byte down.
      var value: UInt64 = 0
      for byte in bytes[start..<start + 20].reversed() {
        value = (value << 8 | UInt64(byte)) % UInt64(BaseField.modulus)
      }
      coordinates.append(BaseField(reducing: value))
    }
    return ChallengeField(
      coordinates[0],
      coordinates[1],
      coordinates[2],
      coordinates[3],
      coordinates[4]
    )
  }

  package mutating func elements(_ count: Int, _ label: String) -> [ChallengeField] {
    (0..<count).map { _ in element(label) }
  }

  /// An index below a power of two: four bytes, little-endian, exact.
  package mutating func index(below size: Int, _ label: String) -> Int {
    let bytes = squeeze(4, label)
    return Int(bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }) & (size - 1)
  }

  /// Whether the next eight bytes are below 2^(64 − bits): the proof of work behind its nonce.
  package mutating func passesWork(bits: Int, _ label: String) -> Bool {
    let value = squeeze(8, label).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    // With fixed coins there is no nonce that could matter.
    return bits == 0 || coins != nil || value >> UInt64(64 - bits) == 0
  }

  /// Draws as many bytes as the challenges among some events did.
  package mutating func skip(_ events: [TranscriptEvent]) {
    for event in events where event.kind == .challenge { _ = squeeze(event.byteCount, event.label) }
  }

  /// Whether the challenges were fixed.
  package var hasCoins: Bool { coins != nil }

  /// What went in so far, to look for a nonce behind it.
  package var absorbed: SHAKE128 { sponge.absorbed }
}
