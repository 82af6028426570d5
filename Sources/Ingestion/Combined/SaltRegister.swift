package import Manifests
internal import Merkle

/// The salts of a source's leaves while they go by: none may come twice, or two leaves of equal content would be equal.
///
/// A salt follows from the descriptor, which holds the locator: a salt that comes twice is a locator that comes twice.
/// Eight bytes a leaf are kept, of salts that HMAC-SHA-256 made.
package struct SaltRegister {
  private var words: [UInt64] = []

  /// Nothing taken.
  package init() {}

  /// Takes the next leaf; a source that is not confidential has no salts.
  package mutating func take(_ leaf: RecordLeaf) {
    let salt = leaf.salt.words
    if salt != SIMD4() { words.append(salt[0]) }
  }

  /// The first word of a salt that came twice.
  ///
  /// - Complexity: O(n log n).
  package func repeated() -> UInt64? {
    let sorted = words.sorted()
    return zip(sorted, sorted.dropFirst()).first { $0 == $1 }?.0
  }
}
