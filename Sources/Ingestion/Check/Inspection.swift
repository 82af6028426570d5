internal import CanonicalCoding
internal import Crypto
internal import Files
internal import Merkle
internal import Normalization
public import SourceAPI

/// What a plugin sees in a file or folder, without committing anything.
public struct Inspection {
  /// One member.
  public struct Line: Sendable {
    /// The way back to the record, unique in its source.
    public let locator: String
    /// What it is.
    public let kind: String
    /// The name.
    public let name: String
    /// The essence of the media type, lower case.
    public let mediaType: String
    /// The number of bytes of the unit as stored.
    public let memberBytes: UInt64
    /// SHA-256 of the unit as stored, hexadecimal.
    public let memberSha256: String?
    /// SHA-256 of the payload, hexadecimal.
    public let payloadSha256: String?
    /// The number of bytes of the normal form; `nil` where there is none.
    public let contentBytes: UInt64?
    /// SHA-256 of the normal form, hexadecimal.
    public let contentSha256: String?
    /// record, skipped, excluded or rejected.
    public let verdict: String
    /// The reason.
    public let reason: String
    /// What a crawl of ours wrote down with it, as canonical JSON; `nil` for anything else.
    public let crawlEvidence: String?
  }

  private let plugin: any SourcePlugin.Type
  private let configuration: SourceConfiguration
  private let normalizer: Normalizer
  private let begun: (any MemberReader)?

  /// An inspection of inputs under a profile; `reader` has begun already where a program of its own reads.
  init(
    plugin: any SourcePlugin.Type,
    configuration: SourceConfiguration,
    profile: NormalizationProfile,
    reader: (any MemberReader)?
  ) {
    self.plugin = plugin
    begun = reader
    self.configuration = configuration
    normalizer = Normalizer(profile)
  }

  /// The files of a path: itself, or all below it in the order of their bytes.
  public static func inputs(of path: String) throws(IngestError) -> [SourceConfiguration.Input] {
    do throws(FileError) {
      guard FilePaths.isFolder(path) else {
        _ = try InputFile(path)
        return [
          SourceConfiguration.Input(
            path: path,
            name: RecordLocator.encode(PathText.bytes(of: FilePaths.name(of: path)))
          )
        ]
      }
      var found: [SourceConfiguration.Input] = []
      try collect(path, "", &found)
      return found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    } catch {
      throw error.isMissing ? IngestError(.unavailable, "\(error)") : IngestError(error)
    }
  }

  private static func collect(
    _ folder: String,
    _ prefix: String,
    _ found: inout [SourceConfiguration.Input]
  ) throws(FileError) {
    for entry in try FolderWalk.entries(of: folder) {
      let own = PathText.text(of: entry.name)
      let name = prefix + own
      let path = FilePaths.join(folder, own)
      let locator = RecordLocator.encode(PathText.bytes(of: name))
      switch entry.kind {
      case .folder: try collect(path, name + "/", &found)
      case .file:
        found.append(SourceConfiguration.Input(path: path, name: locator))
      case .link:
        found.append(
          SourceConfiguration.Input(
            path: path,
            name: locator,
            skipped: "link"
          )
        )
      case .special:
        found.append(
          SourceConfiguration.Input(
            path: path,
            name: locator,
            skipped: "special"
          )
        )
      }
    }
  }

  /// The plugin that a file most likely wants: by its first bytes, then by its name.
  public static func pluginName(for inputs: [SourceConfiguration.Input]) -> String {
    guard let input = inputs.first(where: { $0.skipped == nil }) else { return "private-corpus" }
    let name = input.name.lowercased()
    if name.contains(".warc") { return "web-crawl" }
    let archives = [
      ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tbz2", ".txz", ".zip", ".rar",
      ".7z", ".cpio", ".iso",
    ]
    if archives.contains(where: name.hasSuffix) { return "licensed-archive" }
    if let head = try? InputFile(input.path).bytes(at: 0, 5), head.starts(with: "WARC/".utf8) {
      return "web-crawl"
    }
    return "private-corpus"
  }

  /// Reads the members, at most `limit` of them; runs in a worker.
  ///
  /// - Parameters:
  ///   - place: where reading begins.
  ///   - limit: the most members that are visited.
  ///   - visit: gets every member in order.
  /// - Returns: whether the whole input was read.
  /// - Throws: `SourceError`, or what `visit` throws.
  func run(
    from place: Checkpoint? = nil,
    limit: Int?,
    visit: (Line) throws -> Void
  ) throws -> Bool {
    let reader = try begun ?? plugin.init(configuration: configuration).reader(from: place)
    var batch = MemberBatch()
    var seen = 0
    var hasMore = true
    while hasMore {
      batch.removeAll()
      hasMore = try reader.read(into: &batch)
      for member in batch.members {
        if let limit, seen >= limit { return false }
        seen += 1
        try visit(describe(member, batch.bytes))
      }
    }
    return true
  }

