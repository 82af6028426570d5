internal import Archives
internal import CanonicalCoding
internal import Files
internal import SourceAPI
internal import TextScan

/// Reads CSV after RFC 4180 with a declared dialect: quoted fields may hold line breaks; a row with
/// another number of fields, or text behind a closing quote, is rejected and reading goes on.
final class CSVReader: MemberReader {
  private enum Row {
    case fields([[UInt8]], byteCount: Int)
    case broken(reason: String, detail: String, byteCount: Int)
    case damaged(StreamDamage)
    case end
  }

  private let configuration: SourceConfiguration
  private var current: CorpusStream?
  private var header: [String] = []
  private(set) var inputIndex: Int
  private var rowNumber: UInt64 = 0

  init(_ configuration: SourceConfiguration, from checkpoint: Checkpoint) throws(SourceError) {
    self.configuration = configuration
    inputIndex = checkpoint.input
    try openNext()
  }

  /// A row may hold line breaks: only the start of an input is a safe place.
  var checkpoint: Checkpoint? { rowNumber == 0 ? .start(of: inputIndex) : nil }
  var inputOffset: UInt64 { current?.stream.fileOffset ?? 0 }

  private func openNext() throws(SourceError) {
    current = nil
    rowNumber = 0
    guard inputIndex < configuration.inputs.count else { return }
    let source = try CorpusStream(
      configuration.inputs[inputIndex],
      offset: 0,
      budget: configuration.budget
    )
    current = source
    do throws(FileError) {
      _ = try source.stream.require(3)
      if source.stream.withWindow({ $0.starts(with: [0xEF, 0xBB, 0xBF]) }) {
        source.stream.skip(3)
      }
      header = []
      guard configuration.csv.hasHeader else { return }
      guard case .fields(let names, _) = try nextRow(source.stream) else {
        throw FileError(.read, source.input.name, number: -2)
      }
      header = names.map { String(decoding: $0, as: UTF8.self) }
    } catch {
      if error.number == -2 {
        throw .configuration(
          field: source.input.name,
          detail: "has no header row; set input.csv.header: absent, or add one"
        )
      }
      throw .file(error)
    }
    if header.contains(""), configuration.csv.hasHeader {
      throw .configuration(field: source.input.name, detail: "a column of the header has no name")
    }
    if Set(header).count != header.count {
      throw .configuration(
        field: source.input.name,
        detail: "two columns of the header have one name"
      )
    }
  }

  func read(into batch: inout MemberBatch) throws(SourceError) -> Bool {
    while let source = current {
      while true {
        let offset =
          source.stream.coding == .plain ? source.stream.memberOffset : source.stream.position
        let row: Row
        do throws(FileError) {
          row = try nextRow(source.stream)
        } catch {
          throw .file(error)
        }
        if case .end = row { break }
        rowNumber += 1
        let isOver = take(row, source, offset, &batch)
        if isOver { break }
        if batch.isFull { return true }
      }
      inputIndex += 1
      try openNext()
    }
    return false
  }

  /// Adds a row; true when the input is over with it.
  private func take(
    _ row: Row,
    _ source: CorpusStream,
    _ offset: UInt64,
    _ batch: inout MemberBatch
  ) -> Bool {
    let locator = RecordLocator.row(source.input.name, number: rowNumber, offset: offset)
    func reject(_ reason: String, _ detail: String, _ length: Int) {
      batch.members.append(
        .rejected(
          locator: locator,
          kind: "row",
          offset: offset,
          length: UInt64(length),
          reason: reason,
          detail: detail
        )
      )
    }
    switch row {
    case .end: return true
    case .damaged(let damage):
      reject(
        damage.reason.rawValue,
        "the input cannot be inflated from here on; its rows are lost",
        0
      )
      return true
    case .broken(let reason, let detail, let byteCount):
      reject(reason, "row \(rowNumber): \(detail)", byteCount)
      return false
    case .fields(let fields, let byteCount):
      if header.isEmpty { header = fields.indices.map { "column\($0 + 1)" } }
      guard fields.count == header.count else {
        reject(
          "csv-ragged",
          "row \(rowNumber) has \(fields.count) fields, the header \(header.count)",
          byteCount
        )
        return false
      }
      if let reason = fields.lazy.compactMap(Self.refusal).first {
        reject(reason, "row \(rowNumber)", byteCount)
        return false
      }
      batch.members.append(member(fields, locator, offset, byteCount, &batch))
      return false
    }
  }

