internal import Archives
internal import CanonicalCoding
internal import Files
internal import SourceAPI

/// Reads JSONL, plain or compressed: one record a line, bad lines rejected one by one.
final class JSONLReader: MemberReader {
  private let configuration: SourceConfiguration
  private var scanner: JSONRowScanner
  private let names: [String]
  private var current: CorpusStream?
  private(set) var inputIndex: Int
  private var lineNumber: UInt64
  private var resumable: Checkpoint?

  init(_ configuration: SourceConfiguration, from checkpoint: Checkpoint) throws(SourceError) {
    self.configuration = configuration
    let mapping = configuration.mapping
    names =
      [mapping.text, mapping.id, mapping.url, mapping.license, mapping.timestamp].map { $0 ?? "" }
      + configuration.wantedFields
    scanner = JSONRowScanner(wanted: names)
    inputIndex = checkpoint.input
    lineNumber = checkpoint.ordinal
    resumable = checkpoint
    if inputIndex < configuration.inputs.count {
      current = try CorpusStream(
        configuration.inputs[inputIndex],
        at: checkpoint,
        budget: configuration.budget
      )
    }
  }

  var checkpoint: Checkpoint? { resumable }
  var inputOffset: UInt64 { current?.stream.fileOffset ?? 0 }

  func read(into batch: inout MemberBatch) throws(SourceError) -> Bool {
    while let source = current {
      do throws(FileError) {
        while try readLine(source, &batch) {
          resumable = place(source.stream)
          if batch.isFull { return true }
        }
      } catch {
        throw .file(error)
      }
      inputIndex += 1
      lineNumber = 0
      resumable = .start(of: inputIndex)
      current = nil
      if inputIndex < configuration.inputs.count {
        current = try CorpusStream(
          configuration.inputs[inputIndex],
          at: .start(of: inputIndex),
          budget: configuration.budget
        )
      }
    }
    return false
  }

  /// A line of a plain file is gone to, one of a compressed stream inflated to.
  private func place(_ stream: InflatedStream) -> Checkpoint {
    stream.coding == .plain
      ? Checkpoint(input: inputIndex, offset: stream.memberOffset, ordinal: lineNumber)
      : Checkpoint(
        input: inputIndex,
        offset: 0,
        ordinal: lineNumber,
        skipped: stream.position,
        position: stream.position
      )
  }

  /// One line; false at the input's end.
  private func readLine(_ source: CorpusStream, _ batch: inout MemberBatch) throws(FileError)
    -> Bool
  {
    let stream = source.stream
    let offset =
      stream.position + (stream.coding == .plain ? stream.memberOffset - stream.position : 0)
    var wanted = 1 << 16
    var searched = 0
    while true {
      let supply = try stream.require(wanted)
      let lineEnd = stream.withWindow { window in
        ByteScan.first(0x0A, in: window, from: window.startIndex + min(searched, window.count)).map
        { $0 - window.startIndex }
      }
      if let lineEnd {
        // Decided by the line alone, never by how much of it was in the window.
        if lineEnd > configuration.budget.lineBytes {
          return try skipLongLine(source, offset, &batch)
        }
        takeLine(stream, source, lineEnd, terminator: 1, offset, &batch)
        return true
      }
      searched = stream.available
      if supply == .enough {
        if searched > configuration.budget.lineBytes {
          return try skipLongLine(source, offset, &batch)
        }
        wanted = min(2 * max(searched, wanted), configuration.budget.lineBytes + 1)
        continue
      }
      if case .damaged(let damage) = supply {
        rejectRest(source, offset, UInt64(searched), damage, &batch)
        return false
      }
      guard searched > 0 else { return false }
      if searched > configuration.budget.lineBytes {
        return try skipLongLine(source, offset, &batch)
      }
      takeLine(stream, source, searched, terminator: 0, offset, &batch)
      return true
    }
  }

  private func rejectRest(
    _ source: CorpusStream,
    _ offset: UInt64,
    _ length: UInt64,
    _ damage: StreamDamage,
    _ batch: inout MemberBatch
  ) {
    lineNumber += 1
    batch.members.append(
      .rejected(
        locator: RecordLocator.line(source.input.name, number: lineNumber, offset: offset),
        kind: "damage",
        offset: damage.memberOffset,
        length: length,
        reason: damage.reason.rawValue,
        detail: "the input cannot be inflated from here on; its lines are lost"
      )
    )
  }

