internal import Archives
internal import CanonicalCoding
internal import Files
internal import SourceAPI

/// Reads CSV after RFC 4180 with a declared dialect: quoted fields may hold line breaks; a row with
/// another number of fields, or text behind a closing quote, is rejected and reading goes on.
final class CSVReader: MemberReader {
  /// What came next.
  private enum Supply {
    case row, end
    case damaged(StreamDamage)
  }

  private let configuration: SourceConfiguration
  private var current: CorpusStream?
  private var row: CSVRow
  private var header: [String] = []
  private(set) var inputIndex: Int
  private var rowNumber: UInt64 = 0

  init(_ configuration: SourceConfiguration, from checkpoint: Checkpoint) throws(SourceError) {
    self.configuration = configuration
    row = CSVRow(configuration.csv, byteLimit: configuration.budget.lineBytes)
    inputIndex = checkpoint.input
    try openNext()
    guard checkpoint.ordinal > 0, let current else { return }
    try current.advance(to: checkpoint)
    rowNumber = checkpoint.ordinal
  }

  /// Behind a row, whose columns the header names, which is read first.
  ///
  /// Without a header the first row decides how many columns there are: then only the start of an input is a place.
  var checkpoint: Checkpoint? {
    guard rowNumber > 0, let stream = current?.stream else { return .start(of: inputIndex) }
    guard configuration.csv.hasHeader else { return nil }
    return Checkpoint(
      input: inputIndex,
      offset: 0,
      ordinal: rowNumber,
      skipped: stream.position,
      position: stream.position
    )
  }
  var inputOffset: UInt64 { current?.stream.fileOffset ?? 0 }

  private func openNext() throws(SourceError) {
    current = nil
    rowNumber = 0
    guard inputIndex < configuration.inputs.count else { return }
    let source = try CorpusStream(
      configuration.inputs[inputIndex],
      at: .start(of: inputIndex),
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
      guard case .row = try nextRow(source.stream), row.problem == nil else {
        throw FileError(.read, source.input.name, number: -2)
      }
      header = (0..<row.count).map { String(decoding: row.field($0), as: UTF8.self) }
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
        let supply: Supply
        do throws(FileError) {
          supply = try nextRow(source.stream)
        } catch {
          throw .file(error)
        }
        if case .end = supply { break }
        rowNumber += 1
        let locator = RecordLocator.row(source.input.name, number: rowNumber, offset: offset)
        if case .damaged(let damage) = supply {
          let detail = "the input cannot be inflated from here on; its rows are lost"
          reject(locator, offset, damage.reason.rawValue, detail, 0, &batch)
          break
        }
        take(locator, offset, &batch)
        if batch.isFull { return true }
      }
      inputIndex += 1
      try openNext()
    }
    return false
  }

  /// The next row with its line end.
  private func nextRow(_ stream: InflatedStream) throws(FileError) -> Supply {
    row.clear()
    while true {
      let supply = try stream.require(1)
      if stream.available == 0 {
        if case .damaged(let damage) = supply { return .damaged(damage) }
        if row.byteCount == 0 { return .end }
        row.finish()
        return .row
      }
      let (count, isComplete) = stream.withWindow { row.take($0) }
      stream.skip(count)
      if isComplete { return .row }
    }
  }

  /// Adds the row as a record, or rejects it.
  private func take(_ locator: String, _ offset: UInt64, _ batch: inout MemberBatch) {
    if let (reason, detail) = row.problem {
      return reject(locator, offset, reason, "row \(rowNumber): \(detail)", row.byteCount, &batch)
    }
    if header.isEmpty { header = (0..<row.count).map { "column\($0 + 1)" } }
    guard row.count == header.count else {
      let detail = "row \(rowNumber) has \(row.count) fields, the header \(header.count)"
      return reject(locator, offset, "csv-ragged", detail, row.byteCount, &batch)
    }
    if let reason = row.refusal {
      return reject(locator, offset, reason, "row \(rowNumber)", row.byteCount, &batch)
    }
    batch.members.append(member(locator, offset, &batch))
  }

  private func reject(
    _ locator: String,
    _ offset: UInt64,
    _ reason: String,
    _ detail: String,
    _ length: Int,
    _ batch: inout MemberBatch
  ) {
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

  private func member(_ locator: String, _ offset: UInt64, _ batch: inout MemberBatch) -> Member {
    let stored = batch.bytes.count..<batch.bytes.count + row.raw.count
    batch.bytes.append(contentsOf: row.raw)
    let start = batch.bytes.count
    batch.bytes.append(UInt8(ascii: "["))
    var text: Range<Int>?
    for index in 0..<row.count {
      if index > 0 { batch.bytes.append(UInt8(ascii: ",")) }
      batch.bytes.append(UInt8(ascii: "["))
      CanonicalJSON.appendString(header[index], to: &batch.bytes)
      batch.bytes.append(UInt8(ascii: ","))
      CanonicalJSON.appendString(row.field(index), to: &batch.bytes)
      batch.bytes.append(UInt8(ascii: "]"))
    }
    batch.bytes.append(UInt8(ascii: "]"))
    let payload = start..<batch.bytes.count
    var member = Member(
      locator: locator,
      kind: "row",
      name: "",
      mediaType: "text/csv",
      member: .held(stored),
      payload: .held(payload),
      offset: offset,
      length: UInt64(row.byteCount),
      verdict: .record
    )
    let mapping = configuration.mapping
    func value(_ name: String?) -> ArraySlice<UInt8>? {
      name.flatMap { header.firstIndex(of: $0) }.map { row.field($0) }
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
    if let url = string(mapping.url) { member.take(address: url) }
    for name in configuration.wantedFields { member.fields[name] = string(name) }
    return member
  }
}
