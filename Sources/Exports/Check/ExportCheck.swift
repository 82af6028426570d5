public import Manifests

/// Every export of a folder against the commitment: what it says, and where everything is at hand, byte for byte.
public enum ExportCheck {
  /// What was looked at, and what is wrong.
  public struct Outcome: Sendable {
    /// The files that are exports.
    public let checked: [String]
    /// The files that were made again and compared byte for byte.
    public let remade: [String]
    /// What is wrong.
    public let findings: [ExportFinding]
  }

  /// Checks files.
  ///
  /// - Parameters:
  ///   - files: the files of the folder, by name.
  ///   - manifest: the commit file.
  ///   - commit: the commit file's bytes.
  ///   - epoch: everything that the exports are made from; `nil` where something is not at hand.
  ///   - keys: keys that may have signed.
  /// - Returns: what was found.
  public static func run(
    _ files: [String: [UInt8]],
    manifest: VerifiedManifest,
    commit: [UInt8],
    epoch: ExportedEpoch?,
    keys: [PublicKey]
  ) -> Outcome {
    let agreement = ExportAgreement(manifest)
    var (checked, remade): ([String], [String]) = ([], [])
    var findings: [ExportFinding] = []
    for format in ExportFormat.allCases {
      let again = epoch.flatMap { try? $0.files(format) } ?? []
      for name in format.fileNames {
        guard let bytes = files[name] else { continue }
        checked.append(name)
        var own = agreement.findings(name, bytes)
        if format == .cose,
          let refusal = COSESign1.refusal(of: bytes, payload: commit, keys: keys)
        {
          own.append(ExportFinding(name, "signature", refusal))
        }
        // Signatures may be added to an envelope, so that its bytes are no function of the epoch.
        if format.isDeterministic, format != .dsse,
          let expected = again.first(where: { $0.name == name })
        {
          remade.append(name)
          if own.isEmpty, expected.bytes != bytes {
            own.append(ExportFinding(name, "differs", difference(expected.bytes, bytes)))
          }
        }
        findings += own
      }
    }
    return Outcome(checked: checked, remade: remade, findings: findings)
  }

  /// Where two files begin to differ, without showing either.
  private static func difference(_ expected: [UInt8], _ found: [UInt8]) -> String {
    let offset =
      zip(expected, found).enumerated().first { $0.1.0 != $0.1.1 }?.offset
      ?? min(expected.count, found.count)
    let line = found.prefix(offset).count { $0 == 0x0A } + 1
    return
      "is not what the commitment, the manifests and the profile give: it differs from line \(line) on; write it again with ingest export"
  }
}