  private static func refusal(_ field: [UInt8]) -> String? {
    if field.contains(0) { return "csv-nul" }
    return UTF8Scan.isValid(field) ? nil : "csv-utf8"
  }

  private func member(
    _ fields: [[UInt8]],
    _ locator: String,
    _ offset: UInt64,
    _ byteCount: Int,
    _ batch: inout MemberBatch
  ) -> Member {
    let start = batch.bytes.count
    batch.bytes.append(UInt8(ascii: "["))
    var text: Range<Int>?
    for (index, field) in fields.enumerated() {
      if index > 0 { batch.bytes.append(UInt8(ascii: ",")) }
      batch.bytes.append(UInt8(ascii: "["))
      CanonicalJSON.appendString(header[index], to: &batch.bytes)
      batch.bytes.append(UInt8(ascii: ","))
      CanonicalJSON.appendString(field[...], to: &batch.bytes)
      batch.bytes.append(UInt8(ascii: "]"))
    }
    batch.bytes.append(UInt8(ascii: "]"))
    let payload = start..<batch.bytes.count
    var member = Member(
      locator: locator,
      kind: "row",
      name: "",
      mediaType: "text/csv",
      member: .held(payload),
      payload: .held(payload),
      offset: offset,
      length: UInt64(byteCount),
      verdict: .record
    )
    let mapping = configuration.mapping
    func value(_ name: String?) -> [UInt8]? {
      name.flatMap { header.firstIndex(of: $0) }.map { fields[$0] }
    }
    func string(_ name: String?) -> String? {
      value(name).map { String(decoding: $0.prefix(4096), as: UTF8.self) }
    }
    if let name = mapping.text {
      if let field = value(name) {
        let first = batch.bytes.count
        batch.bytes.append(contentsOf: field)
        text = first..<batch.bytes.count
      } else {
        member.verdict = .rejected(reason: "field-missing", detail: "there is no column '\(name)'")
      }
      member.mediaType = "text/plain"
    }
    member.text = text
    member.key = string(mapping.id)
    member.name = member.key ?? ""
    member.license = string(mapping.license)
    member.published = string(mapping.timestamp)
    if let url = string(mapping.url) { RowAddress.take(url, &member) }
    for name in configuration.wantedFields { member.fields[name] = string(name) }
    return member
  }

  // MARK: the grammar

  /// One row with its line end.
  private func nextRow(_ stream: InflatedStream) throws(FileError) -> Row {
    let (delimiter, quote) = (configuration.csv.delimiter, configuration.csv.quote)
    var fields: [[UInt8]] = []
    var field: [UInt8] = []
    var isQuoted = false
    var isClosed = false
    var problem: String?
    var count = 0
    while true {
      let supply = try stream.require(1)
      if stream.available == 0 {
        if case .damaged(let damage) = supply { return .damaged(damage) }
        if count == 0 { return .end }
        if isQuoted, !isClosed {
          return .broken(
            reason: "csv-unclosed",
            detail: "a quote is not closed before the end",
            byteCount: count
          )
        }
        break
      }
      let byte = stream.withWindow { $0.first ?? 0 }
      stream.skip(1)
      count += 1
      if count > configuration.budget.lineBytes {
        problem = "budget-line"
        field = []
      }
      if isQuoted, !isClosed {
        guard byte == quote else {
          if problem == nil { field.append(byte) }
          continue
        }
        _ = try stream.require(1)
        if stream.withWindow({ $0.first }) == quote {
          stream.skip(1)
          count += 1
          field.append(quote)
        } else {
          isClosed = true
        }
      } else if byte == delimiter {
        fields.append(field)
        (field, isQuoted, isClosed) = ([], false, false)
      } else if byte == 0x0A {
        break
      } else if byte == 0x0D {
        _ = try stream.require(1)
        if stream.withWindow({ $0.first }) != 0x0A { problem = problem ?? "csv-quote" }
      } else if byte == quote, field.isEmpty, !isClosed {
        isQuoted = true
      } else if isClosed || byte == quote {
        problem = problem ?? "csv-quote"
      } else if problem == nil {
        field.append(byte)
      }
    }
    if let problem {
      return .broken(
        reason: problem,
        detail: problem == "csv-quote"
          ? "a quote stands inside a field, or text behind one" : "the row is too long",
        byteCount: count
      )
    }
    fields.append(field)
    return .fields(fields, byteCount: count)
  }
}
