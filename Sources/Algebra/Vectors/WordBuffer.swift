internal import Glibc
internal import Synchronization

/// Words that several threads fill at disjoint places, and that loops in C read and write.
///
/// A prover's columns and lists lie in such buffers: an array cannot be filled by several threads without
/// unsafe code at every place that does it, and this is the one place instead.
@safe
public final class WordBuffer: @unchecked Sendable {
  // SAFETY: `words` points to `count` words from `init` to `deinit`. Whoever shares a buffer between
  // threads gives each of them other places.
  private let words: UnsafeMutablePointer<UInt32>
  // SAFETY: what `deinit` gives back: the mapping's start, or null for memory of the heap.
  private let mapping: UnsafeMutableRawPointer?
  private let mappedLength: Int
  /// The buffer that the words are a part of.
  private let owner: WordBuffer?
  /// The number of words.
  public let count: Int

  /// A page of the large kind: most of a proof's time can go into clearing pages one by one.
  fileprivate static let largePage = 2 << 20

  /// Zeros, at an address that is a multiple of 64.
  public convenience init(zeros count: Int) { self.init(count, isZero: true) }

  /// Words that the caller sets, each before it is read: what they are until then is anybody's guess.
  public convenience init(unset count: Int) { self.init(count, isZero: false) }

  /// Buffers side by side in one: small mappings, each cleared page by page, would cost more than what fills them.
  public static func unset(_ number: Int, each count: Int) -> [WordBuffer] {
    let stride = (count + 15) / 16 * 16
    let all = WordBuffer(unset: number * stride)
    return (0..<number).map { all.part($0 * stride, count: count) }
  }

  /// A part of the buffer, which stays as long as the part does.
  public func part(_ start: Int, count: Int) -> WordBuffer {
    WordBuffer(part: self, at: start, count: count)
  }

  private init(part owner: WordBuffer, at start: Int, count: Int) {
    // SAFETY: the range is checked, and the owner is held.
    unsafe words = owner.pointer(at: start, length: count)
    unsafe mapping = nil
    (self.owner, self.count, mappedLength) = (owner, count, 0)
  }

  /// Large buffers are mappings, whose pages the system clears when they are first touched; those that were given
  /// back are used again, because fresh pages cost a prover more than its arithmetic (docs/performance.md).
  private init(_ count: Int, isZero: Bool) {
    precondition(count >= 0, "a count is not negative")
    (self.count, owner) = (count, nil)
    let bytes = max(64, 4 * count)
    if bytes >= Self.largePage {
      // SAFETY: a mapping of ours that nobody holds, with room for `bytes` behind its first large page.
      if let (address, length) = MappingPool.shared.take(bytes),
        let used = unsafe UnsafeMutableRawPointer(bitPattern: address)
      {
        let start = unsafe used.alignedUp(toMultipleOf: Self.largePage)
        if isZero { unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: bytes) }
        unsafe words = start.bindMemory(to: UInt32.self, capacity: count)
        unsafe mapping = used
        mappedLength = length
        return
      }
      let length = bytes + Self.largePage
      // SAFETY: an anonymous mapping of zeros; the first multiple of a large page has room for `bytes`.
      let raw = unsafe mmap(
        nil,
        length,
        PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS,
        -1,
        0
      )
      if let raw = unsafe raw, unsafe raw != MAP_FAILED {
        let start = unsafe raw.alignedUp(toMultipleOf: Self.largePage)
        // Advice: the mapping works without.
        unsafe madvise(start, bytes, MADV_HUGEPAGE)
        unsafe words = start.bindMemory(to: UInt32.self, capacity: count)
        unsafe mapping = raw
        mappedLength = length
        return
      }
    }
    // SAFETY: the memory has room for `count` words and is set before anybody reads it.
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    unsafe words = raw.initializeMemory(as: UInt32.self, repeating: 0, count: bytes / 4)
    unsafe mapping = nil
    mappedLength = 0
  }

  deinit {
    guard owner == nil else { return }
    // SAFETY: nobody holds the pointer longer than the object.
    if let mapping = unsafe mapping {
      MappingPool.shared.keep(UInt(bitPattern: mapping), mappedLength)
    } else {
      unsafe words.deallocate()
    }
  }

  /// Overwrites what the buffer holds, in a way that no compiler leaves out.
  public func erase() {
    // SAFETY: the buffer's own words.
    unsafe explicit_bzero(words, 4 * count)
  }

  /// Sets words to zero.
  public func clear(_ range: Range<Int>) {
    // SAFETY: the range is checked.
    unsafe pointer(at: range.lowerBound, length: range.count).update(
      repeating: 0,
      count: range.count
    )
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

  /// Writes words out of four bytes each, least significant first.
  public func write(littleEndian bytes: [UInt8], at start: Int) {
    write(littleEndian: bytes[...], at: start)
  }

  /// The same out of a longer run of bytes.
  public func write(littleEndian bytes: ArraySlice<UInt8>, at start: Int) {
    precondition(bytes.count % 4 == 0, "whole words")
    let count = bytes.count / 4
    let target = unsafe pointer(at: start, length: count)
    // SAFETY: both ranges were checked.
    unsafe bytes.withUnsafeBytes { raw in
      for index in 0..<count {
        let word = unsafe raw.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
        unsafe target[index] = UInt32(littleEndian: word)
      }
    }
  }

  /// The bytes of a range of words, least significant first.
  public func littleEndianBytes(_ range: Range<Int>) -> [UInt8] {
    let source = unsafe pointer(at: range.lowerBound, length: range.count)
    // SAFETY: every byte is set, and both ranges were checked.
    return unsafe [UInt8](unsafeUninitializedCapacity: 4 * range.count) { bytes, count in
      let target = UnsafeMutableRawBufferPointer(bytes)
      for index in 0..<range.count {
        unsafe target.storeBytes(
          of: source[index].littleEndian,
          toByteOffset: 4 * index,
          as: UInt32.self
        )
      }
      count = 4 * range.count
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

/// Mappings that no buffer holds any more, by their addresses.
///
/// Where none fits, as many bytes are given back to the system as the new mapping takes: a process never has more
/// mapped than its buffers once held at the same time.
private final class MappingPool: Sendable {
  static let shared = MappingPool()

  private let free = Mutex<[(address: UInt, length: Int)]>([])

  /// The smallest mapping with room for some bytes behind its first large page, if it is not much larger.
  ///
  /// - Complexity: O(mappings that are kept).
  func take(_ bytes: Int) -> (address: UInt, length: Int)? {
    let needed = bytes + WordBuffer.largePage
    return free.withLock { free in
      let fitting = free.indices.filter {
        (needed...needed + needed / 4).contains(free[$0].length)
      }
      if let best = fitting.min(by: { free[$0].length < free[$1].length }) {
        return free.remove(at: best)
      }
      // The oldest first: what was given back last is wanted again soonest.
      var (count, released) = (0, 0)
      while released < needed, count < free.count {
        let (address, length) = free[count]
        // SAFETY: a mapping of ours that nobody holds.
        unsafe munmap(UnsafeMutableRawPointer(bitPattern: address), length)
        (count, released) = (count + 1, released + length)
      }
      free.removeFirst(count)
      return nil
    }
  }

  /// Takes a mapping over.
  func keep(_ address: UInt, _ length: Int) {
    free.withLock { $0.append((address, length)) }
  }
}
