internal import CanonicalCoding
internal import Manifests
internal import PluginBridge
public import SourceAPI

/// Which plugin reads a source: one that is linked in, or a program of its own.
extension SourcePlan {
  /// The program that reads the source; `nil` where the plugin is linked in.
  public var external: ExternalPlugin.Identity? { options.external?.identity }

  /// The plugin, once it is known to be there.
  ///
  /// - Throws: `IngestError` 78 where it is neither linked in nor a program.
  func plugin(of linked: [String: any SourcePlugin.Type]) throws(IngestError)
    -> any SourcePlugin.Type
  {
    if external != nil { return ExternalSource.self }
    guard let plugin = linked[manifest.plugin] else {
      throw IngestError(.badManifest, "the plugin '\(manifest.plugin)' is not linked in")
    }
    return plugin
  }

  /// Takes over how workers are shut in and which program reads: a plan from elsewhere can say neither.
  ///
  /// - Throws: `IngestError` where the program is not there.
  public mutating func adopt(_ workers: Options) throws(IngestError) {
    let own = try workers.with(plugin: manifest.plugin)
    options.allowsUnsandboxed = own.allowsUnsandboxed
    options.cpuSeconds = own.cpuSeconds
    options.pluginFolders = own.pluginFolders
    options.external = own.external
  }

  /// Refuses to compare records with those that another plugin gave.
  ///
  /// - Throws: `IngestError` 77.
  func check(readBy committed: PluginIdentity, _ linked: [String: any SourcePlugin.Type])
    throws(IngestError)
  {
    let own = try pluginIdentity(of: linked)
    guard own != committed else { return }
    throw IngestError(
      .refused,
      "source '\(manifest.id)': was read by \(committed.name) \(committed.version), here is \(own.version)\(own.sha256 == committed.sha256 ? "" : " with another executable"); use the plugin that was committed"
    )
  }

  /// What a commitment says of the plugin.
  public func pluginIdentity(of linked: [String: any SourcePlugin.Type]) throws(IngestError)
    -> PluginIdentity
  {
    if let external {
      return PluginIdentity(
        name: external.name,
        version: external.version,
        sha256: external.sha256
      )
    }
    let plugin = try plugin(of: linked)
    return PluginIdentity(name: manifest.plugin, version: plugin.version, sha256: nil)
  }
}

/// What a commitment says of a plugin: a source that was read by another is read again.
public struct PluginIdentity: Hashable, Sendable {
  /// The name in manifests.
  public var name: String
  /// The version.
  public var version: String
  /// The digest of the executable, where the plugin is a program of its own.
  public var sha256: String?

  var json: JSONValue {
    var object: JSONObject = ["name": .string(name), "version": .string(version)]
    if let sha256 { object["sha256"] = .string(sha256) }
    return .object(object)
  }

  init(name: String, version: String, sha256: String?) {
    (self.name, self.version, self.sha256) = (name, version, sha256)
  }

  init?(_ json: JSONValue) {
    guard let object = json.object, let name = object["name"]?.text,
      let version = object["version"]?.text
    else { return nil }
    self.init(name: name, version: version, sha256: object["sha256"]?.text)
  }
}

extension ExternalPlugin.Identity {
  /// The JSON form.
  var json: JSONValue {
    ["name": .string(name), "version": .string(version), "sha256": .string(sha256)]
  }

  /// Reads the JSON form.
  init?(_ json: JSONValue) {
    guard let object = json.object, let name = object["name"]?.text,
      let version = object["version"]?.text, let sha256 = object["sha256"]?.text
    else { return nil }
    self.init(name: name, version: version, sha256: sha256)
  }
}

extension SourcePlan.Options {
  /// The program that reads the source; `nil` where the plugin is linked in.
  public var externalPlugin: ExternalPlugin? { external }

  /// The names that are linked in; no program takes one of them over.
  private static let linkedNames: Set<String> = ["licensed-archive", "private-corpus", "web-crawl"]

  /// These options with the program of a name, which is asked who it is.
  ///
  /// - Throws: `IngestError` when it cannot be run.
  public func with(plugin name: String) throws(IngestError) -> SourcePlan.Options {
    guard !Self.linkedNames.contains(name) else { return self }
    var options = self
    do throws(SourceError) {
      guard let found = try pluginFolders.find(name) else {
        throw .configuration(
          field: "source.plugin",
          detail: "no program ingest-source-\(name) in the folders of --plugins"
        )
      }
      options.external = try ExternalSource.described(found, allowsUnsandboxed: allowsUnsandboxed)
    } catch {
      throw IngestError(error)
    }
    return options
  }
}
