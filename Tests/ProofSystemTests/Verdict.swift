import ProofSystem

/// What the verifier says to a proof: the rule that it breaks, or `nil` when it is accepted.
func verdict(_ proof: [UInt8], of statement: Statement) -> VerificationError? {
  do throws(VerificationError) {
    _ = try Verifier.verify(proof, of: statement)
    return nil
  } catch {
    return error
  }
}