  private func describe(_ member: Member, _ arena: [UInt8]) -> Line {
    var verdict = "record"
    var reason = ""
    switch member.verdict {
    case .record: break
    case .skipped(let detail): (verdict, reason) = ("skipped", detail)
    case .excluded(let detail): (verdict, reason) = ("excluded", detail)
    case .rejected(let code, let detail): (verdict, reason) = ("rejected", "\(code): \(detail)")
    }
    let isDamage = verdict == "rejected" && member.member.count == 0
    var content: (count: UInt64, digest: String)?
    if verdict == "record" {
      do throws(NormalizationError) {
        content = try normalize(member, arena)
      } catch {
        switch error {
        case .rejected(let code, let detail): (verdict, reason) = ("rejected", "\(code): \(detail)")
        case .unwanted(let type): (verdict, reason) = ("excluded", "media-type:\(type)")
        }
      }
    }
    return Line(
      locator: member.locator,
      kind: member.kind,
      name: member.name,
      mediaType: member.mediaType,
      memberBytes: isDamage ? member.length : member.member.count,
      memberSha256: isDamage ? nil : Self.digest(member.member, arena),
      payloadSha256: verdict == "skipped" || isDamage ? nil : Self.digest(member.payload, arena),
      contentBytes: content?.count,
      contentSha256: content?.digest,
      verdict: verdict,
      reason: reason,
      crawlEvidence: Self.crawlEvidence(member, arena)
    )
  }

  private static func crawlEvidence(_ member: Member, _ arena: [UInt8]) -> String? {
    for evidence in member.evidence where evidence.name == "crawl" {
      if case .bytes(let range) = evidence.form {
        return String(decoding: arena[range], as: UTF8.self)
      }
    }
    return nil
  }

  private func normalize(
    _ member: Member,
    _ arena: [UInt8]
  ) throws(NormalizationError) -> (UInt64, String)? {
    guard case .held(let range) = member.payload else {
      guard case .streamed(let bytes) = member.payload, normalizer.profile.name == .raw else {
        throw .rejected(code: "budget-held", detail: "too large to normalize")
      }
      return (bytes.byteCount, Hex.encode(bytes.sha256))
    }
    let source = member.text ?? range
    let record = try normalizer.normalize(
      arena[source],
      mediaType: member.mediaType,
      charset: member.charset,
      isUnicode: member.kind == "line" || member.kind == "row"
    )
    switch record.content {
    case .payload: return (UInt64(source.count), Self.hex(arena[source]))
    case .buffer: return (UInt64(normalizer.buffer.count), Self.hex(normalizer.buffer[...]))
    }
  }

  private static func digest(_ bytes: Member.Bytes, _ arena: [UInt8]) -> String {
    switch bytes {
    case .held(let range): hex(arena[range])
    case .streamed(let streamed): Hex.encode(streamed.sha256)
    }
  }

  private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
    Hex.encode(SHA256.hash(data: bytes))
  }
}

extension Inspection.Line {
  /// The byte form between a worker and its host.
  func encode(into writer: inout ByteWriter) {
    for text in [locator, kind, name, mediaType, verdict, reason, crawlEvidence ?? ""] {
      writer.write(text: text)
    }
    writer.write(memberBytes)
    writer.write(contentBytes ?? .max)
    for digest in [memberSha256, payloadSha256, contentSha256] { writer.write(text: digest ?? "") }
  }

  /// Reads the byte form; `nil` for anything else.
  init?(_ bytes: ArraySlice<UInt8>) {
    var reader = ByteReader(bytes)
    do {
      let texts = try (0..<7).map { _ in try reader.text(limit: 1 << 20) }
      let counts = try (0..<2).map { _ in try reader.read(UInt64.self) }
      let digests = try (0..<3).map { _ in try reader.text(limit: 64) }
      try reader.finish()
      self.init(
        locator: texts[0],
        kind: texts[1],
        name: texts[2],
        mediaType: texts[3],
        memberBytes: counts[0],
        memberSha256: digests[0].isEmpty ? nil : digests[0],
        payloadSha256: digests[1].isEmpty ? nil : digests[1],
        contentBytes: counts[1] == .max ? nil : counts[1],
        contentSha256: digests[2].isEmpty ? nil : digests[2],
        verdict: texts[4],
        reason: texts[5],
        crawlEvidence: texts[6].isEmpty ? nil : texts[6]
      )
    } catch {
      return nil
    }
  }
}
