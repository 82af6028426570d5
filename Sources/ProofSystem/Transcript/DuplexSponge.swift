package import Algebra

/// The duplex sponge of draft-irtf-cfrg-fiat-shamir over SHAKE128, rate 168.
///
/// What is absorbed is one stream of bytes. Squeezes in a row continue one output stream over all that
/// was absorbed before; an absorb that is not empty starts a new one. Squeezed bytes are not fed back.
package struct DuplexSponge {
  /// What went in so far.
  package private(set) var absorbed = SHAKE128()
  private var output: SHAKE128?

  /// Begins with the 32 bytes of a session and zeros up to a whole block.
  package init(sessionIdentifier: [UInt8]) {
    precondition(sessionIdentifier.count == 32, "a session identifier has 32 bytes")
    absorbed.absorb(sessionIdentifier)
    absorbed.absorb([UInt8](repeating: 0, count: SHAKE128.rate - 32))
  }

  package mutating func absorb(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    absorbed.absorb(bytes)
    output = nil
  }

  package mutating func squeeze(_ count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    var stream = output ?? absorbed
    defer { output = stream }
    return stream.squeeze(count)
  }
}
