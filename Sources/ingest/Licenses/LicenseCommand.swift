internal import ArgumentParser
internal import Licensing
internal import Manifests

/// `ingest license`: what a license expression says, and what we know of a license.
struct LicenseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "license",
    abstract: "Check license expressions, and say what a license of data allows.",
    version:
      "SPDX license list \(SPDXLicenseList.version) sha256 \(CommittedManifest.ownLicenseListDigest.hex)\nlicense table \(LicenseTable.version) sha256 \(CommittedManifest.ownLicenseTableDigest.hex)",
    subcommands: [LicenseCheckCommand.self, LicenseExplainCommand.self]
  )
}
