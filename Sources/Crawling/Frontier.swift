internal import GRDB
internal import Ingestion

/// What a crawl knows: every address it met, what came of it, and which are due.
///
/// In SQLite, so that a crawl that is killed goes on where it was. One transaction is open at any time; what is written becomes durable with `commit`, which follows the archives.
final class Frontier {
  /// An address that is due.
  struct Page {
    let number: Int64
    let address: String
    let site: Int64
    /// Links between a seed and it.
    let depth: Int
    /// Redirects directly before it.
    let hops: Int
    let isSitemap: Bool
    /// The address that led to it.
    let via: Int64?
    let attempts: Int
    /// What an earlier version of the source had: its tag, date, digest and record.
    let earlier: Earlier?
  }

  /// The record of an earlier version of the source.
  struct Earlier {
    let tag: String?
    let modified: String?
    let digest: String
    let record: String
    let date: String
    /// What the page itself said about training, as JSON.
    let signals: String?
  }

  /// What came of an address.
  enum State: Int {
    case due = 0
    /// Fetched and archived as a page.
    case archived = 1
    /// As it was in an earlier version.
    case unchanged = 2
    /// It leads elsewhere.
    case redirected = 3
    /// A rule said no: scope, robots, media type, budget.
    case refused = 4
    /// Its site has it no more.
    case gone = 5
    /// It could not be fetched.
    case failed = 6
    /// A sitemap that was read.
    case listed = 7
  }

  private let queue: DatabaseQueue
  private let path: String
  /// The number of the version, from 1.
  private(set) var visit = 0

