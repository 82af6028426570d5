internal import SourceAPI
internal import TextScan

/// One row of CSV while its bytes arrive, after RFC 4180 with a declared dialect.
///
/// A quoted field may hold delimiters and line breaks; a doubled quote in it is one. A row ends with
/// LF or CRLF. The memory is used again for the next row.
struct CSVRow {
  private enum Place {
    /// Nothing of the field was read.
    case fieldStart
    case plain
    case quoted
    /// Behind a quote inside a quoted field: it closes the field, or is doubled.
    case quote
    /// Behind a carriage return outside of quotes.
    case carriageReturn
  }

  private let dialect: SourceConfiguration.CSVDialect
  private let byteLimit: Int
  /// A row of commas alone may not cost more memory than a row of text.
  private static let fieldLimit = 1 << 16
  private var place = Place.fieldStart
  private var text: [UInt8] = []
  private var starts: [UInt32] = []
  /// The bytes of the row as they are stored, without the line end.
  private(set) var raw: [UInt8] = []
  /// All bytes of the row, with the line end.
  private(set) var byteCount = 0
  /// The rule that the row breaks first.
  private(set) var problem: (reason: String, detail: String)?

  init(_ dialect: SourceConfiguration.CSVDialect, byteLimit: Int) {
    (self.dialect, self.byteLimit) = (dialect, byteLimit)
    clear()
  }

  /// Begins the next row.
  mutating func clear() {
    text.removeAll(keepingCapacity: true)
    raw.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    starts.append(0)
    (place, byteCount, problem) = (.fieldStart, 0, nil)
  }

  /// The number of fields.
  var count: Int { starts.count }

  /// The text of a field, quotes undone.
  func field(_ index: Int) -> ArraySlice<UInt8> {
    text[Int(starts[index])..<(index + 1 < starts.count ? Int(starts[index + 1]) : text.count)]
  }

  /// Takes bytes up to the row's end.
  ///
  /// - Returns: the number of bytes taken, and whether the row is complete.
  /// - Complexity: O(n).
  mutating func take(_ window: ArraySlice<UInt8>) -> (count: Int, isComplete: Bool) {
    let bytes = window.span
    for index in 0..<bytes.count {
      let byte = bytes[index]
      byteCount += 1
      if byteCount > byteLimit { fail("budget-line", "the row is too long") }
      if step(byte) { return (index + 1, true) }
      if problem == nil { raw.append(byte) }
    }
    return (bytes.count, false)
  }

  /// Says that the input is over behind the bytes taken.
  mutating func finish() {
    switch place {
    case .quoted: fail("csv-unclosed", "a quote is not closed before the end")
    case .carriageReturn: failQuote()
    default: break
    }
  }

  /// One byte; true when it ends the row.
  private mutating func step(_ byte: UInt8) -> Bool {
    switch place {
    case .quoted:
      if byte == dialect.quote { place = .quote } else { add(byte) }
      return false
    case .quote:
      if byte == dialect.quote {
        add(byte)
        place = .quoted
        return false
      }
    case .carriageReturn:
      if byte == 0x0A {
        // The carriage return belongs to the line end.
        if problem == nil { raw.removeLast() }
        return true
      }
      failQuote()
    case .fieldStart, .plain: break
    }
    switch byte {
    case dialect.delimiter:
      place = .fieldStart
      guard starts.count < Self.fieldLimit else {
        fail("csv-columns", "more than \(Self.fieldLimit) fields")
        return false
      }
      starts.append(UInt32(truncatingIfNeeded: text.count))
    case 0x0A: return true
    case 0x0D: place = .carriageReturn
    case dialect.quote where place == .fieldStart: place = .quoted
    case dialect.quote: failQuote()
    default:
      if place == .quote {
        failQuote()
      } else {
        place = .plain
        add(byte)
      }
    }
    return false
  }

  private mutating func add(_ byte: UInt8) { if problem == nil { text.append(byte) } }

  private mutating func failQuote() {
    fail("csv-quote", "a quote stands inside a field, or text behind one")
  }

  private mutating func fail(_ reason: String, _ detail: String) {
    guard problem == nil else { return }
    problem = (reason, detail)
    text.removeAll(keepingCapacity: true)
    raw.removeAll(keepingCapacity: true)
  }

  /// Why a field cannot be text, for the first such field.
  var refusal: String? {
    // Fields are checked one by one: a character never goes over the border between two.
    for index in 0..<count {
      let field = field(index)
      if TextSurvey(field).hasNUL { return "csv-nul" }
      if !UTF8Scan.isValid(field) { return "csv-utf8" }
    }
    return nil
  }
}
