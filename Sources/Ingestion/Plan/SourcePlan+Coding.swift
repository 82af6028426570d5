public import CanonicalCoding
internal import Files
internal import Manifests
internal import Merkle
internal import Normalization
internal import SourceAPI

/// A plan as JSON: the texts of manifest and policy, the inputs, the limits. What was read from it reads the same bytes.
extension SourcePlan {
  /// The JSON form.
  public var json: JSONValue {
    var object = rules
    object["inputs"] = .array(inputs.map(\.json))
    return .object(object)
  }

  /// The JSON form without the inputs, of which there may be a hundred thousand.
  var rules: JSONObject {
    var rules: JSONObject = [
      "folder": .string(folder),
      "manifest": [
        "file": .string(manifest.file), "bytes": .string(Base64.encode(manifest.fileBytes)),
      ],
      "policy": .string(Base64.encode(policy.bytes)),
      "withdrawals": .array(withdrawals.sorted().map(JSONValue.string)),
      "limits": options.whatIsRead,
    ]
    if !exclusions.isEmpty { rules["exclusions"] = .array(exclusions.map(\.json)) }
    if let external = options.external { rules["external"] = external.identity.json }
    return rules
  }

  /// SHA-256 over the names and states of all inputs.
  var inputsDigest: SHA256Hash {
    var writer = ByteWriter(capacity: inputs.count * 96)
    for input in inputs { input.encode(into: &writer) }
    return .of(writer.bytes)
  }

  /// Reads the JSON form.
  ///
  /// - Throws: `IngestError` 65 for anything else; 78 for the manifest or policy in it.
  public init(_ json: JSONValue) throws(IngestError) {
    guard let object = json.object, let entries = object["inputs"]?.elements else {
      throw Self.damaged
    }
    var inputs: [Input] = []
    for entry in entries {
      guard let input = Input(entry) else { throw Self.damaged }
      inputs.append(input)
    }
    try self.init(object, inputs: inputs)
  }

  private static let damaged = IngestError(
    .badData,
    "the plan is damaged: a field is missing or of another form"
  )

  /// Reads the JSON form without inputs.
  init(_ object: JSONObject, inputs: [Input]) throws(IngestError) {
    let fault = Self.damaged
    guard let folder = object["folder"]?.text,
      let manifestObject = object["manifest"]?.object, let file = manifestObject["file"]?.text,
      let manifestBytes = manifestObject["bytes"]?.text.flatMap({ Base64.decode($0) }),
      let policyBytes = object["policy"]?.text.flatMap({ Base64.decode($0) }),
      let withdrawals = object["withdrawals"]?.elements,
      var options = object["limits"].flatMap({ Options().reading(as: $0) })
    else { throw fault }
    if let external = object["external"] {
      guard let identity = ExternalPlugin.Identity(external) else { throw fault }
      options.external = ExternalPlugin(
        identity: identity,
        path: "",
        interpreter: [],
        readable: []
      )
    }
    do {
      let manifest = try SourceManifest.decode(manifestBytes, file: file, plugins: nil)
      let policy = try PolicyFile.decode(policyBytes, file: FilePaths.join(folder, manifest.policy))
      self.init(
        manifest: manifest,
        folder: folder,
        inputs: inputs,
        policy: policy,
        withdrawals: Set(withdrawals.compactMap(\.text)),
        exclusions: try (object["exclusions"]?.elements ?? []).map {
          try Exclusion(payload: CanonicalJSON.encode($0))
        },
        options: options
      )
    } catch {
      throw IngestError(error)
    }
  }
}

extension SourcePlan.Input {
  /// The JSON form.
  var json: JSONValue {
    var object: JSONObject = [
      "path": .string(path), "locator": .string(locator), "bytes": .count(fingerprint.byteCount),
      "modified": .count(fingerprint.modified), "inode": .count(fingerprint.inode),
      "skipped": .string(skipped ?? ""),
    ]
    if let sha256 { object["sha256"] = .string(sha256) }
    return .object(object)
  }