  /// Opens, or makes, a frontier.
  ///
  /// - Throws: `IngestError` 74.
  init(_ path: String) throws(IngestError) {
    self.path = path
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(5)
      configuration.journalMode = .wal
      // The transaction of a crawl outlasts each access.
      configuration.allowsUnsafeTransactions = true
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.writeWithoutTransaction { database in
        // GRDB sets NORMAL while it opens; see StoreDatabase.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
          throw IngestError(.inputOutput, "\(path): SQLite does not commit durably here")
        }
        try database.execute(sql: Self.schema)
        try database.execute(sql: "BEGIN IMMEDIATE")
      }
    } catch {
      throw Self.failure(error, path)
    }
  }

  private static let schema = """
    CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS site (number INTEGER PRIMARY KEY, authority TEXT NOT NULL UNIQUE, state TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS host (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE IF NOT EXISTS page (number INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, site INTEGER NOT NULL,
      host INTEGER NOT NULL, depth INTEGER NOT NULL, hops INTEGER NOT NULL, sitemap INTEGER NOT NULL, via INTEGER,
      due INTEGER NOT NULL, visit INTEGER NOT NULL, state INTEGER NOT NULL, reason TEXT NOT NULL, attempts INTEGER NOT NULL,
      tag TEXT, modified TEXT, digest TEXT, record TEXT, date TEXT, signals TEXT,
      reserved INTEGER NOT NULL, bytes INTEGER NOT NULL, microseconds INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS due ON page (host, number) WHERE due = 1;
    CREATE TABLE IF NOT EXISTS record (id TEXT PRIMARY KEY, page INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS removed (id TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS archive (name TEXT PRIMARY KEY, subset TEXT NOT NULL, bytes INTEGER NOT NULL, closed INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS answer (sha256 TEXT PRIMARY KEY, address TEXT NOT NULL, file TEXT NOT NULL, offset INTEGER NOT NULL,
      length INTEGER NOT NULL);
    PRAGMA user_version = 1;
    """

  private static func failure(_ error: any Error, _ path: String) -> IngestError {
    if let error = error as? IngestError { return error }
    if let error = error as? DatabaseError, error.resultCode == .SQLITE_BUSY {
      return IngestError(.locked, "\(path): another crawl is at work here; wait for it")
    }
    return IngestError(.inputOutput, "\(path): \(error)")
  }

  func access<Result>(_ body: (Database) throws -> Result) throws(IngestError) -> Result {
    do {
      return try queue.writeWithoutTransaction(body)
    } catch {
      throw Self.failure(error, path)
    }
  }

  func run(_ sql: String, _ arguments: StatementArguments = []) throws(IngestError) {
    try access { try $0.cachedStatement(sql: sql).execute(arguments: arguments) }
  }

  /// Makes durable what was written, and begins anew.
  func commit() throws(IngestError) {
    try run("COMMIT")
    try run("BEGIN IMMEDIATE")
  }

  /// Makes durable what was written, for good.
  func close() throws(IngestError) {
    try run("COMMIT")
    try access { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
  }

  // MARK: settings

  func setting(_ name: String) throws(IngestError) -> String? {
    try access { database in
      try String.fetchOne(
        database.cachedStatement(sql: "SELECT value FROM setting WHERE name = ?"),
        arguments: [name]
      )
    }
  }

  func set(_ name: String, _ value: String) throws(IngestError) {
    try run(
      "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      [name, value]
    )
  }

  /// Begins a version of the source, or goes on with it.
  ///
  /// - Returns: whether it was complete already.
  ///
  /// - Throws: `IngestError` 78 when the folder is another source's.
  func begin(source: String, version: String) throws(IngestError) -> Bool {
    if let other = try setting("source"), other != source {
      throw IngestError(
        .badManifest,
        "\(path): the crawl of source '\(other)' is here; give '\(source)' another crawl.folder"
      )
    }
    try set("source", source)
    visit = try setting("visit").flatMap { Int($0) } ?? 0
    if try setting("version") == version { return try setting("complete") == "yes" }
    visit += 1
    try set("visit", String(visit))
    try set("version", version)
    try set("complete", "no")
    try run("UPDATE page SET due = 1, attempts = 0, hops = 0")
    try run("UPDATE site SET state = ''")
    return false
  }

  // MARK: sites and hosts

  func site(_ authority: String) throws(IngestError) -> (number: Int64, state: String) {
    if let row = try access({ database in
      try Row.fetchOne(
        database.cachedStatement(sql: "SELECT number, state FROM site WHERE authority = ?"),
        arguments: [authority]
      )
    }) {
      return (row[0], row[1])
    }
    try run("INSERT INTO site (authority, state) VALUES (?, '')", [authority])
    return (try access { $0.lastInsertedRowID }, "")
  }

  func set(site: Int64, state: String) throws(IngestError) {
    try run("UPDATE site SET state = ? WHERE number = ?", [state, site])
  }

  func host(_ name: String) throws(IngestError) -> Int64 {
    if let number = try access({ database in
      try Int64.fetchOne(
        database.cachedStatement(sql: "SELECT number FROM host WHERE name = ?"),
        arguments: [name]
      )
    }) {
      return number
    }
    try run("INSERT INTO host (name) VALUES (?)", [name])
    return try access { $0.lastInsertedRowID }
  }

  /// The hosts that have something due.
  func dueHosts() throws(IngestError) -> [(number: Int64, name: String)] {
    try access { database in
      try Row.fetchAll(
        database,
        sql:
          "SELECT number, name FROM host WHERE EXISTS (SELECT 1 FROM page WHERE due = 1 AND host = host.number) ORDER BY number"
      ).map { ($0[0], $0[1]) }
    }
  }

  // MARK: pages

  func knownCount() throws(IngestError) -> Int {
    try access { try Int.fetchOne($0, sql: "SELECT count(*) FROM page") ?? 0 }
  }

  /// Adds an address that is not known yet.
  ///
  /// - Returns: whether it is new.
  func add(
    _ address: String,
    site: Int64,
    host: Int64,
    depth: Int,
    hops: Int,
    isSitemap: Bool,
    via: Int64?
  ) throws(IngestError) -> Bool {
    try access { database in
      try database.cachedStatement(
        sql:
          "INSERT OR IGNORE INTO page (address, site, host, depth, hops, sitemap, via, due, visit, state, reason, attempts, reserved, bytes, microseconds) VALUES (?, ?, ?, ?, ?, ?, ?, 1, 0, 0, '', 0, 0, 0, 0)"
      ).execute(arguments: [address, site, host, depth, hops, isSitemap, via])
      return database.changesCount > 0
    }
  }

  private static let columns =
    "number, address, site, depth, hops, sitemap, via, attempts, tag, modified, digest, record, date, signals"

  private static func page(_ row: Row) -> Page {
    let earlier: Earlier? =
      if let digest = row[10] as String?, let record = row[11] as String?,
        let date = row[12] as String?
      {
        Earlier(
          tag: row[8],
          modified: row[9],
          digest: digest,
          record: record,
          date: date,
          signals: row[13]
        )
      } else {
        nil
      }
    return Page(
      number: row[0],
      address: row[1],
      site: row[2],
      depth: row[3],
      hops: row[4],
      isSitemap: row[5],
      via: row[6],
      attempts: row[7],
      earlier: earlier
    )
  }

  /// The next addresses of a host that are due, behind a number.
  func due(host: Int64, behind number: Int64, limit: Int) throws(IngestError) -> [Page] {
    try access { database in
      try Row.fetchAll(
        database.cachedStatement(
          sql:
            "SELECT \(Self.columns) FROM page WHERE due = 1 AND host = ? AND number > ? ORDER BY number LIMIT ?"
        ),
        arguments: [host, number, limit]
      ).map(Self.page)
    }
  }

  /// An address by itself.
  func page(_ address: String) throws(IngestError) -> Page? {
    try access { database in
      try Row.fetchOne(
        database.cachedStatement(sql: "SELECT \(Self.columns) FROM page WHERE address = ?"),
        arguments: [address]
      ).map(Self.page)
    }
  }

  /// The address of a number, and what led to it.
  func origin(_ number: Int64) throws(IngestError) -> (address: String, via: Int64?, hops: Int)? {
    try access { database in
      try Row.fetchOne(
        database.cachedStatement(sql: "SELECT address, via, hops FROM page WHERE number = ?"),
        arguments: [number]
      ).map { ($0[0], $0[1], $0[2]) }
    }
  }

  /// What is kept of a page beside its state.
  struct Kept {
    var tag: String?
    var modified: String?
    var digest: String
    var record: String
    var date: String
    /// What the page itself said about training, as JSON.
    var signals: String?
  }

  /// Says what came of an address.
  func settle(
    _ number: Int64,
    _ state: State,
    reason: String = "",
    isReserved: Bool = false,
    bytes: Int = 0,
    seconds: Double = 0,
    kept: Kept? = nil
  ) throws(IngestError) {
    try run(
      "UPDATE page SET due = 0, visit = ?, state = ?, reason = ?, reserved = ?, bytes = ?, microseconds = ? WHERE number = ?",
      [
        visit, state.rawValue, reason, isReserved, bytes, Int(seconds * 1_000_000), number,
      ]
    )
    guard let kept else { return }
    try run(
      "UPDATE page SET tag = ?, modified = ?, digest = ?, record = ?, date = ?, signals = ? WHERE number = ?",
      [kept.tag, kept.modified, kept.digest, kept.record, kept.date, kept.signals, number]
    )
    try run("INSERT OR IGNORE INTO record VALUES (?, ?)", [kept.record, number])
  }

  /// Notes one more record of a page.
  func note(record: String, of number: Int64) throws(IngestError) {
    try run("INSERT OR IGNORE INTO record VALUES (?, ?)", [record, number])
  }

  /// Notes that an attempt failed.
  func attempt(_ number: Int64) throws(IngestError) {
    try run("UPDATE page SET attempts = attempts + 1 WHERE number = ?", [number])
  }

  /// Notes that a page is gone: its records are withdrawn.
  func bury(_ number: Int64) throws(IngestError) {
    try run("INSERT OR IGNORE INTO removed SELECT id FROM record WHERE page = ?", [number])
    try run(
      "UPDATE page SET tag = NULL, modified = NULL, digest = NULL, record = NULL, date = NULL WHERE number = ?",
      [number]
    )
  }

  /// Refuses everything of a host that is still due.
  func refuseDue(host: Int64, reason: String) throws(IngestError) {
    try run(
      "UPDATE page SET due = 0, visit = ?, state = ?, reason = ? WHERE due = 1 AND host = ?",
      [visit, State.refused.rawValue, reason, host]
    )
  }

  /// The records of pages that are gone, in byte order.
  func removedRecords() throws(IngestError) -> [String] {
    try access { try String.fetchAll($0, sql: "SELECT id FROM removed ORDER BY id") }
  }
}