  private func skipLongLine(
    _ source: CorpusStream,
    _ offset: UInt64,
    _ batch: inout MemberBatch
  ) throws(FileError) -> Bool {
    let stream = source.stream
    lineNumber += 1
    var length: UInt64 = 0
    var isOpen = true
    while isOpen {
      let supply = try stream.require(1)
      if stream.available == 0 || (supply != .enough && stream.available == 0) { break }
      let end = stream.withWindow { window in
        ByteScan.first(0x0A, in: window, from: window.startIndex).map { $0 - window.startIndex + 1 }
      }
      let count = end ?? stream.available
      length += UInt64(count)
      stream.skip(count)
      isOpen = end == nil
    }
    batch.members.append(
      .rejected(
        locator: RecordLocator.line(source.input.name, number: lineNumber, offset: offset),
        kind: "line",
        offset: offset,
        length: length,
        reason: "budget-line",
        detail: "a line of more than \(configuration.budget.lineBytes) bytes"
      )
    )
    return true
  }

  private func takeLine(
    _ stream: InflatedStream,
    _ source: CorpusStream,
    _ length: Int,
    terminator: Int,
    _ offset: UInt64,
    _ batch: inout MemberBatch
  ) {
    let start = batch.bytes.count
    if length > Self.longLine {
      // Room for the line, its canonical form and its text, made once instead of by doubling.
      batch.bytes.reserveCapacity(start + 3 * length + 64)
    }
    stream.take(length, into: &batch.bytes)
    stream.skip(terminator)
    lineNumber += 1
    var range = start..<batch.bytes.count
    if batch.bytes.last == 0x0D, !range.isEmpty { range = start..<range.upperBound - 1 }
    if lineNumber == 1, batch.bytes[range].starts(with: [0xEF, 0xBB, 0xBF]) {
      range = start + 3..<range.upperBound
    }
    var member = Member(
      locator: RecordLocator.line(source.input.name, number: lineNumber, offset: offset),
      kind: "line",
      name: "",
      mediaType: "application/json",
      member: .held(range),
      payload: .held(range),
      offset: offset,
      length: UInt64(length),
      verdict: .record
    )
    if batch.bytes[range].allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
      member.verdict = .skipped("blank-line")
    } else {
      scan(&member, range, &batch)
    }
    batch.members.append(member)
    if length > Self.longLine { scanner.releaseMemory() }
  }

  /// Lines above this many bytes do not keep the memory that they needed.
  private static let longLine = 1 << 20

  private func scan(_ member: inout Member, _ range: Range<Int>, _ batch: inout MemberBatch) {
    do throws(JSONError) {
      try scanner.scan(batch.bytes[range])
      guard scanner.isObject else { throw .syntax(offset: 0) }
    } catch {
      member.verdict = .rejected(
        reason: error.code,
        detail: "line \(lineNumber), byte \(error.offset) of the line"
      )
      return
    }
    // A line that is canonical already is its own payload: one range, one digest.
    if !scanner.isCanonical(batch.bytes[range]) {
      let payload = batch.bytes.count
      scanner.appendCanonical(to: &batch.bytes)
      member.payload = .held(payload..<batch.bytes.count)
    }
    if configuration.mapping.text != nil {
      switch scanner.fields[0] {
      case .plain(let text):
        member.text = range.lowerBound + text.lowerBound..<range.lowerBound + text.upperBound
      case .some(let text) where text != .other:
        let start = batch.bytes.count
        scanner.appendText(of: text, lineAt: range.lowerBound, in: &batch.bytes)
        member.text = start..<batch.bytes.count
      case .some:
        member.verdict = .rejected(
          reason: "field-type",
          detail: "the field '\(names[0])' is no text"
        )
      case nil:
        member.verdict = .rejected(
          reason: "field-missing",
          detail: "the field '\(names[0])' is missing"
        )
      }
      member.mediaType = "text/plain"
    }
    takeFields(&member, batch.bytes[range])
  }

  private func takeFields(_ member: inout Member, _ line: ArraySlice<UInt8>) {
    func text(_ index: Int) -> String? {
      guard let field = scanner.fields[index], field != .other else { return nil }
      return String(decoding: scanner.text(of: field, in: line).prefix(4096), as: UTF8.self)
    }
    for (index, name) in names.enumerated() where index > 0 && !name.isEmpty {
      guard let value = text(index) else {
        if index == 1, member.verdict == .record {
          member.verdict = .rejected(
            reason: "field-missing",
            detail: "the field '\(name)' is missing"
          )
        }
        continue
      }
      switch index {
      case 1:
        member.key = value
        member.name = value
      case 2: member.take(address: value)
      case 3: member.license = value
      case 4: member.published = value
      default: member.fields[name] = value
      }
    }
  }
}
