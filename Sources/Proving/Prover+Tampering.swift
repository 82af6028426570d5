internal import Algebra
package import ProofSystem

extension Prover {
  /// What a cheating prover of the tests does beside a wrong witness.
  package struct Tampering: Sendable {
    /// Changes the lanes of a group (0 main, 1 helper) before they are committed.
    package var lanes: (@Sendable (Int, inout [[BaseField]]) -> Void)?
    /// Changes the helper columns before they are committed.
    package var helpers: (@Sendable (inout [[[ChallengeField]]]) -> Void)?
    /// Changes columns with their pad rows after the main group was committed.
    package var columns: (@Sendable (inout [[[BaseField]]]) -> Void)?
    /// Changes h before it is sent.
    package var combination: @Sendable (inout [ChallengeField]) -> Void = { _ in }
    /// Changes the vector of a folding before it is committed.
    package var folded: (@Sendable (_ iteration: Int, inout [ChallengeField]) -> Void)?
    /// What is sent, and absorbed, instead of a label's message of a number.
    package var messages:
      (@Sendable (_ label: String, _ number: Int, _ message: [UInt8]) -> [ProverTranscript.Sent])?
    /// Challenges that do not depend on any message.
    package var coins: [UInt8]?
    /// Another number of query draws.
    package var queryCount: Int?
    /// Goes on although the rank condition or the opening budget forbids it.
    package var ignoresBudgets = false
    /// An honest prover.
    package init() {}
  }
}
