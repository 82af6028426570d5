internal import CCompression
public import Files

/// The bytes of a file after its compression is undone, as one window that moves forward.
///
/// Member boundaries are kept: `memberOffset` says where in the file the member that holds the
/// current byte starts, so that a reader can return to it. A gzip member that fits into one MiB is
/// inflated at once by libdeflate, every other by ISA-L, piece by piece, under `InflationLimits`. Damage
/// stops the stream; `resync` goes on at the next place that looks like a member.
public final class InflatedStream {
  /// How the file is compressed, seen from its first bytes, never from its name.
  public enum Coding: Sendable {
    case plain, gzip, zstd
    /// One stream through libarchive: xz, bzip2.
    case filtered
  }

  /// What `require` found.
  public enum Supply: Equatable, Sendable {
    /// At least as many bytes as asked for are in the window.
    case enough
    /// The proven end came before; fewer bytes are in the window.
    case end
    /// The stream broke before; fewer bytes are in the window.
    case damaged(StreamDamage)
  }

  /// A member that is inflated at once gets this much room.
  static let wholeMemberLimit = 1 << 20
  static let pieceSize = 1 << 17

  /// How the file is compressed.
  public let coding: Coding
  /// Whether a gzip file had several members, or none has been finished yet.
  public private(set) var memberCount: UInt64 = 0
  /// Offset of the current byte in the inflated stream.
  public private(set) var position: UInt64 = 0

  private let file: any ByteSource
  private let limits: InflationLimits
  private var compressed: CompressedWindow
  private var window: [UInt8] = []
  private var start = 0
  private var end = 0
  private var total: UInt64 = 0
  private var boundaries: [(position: UInt64, offset: UInt64)] = []
  private var condition: Supply = .enough
  private var inflater: (any PieceInflater)?
  private var filtered: FilteredStream?
  private let whole = WholeMemberInflater()
  private var deflate: DeflateInflater?
  private var dictionary: [UInt8] = []

