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