  /// The byte form: what a worker is told, and what the digest of all inputs is over.
  func encode(into writer: inout ByteWriter) {
    writer.write(text: path)
    writer.write(text: locator)
    writer.write(fingerprint.byteCount)
    writer.write(UInt64(bitPattern: fingerprint.modified))
    writer.write(fingerprint.inode)
    writer.write(text: skipped ?? "")
  }

  /// Reads the byte form.
  init(_ reader: inout ByteReader) throws {
    path = try reader.text(limit: 1 << 16)
    locator = try reader.text(limit: 1 << 18)
    fingerprint = FileFingerprint(
      byteCount: try reader.read(),
      modified: Int64(bitPattern: try reader.read()),
      inode: try reader.read()
    )
    let kind = try reader.text(limit: 64)
    skipped = kind.isEmpty ? nil : kind
  }

  /// Reads the JSON form.
  init?(_ json: JSONValue) {
    guard let object = json.object, let path = object["path"]?.text,
      let locator = object["locator"]?.text,
      let byteCount = object["bytes"]?.text.flatMap({ UInt64($0) }),
      let modified = object["modified"]?.text.flatMap({ Int64($0) }),
      let inode = object["inode"]?.text.flatMap({ UInt64($0) }),
      let skipped = object["skipped"]?.text
    else { return nil }
    self.init(
      path: path,
      locator: locator,
      fingerprint: FileFingerprint(byteCount: byteCount, modified: modified, inode: inode),
      skipped: skipped.isEmpty ? nil : skipped,
      sha256: object["sha256"]?.text
    )
  }
}

extension SourcePlan.Options {
  /// What can change the records of a source: kept with its state, so that whoever reads it again reads the same.
  var whatIsRead: JSONValue {
    [
      "extraFormats": .array(extraFormats.sorted().map(JSONValue.string)), "budget": budget.json,
    ]
  }

  /// These options over what was read.
  func reading(as kept: JSONValue) -> SourcePlan.Options? {
    guard let object = kept.object, let formats = object["extraFormats"]?.elements,
      let budget = object["budget"].flatMap({ DecodeBudget($0) })
    else { return nil }
    var options = self
    options.extraFormats = Set(formats.compactMap(\.text))
    options.budget = budget
    return options
  }

  /// The JSON form.
  var json: JSONValue {
    var object: JSONObject = [
      "read": whatIsRead, "allowsUnsandboxed": .bool(allowsUnsandboxed),
      "cpuSeconds": .count(cpuSeconds),
    ]
    if let external {
      object["external"] = [
        "identity": external.identity.json, "path": .string(external.path),
        "interpreter": .array(external.interpreter.map(JSONValue.string)),
        "readable": .array(external.readable.map(JSONValue.string)),
      ]
    }
    return .object(object)
  }

  /// Reads the JSON form.
  init?(_ json: JSONValue) {
    guard let object = json.object,
      let read = object["read"].flatMap({ SourcePlan.Options().reading(as: $0) }),
      let allowsUnsandboxed = object["allowsUnsandboxed"]?.boolean,
      let cpuSeconds = object["cpuSeconds"]?.text.flatMap({ UInt64($0) })
    else { return nil }
    self = read
    self.allowsUnsandboxed = allowsUnsandboxed
    self.cpuSeconds = cpuSeconds
    guard let external = object["external"] else { return }
    guard let external = external.object,
      let identity = external["identity"].flatMap({ ExternalPlugin.Identity($0) }),
      let path = external["path"]?.text, let interpreter = external["interpreter"]?.elements,
      let readable = external["readable"]?.elements
    else { return nil }
    self.external = ExternalPlugin(
      identity: identity,
      path: path,
      interpreter: interpreter.compactMap(\.text),
      readable: readable.compactMap(\.text)
    )
  }
}
