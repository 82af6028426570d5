import Files
import LicensedArchive
import PrivateCorpus
import SourceAPI
import SourceConformance
import Testing
import WebCrawl
import _TestSupport

@Suite struct ConformanceTests {
  private func configuration(_ paths: [String], format: String? = nil, text: String? = nil)
    -> SourceConfiguration
  {
    var configuration = SourceConfiguration(
      inputs: paths.map { .init(path: $0, name: RecordLocator.encode(FilePaths.name(of: $0).utf8)) }
    )
    configuration.format = format
    configuration.mapping.text = text
    return configuration
  }

  private var crawl: String { Fixture.path("manifests/sources/crawl/handbook.warc.gz") }
  private var corpus: String { Fixture.path("manifests/sources/corpus/policy.jsonl") }

  @Test func `the crawl plugin conforms on gzip, zstd, plain and single-stream WARC`() throws {
    try Fixture.withFolder { folder in
      let lines = [
        "gzip -dc '\(crawl)' > plain.warc", "gzip -dc '\(crawl)' | gzip -c > single.warc.gz",
        "cp '\(crawl)' members.warc.gz",
        "gzip -dc '\(crawl)' | head -c 300000 | zstd -q -c > cut.warc.zst",
      ]
      let made = try Command.shell(lines.joined(separator: " && "), folder: folder)
      #expect(made.status == 0, "\(made.errors)")
      for name in ["plain.warc", "single.warc.gz", "members.warc.gz", "cut.warc.zst"] {
        let suite = ConformanceSuite(
          WebCrawlSource.self,
          configuration: configuration(["\(folder)/\(name)"])
        )
        #expect(suite.findings() == [], "\(name)")
      }
      let several = ConformanceSuite(
        WebCrawlSource.self,
        configuration: configuration(["\(folder)/members.warc.gz", "\(folder)/plain.warc"])
      )
      #expect(several.findings() == [])
    }
  }

  @Test func `the archive plugin conforms on tar with every filter and on zip`() throws {
    try Fixture.withFolder { folder in
      let archive = Fixture.path("manifests/sources/archive/flask-3.1.2.tar.gz")
      let make = """
        gzip -dc '\(archive)' > a.tar && gzip -c a.tar > a.tar.gz && bzip2 -c a.tar > a.tar.bz2 && xz -0 -c a.tar > a.tar.xz && zstd -q -c a.tar > a.tar.zst
        tar xf a.tar && zip -q -r a.zip flask-3.1.2
        """
      let made = try Command.shell(make, folder: folder)
      #expect(made.status == 0, "\(made.errors)")
      for name in ["a.tar", "a.tar.gz", "a.tar.bz2", "a.tar.xz", "a.tar.zst", "a.zip"] {
        let suite = ConformanceSuite(
          LicensedArchiveSource.self,
          configuration: configuration(["\(folder)/\(name)"])
        )
        #expect(suite.findings() == [], "\(name)")
      }
    }
  }

  @Test func `the corpus plugin conforms on JSONL, CSV, text files and SQLite`() throws {
    try Fixture.withFolder { folder in
      let made = try Command.shell(
        "gzip -c '\(corpus)' > a.jsonl.gz && zstd -q -c '\(corpus)' > a.jsonl.zst && xz -0 -c '\(corpus)' > a.jsonl.xz && bzip2 -c '\(corpus)' > a.jsonl.bz2",
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      try Fixture.write(
        "id,text\r\n1,\"a\r\nb\"\r\n2,\"say \"\"x\"\"\"\r\n3,plain\r\n",
        "\(folder)/a.csv"
      )
      let packed = ["gz", "zst", "xz", "bz2"].map { "\(folder)/a.jsonl.\($0)" }
      for name in [corpus] + packed {
        #expect(
          ConformanceSuite(
            PrivateCorpusSource.self,
            configuration: configuration([name], format: "jsonl", text: "text")
          ).findings() == []
        )
      }
      #expect(
        ConformanceSuite(
          PrivateCorpusSource.self,
          configuration: configuration(["\(folder)/a.csv"], text: "text")
        ).findings() == []
      )
      let rows = try Command.shell(
        """
        python3 -c "
        import csv, sys
        w = csv.writer(sys.stdout)
        w.writerow(['id', 'text'])
        for n in range(3000): w.writerow([n, 'row %d, \\"quoted\\"%s' % (n, '\\n\\nbroken' * (n % 3))])" > many.csv
        (printf '\\357\\273\\277'; cat many.csv) > mark.csv && gzip -c many.csv > many.csv.gz
        """,
        folder: folder
      )
      #expect(rows.status == 0, "\(rows.errors)")
      for name in ["many.csv", "mark.csv", "many.csv.gz"] {
        let suite = ConformanceSuite(
          PrivateCorpusSource.self,
          configuration: configuration(["\(folder)/\(name)"], format: "csv", text: "text")
        )
        #expect(suite.findings() == [], "\(name)")
      }
      let licenses = ["crawl/LICENSE", "corpus/LICENSE", "archive/LICENSE.txt"].map {
        Fixture.path("manifests/sources/\($0)")
      }
      var files = configuration(licenses, format: "text")
      for (index, name) in ["a", "b", "c"].enumerated() { files.inputs[index].name = name }
      #expect(ConformanceSuite(PrivateCorpusSource.self, configuration: files).findings() == [])
      var database = configuration(
        [Fixture.path("manifests/sources/corpus/policy.sqlite")],
        format: "sql",
        text: "text"
      )
      database.sql = .init(table: "section", query: nil, key: "number")
      #expect(ConformanceSuite(PrivateCorpusSource.self, configuration: database).findings() == [])
    }
  }
}
