internal import SourceAPI

/// What the headers of a response say about training, most restrictive first.
///
/// Read are AIPREF's `Content-Usage` (label `train-ai`) and the tokens `noai`, `noml` and
/// `noimageai` of `X-Robots-Tag`; TDM's `tdm-reservation: 1` reserves too.
enum TrainingSignals {
  static func preference(_ message: HTTPMessage) -> Member.TrainingPreference {
    var isAllowed = false
    for value in message.values(.contentUsage).flatMap({ $0.split(separator: ",") }) {
      let parts = value.filter { !$0.isWhitespace }.lowercased().split(separator: "=")
      guard parts.count == 2, parts[0] == "train-ai" else { continue }
      if parts[1].hasPrefix("n") { return .disallowed }
      if parts[1].hasPrefix("y") { isAllowed = true }
    }
    for value in message.values(.robotsTag).flatMap({ $0.split(separator: ",") }) {
      let token =
        value.split(separator: ":").last.map { $0.filter { !$0.isWhitespace }.lowercased() } ?? ""
      if ["noai", "noml", "noimageai"].contains(token) { return .disallowed }
    }
    if message[.reservation]?.first == "1" { return .disallowed }
    return isAllowed ? .allowed : .unknown
  }
}
