public import Algebra

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

  /// The same where a profile asks for work; without, there is no nonce.
  package mutating func readWorkIfAny(_ bits: Int, _ label: String) throws(VerificationError) {
    if bits > 0 { try readWork(bits: bits, label) }
  }

  /// Says that nothing is left.
  ///
  /// - Throws: `VerificationError.trailingBytes`.
  public consuming func finish() throws(VerificationError) -> [TranscriptEvent] {
    guard offset == bytes.count else { throw .trailingBytes }
    return source.events
  }
}
