public import Algebra

/// The field of the witness.
public typealias BaseField = KoalaBear
/// The field of challenges.
public typealias ChallengeField = QuinticExtension
