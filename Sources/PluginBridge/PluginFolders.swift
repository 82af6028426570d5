internal import CanonicalCoding
internal import Crypto
internal import Files
public import SourceAPI

/// The folders in which plugins are looked for: those that somebody named, never the search path.
public struct PluginFolders: Hashable, Sendable {
  /// The folders, the first of equal names wins.
  public var folders: [String]
  /// Files and folders that plugins may read beside their inputs.
  public var readable: [String]
  /// The search path of the user, in which the interpreter of a script that says `env` is looked for.
  public var searchPath: String

  /// Folders.
  public init(_ folders: [String], readable: [String] = [], searchPath: String = "") {
    (self.folders, self.readable, self.searchPath) = (folders, readable, searchPath)
  }

  /// The names of all plugins that there are, in byte order.
  public var names: [String] {
    var names: Set<String> = []
    for folder in folders {
      for entry in (try? FolderWalk.entries(of: folder)) ?? [] where entry.kind != .folder {
        let name = PathText.text(of: entry.name)
        guard name.hasPrefix(PluginProtocol.prefix) else { continue }
        names.insert(String(name.dropFirst(PluginProtocol.prefix.count)))
      }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// A plugin by its name, as far as its file tells; its version is what it says itself.
  ///
  /// - Returns: `nil` where there is none.
  /// - Throws: `SourceError` when the file cannot be read, or run.
  public func find(_ name: String) throws(SourceError) -> ExternalPlugin? {
    let file = PluginProtocol.prefix + name
    guard
      let folder = folders.first(where: { FilePaths.exists(FilePaths.join($0, file)) }),
      let path = FilePaths.resolved(FilePaths.join(folder, file))
    else { return nil }
    let head: [UInt8]
    let sha256: String
    do throws(FileError) {
      let opened = try InputFile(path)
      let size = try opened.fingerprint().byteCount
      head = try opened.bytes(at: 0, Int(min(size, 1024))) ?? []
      sha256 = try Self.digest(of: opened)
    } catch {
      throw .file(error)
    }
    let interpreter = try interpreter(head, of: name)
    return ExternalPlugin(
      identity: ExternalPlugin.Identity(name: name, version: "", sha256: sha256),
      path: path,
      interpreter: interpreter,
      readable: readable
    )
  }

  static func digest(of file: InputFile) throws(FileError) -> String {
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var offset: UInt64 = 0
    while case .bytes(let count) = try file.read(into: &buffer, 0..<buffer.count, at: offset) {
      hash.update(data: buffer[..<count])
      offset += UInt64(count)
    }
    return Hex.encode(Array(hash.finalize()))
  }

  /// Whether a file is a program of the system's format: version managers put scripts of the same name before it.
  private static func isProgram(_ path: String) -> Bool {
    guard FilePaths.exists(path), let head = try? InputFile(path).bytes(at: 0, 2) else {
      return false
    }
    return head != Array("#!".utf8)
  }

  /// What a script's first line names: the program and at most one argument; nothing for a program of the system's format.
  private func interpreter(_ head: [UInt8], of name: String) throws(SourceError) -> [String] {
    guard head.starts(with: Array("#!".utf8)) else { return [] }
    let line = head.dropFirst(2).prefix { $0 != 0x0A && $0 != 0x0D }
    var words = String(decoding: line, as: UTF8.self)
      .split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    if let first = words.first, FilePaths.name(of: first) == "env" {
      words.removeFirst()
      let wanted = words.first ?? ""
      let places = searchPath.split(separator: ":").map { FilePaths.join(String($0), wanted) }
      guard !wanted.isEmpty, !wanted.contains(" "),
        let found = places.first(where: Self.isProgram)
      else {
        throw .plugin(
          name: name,
          detail: "its first line asks for '\(wanted)', which is not on the search path"
        )
      }
      words = [found]
    }
    guard let program = words.first, program.hasPrefix("/"), FilePaths.exists(program) else {
      throw .plugin(name: name, detail: "its first line names no program that is there")
    }
    return words
  }
}
