internal import CanonicalCoding
internal import CrawlRules
internal import PageReading
internal import WebCrawl

/// What is known about one authority: its robots.txt and the other files in which a site speaks to crawlers.
final class SiteState {
  /// What has to happen before its pages can be judged.
  enum Phase {
    /// A robots.txt is to be fetched, from where redirects have led.
    case robots(File)
    /// A request about it is under way, or its response is being looked at.
    case fetching
    /// The process that parses reads its rules.
    case reading
    /// Robots.txt is asked whether these files may be fetched.
    case asking([File])
    /// Files are to be fetched.
    case files([File])
    /// One is under way, or its response is being looked at; these come behind it.
    case fetchingFile(rest: [File])
    /// Its pages can be judged.
    case ready
    /// None of its pages is fetched, for this reason.
    case refused(String)
  }

  /// A file in which a site speaks to crawlers.
  struct File {
    /// `robots.txt`, `tdmrep.json`, `ai.txt`, `license`.
    let name: String
    let address: String
    /// Redirects before it.
    let hops: Int
    var isRobots: Bool { name == "robots.txt" }
  }

  let number: Int64
  let authority: String
  var phase: Phase
  /// What it answered, by name.
  var answers: [String: CrawlEvidence.Answer] = [:]
  /// The least time between two requests that it asks for, in milliseconds.
  var delayMilliseconds: Int?
  /// When its robots.txt is asked for again: seconds since 1970.
  var expires = 0
  var attempts = 0
  /// What robots.txt names beside its rules.
  var facts: SiteFacts?
  /// SHA-256 of its certificate.
  var certificate: String?

  /// How long a robots.txt is believed (RFC 9309, section 2.4).
  static let cacheSeconds = 86_400
  /// How long an old one is believed while no new one can be had (section 2.3.1.4).
  static let unreachableSeconds = 30 * 86_400

  init(number: Int64, authority: String) {
    (self.number, self.authority) = (number, authority)
    phase = .robots(File(name: "robots.txt", address: authority + "/robots.txt", hops: 0))
  }

  var robotsAddress: String { authority + "/robots.txt" }

  /// Has its robots.txt asked for from the beginning.
  func askRobots() { phase = .robots(File(name: "robots.txt", address: robotsAddress, hops: 0)) }
  var isRefused: String? { if case .refused(let reason) = phase { reason } else { nil } }
  var isReady: Bool { if case .ready = phase { true } else { false } }

  /// What is kept between two runs; empty until its files are there.
  var json: String {
    guard isReady || isRefused != nil else { return "" }
    var object: JSONObject = [
      "expires": .count(expires),
      "answers": .object(
        JSONObject(
          answers.map { name, answer in
            var entry: JSONObject = [
              "url": .string(answer.address), "at": .string(answer.time),
              "status": .string(answer.status),
            ]
            if let sha256 = answer.sha256 { entry["sha256"] = .string(sha256) }
            return (name, .object(entry))
          }
        )
      ),
    ]
    if let delayMilliseconds { object["delay"] = .count(delayMilliseconds) }
    if let reason = isRefused { object["refused"] = .string(reason) }
    return String(decoding: CanonicalJSON.encode(.object(object)), as: UTF8.self)
  }

  /// Takes over what was kept; false when there is nothing that still holds.
  func restore(_ text: String, now: Int) -> Bool {
    guard let object = (try? JSONParser.parse(Array(text.utf8)))?.object,
      let expires = object["expires"]?.text.flatMap({ Int($0) }), expires > now,
      let kept = object["answers"]?.object
    else { return false }
    for (name, entry) in kept.members {
      guard let entry = entry.object, let address = entry["url"]?.text,
        let time = entry["at"]?.text,
        let status = entry["status"]?.text
      else { return false }
      answers[name] = CrawlEvidence.Answer(
        address: address,
        time: time,
        status: status,
        sha256: entry["sha256"]?.text
      )
    }
    self.expires = expires
    delayMilliseconds = object["delay"]?.text.flatMap { Int($0) }
    phase = object["refused"]?.text.map { .refused($0) } ?? .ready
    return true
  }

  /// The answers in a fixed order, for evidence.
  var evidence: [(name: String, answer: CrawlEvidence.Answer)] {
    answers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
