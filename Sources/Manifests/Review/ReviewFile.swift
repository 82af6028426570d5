internal import CanonicalCoding
internal import Merkle

/// One review as it lies beside a manifest: `reviews/SOURCE/N.review.dsse.json`, signed.
public struct ReviewFile: Sendable {
  /// The envelope.
  public private(set) var envelope: DSSEEnvelope
  /// What is signed; nobody has been asked yet who signed it.
  public let review: Review

  /// The name of a review's file.
  public static func name(sequence: UInt64) -> String { "\(sequence).review.dsse.json" }

  /// A review without signatures.
  public init(_ review: Review) {
    self.review = review
    envelope = DSSEEnvelope(payload: review.bytes, payloadType: Review.payloadType)
  }

  /// Reads a file.
  ///
  /// - Throws: `ReviewError`.
  public init(_ bytes: [UInt8]) throws(ReviewError) {
    guard let json = try? JSONParser.parse(bytes) else { throw .signature(.envelope("no JSON")) }
    do throws(SignatureError) {
      envelope = try DSSEEnvelope(json)
      guard envelope.payloadType == Review.payloadType else {
        throw .envelope("the payload type is not \(Review.payloadType)")
      }
    } catch {
      throw .signature(error)
    }
    review = try Review(payload: envelope.payload)
  }

  /// Adds a signature; one of the same key is replaced.
  public mutating func sign(with key: SigningKey) throws { try envelope.sign(with: key) }

  /// The file's bytes.
  public var bytes: [UInt8] { CanonicalJSON.encode(envelope.json) + [0x0A] }

  /// Who signed, when everybody who is asked for has.
  ///
  /// - Returns: the signers; `nil` when more signatures are needed.
  /// - Throws: `ReviewError.signature`.
  public func signers(_ list: SignerList) throws(ReviewError) -> [String]? {
    do throws(SignatureError) {
      return try list.signers(
        of: envelope,
        for: review.status.isDecision ? .reviews : nil,
        on: review.on
      )
    } catch {
      throw .signature(error)
    }
  }
}
