public import Algebra
public import CanonicalCoding
public import Merkle

/// What stands where a record was removed in a later epoch; it names the leaf that stood there.
public struct Tombstone: Hashable, Sendable {
  /// "TOMB".
  static let tag: UInt32 = 0x544F_4D42

  /// The reason.
  public let reason: ExclusionReason
  /// The day of the removal.
  public let day: CivilDate
  /// The SHA-256 leaf hash that stood there.
  public let formerLeaf: SHA256Hash

  /// - Precondition: the day is not before 1970-01-01.
  public init(reason: ExclusionReason, day: CivilDate, formerLeaf: SHA256Hash) {
    precondition(day.dayNumber >= 0)
    (self.reason, self.day, self.formerLeaf) = (reason, day, formerLeaf)
  }

  /// `IRT1`, 41 bytes.
  public var bytes: [UInt8] {
    var writer = ByteWriter(capacity: 41)
    writer.write("IRT1")
    writer.write(reason.code)
    writer.write(UInt32(day.dayNumber))
    writer.write(formerLeaf.bytes)
    return writer.bytes
  }

  /// H(0x00 | `IRT1`).
  public var sha256: SHA256Hash { SHA256TreeHasher.leaf(bytes) }

  /// Nine limbs of the former leaf, reason, day, five zeros.
  public var elements: [KoalaBear] {
    formerLeaf.limbs
      + [KoalaBear(reducing: UInt64(reason.code)), KoalaBear(reducing: UInt64(day.dayNumber))]
      + Array(repeating: .zero, count: 5)
  }

  /// sponge(TOMB, 1, elements).
  public var poseidon2: Poseidon2Digest {
    Poseidon2Digest(words: Poseidon2.sponge(tag: Self.tag, message: elements))
  }
}
