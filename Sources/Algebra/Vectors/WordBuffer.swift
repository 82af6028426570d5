/// Words that several threads fill at disjoint places, and that loops in C read and write.
///
/// A prover's columns and lists lie in such buffers: an array cannot be filled by several threads without
/// unsafe code at every place that does it, and this is the one place instead.
@safe
public final class WordBuffer: @unchecked Sendable {
  // SAFETY: `words` points to `count` words from `init` to `deinit`. Whoever shares a buffer between
  // threads gives each of them other places.
  private let words: UnsafeMutablePointer<UInt32>
  /// The number of words.
  public let count: Int

  /// Zeros, at an address that is a multiple of 64.
  public init(zeros count: Int) {
    precondition(count >= 0, "a count is not negative")
    let bytes = max(64, 4 * count)
    // SAFETY: the memory has room for `count` words and is set before anybody reads it.
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    unsafe words = raw.initializeMemory(as: UInt32.self, repeating: 0, count: bytes / 4)
    self.count = count
  }

  deinit {
    // SAFETY: nobody holds the pointer longer than the object.
    unsafe words.deallocate()
  }

  /// One word.
  public subscript(index: Int) -> UInt32 {
    get {
      precondition(index >= 0 && index < count, "inside the buffer")
      // SAFETY: the index was checked.
      return unsafe words[index]
    }
    set {
      precondition(index >= 0 && index < count, "inside the buffer")
      // SAFETY: the index was checked.
      unsafe words[index] = newValue
    }
  }

  /// Copies the values of elements.
  public func write(_ elements: some Collection<KoalaBear>, at start: Int) {
    precondition(start >= 0 && elements.count <= count - start, "inside the buffer")
    var index = start
    for element in elements {
      // SAFETY: the range was checked.
      unsafe words[index] = element.value
      index += 1
    }
  }

  /// Copies words of another buffer.
  public func copy(_ other: WordBuffer, _ range: Range<Int>, to start: Int) {
    // SAFETY: both ranges are checked, and buffers do not overlap.
    precondition(other !== self, "two buffers")
    let source = unsafe other.pointer(at: range.lowerBound, length: range.count)
    unsafe pointer(at: start, length: range.count).update(from: source, count: range.count)
  }

  /// The elements of a range that holds canonical values.
  public func elements(_ range: Range<Int>) -> [KoalaBear] {
    range.map { KoalaBear(reducing: UInt64(self[$0])) }
  }

  /// The address of a word, for loops that touch `length` words from there.
  package func pointer(at start: Int, length: Int) -> UnsafeMutablePointer<UInt32> {
    precondition(start >= 0 && length >= 0 && length <= count - start, "inside the buffer")
    // SAFETY: the range was checked; the caller keeps the buffer alive while it uses the address.
    return unsafe words.advanced(by: start)
  }
}
