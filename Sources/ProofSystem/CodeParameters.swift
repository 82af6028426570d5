/// The parameters of the code that all groups of a proof share.
public struct CodeParameters: Hashable, Sendable {
  /// μ: a lane holds 2^μ data entries.
  public let logDataLength: Int
  /// a: its tail has 2^a entries.
  public let logTailLength: Int
  /// r0: the domain has 2^(μ + r0) points.
  public let logInverseRate: Int

  /// The number of tail positions that hold sumcheck masks: 256 in every statement that is checked.
  public let maskZoneLength: Int

  /// Parameters; `isAllowed` says whether they are within the limits.
  public init(logDataLength: Int, logTailLength: Int, logInverseRate: Int) {
    self.init(
      logDataLength: logDataLength,
      logTailLength: logTailLength,
      logInverseRate: logInverseRate,
      maskZoneLength: Self.standardMaskZoneLength
    )
  }

  /// Parameters with another mask zone, for tests of codes that are too small for the real one.
  package init(logDataLength: Int, logTailLength: Int, logInverseRate: Int, maskZoneLength: Int) {
    (self.logDataLength, self.logTailLength) = (logDataLength, logTailLength)
    (self.logInverseRate, self.maskZoneLength) = (logInverseRate, maskZoneLength)
  }

  /// The mask zone of every statement that is checked.
  public static let standardMaskZoneLength = 256
  /// 2^μ.
  public var dataLength: Int { 1 << logDataLength }
  /// 2^a.
  public var tailLength: Int { 1 << logTailLength }
  /// The code's dimension, 2^μ + 2^a.
  public var messageLength: Int { dataLength + tailLength }
  /// log2 of the number of points.
  public var logDomainSize: Int { logDataLength + logInverseRate }
  /// The number of points.
  public var domainSize: Int { 1 << logDomainSize }
  /// The most positions that may be opened: the query zone.
  public var openingBudget: Int { tailLength - maskZoneLength }
  /// Whether the sizes are within the limits of every statement.
  public var isAllowed: Bool {
    (9...23).contains(logDataLength) && (9..<logDataLength).contains(logTailLength)
      && (1...4).contains(logInverseRate) && logDomainSize <= 24
      && maskZoneLength == Self.standardMaskZoneLength
  }
  /// The true rate, (2^μ + 2^a) / n.
  public var rate: Double { Double(messageLength) / Double(domainSize) }
}
