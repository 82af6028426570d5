internal import CanonicalCoding
internal import GRDB
internal import SourceAPI

/// Reads the rows of an SQLite table or query in the order of a unique key, in one read transaction.
///
/// The canonical row is the JCS list of [column, value]: text as string, NULL as null, a real as
/// number, an integer as {"integer": decimal text}, bytes as {"bytes": hexadecimal}.
final class SQLiteReader: MemberReader {
  private let configuration: SourceConfiguration
  private let selection: SourceConfiguration.SQLSelection
  private(set) var inputIndex: Int
  private(set) var inputOffset: UInt64 = 0
  private var rows: [Member] = []
  private var arena: [UInt8] = []
  private var lastKey: DatabaseValue?
  private var hasRead = false

  init(
    _ configuration: SourceConfiguration,
    _ selection: SourceConfiguration.SQLSelection,
    from checkpoint: Checkpoint
  ) throws(SourceError) {
    self.configuration = configuration
    self.selection = selection
    inputIndex = checkpoint.input
  }

  /// The snapshot ends with the process: only the start of a database is a place to go on from.
  var checkpoint: Checkpoint? { lastKey == nil ? .start(of: inputIndex) : nil }

  func read(into batch: inout MemberBatch) throws(SourceError) -> Bool {
    while inputIndex < configuration.inputs.count {
      let input = configuration.inputs[inputIndex]
      let isOver = try readPage(input, &batch)
      if isOver {
        inputIndex += 1
        lastKey = nil
      }
      if batch.isFull { return true }
    }
    return false
  }

  /// Rows are taken in pages by key, each a query of its own inside one connection's snapshot.
  private var connection: (input: Int, queue: DatabaseQueue)?

  private func readPage(_ input: SourceConfiguration.Input, _ batch: inout MemberBatch)
    throws(SourceError) -> Bool
  {
    do {
      let queue = try openQueue(input)
      let goal = batch.memberGoal - batch.members.count
      var pending = batch
      var count = 0
      try queue.unsafeRead { database in
        let cursor = try Row.fetchCursor(
          database,
          sql: statement(),
          arguments: lastKey.map { [$0] } ?? []
        )
        while count < goal, !pending.isFull, let row = try cursor.next() {
          let key: DatabaseValue = row[selection.key]
          guard !key.isNull else { throw Refusal.key("a row without key") }
          if let last = lastKey, last == key { throw Refusal.key("the key stands twice") }
          lastKey = key
          pending.members.append(member(row, key, input, &pending))
          count += 1
        }
      }
      batch = pending
      return count < goal && !batch.isFull
    } catch Refusal.key(let detail) {
      throw .configuration(
        field: "input.sql.key",
        detail: "\(detail); name a unique column that is never NULL"
      )
    } catch let error as DatabaseError {
      // The message names tables and columns, never values.
      throw .configuration(
        field: "input.sql",
        detail: "\(input.name): \(error.message ?? "cannot be read")"
      )
    } catch {
      throw .configuration(field: "input.sql", detail: "\(input.name): cannot be read")
    }
  }

  private enum Refusal: Error { case key(String) }

  private func openQueue(_ input: SourceConfiguration.Input) throws -> DatabaseQueue {
    if let connection, connection.input == inputIndex { return connection.queue }
    var options = Configuration()
    options.readonly = true
    // The transaction below stays open over all pages, until the connection goes away.
    options.allowsUnsafeTransactions = true
    let queue = try DatabaseQueue(path: input.path, configuration: options)
    // One transaction over all pages: nothing that is written meanwhile is seen.
    try queue.unsafeRead { try $0.execute(sql: "BEGIN") }
    connection = (inputIndex, queue)
    return queue
  }

  private func statement() -> String {
    let key = Self.quoted(selection.key)
    let source = selection.table.map(Self.quoted) ?? "(\(selection.query ?? ""))"
    let condition = lastKey == nil ? "" : " WHERE \(key) COLLATE BINARY > ?"
    return "SELECT * FROM \(source)\(condition) ORDER BY \(key) COLLATE BINARY"
  }

  private static func quoted(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  private func member(
    _ row: Row,
    _ key: DatabaseValue,
    _ input: SourceConfiguration.Input,
    _ batch: inout MemberBatch
  ) -> Member {
    let start = batch.bytes.count
    let values = row.map { column, value in JSONValue.array([.string(column), Self.json(value)]) }
    batch.bytes.append(contentsOf: CanonicalJSON.encode(.array(values)))
    let payload = start..<batch.bytes.count
    let name = Self.text(key) ?? ""
    let table = RecordLocator.encode((selection.table ?? "query").utf8)
    var member = Member(
      locator:
        "db://\(input.name)/\(table)?\(RecordLocator.encode(selection.key.utf8))=\(RecordLocator.encode(name.utf8))",
      kind: "row",
      name: name,
      mediaType: "application/json",
      member: .held(payload),
      payload: .held(payload),
      offset: 0,
      length: UInt64(payload.count),
      verdict: .record
    )
    func value(_ column: String?) -> String? {
      column.flatMap { Self.text(row[$0] as DatabaseValue) }
    }
    let mapping = configuration.mapping
    if let column = mapping.text {
      if let text = value(column) {
        let first = batch.bytes.count
        batch.bytes.append(contentsOf: text.utf8)
        member.text = first..<batch.bytes.count
        member.mediaType = "text/plain"
      } else {
        member.verdict = .rejected(
          reason: "field-missing",
          detail: "the column '\(column)' is missing or NULL"
        )
      }
    }
    member.key = value(mapping.id) ?? name
    member.license = value(mapping.license)
    member.published = value(mapping.timestamp)
    if let url = value(mapping.url) { member.take(address: url) }
    for column in configuration.wantedFields { member.fields[column] = value(column) }
    return member
  }

  private static func text(_ value: DatabaseValue) -> String? {
    switch value.storage {
    case .null, .blob: nil
    case .int64(let number): String(number)
    case .double(let number): number.isFinite ? CanonicalNumber.text(number) : nil
    case .string(let text): text
    }
  }

  private static func json(_ value: DatabaseValue) -> JSONValue {
    switch value.storage {
    case .null: .null
    case .int64(let number): ["integer": .string(String(number))]
    case .double(let number): number.isFinite ? .number(number) : ["real": .string("\(number)")]
    case .string(let text): .string(text)
    case .blob(let bytes): ["bytes": .string(Hex.encode(bytes))]
    }
  }
}
