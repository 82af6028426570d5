public import CanonicalCoding
internal import Files
internal import Manifests
public import Merkle
internal import SourceAPI

/// What a source consists of, shared out: the file that workers on any machine read by.
///
/// A pure function of the manifest, the inputs and the goal: no path of this machine, no time and no inode is in it.
public struct ScanPlan: Sendable {
  /// The kind in JSON.
  static let kind = "ScanPlan"
  /// Plans of more bytes are not read.
  public static let byteLimit = 1 << 28

  /// What is read; its folder is where the plan's file lies, unless somebody says another.
  public var source: SourcePlan
  /// The shards in order.
  public let shards: [Shard]
  /// The day on which the policy decides.
  public let asOf: CivilDate
  /// The plugin.
  public let plugin: PluginIdentity

  /// Shares a source out and takes the digest of every input.
  ///
  /// - Parameters:
  ///   - plan: the source.
  ///   - plugin: its plugin.
  ///   - asOf: the day.
  ///   - goal: bytes of a shard.
  /// - Throws: `IngestError`.
  public init(
    _ plan: SourcePlan,
    plugin: PluginIdentity,
    asOf: CivilDate,
    goal: UInt64
  ) throws(IngestError) {
    do {
      var inputs = plan.inputs
      for index in inputs.indices where inputs[index].skipped == nil {
        let path = FilePaths.join(plan.folder, inputs[index].path)
        inputs[index].sha256 = try ManifestFiles.digest(of: path)
        guard try InputFile(path).fingerprint() == inputs[index].fingerprint else {
          throw SourceError.changed(input: inputs[index].path, detail: "while it was planned")
        }
        inputs[index].fingerprint = FileFingerprint(
          byteCount: inputs[index].fingerprint.byteCount,
          modified: 0,
          inode: 0
        )
      }
      source = SourcePlan(
        manifest: plan.manifest,
        folder: plan.folder,
        inputs: inputs,
        policy: plan.policy,
        withdrawals: plan.withdrawals,
        exclusions: plan.exclusions,
        options: plan.options
      )
    } catch {
      throw IngestError(error)
    }
    // A rule about places in the whole source needs the whole source in one shard.
    shards = Shard.all(of: source, goal: source.countsMembers ? .max : goal)
    (self.asOf, self.plugin) = (asOf, plugin)
  }

  /// The JSON form.
  public var json: JSONValue {
    var source = source
    source.folder = "."
    return [
      "apiVersion": "ingest/v1", "kind": .string(Self.kind),
      "source": .string(source.manifest.id), "asOf": .string(asOf.description),
      "confidential": .bool(source.manifest.confidential),
      "tool": .string(EpochBuilder.toolVersion),
      "plugin": plugin.json,
      "profile": [
        "name": .string(source.profile.name.rawValue), "sha256": .string(source.profileDigest.hex),
      ],
      "reading": source.json,
      "shards": .array(
        shards.map { shard in
          [
            "ordinal": .count(shard.ordinal), "firstInput": .count(shard.inputs.lowerBound),
            "inputs": .count(shard.inputs.count), "bytes": .count(byteCount(of: shard)),
            "inputDigest": .string(inputDigest(of: shard).hex),
          ]
        }
      ),
    ]
  }

  /// Its bytes: JCS.
  public var bytes: [UInt8] { CanonicalJSON.encode(json) }
  /// SHA-256 of its bytes.
  public var identifier: SHA256Hash { .of(bytes) }

  /// Reads a plan.
  ///
  /// - Throws: `IngestError`: 65 when it is no plan, 78 when an input leads out of its folder, 77 when this build would read
  ///   its inputs another way.
  public init(_ bytes: [UInt8], folder: String) throws(IngestError) {
    guard let object = (try? JSONParser.parse(bytes))?.object,
      object["kind"]?.text == Self.kind, let reading = object["reading"],
      let asOf = object["asOf"]?.text.flatMap({ CivilDate($0) }),
      let plugin = object["plugin"].flatMap({ PluginIdentity($0) }),
      let profile = object["profile"]?.object?["sha256"]?.text,
      let entries = object["shards"]?.elements
    else {
      throw IngestError(.badData, "this file is no plan; make one: ingest plan --source FILE")
    }
    guard object["tool"]?.text == EpochBuilder.toolVersion else {
      throw IngestError(
        .refused,
        "the plan was made by version \(object["tool"]?.text ?? "?") of ingest, this is \(EpochBuilder.toolVersion); use one build everywhere"
      )
    }
    var source = try SourcePlan(reading)
    source.folder = folder
    for input in source.inputs
    where input.path.hasPrefix("/") || input.path.split(separator: "/").contains("..") {
      throw IngestError(.badManifest, "the plan's input '\(input.path)' leads out of its folder")
    }
    self.source = source
    var shards: [Shard] = []
    for (ordinal, entry) in entries.enumerated() {
      guard let first = entry.object?["firstInput"]?.text.flatMap({ Int($0) }),
        let count = entry.object?["inputs"]?.text.flatMap({ Int($0) }),
        first == shards.last?.inputs.upperBound ?? 0, count > 0,
        count <= source.inputs.count - first
      else { throw IngestError(.badData, "the plan's shard \(ordinal) is not where it must be") }
      shards.append(Shard(ordinal: ordinal, inputs: first..<first + count))
    }
    self.shards = shards
    (self.asOf, self.plugin) = (asOf, plugin)
    guard shards.last?.inputs.upperBound ?? 0 == source.inputs.count, self.bytes == bytes,
      shards.count <= 1 || !source.countsMembers
    else {
      throw IngestError(.badData, "the plan is not in its canonical form; make it anew")
    }
    guard profile == source.profileDigest.hex else {
      throw IngestError(
        .refused,
        "the plan was made with profile \(profile.prefix(16))…, this build has \(source.profileDigest.hex.prefix(16))… (other library versions); use one build everywhere"
      )
    }
  }

  /// What the rows of a shard are marked with: nobody else's rows can stand in their place.
  func rowIdentity(of shard: Shard) -> SHA256Hash {
    var writer = ByteWriter()
    writer.write(identifier.words)
    writer.write(UInt64(shard.ordinal))
    return .of(writer.bytes)
  }

  /// Bytes of a shard's inputs.
  public func byteCount(of shard: Shard) -> UInt64 {
    source.inputs[shard.inputs].reduce(0) { $0 + $1.fingerprint.byteCount }
  }

  /// SHA-256 over the digests of a shard's inputs, one behind the other; 32 zero bytes for one that is not opened.
  public func inputDigest(of shard: Shard) -> SHA256Hash {
    let nothing = SHA256Hash(words: SIMD4())
    return .of(
      source.inputs[shard.inputs].flatMap {
        ($0.sha256.flatMap { SHA256Hash(hex: $0) } ?? nothing).bytes
      }
    )
  }
}

extension SourcePlan {
  /// Whether a rule of the manifest counts members from the start of the source.
  var countsMembers: Bool {
    manifest.overrides.contains { if case .ordinals = $0.match { true } else { false } }
  }
}
