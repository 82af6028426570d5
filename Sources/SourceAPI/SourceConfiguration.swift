public import Files

/// All that a plugin is told: the inputs in their order, the mapping, the budgets.
public struct SourceConfiguration: Sendable {
  /// One file of the source.
  public struct Input: Hashable, Sendable {
    /// The path to open.
    public var path: String
    /// The name in locators: relative to the manifest, percent-encoded.
    public var name: String

    /// What it is, if it is no regular file and therefore not opened: `link`, `special`.
    public var skipped: String?

    /// The bytes, where they lie in another container.
    public var nested: NestedBytes?

    /// An input.
    public init(path: String, name: String, skipped: String? = nil) {
      (self.path, self.name, self.skipped) = (path, name, skipped)
    }
  }

  /// The bytes of a container in another, read by the one thread that reads the source.
  public final class NestedBytes: Hashable, @unchecked Sendable {
    // A reader and all that it opens belong to one thread; the configuration of a nested reader never leaves it.
    fileprivate let bytes: any ByteSource

    /// Bytes to read.
    public init(_ bytes: any ByteSource) { self.bytes = bytes }

    /// The same object.
    public static func == (left: NestedBytes, right: NestedBytes) -> Bool { left === right }
    /// By identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
  }

  /// Which field or column is what.
  public struct Mapping: Hashable, Sendable {
    /// The field that holds the text.
    public var text: String?
    /// The identifier.
    public var id: String?
    /// The field that holds the address.
    public var url: String?
    /// The license that applies, or the field that holds it.
    public var license: String?
    /// The field that holds the time.
    public var timestamp: String?

    /// A mapping; what is not named is not mapped.
    public init(
      text: String? = nil,
      id: String? = nil,
      url: String? = nil,
      license: String? = nil,
      timestamp: String? = nil
    ) {
      (self.text, self.id, self.url, self.license) = (text, id, url, license)
      self.timestamp = timestamp
    }
  }

  /// How CSV is written.
  public struct CSVDialect: Hashable, Sendable {
    /// The byte between two fields.
    public var delimiter: UInt8 = UInt8(ascii: ",")
    /// The byte around quoted fields.
    public var quote: UInt8 = UInt8(ascii: "\"")
    /// Whether the first row names the columns.
    public var hasHeader = true

    /// RFC 4180 with a header.
    public init() {}
  }

  /// What is read from a database.
  public struct SQLSelection: Hashable, Sendable {
    /// The table.
    public var table: String?
    /// The query, where no table is read.
    public var query: String?
    /// The column that orders the rows and is unique.
    public var key: String

    /// A table or a query.
    public init(table: String?, query: String?, key: String) {
      (self.table, self.query, self.key) = (table, query, key)
    }
  }

  /// The inputs in committed order.
  public var inputs: [Input]
  /// The format by name, where the manifest fixes it.
  public var format: String?
  /// Which field or column is what.
  public var mapping = Mapping()
  /// The dialect of CSV inputs.
  public var csv = CSVDialect()
  /// What is read from a database.
  public var sql: SQLSelection?
  /// Formats beside the plugin's own that were asked for by name.
  public var extraFormats: Set<String> = []
  /// Patterns over member names.
  public var include: [String] = []
  /// Names that match are excluded.
  public var exclude: [String] = []
  /// Fields that overrides ask for, so that the reader keeps them.
  public var wantedFields: [String] = []
  /// The plugins that read a container in a container.
  public var containers: [any SourcePlugin.Type] = []
  /// Containers round the inputs; 0 for files.
  public var depth = 0
  /// What stands before the names of members, for rules about paths: the containers round them.
  public var pathPrefix = ""
  /// What reading may cost.
  public var budget = DecodeBudget()
  /// The program that reads the source, where none that is linked in does.
  public var external: ExternalPlugin?
  /// Whether that program may run without a mechanism of the sandbox that the kernel lacks.
  public var allowsUnsandboxed = false
  /// Seconds that it may be silent.
  public var silenceSeconds: UInt64 = 600

  /// A configuration over inputs; all else has defaults.
  public init(inputs: [Input]) { self.inputs = inputs }
}

extension SourceConfiguration.Input {
  /// Opens the input: its file, or the bytes that lie in another container.
  ///
  /// - Throws: `FileError`.
  public func open() throws(FileError) -> any ByteSource {
    if let nested { return nested.bytes }
    return try InputFile(path)
  }
}
