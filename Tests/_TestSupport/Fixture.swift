public import CanonicalCoding
internal import Files

/// Files of the repository, and folders that go away after a test.
public enum Fixture {
  /// The repository's root, found from this file's place.
  public static let root: String = {
    var path = #filePath
    for _ in 0..<3 { path = FilePaths.folder(of: path) }
    return path
  }()

  /// A path below the root.
  public static func path(_ relative: String) -> String { FilePaths.join(root, relative) }

  /// The bytes of a file below the root.
  public static func bytes(_ relative: String) throws -> [UInt8] {
    try InputFile.contents(of: path(relative), limit: 1 << 28)
  }

  /// A vector file as JSON.
  ///
  /// Vector files of others hold numbers, which our strict parser keeps exact.
  public static func json(_ relative: String) throws -> JSONValue {
    try JSONParser.parse(bytes(relative))
  }

  /// A fresh folder that `body` may fill; it is removed afterwards.
  public static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = try makeFolder()
    defer { try? FolderWalk.removeTree(folder) }
    return try body(folder)
  }

  /// The same for asynchronous work.
  public static func withFolder<Result>(_ body: (String) async throws -> Result) async throws
    -> Result
  {
    let folder = try makeFolder()
    defer { try? FolderWalk.removeTree(folder) }
    return try await body(folder)
  }

  private static func makeFolder() throws -> String {
    let name = Hex.encode(try SystemRandom.bytes(8))
    let folder = "/tmp/ingest-test-\(name)"
    try DurableFile.makeFolder(folder)
    return folder
  }

  /// Writes a file for a test.
  public static func write(_ bytes: [UInt8], _ path: String) throws {
    try DurableFile.makeFolder(FilePaths.folder(of: path))
    try DurableFile.write(bytes, to: path)
  }

  /// Writes a text for a test.
  public static func write(_ text: String, _ path: String) throws {
    try write(Array(text.utf8), path)
  }

  /// Copies a file, or a folder with all it holds.
  public static func copy(_ from: String, _ to: String) throws {
    guard FilePaths.isFolder(from) else {
      return try write(InputFile.contents(of: from, limit: 1 << 28), to)
    }
    try DurableFile.makeFolder(to)
    for entry in try FolderWalk.entries(of: from) {
      let name = String(decoding: entry.name, as: UTF8.self)
      if name == ".ingest" { continue }
      try copy(FilePaths.join(from, name), FilePaths.join(to, name))
    }
  }
}

extension JSONValue {
  /// The value of a number or a decimal text.
  public var integer: Int? {
    switch self {
    case .number(let value): Int(value)
    case .string(let text): Int(text)
    default: nil
    }
  }

  /// A member of an object.
  public subscript(_ name: String) -> JSONValue { object?[name] ?? .null }
}
