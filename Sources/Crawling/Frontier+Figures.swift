internal import GRDB
internal import Ingestion

/// What a report says about a version.
extension Frontier {
  /// One line of a report: what came of the pages of a host for one reason.
  struct Figure {
    let host: String
    let isSitemap: Bool
    let state: State
    let reason: String
    let count: Int
    let bytes: Int64
    let microseconds: Int64
  }

  /// What came of this version.
  func figures() throws(IngestError) -> [Figure] {
    try access { database in
      try Row.fetchAll(
        database,
        sql:
          "SELECT host.name, sitemap, state, reason, count(*), sum(bytes), sum(microseconds) FROM page JOIN host ON host.number = page.host WHERE visit = ? AND due = 0 GROUP BY host.name, sitemap, state, reason ORDER BY host.name, sitemap, state, reason",
        arguments: [visit]
      ).map {
        Figure(
          host: $0[0],
          isSitemap: $0[1],
          state: State(rawValue: $0[2]) ?? .due,
          reason: $0[3],
          count: $0[4],
          bytes: $0[5],
          microseconds: $0[6]
        )
      }
    }
  }

  /// Addresses that are still due.
  func dueCount() throws(IngestError) -> Int {
    try access { try Int.fetchOne($0, sql: "SELECT count(*) FROM page WHERE due = 1") ?? 0 }
  }

  /// Pages of this version that were archived or are unchanged, and the bytes of all that was fetched.
  func taken() throws(IngestError) -> (pages: Int, bytes: Int64) {
    try access { database in
      let row = try Row.fetchOne(
        database,
        sql:
          "SELECT coalesce(sum(state IN (1, 2)), 0), coalesce(sum(bytes), 0) FROM page WHERE visit = ? AND due = 0",
        arguments: [visit]
      )
      return (row?[0] ?? 0, row?[1] ?? 0)
    }
  }

  /// Pages of this version whose site reserved training when they were fetched.
  func reserved() throws(IngestError) -> [(address: String, record: String)] {
    try access { database in
      try Row.fetchAll(
        database,
        sql:
          "SELECT address, coalesce(record, '') FROM page WHERE visit = ? AND reserved = 1 AND state IN (1, 2) ORDER BY address",
        arguments: [visit]
      ).map { ($0[0], $0[1]) }
    }
  }

  /// Addresses with digests of the payloads that this version has, in byte order.
  func payloads(_ take: (String, String) -> Void) throws(IngestError) {
    try access { database in
      let rows = try Row.fetchCursor(
        database,
        sql:
          "SELECT address, digest FROM page WHERE visit = ? AND state IN (1, 2) AND digest IS NOT NULL ORDER BY address",
        arguments: [visit]
      )
      while let row = try rows.next() { take(row[0], row[1]) }
    }
  }
}
