/// The first check of a verification that failed.
public enum VerificationError: String, Error, Sendable {
  case truncated, trailingBytes, nonCanonical, tooLong, unsupportedVersion, unknownProfile
  case statementDigestMismatch, limitExceeded, soundnessCondition, publicInputInvalid
  case merklePath, proofOfWork, proximity, constraintsNotSatisfied, openingMismatch
}
