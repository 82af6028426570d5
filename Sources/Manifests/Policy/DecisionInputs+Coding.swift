internal import CanonicalCoding
internal import Licensing
internal import Merkle

/// The file form: RFC 8785 JSON on one line, and on the next its SHA-256.
extension DecisionInputs {
  /// The bytes of the file; reviews are no part of it.
  public var bytes: [UInt8] {
    let text = CanonicalJSON.encode(json)
    return text + [0x0A] + Array(SHA256Hash.of(text).hex.utf8) + [0x0A]
  }

  /// Reads a file; `nil` when it is not whole.
  public init?(bytes: [UInt8]) {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard lines.count == 3, lines[2].isEmpty,
      SHA256Hash.of(Array(lines[0])).hex.utf8.elementsEqual(lines[1]),
      let json = try? JSONParser.parse(Array(lines[0]))
    else { return nil }
    self.init(json)
  }

  private var json: JSONValue {
    var object: JSONObject = [
      "source": .string(source), "plugin": .string(plugin), "manifest": .string(manifest.hex),
      "personalData": .string(personalData),
      "axes": .object(JSONObject(axes.map { ($0.key, $0.value.json) })),
      "entries": .array(entries.map(\.json)),
    ]
    object["onUnknownPreference"] = onUnknownPreference.map { .string($0.rawValue) }
    if let own = inlineReview {
      var review: JSONObject = [
        "status": .string(own.status.rawValue), "by": .string(own.by),
        "on": .string(own.on.description), "reason": .string(own.reason),
      ]
      review["expires"] = own.expires.map { .string($0.description) }
      object["review"] = .object(review)
    }
    return .object(object)
  }

  private init?(_ json: JSONValue) {
    guard let object = json.object, let source = object["source"]?.text,
      let plugin = object["plugin"]?.text,
      let manifest = object["manifest"]?.text.flatMap(SHA256Hash.init(hex:)),
      let personalData = object["personalData"]?.text, let axes = object["axes"]?.object,
      let list = object["entries"]?.elements
    else { return nil }
    (self.source, self.plugin, self.manifest) = (source, plugin, manifest)
    self.personalData = personalData
    onUnknownPreference = object["onUnknownPreference"]?.text.flatMap(Decision.init)
    self.axes = axes.members.compactMapValues { value in
      value.object.flatMap { LicenseAxes($0.members.compactMapValues(\.text)) }
    }
    inlineReview = object["review"]?.object.flatMap(SourceManifest.InlineReview.init)
    let entries = list.compactMap { $0.object.flatMap(Entry.init) }
    guard entries.count == list.count else { return nil }
    self.entries = entries
    reviews = .empty
  }
}

extension SourceManifest.InlineReview {
  init?(_ object: JSONObject) {
    guard let status = object["status"]?.text.flatMap(Review.Status.init),
      let by = object["by"]?.text, let on = object["on"]?.text.flatMap({ CivilDate($0) }),
      let reason = object["reason"]?.text
    else { return nil }
    (self.status, self.by, self.on, self.reason) = (status, by, on, reason)
    expires = object["expires"]?.text.flatMap { CivilDate($0) }
  }
}

extension DecisionInputs.Entry {
  var json: JSONValue {
    var object: JSONObject = [
      "expression": .string(expression), "basis": .string(basis),
      "jurisdictions": .array(jurisdictions.map(JSONValue.string)),
      "uses": .object(
        JSONObject(uses.map { ($0.key.rawValue, .string($0.value.rawValue)) })
      ),
      "warns": .bool(warnsOnExpiry),
    ]
    object["judged"] = judged.map { .string($0.normalized) }
    object["from"] = from.map { .string($0.description) }
    object["until"] = until.map { .string($0.description) }
    return .object(object)
  }

  init?(_ object: JSONObject) {
    guard let expression = object["expression"]?.text, let basis = object["basis"]?.text,
      let places = object["jurisdictions"]?.elements, let uses = object["uses"]?.object,
      let warns = object["warns"]?.boolean
    else { return nil }
    let text = object["judged"]?.text
    let judged = text.flatMap { try? LicenseExpression($0) }
    guard (text == nil) == (judged == nil) else { return nil }
    self.expression = expression
    self.judged = judged
    self.basis = basis
    jurisdictions = places.compactMap(\.text)
    var stated: [Use: Decision] = [:]
    for (name, value) in uses.members {
      guard let use = Use(rawValue: name), let decision = value.text.flatMap(Decision.init) else {
        return nil
      }
      stated[use] = decision
    }
    self.uses = stated
    from = object["from"]?.text.flatMap { CivilDate($0) }
    until = object["until"]?.text.flatMap { CivilDate($0) }
    warnsOnExpiry = warns
  }
}
