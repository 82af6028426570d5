/// Signatures whose agreement estimates how many shingles two texts share (Broder, 1997).
///
/// `minhash-v1`: shingles are five words in a row, words the maximal runs of bytes without ASCII white space, compared as
/// they are; a text of fewer words is one shingle. Each of 128 values is the least of (a h + b) mod (2^61 − 1) over the
/// hashes h of all shingles. Sixteen bands of eight values make candidates (Leskovec, Rajaraman, Ullman: Mining of Massive
/// Datasets, section 3.4): two texts that share s of their shingles are one with probability 1 − (1 − s^8)^16, which is 0.5
/// at 0.67 and 0.95 at 0.80.
package struct MinHash {
  /// The name of these parameters in files.
  package static let profile = "minhash-v1"
  /// Values of a signature.
  package static let valueCount = 128
  private static let rowCount = 8
  /// Bands of a signature.
  static let bandCount = 16
  private static let shingleWords = 5
  private static let prime: UInt64 = (1 << 61) - 1

  /// The factors and summands: SplitMix64 (Steele, Lea, Flood, 2014) from the seed 1, reduced.
  private static let functions: [(a: UInt64, b: UInt64)] = {
    var state: UInt64 = 1
    func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      return mix(state)
    }
    return (0..<valueCount).map { _ in (next() % (prime - 1) + 1, next() % prime) }
  }()

  /// The values; `nil` for a text without words.
  package let values: [UInt64]

  /// The signature of a text.
  ///
  /// - Complexity: O(n) hashes and 128 products for every word.
  package init?(_ text: ArraySlice<UInt8>) {
    var words: [UInt64] = []
    var hash: UInt64 = 0
    var length = 0
    for byte in text {
      if byte == 0x20 || (0x09...0x0D).contains(byte) {
        if length > 0 { words.append(Self.mix(hash)) }
        (hash, length) = (0, 0)
      } else {
        // FNV-1a; mixed at the end of the word.
        hash = ((length == 0 ? 0xCBF2_9CE4_8422_2325 : hash) ^ UInt64(byte)) &* 0x100_0000_01B3
        length += 1
      }
    }
    if length > 0 { words.append(Self.mix(hash)) }
    guard !words.isEmpty else { return nil }
    var shingles: Set<UInt64> = []
    for start in 0...max(0, words.count - Self.shingleWords) {
      var shingle: UInt64 = 0
      for word in words[start..<min(start + Self.shingleWords, words.count)] {
        shingle = Self.mix(shingle &* 0x100_0000_01B3 ^ word)
      }
      shingles.insert(shingle % Self.prime)
    }
    var least = [UInt64](repeating: .max, count: Self.valueCount)
    for shingle in shingles {
      for index in 0..<Self.valueCount {
        let (a, b) = Self.functions[index]
        let value = Self.reduce(a, shingle, b)
        if value < least[index] { least[index] = value }
      }
    }
    values = least
  }

  /// (a h + b) mod (2^61 − 1).
  private static func reduce(_ a: UInt64, _ h: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: h)
    let folded = (product.low & prime) &+ (product.low >> 61 | product.high << 3) &+ b
    let once = (folded & prime) &+ folded >> 61
    return once >= prime ? once - prime : once
  }

  /// The finalizer of SplitMix64.
  private static func mix(_ value: UInt64) -> UInt64 {
    var value = value
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }

  /// The key of a band: equal for texts that agree in all its values.
  func key(ofBand band: Int) -> UInt64 {
    var key = UInt64(band)
    for value in values[band * Self.rowCount..<(band + 1) * Self.rowCount] {
      key = Self.mix(key ^ value)
    }
    return key
  }

  /// The share of values that agree, in 128ths: an estimate of the share of shingles.
  package func agreement(with other: MinHash) -> Int {
    zip(values, other.values).count { $0 == $1 }
  }
}

/// Groups texts whose signatures agree in enough values.
package struct NearDuplicates {
  /// Values that must agree, of 128: four fifths.
  static let threshold = 103
  /// Texts with an equal band that one is compared with.
  static let reach = 64

  private var signatures: [(record: Int, signature: MinHash)] = []

  /// No text yet.
  package init() {}

  /// Adds the next record.
  package mutating func add(_ signature: MinHash, record: Int) {
    signatures.append((record, signature))
  }

  /// The groups of at least two records, each in order, groups in the order of their first record.
  ///
  /// A record joins a group when it agrees with any member: groups are closed under that.
  ///
  /// - Complexity: O(n log n), and at most `reach` comparisons a text and band.
  package func groups() -> [[Int]] {
    var parent = Array(signatures.indices)
    func root(_ index: Int) -> Int {
      var index = index
      while parent[index] != index { index = parent[index] }
      return index
    }
    for band in 0..<MinHash.bandCount {
      let keys = signatures.indices
        .map { (key: signatures[$0].signature.key(ofBand: band), index: $0) }
        .sorted { ($0.key, $0.index) < ($1.key, $1.index) }
      for (place, second) in keys.enumerated() {
        // All of a run that is short; of a long one, texts that all share a band, the last ones.
        for first in keys[max(0, place - Self.reach)..<place].reversed() {
          guard first.key == second.key else { break }
          let (a, b) = (root(first.index), root(second.index))
          guard a != b,
            signatures[first.index].signature.agreement(with: signatures[second.index].signature)
              >= Self.threshold
          else { continue }
          parent[max(a, b)] = min(a, b)
        }
      }
    }
    var groups: [Int: [Int]] = [:]
    for index in signatures.indices {
      groups[root(index), default: []].append(signatures[index].record)
    }
    return groups.values.filter { $0.count > 1 }.map { $0.sorted() }.sorted { $0[0] < $1[0] }
  }
}
