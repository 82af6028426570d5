/// A list over the quintic extension as five planes of words, one a coordinate.
///
/// Planes are in Montgomery form, R = 2^32, unless a function says that they are canonical.
public struct ExtensionVector: Sendable {
  /// The planes, one behind the other.
  public let words: WordBuffer
  /// Where the first plane begins.
  public let offset: Int
  /// The number of words from one plane to the next.
  public let stride: Int
  /// The number of elements, at most `stride`.
  public var count: Int

  /// Zeros; the room is rounded up to whole vectors of 16.
  public init(zeros count: Int) {
    stride = (count + 15) / 16 * 16
    words = WordBuffer(zeros: QuinticExtension.degree * stride)
    self.count = count
    offset = 0
  }

  /// Planes inside of a buffer that is there.
  public init(_ words: WordBuffer, offset: Int, stride: Int, count: Int) {
    precondition(
      offset >= 0 && count <= stride
        && offset + (QuinticExtension.degree - 1) * stride + count <= words.count,
      "five planes inside of the buffer"
    )
    (self.words, self.offset, self.stride, self.count) = (words, offset, stride, count)
  }

  /// Elements in Montgomery form.
  public init(_ elements: [QuinticExtension]) {
    self.init(zeros: elements.count)
    for (index, element) in elements.enumerated() { self[index] = element }
  }

  /// An element of a list in Montgomery form.
  public subscript(index: Int) -> QuinticExtension {
    get {
      element { MontgomeryKoalaBear.decode(words[offset + $0 * stride + index]) }
    }
    nonmutating set {
      for degree in 0..<QuinticExtension.degree {
        words[offset + degree * stride + index] = MontgomeryKoalaBear.encode(newValue[degree].value)
      }
    }
  }

  /// An element of a list whose planes are canonical.
  public func canonical(_ index: Int) -> QuinticExtension {
    element { words[offset + $0 * stride + index] }
  }

  private func element(_ coordinate: (Int) -> UInt32) -> QuinticExtension {
    func base(_ degree: Int) -> KoalaBear { KoalaBear(reducing: UInt64(coordinate(degree))) }
    return QuinticExtension(base(0), base(1), base(2), base(3), base(4))
  }

  /// Sets an element of a list whose planes are canonical.
  public func setCanonical(_ index: Int, _ element: QuinticExtension) {
    for degree in 0..<QuinticExtension.degree {
      words[offset + degree * stride + index] = element[degree].value
    }
  }

  /// All elements of a list in Montgomery form.
  public var elements: [QuinticExtension] { (0..<count).map { self[$0] } }
}
