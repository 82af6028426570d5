internal import GRDB

/// Opens the database with the settings that make a commit durable.
enum StoreDatabase {
  /// Opens and, as writer, migrates.
  ///
  /// GRDB sets `synchronous = NORMAL` in WAL mode while it opens, which can lose a commit at power
  /// loss: FULL is set afterwards, outside a transaction, and read back.
  static func open(_ path: String, isWriter: Bool) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = !isWriter
    configuration.busyMode = .timeout(5)
    if isWriter { configuration.journalMode = .wal }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    guard isWriter else { return queue }
    try queue.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
      guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2,
        try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal"
      else { throw IngestError(.inputOutput, "\(path): SQLite does not commit durably here") }
    }
    try queue.write { database in
      try database.execute(
        sql: """
          CREATE TABLE IF NOT EXISTS source (id TEXT PRIMARY KEY, size INTEGER NOT NULL, root TEXT NOT NULL, state TEXT NOT NULL);
          CREATE TABLE IF NOT EXISTS segment (source TEXT NOT NULL, firstLeaf INTEGER NOT NULL, leafCount INTEGER NOT NULL,
            firstLedger INTEGER NOT NULL, ledgerCount INTEGER NOT NULL, file TEXT NOT NULL,
            PRIMARY KEY (source, firstLeaf, firstLedger));
          CREATE TABLE IF NOT EXISTS tombstone (source TEXT NOT NULL, leaf INTEGER NOT NULL, reason TEXT NOT NULL, day TEXT NOT NULL,
            generation INTEGER NOT NULL,
            PRIMARY KEY (source, leaf));
          CREATE TABLE IF NOT EXISTS epoch (number INTEGER PRIMARY KEY, digest TEXT NOT NULL);
          PRAGMA user_version = 1;
          """
      )
    }
    return queue
  }
}