  /// Opens a stream at a byte offset of the file, which must be a member's start.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - offset: where reading begins.
  ///   - position: bytes that come out of the file before that place.
  ///   - limits: how much may come out.
  /// - Throws: `FileError`.
  public init(
    _ file: any ByteSource,
    offset: UInt64 = 0,
    position: UInt64 = 0,
    limits: InflationLimits
  ) throws(FileError) {
    self.file = file
    self.limits = limits
    self.position = position
    total = position
    var head = CompressedWindow(file: file, offset: 0)
    try head.fill(atLeast: 4)
    if head.starts(with: [0x1F, 0x8B]) {
      coding = .gzip
    } else if head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) || head.isSkippableFrame {
      coding = .zstd
    } else if head.starts(with: [0xFD, 0x37, 0x7A, 0x58]) || head.starts(with: Array("BZh".utf8)) {
      coding = .filtered
      filtered = FilteredStream(file)
      boundaries = [(0, 0)]
    } else {
      coding = .plain
    }
    if coding == .zstd { dictionary = try ZstdDictionary.read(&head) }
    compressed = CompressedWindow(file: file, offset: offset)
  }

  /// Bytes of the file that have been read past the given offset; for progress.
  public var fileOffset: UInt64 { filtered?.consumed ?? compressed.offset }

  /// The number of bytes in the window.
  public var available: Int { end - start }

  /// The offset in the file of the member that holds the current byte.
  public var memberOffset: UInt64 {
    if coding == .plain { return compressed.offset - UInt64(available) }
    return boundaries.first?.offset ?? compressed.offset
  }

  /// Whether the current byte is the first of a member.
  public var isAtMemberStart: Bool {
    coding == .plain || boundaries.isEmpty || boundaries[0].position == position
  }

  /// Makes at least `count` bytes available, if the stream has them.
  ///
  /// - Throws: `FileError` when the file cannot be read.
  public func require(_ count: Int) throws(FileError) -> Supply {
    while available < count {
      if condition != .enough { return condition }
      try produce()
    }
    return .enough
  }

  /// Hands the window to `body`; its indices start anywhere.
  public func withWindow<Result>(_ body: (ArraySlice<UInt8>) -> Result) -> Result {
    body(window[start..<end])
  }

  /// Appends the first `count` bytes of the window to `bytes` and moves on.
  ///
  /// - Precondition: as many are available.
  public func take(_ count: Int, into bytes: inout [UInt8]) {
    precondition(count <= available)
    bytes.append(contentsOf: window[start..<start + count])
    skip(count)
  }

  /// The position of the first byte of the member that holds the current byte.
  public var memberPosition: UInt64 { boundaries.first?.position ?? position }

  /// Moves on to a position without handing anything out.
  ///
  /// - Returns: false when the stream ends or breaks before.
  /// - Throws: `FileError`.
  public func advance(to target: UInt64) throws(FileError) -> Bool {
    if coding == .plain, target > position {
      compressed = CompressedWindow(file: file, offset: memberOffset + (target - position))
      (start, end, position) = (0, 0, target)
      return true
    }
    while position < target {
      guard try require(1) == .enough else { return false }
      skip(Int(min(UInt64(available), target - position)))
    }
    return position == target
  }

  /// Moves on by `count` bytes of the window.
  public func skip(_ count: Int) {
    precondition(count <= available)
    start += count
    position += UInt64(count)
    while boundaries.count > 1, boundaries[1].position <= position { boundaries.removeFirst() }
    if start == end, boundaries.count == 1, inflater == nil, coding != .filtered {
      boundaries.removeAll()
    }
  }

  /// Drops what is left of the damaged member and looks for the next member from `offset` on.
  ///
  /// - Parameters:
  ///   - offset: where in the file the search begins.
  ///   - plainMagic: what the next member starts with in a file that is not compressed.
  /// - Returns: the offset of the place found, or `nil` when the file ends before one.
  /// - Throws: `FileError`.
  public func resync(from offset: UInt64, plainMagic: [UInt8]) throws(FileError) -> UInt64? {
    inflater = nil
    start = 0
    end = 0
    // What came out of the damaged member came out: a reader that begins behind it counts it too.
    if coding != .plain { position = total }
    boundaries.removeAll()
    guard coding != .filtered else {
      condition = .end
      return nil
    }
    condition = .enough
    compressed = CompressedWindow(file: file, offset: offset)
    let magic: [UInt8]
    switch coding {
    case .plain, .filtered: magic = plainMagic
    case .gzip: magic = [0x1F, 0x8B, 0x08]
    case .zstd: magic = [0x28, 0xB5, 0x2F, 0xFD]
    }
    guard try compressed.find(magic) else {
      condition = .end
      return nil
    }
    if coding == .plain {
      // Plain bytes are read straight into the window; what the search has read is read again.
      compressed = CompressedWindow(file: file, offset: compressed.offset)
      position = compressed.offset
    }
    return compressed.offset
  }

  // MARK: producing

  private func makeRoom(_ count: Int) {
    if start > 0, start == end || window.count - end < count {
      if start < end { window.replaceSubrange(0..<end - start, with: window[start..<end]) }
      end -= start
      start = 0
    }
    if window.count - end < count {
      window.append(
        contentsOf: repeatElement(0, count: max(count - (window.count - end), window.count / 2))
      )
    }
  }

  private func produce() throws(FileError) {
    switch coding {
    case .plain: try producePlain()
    case .filtered: produceFiltered()
    case .gzip, .zstd:
      if inflater == nil {
        try beginMember()
      } else {
        try continueMember()
      }
    }
  }

  private func producePlain() throws(FileError) {
    makeRoom(Self.pieceSize)
    switch try file.read(into: &window, end..<window.count, at: compressed.offset) {
    case .bytes(let count):
      end += count
      compressed.offset += UInt64(count)
    case .end: condition = .end
    }
  }

  private func produceFiltered() {
    makeRoom(Self.pieceSize)
    guard let filtered, let count = filtered.read(into: &window, at: end, room: Self.pieceSize)
    else {
      condition = .damaged(StreamDamage(reason: .corrupt, memberOffset: 0))
      return
    }
    if count == 0 {
      memberCount = 1
      condition = .end
      return
    }
    end += count
    total += UInt64(count)
    // The library reads ahead, which the stream is not charged for.
    let input = filtered.consumed + 65_536
    if let breach = limits.breach(output: total, input: input, total: total) {
      end -= count
      condition = .damaged(StreamDamage(reason: breach, memberOffset: 0))
    }
  }

  private func beginMember() throws(FileError) {
    try compressed.fill(atLeast: 18)
    while coding == .zstd, compressed.isSkippableFrame {
      try compressed.skipFrame()
      try compressed.fill(atLeast: 18)
    }
    guard compressed.count > 0 else {
      condition = .end
      return
    }
    let offset = compressed.offset
    let isMember =
      coding == .gzip
      ? compressed.starts(with: [0x1F, 0x8B]) : compressed.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
    guard isMember else {
      condition = .damaged(StreamDamage(reason: .trailingGarbage, memberOffset: offset))
      return
    }
    boundaries.append((position + UInt64(available), offset))
    if coding == .gzip, try inflateWhole() { return }
    inflater = coding == .gzip ? restarted() : ZstdInflater(dictionary: dictionary)
    try continueMember()
  }

  /// The one inflater of all members that are too large for libdeflate.
  private func restarted() -> DeflateInflater {
    let inflater = deflate ?? DeflateInflater()
    if deflate != nil { inflater.restart() }
    deflate = inflater
    return inflater
  }

  /// One call for a small member; false when it has to go piece by piece.
  private func inflateWhole() throws(FileError) -> Bool {
    try compressed.fill(atLeast: Self.wholeMemberLimit / 2)
    makeRoom(Self.wholeMemberLimit)
    guard
      let result = whole.inflate(compressed, into: &window, at: end, room: Self.wholeMemberLimit)
    else { return false }
    compressed.consume(result.input)
    end += result.output
    total += UInt64(result.output)
    memberCount += 1
    if total > limits.containerBytes {
      condition = .damaged(
        StreamDamage(reason: .containerBudget, memberOffset: boundaries.last?.offset ?? 0)
      )
    }
    // A member without content leaves no byte that its boundary could point at.
    if result.output == 0, boundaries.count > 1 || available == 0 { boundaries.removeLast() }
    return true
  }

  private func continueMember() throws(FileError) {
    guard let inflater else { return }
    try compressed.fill(atLeast: 1)
    makeRoom(Self.pieceSize)
    let memberOffset = boundaries.last?.offset ?? compressed.offset
    let before = inflater.produced
    // Without input too: an inflater may hold bytes back that had no room.
    let step = inflater.inflate(compressed, into: &window, at: end, room: Self.pieceSize)
    compressed.consume(step.input)
    var given = step.output
    if step.state == .corrupt, coding == .gzip, given > 0 {
      let sound = try SoundPrefix.count(of: file, from: memberOffset, limit: inflater.produced)
      given = min(given, Int(sound - min(sound, before)))
    }
    end += given
    total += UInt64(given)
    switch step.state {
    case .finished:
      self.inflater = nil
      memberCount += 1
    case .corrupt:
      condition = .damaged(StreamDamage(reason: .corrupt, memberOffset: memberOffset))
    case .more:
      if step.input == 0, step.output == 0, compressed.isAtEnd {
        condition = .damaged(StreamDamage(reason: .truncated, memberOffset: memberOffset))
      }
    }
    if let breach = limits.breach(
      output: before + UInt64(given),
      input: inflater.consumed,
      total: total
    ) {
      end -= given
      condition = .damaged(StreamDamage(reason: breach, memberOffset: memberOffset))
    }
  }
}
