internal import CrawlRules
internal import SourceAPI

/// What the headers of a response say about training, most restrictive first.
enum TrainingSignals {
  static func preference(_ message: HTTPMessage) -> Member.TrainingPreference {
    var found = UsagePreference.unknown
    for field in message.values(.contentUsage) {
      found = found.combined(with: UsageSignals.contentUsage(field))
    }
    for field in message.values(.robotsTag) {
      found = found.combined(with: UsageSignals.robotsTag(field))
    }
    for field in message.values(.reservation) {
      found = found.combined(with: UsageSignals.reservation(field))
    }
    switch found {
    case .unknown: return .unknown
    case .allowed: return .allowed
    case .disallowed: return .disallowed
    }
  }
}
