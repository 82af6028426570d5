public import CanonicalCoding
public import SourceAPI

/// What a crawl knew about a page when it fetched it: the answer to "why was this page taken on that day?".
///
/// Written as one line of canonical JSON into the page's own archive record (`Ingest-Evidence`); docs/formats.md has its
/// members.
public struct CrawlEvidence: Sendable {
  /// What was asked of a site beside its pages, and what came.
  public struct Answer: Hashable, Sendable {
    /// The address that was asked.
    public var address: String
    /// When.
    public var time: String
    /// `200`, `404`, `unreachable`.
    public var status: String
    /// SHA-256 of the body, hexadecimal; `nil` where there is none.
    public var sha256: String?
    /// An answer.
    public init(address: String, time: String, status: String, sha256: String?) {
      (self.address, self.time, self.status, self.sha256) = (address, time, status, sha256)
    }

    var json: JSONValue {
      var object: JSONObject = [
        "url": .string(address), "at": .string(time), "status": .string(status),
      ]
      if let sha256 { object["sha256"] = .string(sha256) }
      return .object(object)
    }
  }

  /// One statement about training.
  public struct Signal: Hashable, Sendable {
    /// What kind: `content-usage`, `x-robots-tag`, `tdm-reservation`, `meta robots`, `ai.txt`, `rsl`.
    public var name: String
    /// Where it stands: `robots.txt line 9`, `header`, `page`.
    public var place: String
    /// As it is written, cut at 512 bytes.
    public var text: String
    /// `allowed`, `disallowed` or `unknown`.
    public var training: String
    /// A statement.
    public init(name: String, place: String, text: String, training: String) {
      (self.name, self.place, self.text, self.training) = (name, place, text, training)
    }

    /// The JSON form.
    public var json: JSONValue {
      [
        "name": .string(name), "in": .string(place), "text": .string(text),
        "train": .string(training),
      ]
    }

    /// Reads the JSON form.
    public init?(_ json: JSONValue) {
      guard let object = json.object, let name = object["name"]?.text,
        let place = object["in"]?.text, let text = object["text"]?.text,
        let training = object["train"]?.text
      else { return nil }
      self.init(name: name, place: place, text: text, training: training)
    }
  }

  /// The canonical form.
  public var json: JSONValue
  /// What all statements say together.
  public let training: Member.TrainingPreference
  /// Digests that descriptors bind by name.
  public let digests: [(name: String, sha256: [UInt8])]

  /// The evidence of a page.
  ///
  /// - Parameters:
  ///   - agent: the user agent as it was sent.
  ///   - time: when the page was asked for.
  ///   - peer: the address that answered.
  ///   - answers: by name: `robots.txt`, `tdmrep.json`, `ai.txt`, `license`.
  ///   - rule: the line of robots.txt that decided, if one did, and the rule as written.
  ///   - signals: what was said about training.
  ///   - training: what that says together.
  ///   - chain: the addresses that redirected here, in their order.
  ///   - certificate: SHA-256 of the server's certificate, hexadecimal.
  public init(
    agent: String,
    time: String,
    peer: String,
    answers: [(name: String, answer: Answer)],
    rule: (line: Int, text: String)?,
    signals: [Signal],
    training: String,
    chain: [String],
    certificate: String?
  ) {
    var robots: JSONObject = ["verdict": "allowed"]
    if let rule {
      robots["line"] = .count(rule.line)
      robots["rule"] = .string(rule.text)
    }
    var object: JSONObject = [
      "version": .string(Self.version), "agent": .string(agent), "at": .string(time),
      "peer": .string(peer), "train": .string(training),
      "asked": .object(JSONObject(answers.map { ($0.name, $0.answer.json) })),
      "robots": .object(robots),
    ]
    if !chain.isEmpty { object["via"] = .array(chain.map(JSONValue.string)) }
    if let certificate { object["tls"] = .string(certificate) }
    let room = Self.lineLimit - CanonicalJSON.encode(.object(object)).count
    let kept = Self.fitting(signals, room: room)
    if !kept.isEmpty { object["signals"] = .array(kept.map(\.json)) }
    if kept.count < signals.count { object["signalsCut"] = .count(signals.count - kept.count) }
    json = .object(object)
    self.training = Self.preference(training)
    digests = Self.digests(of: object)
  }

  /// A text of somebody else as evidence keeps it: its first 512 bytes.
  public static func cut(_ text: String) -> String {
    text.utf8.count <= 512 ? text : String(decoding: Array(text.utf8.prefix(512)), as: UTF8.self)
  }

  /// The longest line of evidence: readers of archives take heads of 64 KiB, and addresses stand in them too.
  private static let lineLimit = 40 << 10

  /// The signals that fit: those against training first, in their order.
  private static func fitting(_ signals: [Signal], room: Int) -> [Signal] {
    var room = room
    return
      (signals.filter { $0.training == "disallowed" }
      + signals.filter { $0.training != "disallowed" }).filter { signal in
        room -= CanonicalJSON.encode(signal.json).count + 1
        return room >= 0
      }
  }

  /// The version of this form and of the rules that read signals.
  public static let version = "ingest-crawl-1"

  /// Reads a line of an archive; `nil` for anything that is no evidence of ours.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count <= 1 << 16, let json = try? JSONParser.parse(bytes),
      let object = json.object, let training = object["train"]?.text
    else { return nil }
    self.json = json
    self.training = Self.preference(training)
    digests = Self.digests(of: object)
  }

  /// The line.
  public var line: String { String(decoding: CanonicalJSON.encode(json), as: UTF8.self) }

  private static func preference(_ name: String) -> Member.TrainingPreference {
    name == "disallowed" ? .disallowed : name == "allowed" ? .allowed : .unknown
  }

  private static func digests(of object: JSONObject) -> [(name: String, sha256: [UInt8])] {
    func digest(_ text: String?) -> [UInt8]? {
      text.flatMap { $0.utf8.count == 64 ? Hex.decode($0) : nil }
    }
    var found: [(String, [UInt8])] = []
    let names = [
      ("robots.txt", "robots-txt"), ("tdmrep.json", "tdmrep"), ("ai.txt", "ai-txt"),
      ("license", "rsl"),
    ]
    for (member, name) in names {
      if let bytes = digest(object["asked"]?.object?[member]?.object?["sha256"]?.text) {
        found.append((name, bytes))
      }
    }
    if let bytes = digest(object["tls"]?.text) { found.append(("tls-leaf", bytes)) }
    return found
  }
}
