public import Algebra

/// What happened in a transcript, in order; prover and verifier must agree.
public struct TranscriptEvent: Hashable, Sendable {
  /// What kind of event.
  public enum Kind: String, Sendable {
    /// A message of the prover or the statement went in.
    case absorb
    /// A challenge came out.
    case challenge
  }

  /// The kind.
  public let kind: Kind
  /// The name of the message or challenge in the protocol.
  public let label: String
  /// The number of bytes.
  public let byteCount: Int
}

/// Challenges that depend on everything before them.
///
/// A challenge is 100 bytes for an element of E: each coordinate is the little-endian integer of 20
/// bytes modulo p (DecodeField of draft-irtf-cfrg-fiat-shamir; bias 2^-128 a coordinate).
struct ChallengeSource: ~Copyable {
  private var sponge: DuplexSponge
  /// Coins that do not depend on any message, for the simulator; `nil` in every real transcript.
  private var coins: SHAKE128?
  private(set) var events: [TranscriptEvent] = []

  init(sessionIdentifier: [UInt8], statement: [UInt8]) {
    sponge = DuplexSponge(sessionIdentifier: sessionIdentifier)
    absorb(statement, "statement")
  }

  /// Challenges that somebody fixed: what zero knowledge is defined over.
  init(coins seed: [UInt8]) {
    sponge = DuplexSponge(sessionIdentifier: Array(repeating: 0, count: 32))
    var stream = SHAKE128()
    stream.absorb(seed)
    coins = stream
  }

  mutating func absorb(_ bytes: [UInt8], _ label: String) {
    sponge.absorb(bytes)
    events.append(TranscriptEvent(kind: .absorb, label: label, byteCount: bytes.count))
  }

  private mutating func squeeze(_ count: Int, _ label: String) -> [UInt8] {
    events.append(TranscriptEvent(kind: .challenge, label: label, byteCount: count))
    return coins?.squeeze(count) ?? sponge.squeeze(count)
  }

  mutating func element(_ label: String) -> ChallengeField {
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

  mutating func elements(_ count: Int, _ label: String) -> [ChallengeField] {
    (0..<count).map { _ in element(label) }
  }

  /// An index below a power of two: four bytes, little-endian, exact.
  mutating func index(below size: Int, _ label: String) -> Int {
    let bytes = squeeze(4, label)
    return Int(bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }) & (size - 1)
  }

  /// Whether the next eight bytes are below 2^(64 − bits): the proof of work behind its nonce.
  mutating func passesWork(bits: Int, _ label: String) -> Bool {
    let value = squeeze(8, label).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    // With fixed coins there is no nonce that could matter.
    return bits == 0 || coins != nil || value >> UInt64(64 - bits) == 0
  }

  /// Whether the challenges were fixed.
  var hasCoins: Bool { coins != nil }

  /// The same state once more, to try a nonce.
  func trial(nonce: [UInt8], bits: Int) -> Bool {
    var copy = sponge
    copy.absorb(nonce)
    let value = copy.squeeze(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    return bits == 0 || value >> UInt64(64 - bits) == 0
  }
}

/// The prover's side: what is sent is absorbed as it is written.
public struct ProverTranscript: ~Copyable {
  private var source: ChallengeSource
  /// The proof so far.
  public private(set) var bytes: [UInt8]

  /// Begins behind the proof's head.
  ///
  /// - Parameters:
  ///   - sessionIdentifier: 32 bytes.
  ///   - statement: the encoding of the statement, absorbed first.
  ///   - head: bytes of the proof that the statement fixes; not absorbed again.
  public init(sessionIdentifier: [UInt8], statement: [UInt8], head: [UInt8]) {
    source = ChallengeSource(sessionIdentifier: sessionIdentifier, statement: statement)
    bytes = head
  }

  /// Begins with challenges that somebody fixed.
  package init(coins: [UInt8], head: [UInt8]) {
    source = ChallengeSource(coins: coins)
    bytes = head
  }

  /// Sends bytes.
  public mutating func send(_ message: [UInt8], _ label: String) {
    source.absorb(message, label)
    bytes += message
  }

  /// Sends elements of E.
  public mutating func send(_ elements: [ChallengeField], _ label: String) {
    send(ProofCoding.bytes(elements), label)
  }

