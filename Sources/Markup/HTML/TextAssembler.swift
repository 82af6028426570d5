/// Puts text together after the rules of `html-text-v1`, whatever pieces it comes in.
///
/// Runs of ASCII white space become one space; no space stands at a line's end, at most two line
/// feeds in a row, one at the end of the text. White space is kept pending until it is known to
/// stand between two characters, so that the result does not depend on where pieces are split.
struct TextAssembler {
  /// The text so far, without what is pending.
  private(set) var bytes: [UInt8] = []
  private var pendingBreaks = 0
  private var pendingSpace = false
  private var pendingTabs = 0
  /// White space of a preformatted line that waits for a character after it.
  private var pendingRun: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    pendingBreaks = 0
    clearLine()
  }

  private mutating func clearLine() {
    pendingSpace = false
    pendingTabs = 0
    pendingRun.removeAll(keepingCapacity: true)
  }

  /// Ends the line, if it has begun; `count` 2 leaves an empty line.
  mutating func breakLine(_ count: Int = 1) {
    clearLine()
    if !bytes.isEmpty { pendingBreaks = max(pendingBreaks, count) }
  }

  /// A line break that is meant: a second one leaves an empty line.
  mutating func addBreak() {
    clearLine()
    if !bytes.isEmpty { pendingBreaks = min(2, pendingBreaks + 1) }
  }

  /// A cell begins: a tab, unless the line begins with it.
  mutating func beginCell() {
    pendingSpace = false
    if pendingBreaks == 0, !bytes.isEmpty { pendingTabs += 1 }
  }

  private mutating func flush() {
    if pendingBreaks > 0 {
      for _ in 0..<pendingBreaks { bytes.append(0x0A) }
      pendingBreaks = 0
      pendingSpace = false
      pendingTabs = 0
    } else if pendingTabs > 0 {
      for _ in 0..<pendingTabs { bytes.append(0x09) }
      pendingTabs = 0
      pendingSpace = false
    } else if pendingSpace {
      if !bytes.isEmpty { bytes.append(0x20) }
      pendingSpace = false
    }
    if !pendingRun.isEmpty {
      bytes.append(contentsOf: pendingRun)
      pendingRun.removeAll(keepingCapacity: true)
    }
  }

  /// Takes text in which white space collapses.
  mutating func append(_ text: Span<UInt8>) {
    var index = 0
    let count = text.count
    while index < count {
      let byte = text[index]
      if byte <= 0x20, byte == 0x20 || (0x09...0x0A).contains(byte) || (0x0C...0x0D).contains(byte)
      {
        if pendingBreaks == 0, pendingTabs == 0 { pendingSpace = true }
        index += 1
        continue
      }
      flush()
      // A run of words with single spaces goes over in one copy.
      let start = index
      var isAfterSpace = false
      scan: while index < count {
        let next = text[index]
        if next > 0x20 {
          isAfterSpace = false
        } else if next == 0x20 {
          if isAfterSpace { break scan }
          isAfterSpace = true
        } else if (0x09...0x0A).contains(next) || (0x0C...0x0D).contains(next) {
          break scan
        } else {
          isAfterSpace = false
        }
        index += 1
      }
      let end = isAfterSpace ? index - 1 : index
      copy(text.extracting(start..<end))
      if isAfterSpace { pendingSpace = true }
    }
  }

  /// Takes text in which white space stays.
  mutating func appendPreformatted(_ text: Span<UInt8>) {
    var index = 0
    while index < text.count {
      switch text[index] {
      case 0x0A: addBreak()
      case 0x0D: break
      case 0x20, 0x09, 0x0C: pendingRun.append(text[index])
      default:
        flush()
        let start = index
        while index + 1 < text.count, text[index + 1] > 0x20 { index += 1 }
        copy(text.extracting(start..<index + 1))
      }
      index += 1
    }
  }

  private mutating func copy(_ text: Span<UInt8>) {
    // SAFETY: the span outlives the call, and the buffer is only read.
    unsafe text.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }

  /// The text with its final line feed; empty if there is no character.
  mutating func finish() -> [UInt8] {
    if !bytes.isEmpty { bytes.append(0x0A) }
    return bytes
  }
}
