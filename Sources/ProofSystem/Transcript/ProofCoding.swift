public import Algebra

/// The bytes of field elements and integers in statements and proofs.
public enum ProofCoding {
  /// Four bytes, least significant first.
  public static func bytes(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
  }

  /// Eight bytes, least significant first.
  public static func bytes(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }

  /// An element of F: its canonical value in four bytes.
  public static func bytes(_ element: BaseField) -> [UInt8] { bytes(element.value) }

  /// Elements of E: five coordinates each, lowest degree first.
  public static func bytes(_ elements: [ChallengeField]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(20 * elements.count)
    for element in elements {
      for degree in 0..<ChallengeField.degree {
        let word = element[degree].value
        for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * shift))) }
      }
    }
    return bytes
  }

  /// A length and the bytes.
  public static func varlen(_ bytes: [UInt8]) -> [UInt8] {
    Self.bytes(UInt32(bytes.count)) + bytes
  }

  /// Elements of F out of four bytes each.
  ///
  /// - Throws: `VerificationError.nonCanonical` for a value that is not below p; `.truncated` when the
  ///   bytes are no multiple of four.
  public static func baseElements(
    _ bytes: some Collection<UInt8>
  ) throws(VerificationError) -> [BaseField] {
    guard bytes.count % 4 == 0 else { throw .truncated }
    var elements: [BaseField] = []
    elements.reserveCapacity(bytes.count / 4)
    var (value, filled): (UInt32, UInt32) = (0, 0)
    for byte in bytes {
      value |= UInt32(byte) << (8 * filled)
      filled += 1
      guard filled == 4 else { continue }
      guard let element = BaseField(canonical: value) else { throw .nonCanonical }
      elements.append(element)
      (value, filled) = (0, 0)
    }
    return elements
  }

  /// Elements of E out of twenty bytes each.
  ///
  /// - Throws: as above.
  public static func elements(
    _ bytes: some Collection<UInt8>
  ) throws(VerificationError) -> [ChallengeField] {
    guard bytes.count % 20 == 0 else { throw .truncated }
    let coordinates = try baseElements(bytes)
    return stride(from: 0, to: coordinates.count, by: 5).map {
      ChallengeField(coordinates, at: $0)
    }
  }
}