  /// Appends what is bound already by commitments and the last challenge.
  public mutating func sendOpening(_ message: [UInt8]) { bytes += message }

  /// A challenge over E.
  public mutating func challenge(_ label: String) -> ChallengeField { source.element(label) }
  /// Challenges over E.
  public mutating func challenges(_ count: Int, _ label: String) -> [ChallengeField] {
    source.elements(count, label)
  }
  /// An index below a power of two.
  public mutating func index(below size: Int, _ label: String) -> Int {
    source.index(below: size, label)
  }

  /// Finds and sends the smallest nonce that passes.
  public mutating func sendWork(bits: Int, _ label: String) {
    var nonce: UInt64 = 0
    if source.hasCoins {
      send(ProofCoding.bytes(nonce), label)
      _ = source.passesWork(bits: bits, label)
      return
    }
    while !source.trial(nonce: ProofCoding.bytes(nonce), bits: bits) { nonce += 1 }
    send(ProofCoding.bytes(nonce), label)
    _ = source.passesWork(bits: bits, label)
  }

  /// What happened so far.
  public var events: [TranscriptEvent] { source.events }
}

/// The verifier's side: a proof is read only here, and what is read is checked and absorbed in one step.
public struct VerifierTranscript: ~Copyable {
  private var source: ChallengeSource
  private let bytes: [UInt8]
  private var offset: Int

  /// Begins behind the proof's head of `headCount` bytes, which the caller has compared.
  ///
  /// - Throws: `VerificationError.truncated` when the proof is shorter than its head.
  public init(
    sessionIdentifier: [UInt8],
    statement: [UInt8],
    proof: [UInt8],
    headCount: Int
  ) throws(VerificationError) {
    guard proof.count >= headCount else { throw .truncated }
    source = ChallengeSource(sessionIdentifier: sessionIdentifier, statement: statement)
    bytes = proof
    offset = headCount
  }

  /// Begins with challenges that somebody fixed.
  package init(coins: [UInt8], proof: [UInt8], headCount: Int) throws(VerificationError) {
    guard proof.count >= headCount else { throw .truncated }
    source = ChallengeSource(coins: coins)
    bytes = proof
    offset = headCount
  }

  private mutating func take(_ count: Int) throws(VerificationError) -> [UInt8] {
    guard count >= 0, count <= bytes.count - offset else { throw .truncated }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  /// Reads bytes and absorbs them.
  ///
  /// - Throws: `VerificationError.truncated`.
  public mutating func read(_ count: Int, _ label: String) throws(VerificationError) -> [UInt8] {
    let message = try take(count)
    source.absorb(message, label)
    return message
  }

  /// Reads elements of E and absorbs them.
  ///
  /// - Throws: `VerificationError.truncated`, `.nonCanonical`.
  public mutating func readElements(
    _ count: Int,
    _ label: String
  ) throws(VerificationError) -> [ChallengeField] {
    let message = try take(20 * count)
    let elements = try ProofCoding.elements(message)
    source.absorb(message, label)
    return elements
  }

  /// Reads bytes that commitments and the last challenge bind already.
  ///
  /// - Throws: `VerificationError.truncated`.
  public mutating func readOpening(_ count: Int) throws(VerificationError) -> [UInt8] {
    try take(count)
  }

  /// A challenge over E.
  public mutating func challenge(_ label: String) -> ChallengeField { source.element(label) }
  /// Challenges over E.
  public mutating func challenges(_ count: Int, _ label: String) -> [ChallengeField] {
    source.elements(count, label)
  }
  /// An index below a power of two.
  public mutating func index(below size: Int, _ label: String) -> Int {
    source.index(below: size, label)
  }

  /// Reads a nonce and checks the work behind it.
  ///
  /// - Throws: `VerificationError.truncated`, `.proofOfWork`.
  public mutating func readWork(bits: Int, _ label: String) throws(VerificationError) {
    _ = try read(8, label)
    guard source.passesWork(bits: bits, label) else { throw .proofOfWork }
  }

  /// Says that nothing is left.
  ///
  /// - Throws: `VerificationError.trailingBytes`.
  public consuming func finish() throws(VerificationError) -> [TranscriptEvent] {
    guard offset == bytes.count else { throw .trailingBytes }
    return source.events
  }
}
