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
  public static let version = "1.0.0"

  private let configuration: SourceConfiguration

  /// Takes the locale that names are read in.
  public static func prepare() { ArchiveReader.prepare() }

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
