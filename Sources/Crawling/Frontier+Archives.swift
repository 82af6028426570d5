internal import GRDB
internal import Ingestion
internal import WebCrawl

/// Which archives there are, how far they are durable, and where the answers of sites lie in them.
extension Frontier {
  struct Archive {
    let name: String
    let subset: String
    let bytes: UInt64
  }

  /// The archives that are not closed.
  func openArchives() throws(IngestError) -> [Archive] {
    try access { database in
      try Row.fetchAll(
        database,
        sql: "SELECT name, subset, bytes FROM archive WHERE closed = 0 ORDER BY name"
      ).map { Archive(name: $0[0], subset: $0[1], bytes: UInt64($0[2] as Int64)) }
    }
  }

  func archiveCount(_ subset: String) throws(IngestError) -> Int {
    try access { database in
      try Int.fetchOne(
        database,
        sql: "SELECT count(*) FROM archive WHERE subset = ?",
        arguments: [subset]
      ) ?? 0
    }
  }

  func set(archive: Archive, isClosed: Bool) throws(IngestError) {
    try run(
      "INSERT INTO archive VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes, closed = excluded.closed",
      [archive.name, archive.subset, Int64(archive.bytes), isClosed]
    )
  }

  func remove(archive: Archive) throws(IngestError) {
    try run("DELETE FROM archive WHERE name = ?", [archive.name])
  }

  /// Notes where the answer of a site lies.
  func note(answer sha256: String, address: String, _ place: WARCFile.Place) throws(IngestError) {
    try run(
      "INSERT OR IGNORE INTO answer VALUES (?, ?, ?, ?, ?)",
      [sha256, address, place.file, Int64(place.offset), Int64(place.length)]
    )
  }

  /// Where the answer of a site lies.
  func answer(_ sha256: String) throws(IngestError) -> (file: String, offset: UInt64)? {
    try access { database in
      try Row.fetchOne(
        database.cachedStatement(sql: "SELECT file, offset FROM answer WHERE sha256 = ?"),
        arguments: [sha256]
      ).map { ($0[0], UInt64($0[1] as Int64)) }
    }
  }
}
