internal import Archives
public import SourceAPI

/// Archives that somebody delivered under a license: tar (with gzip, bzip2, xz, zstd) and zip.
///
/// Entries are streamed and never written to disk; their names are data. Each regular file is a
/// record; folders, links and devices are skipped by kind.
public struct LicensedArchiveSource: SourcePlugin {
  /// The name.
  public static let name = "licensed-archive"
  /// The version.
  public static let version = "1.1.0"

  private let configuration: SourceConfiguration

  /// Takes the locale that names are read in.
  public static func prepare() { ArchiveReader.prepare() }

  /// Archives by the ends of their names and the bytes that such files begin with.
  public static func reads(_ name: String, head: ArraySlice<UInt8>) -> Bool {
    let end = String(name.suffix(9)).lowercased()
    return formats.contains { suffixes, magic in
      suffixes.contains(where: end.hasSuffix)
        && (head.isEmpty || magic.isEmpty && Self.isTar(head)
          || !magic.isEmpty && head.starts(with: magic))
    }
  }

  private static let formats: [([String], [UInt8])] = [
    ([".tar"], []), ([".tar.gz", ".tgz"], [0x1F, 0x8B]),
    ([".tar.bz2", ".tbz2"], Array("BZh".utf8)),
    ([".tar.xz", ".txz"], [0xFD, 0x37, 0x7A, 0x58]), ([".tar.zst"], [0x28, 0xB5, 0x2F, 0xFD]),
    ([".zip"], Array("PK".utf8)),
  ]

  /// The mark of POSIX and GNU at byte 257 of a header.
  private static func isTar(_ head: ArraySlice<UInt8>) -> Bool {
    head.dropFirst(257).starts(with: "ustar".utf8)
  }

  /// Takes a configuration.
  public init(configuration: SourceConfiguration) throws(SourceError) {
    if let format = configuration.format, format != "archive" {
      throw .formatNotEnabled(
        input: "input.format",
        format: format,
        hint: "licensed-archive reads archive: tar and zip"
      )
    }
    for format in configuration.extraFormats.sorted()
    where !ArchiveReader.optionalFormats.contains(format) {
      throw .configuration(
        field: "--allow-format",
        detail:
          "'\(format)' is none of \(ArchiveReader.optionalFormats.sorted().joined(separator: ", "))"
      )
    }
    self.configuration = configuration
  }

  /// Starts reading at a checkpoint.
  public func reader(from checkpoint: Checkpoint?) throws(SourceError) -> any MemberReader {
    try ArchiveMemberReader(configuration, from: checkpoint ?? .start(of: 0))
  }
}
