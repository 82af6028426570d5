import CanonicalCoding
import Files
import Testing
import _TestSupport

/// A source whose records lie in containers in containers: the same root however it is read, and a way back to each.
@Suite struct NestedSourceTests {
  private func prepare(_ folder: String) throws -> Workbench {
    let bench = try Workbench(folder)
    let made = try Command.shell(
      """
      cd sources/archive && mkdir in && cp ../crawl/handbook.warc.gz '\(Fixture.path("Fixtures/wacz/handbook-start.wacz"))' in/
      seq 1 200000 > in/long.txt && (cd in && zip -q texts.zip long.txt)
      tar czf delivery.tar.gz -C in . && rm -r in
      """,
      folder: folder
    )
    #expect(made.status == 0, "\(made.errors)")
    try bench.edit(
      "archive.manifest",
      "sources/archive/flask-3.1.2.tar.gz",
      "sources/archive/*.tar.gz"
    )
    return bench
  }

  @Test
  func
    `nested containers give one root, with any workers, after kills, and each record leads back`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      let clean = try bench.scan(["archive.manifest"])["sources"]
      for jobs in ["2", "5"] {
        let other = try bench.scan(["archive.manifest"], ["--store", "s\(jobs)", "--jobs", jobs])
        #expect(other["sources"] == clean)
      }
      for delay in [0.15, 0.25, 0.35] {
        _ = try bench.run(
          "run",
          "--source",
          "archive.manifest",
          "--store",
          "k",
          "--quiet",
          killAfter: delay
        )
      }
      #expect(try bench.scan(["archive.manifest"], ["--store", "k"])["sources"] == clean)
      let listed = try bench.run(
        "inspect",
        "sources/archive/delivery.tar.gz",
        "--plugin",
        "licensed-archive"
      )
      var records: [String] = []
      for line in listed.output.split(separator: "\n") {
        let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
        if columns.count > 4, columns[columns.count - 2] == "record" {
          records.append(String(columns[0]))
        }
      }
      for kind in [
        "!/./texts.zip!/long.txt", "!/./handbook.warc.gz@", "handbook-start.wacz!/archive/",
      ] {
        let locator = try #require(records.last { $0.contains(kind) }, "\(listed.output)")
        let checked = try bench.run("verify", "--leaf", "sources/archive/\(locator)")
        #expect(checked.status == 0, "\(locator): \(checked.errors)")
      }
      let audit = try bench.run("audit", "flask-archive")
      #expect(audit.status == 0, "\(audit.errors)")
    }
  }

  @Test func `a depth that is too small is named with its flag, and nothing is signed`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      let result = try bench.run(
        "run",
        "--source",
        "archive.manifest",
        "--max-depth",
        "2",
        "--quiet"
      )
      #expect(result.status == 65 && result.errors.contains("budget-depth 1"), "\(result.errors)")
      let ledger = try bench.run("status", "--ledger", "flask-archive")
      #expect(ledger.output.contains("--max-depth"), "\(ledger.output)")
    }
  }
}
