internal import CanonicalCoding

/// One exclusion as it lies beside a manifest: `exclusions/SOURCE/N.exclusion.dsse.json`, signed.
public struct ExclusionFile: Sendable {
  /// The envelope.
  public private(set) var envelope: DSSEEnvelope
  /// What is signed; nobody has been asked yet who signed it.
  public let exclusion: Exclusion

  /// The name of an exclusion's file.
  public static func name(sequence: UInt64) -> String { "\(sequence).exclusion.dsse.json" }

  /// An exclusion without signatures.
  public init(_ exclusion: Exclusion) {
    self.exclusion = exclusion
    envelope = DSSEEnvelope(payload: exclusion.bytes, payloadType: Exclusion.payloadType)
  }

  /// Reads a file.
  ///
  /// - Throws: `ReviewError`.
  public init(_ bytes: [UInt8]) throws(ReviewError) {
    guard let json = try? JSONParser.parse(bytes) else { throw .signature(.envelope("no JSON")) }
    do throws(SignatureError) {
      envelope = try DSSEEnvelope(json)
      guard envelope.payloadType == Exclusion.payloadType else {
        throw .envelope("the payload type is not \(Exclusion.payloadType)")
      }
      guard !envelope.signatures.isEmpty else { throw .threshold(found: 0, needed: 1) }
    } catch {
      throw .signature(error)
    }
    exclusion = try Exclusion(payload: envelope.payload)
  }

  /// Adds a signature; one of the same key is replaced.
  public mutating func sign(with key: SigningKey) throws { try envelope.sign(with: key) }

  /// The file's bytes.
  public var bytes: [UInt8] { CanonicalJSON.encode(envelope.json) + [0x0A] }

  /// Checks that exclusions follow each other: one source, no gap, no fork.
  ///
  /// - Throws: `ReviewError.chain`.
  public static func check(_ exclusions: [Exclusion]) throws(ReviewError) {
    for (index, exclusion) in exclusions.enumerated() {
      let before = index > 0 ? exclusions[index - 1] : nil
      guard exclusion.sequence == UInt64(index) + 1, exclusion.previous == before?.digest,
        before.map({ $0.source == exclusion.source }) ?? true
      else {
        throw .chain(
          "exclusion \(exclusion.sequence) does not follow exclusion \(index): one is missing, stands twice, or two histories were mixed"
        )
      }
    }
  }
}
