public import CanonicalCoding
public import Licensing

/// Reads files that people write beside manifests, under the same rules, for modules above this one.
public final class DeclarationReader {
  /// One mapping of the file.
  public struct Section {
    private let map: MapReader
    init(_ map: MapReader) { self.map = map }

    /// A text.
    public func text(
      _ name: String,
      required: Bool = false,
      length: ClosedRange<Int> = 1...4000
    ) -> String? { map.text(name, required: required, length: length) }
    /// One of several texts.
    public func choice(_ name: String, _ values: [String], required: Bool = false) -> String? {
      map.choice(name, values, required: required)
    }
    /// A day.
    public func date(_ name: String, required: Bool = false) -> CivilDate? {
      map.date(name, required: required)
    }
    /// A list of texts.
    public func texts(_ name: String, required: Bool = false) -> [String]? {
      map.texts(name, required: required)
    }
    /// A mapping.
    public func map(_ name: String, required: Bool = false) -> Section? {
      map.map(name, required: required).map(Section.init)
    }
    /// A list of mappings.
    public func maps(_ name: String, required: Bool = false) -> [Section] {
      map.maps(name, required: required).map(Section.init)
    }
    /// A license expression.
    public func expression(_ name: String, required: Bool = false) -> LicenseExpression? {
      map.expression(name, required: required)
    }
    /// Says that a member is wrong.
    public func report(_ code: String, _ name: String, _ sentence: String) {
      map.report(code, name, sentence)
    }
    /// Reports every member that nobody asked for.
    public func finish() { map.finish() }
  }

  private let list: FindingList
  let map: MapReader
  /// The file's outermost mapping.
  public var root: Section { Section(map) }

  /// Reads a file of a kind.
  ///
  /// - Throws: `ManifestError` for what is no YAML as we take it.
  public init(_ bytes: [UInt8], file: String, kind: String, prefix: String) throws(ManifestError) {
    let declaration = try YAMLReader.read(bytes, file: file, prefix: prefix)
    list = FindingList(file: file, prefix: prefix)
    map = MapReader(declaration, path: "", list: list)
    if let version = map.text("apiVersion", required: true), version != "ingest/v1" {
      map.report("api-version", "apiVersion", "is not ingest/v1")
    }
    if let found = map.text("kind", required: true), found != kind {
      map.report("kind", "kind", "is not \(kind)")
    }
  }

  /// Reports unknown members, and refuses the file when anything was wrong.
  ///
  /// - Throws: `ManifestError` with all errors of the file at once.
  public func finish() throws(ManifestError) {
    root.finish()
    guard !list.hasErrors else { throw ManifestError(list.errors) }
  }
}
