internal import CanonicalCoding
internal import Files
internal import Ingestion
internal import PluginBridge
internal import SourceAPI
internal import SourceConformance

/// What is asked of a plugin in another process, property by property.
struct PluginCheck {
  /// A property with the sentence that says it.
  struct Property: Sendable {
    let sentence: String
    let run: @Sendable (PluginCheck) throws -> [String]
  }

  /// All of them, in the order in which an author wants to hear of them.
  static let properties: [Property] = [
    Property(sentence: "it says the same of itself each time") { try $0.helloTwice() },
    Property(
      sentence:
        "two runs give the same records, each with a place of its own, and any checkpoint gives the rest"
    ) { ConformanceSuite(ExternalSource.self, configuration: $0.configuration).findings() },
    Property(sentence: "damaged inputs end in rejected members or a failure, never in its death") {
      try $0.damage()
    },
    Property(sentence: "small limits are kept, and end in rejected members") { try $0.limits() },
    Property(sentence: "it ends when nobody listens any more") { try $0.cancel() },
  ]

  private let plugin: ExternalPlugin
  private let configuration: SourceConfiguration

  init(_ plugin: ExternalPlugin, _ configuration: SourceConfiguration) {
    (self.plugin, self.configuration) = (plugin, configuration)
  }

  private func helloTwice() throws -> [String] {
    let allows = configuration.allowsUnsandboxed
    let first = try ExternalSource.described(plugin, allowsUnsandboxed: allows).identity
    let second = try ExternalSource.described(plugin, allowsUnsandboxed: allows).identity
    return first == second
      ? [] : ["it was version \(first.version), and then \(second.version)"]
  }

  /// What is wrong with reading a configuration to its end; nothing when it ends as it must.
  private func fault(_ configuration: SourceConfiguration) -> String? {
    do throws(SourceError) {
      let reader = try ExternalSource(configuration: configuration).reader(from: nil)
      var batch = MemberBatch()
      var hasMore = true
      while hasMore {
        batch.removeAll()
        hasMore = try reader.read(into: &batch)
      }
      return nil
    } catch .plugin(_, let detail) {
      return detail.hasPrefix("failed: ") ? nil : detail
    } catch {
      // The other errors are what a plugin says in words of the protocol.
      return nil
    }
  }

  /// Each input empty, cut in half, and with a byte changed in its middle and near its end.
  private func damage() throws -> [String] {
    let folder = try TemporaryFolder("ingest-plugin-check")
    defer { folder.remove() }
    var found: [String] = []
    for (number, input) in configuration.inputs.prefix(4).enumerated() where input.skipped == nil {
      let whole = try InputFile.contents(of: input.path, limit: Self.damageLimit)
      var middle = whole
      var end = whole
      if !whole.isEmpty {
        middle[whole.count / 2] ^= 0xD5
        end[whole.count - 1 - whole.count / 50] ^= 0xD5
      }
      let cases: [(String, [UInt8])] = [
        ("empty", []), ("cut in half", Array(whole.prefix(whole.count / 2))),
        ("changed in the middle", middle), ("changed near its end", end),
        ("of zeros", [UInt8](repeating: 0, count: min(whole.count, 1 << 16))),
      ]
      for (name, bytes) in cases {
        let path = FilePaths.join(folder.path, "\(number)-\(name.replacing(" ", with: "-"))")
        try DurableFile.write(bytes, to: path)
        var damaged = configuration
        damaged.inputs = [SourceConfiguration.Input(path: path, name: input.name)]
        if let fault = fault(damaged) { found.append("\(input.name) \(name): it \(fault)") }
      }
    }
    return found
  }

  private static let damageLimit = 64 << 20

  /// The smallest limits that anybody can set.
  private func limits() throws -> [String] {
    var small = configuration
    for limit in DecodeBudget.limits where ["held-bytes", "line-bytes"].contains(limit.name) {
      limit.set(&small.budget, limit.range.lowerBound)
    }
    return fault(small).map { ["with the smallest limits it \($0)"] } ?? []
  }

  private func cancel() throws -> [String] {
    try ExternalSource.endsWhenAbandoned(configuration)
      ? [] : ["it went on for more than 5 s after its output was closed"]
  }
}
