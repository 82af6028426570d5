import CanonicalCoding
import Files
import Testing
import _TestSupport

/// The plugins under python/, with the real pyarrow, real taps and a real PostgreSQL.
@Suite struct PluginExamplesTests {
  /// The program folder of a virtual environment that scripts/python-plugins has made.
  private func environment(_ name: String) -> String? {
    let place = Fixture.path(".build/python/\(name)")
    if FilePaths.exists("\(place)/complete") { return "\(place)/bin" }
    print("skipped: \(place) is not there; scripts/python-plugins makes it")
    return nil
  }

  private func ingest(_ folder: String, _ arguments: String, _ search: String) throws
    -> Command.Result
  {
    try Command.shell(
      "PATH='\(search)':$PATH INGEST_PLUGINS='\(Fixture.path("python"))' '\(Command.ingest)' \(arguments)",
      folder: folder
    )
  }

  /// A manifest over `data` that asks for a plugin.
  private func bench(_ folder: String, _ plugin: String, fields: String) throws -> Workbench {
    let bench = try Workbench(folder)
    _ = try Command.shell("mkdir data", folder: folder)
    try bench.write(try bench.read("corpus.manifest"), "data.manifest")
    for (from, to) in [
      ("plugin: private-corpus", "plugin: \(plugin)"), ("sources/corpus/policy.jsonl", "data/*"),
      ("  format: jsonl\n", ""), ("confidential: true", "confidential: false"),
      ("{text: text, id: id, url: url, license: license}", fields),
    ] { try bench.edit("data.manifest", from, to) }
    return bench
  }

  @Test func `rows of Parquet have the payloads that another reader of the file makes`() throws {
    guard let search = environment("pyarrow") else { return }
    try Fixture.withFolder { folder in
      let bench = try bench(folder, "parquet", fields: "{text: text, id: id, url: u}")
      let made = try Command.shell(
        """
        '\(search)/python' - <<'END'
        import datetime, decimal, hashlib, json, pyarrow as pa, pyarrow.parquet as pq
        n = 5000
        at = datetime.datetime(1969, 12, 31, 23, 59, 58)
        pq.write_table(pa.table({
            'id': pa.array(range(n), pa.int64()), 'text': [f'Zeile {i} \\u00e9' for i in range(n)],
            'r': [i / 3 for i in range(n)], 'd': pa.array([decimal.Decimal(i) / 4 for i in range(n)], pa.decimal128(12, 2)),
            't': pa.array([at + datetime.timedelta(milliseconds=i) for i in range(n)], pa.timestamp('ms', tz='UTC')),
            'day': pa.array([datetime.date(2026, 1, 1)] * n), 'b': [b'\\x00\\xff'] * n, 'o': [None, True] * (n // 2),
            'u': [f'https://example.org/{i}' for i in range(n)],
        }), 'data/a.parquet', row_group_size=1500, write_page_checksum=True)
        i = 4999
        stamp = (at + datetime.timedelta(milliseconds=i)).isoformat(timespec='milliseconds') + 'Z'
        row = '[["id",{"integer":"4999"}],["text","Zeile 4999 \\u00e9"],["r",{"real":"1666.3333333333333"}],["d",{"decimal":"1249.75"}],["t",{"timestamp":"%s"}],["day",{"date":"2026-01-01"}],["b",{"bytes":"00ff"}],["o",true],["u","https://example.org/4999"]]' % stamp
        open('expected', 'w').write(hashlib.sha256(row.encode()).hexdigest())
        END
        """,
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      let scanned = try ingest(folder, "run --source data.manifest --json --quiet", search)
      #expect(scanned.status == 0, "\(scanned.errors)")
      #expect(scanned.output.contains(#""version":"1.0.0+pyarrow-26.0.1""#))
      let leaf = try ingest(folder, "verify --leaf 'data/a.parquet#G4R500' --json", search)
      let expected = String(decoding: try bench.read("expected"), as: UTF8.self)
      #expect(leaf.status == 0 && leaf.output.contains(expected), "\(leaf.output) \(leaf.errors)")
      let checked = try ingest(folder, "plugin check parquet data/a.parquet", search)
      #expect(checked.status == 0, "\(checked.output) \(checked.errors)")
    }
  }

  @Test func `Parquet that cannot be read as rows is refused by name, and damage costs one group`()
    throws
  {
    guard let search = environment("pyarrow") else { return }
    try Fixture.withFolder { folder in
      let made = try Command.shell(
        """
        '\(search)/python' - <<'END'
        import datetime, os, pyarrow as pa, pyarrow.parquet as pq
        pq.write_table(pa.table({'a': [{'b': 1}]}), 'nested.parquet')
        pq.write_table(pa.table({'a': pa.array([datetime.datetime(2026, 1, 1)])}), 'int96.parquet', use_deprecated_int96_timestamps=True)
        table = pa.table({'a': [os.urandom(20) for _ in range(4000)]})
        pq.write_table(table, 'good.parquet', row_group_size=1000, write_page_checksum=True, compression='none', use_dictionary=False)
        data = bytearray(open('good.parquet', 'rb').read())
        data[len(data) // 2 - 9000] ^= 1
        open('page.parquet', 'wb').write(data)
        open('cut.parquet', 'wb').write(data[:-9])
        open('none.parquet', 'wb').write(b'PK\\3\\4')
        END
        """,
        folder: folder
      )
      #expect(made.status == 0, "\(made.errors)")
      func inspect(_ name: String, _ more: String = "") throws -> Command.Result {
        try ingest(folder, "inspect --plugin parquet \(name).parquet \(more)", search)
      }
      for (name, words) in [
        ("nested", "'a' is struct"), ("int96", "INT96"), ("none", "does not begin as Parquet"),
      ] {
        let result = try inspect(name)
        #expect(result.status == 69 && result.errors.contains(words), "\(name): \(result.errors)")
      }
      let column = try inspect("good", "--text-field body")
      #expect(column.status == 78 && column.errors.contains("no column 'body'"), "\(column.errors)")
      #expect(try inspect("good").output.split(separator: "\n").count == 4000)
      let page = try inspect("page")
      #expect(page.status == 65 && page.output.contains("parquet-rows"), "\(page.errors)")
      #expect(page.output.split(separator: "\n").count { $0.contains("\trecord\t") } >= 3000)
      let cut = try inspect("cut")
      #expect(cut.status == 65 && cut.output.contains("parquet-footer"), "\(cut.output)")
    }
  }

  @Test func `what tap-jsonl says is captured and scanned, record for record`() throws {
    guard let taps = environment("tap-jsonl") else { return }
    try Fixture.withFolder { folder in
      _ = try bench(folder, "singer", fields: "{text: text, url: url, license: license}")
      let captured = try Command.shell(
        """
        echo '{"path":"sources/corpus/policy.jsonl","stream_name":"policy","primary_keys":["id"]}' > config.json
        '\(Fixture.path("python/ingest-source-singer"))' --capture data/policy.singer.jsonl -- '\(taps)/tap-jsonl' --config config.json
        """,
        folder: folder
      )
      #expect(
        captured.status == 0 && captured.errors.contains("policy 323 records"),
        "\(captured.errors)"
      )
      let scanned = try ingest(folder, "run --source data.manifest --json --quiet", taps)
      #expect(scanned.status == 0, "\(scanned.errors)")
      #expect(scanned.output.contains(#""size":"323""#), "\(scanned.output)")
      // The same texts as from the file that the tap has read.
      func contents(_ arguments: String) throws -> [Substring] {
        try ingest(folder, "inspect \(arguments) --text-field text", taps).output
          .split(separator: "\n").compactMap {
            let columns = $0.split(separator: "\t", omittingEmptySubsequences: false)
            return columns.count > 8 && columns[columns.count - 2] == "record" ? columns[8] : nil
          }
      }
      let plain = try contents("sources/corpus/policy.jsonl")
      #expect(plain.count == 323)
      #expect(try contents("--plugin singer data/policy.singer.jsonl") == plain)
      let broken = try Command.shell(
        "'\(Fixture.path("python/ingest-source-singer"))' --capture data/x -- /bin/sh -c 'echo no message'; test ! -e data/x && exit 7",
        folder: folder
      )
      #expect(
        broken.status == 7 && broken.errors.contains("line 1 of its output"),
        "\(broken.errors)"
      )
    }
  }

  @Test func `what tap-postgres reads from a real PostgreSQL is captured and scanned`() throws {
    guard let taps = environment("tap-postgres") else { return }
    let programs = try Command.shell("ls -d /usr/lib/postgresql/*/bin | tail -1").output.dropLast()
    guard !programs.isEmpty else {
      print("skipped: no PostgreSQL under /usr/lib/postgresql")
      return
    }
    try Fixture.withFolder { folder in
      _ = try bench(folder, "singer", fields: "{text: body}")
      let captured = try Command.shell(
        """
        set -e
        B='\(programs)'; D=$(mktemp -d); AS=
        if [ "$(id -u)" = 0 ]; then chown postgres "$D"; AS='runuser -u postgres --'; fi
        P=$(python3 -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])")
        (cd / && $AS $B/initdb -D $D/data -U tester -A trust > /dev/null
         $AS $B/pg_ctl -D $D/data -w -l $D/log -o "-p $P -k $D -c listen_addresses=127.0.0.1 -c fsync=off" start > /dev/null)
        trap "cd /; $AS $B/pg_ctl -D $D/data -m immediate stop > /dev/null; rm -rf $D" EXIT
        $B/psql -q -h 127.0.0.1 -p $P -U tester postgres -c "CREATE TABLE article (id bigint PRIMARY KEY, body text, price numeric(10, 2), at timestamptz);
          INSERT INTO article SELECT n, 'body of ' || n, n * 1.25, timestamptz '2026-01-01 00:00Z' + n * interval '1 minute' FROM generate_series(1, 2000) n;
          INSERT INTO article VALUES (0, NULL, NULL, NULL)"
        echo "{\\"host\\":\\"127.0.0.1\\",\\"port\\":\\"$P\\",\\"user\\":\\"tester\\",\\"password\\":\\"none\\",\\"dbname\\":\\"postgres\\",\\"filter_schemas\\":\\"public\\"}" > config.json
        '\(taps)/tap-postgres' --config config.json --discover > catalog.json 2> /dev/null
        python3 - <<'END'
        import json
        catalog = json.load(open('catalog.json'))
        for stream in catalog['streams']:
            for entry in stream['metadata']:
                if entry['breadcrumb'] == []:
                    entry['metadata'].update({'selected': True, 'replication-method': 'FULL_TABLE'})
        json.dump(catalog, open('catalog.json', 'w'))
        END
        '\(Fixture.path("python/ingest-source-singer"))' --capture data/article.singer.jsonl -- '\(taps)/tap-postgres' --config config.json --properties catalog.json 2> errors
        """,
        folder: folder
      )
      #expect(captured.status == 0, "\(captured.errors)")
      let refused = try ingest(folder, "run --source data.manifest --json --quiet", taps)
      #expect(
        refused.status == 65 && refused.errors.contains("field-missing 1"),
        "\(refused.errors)"
      )
      let scanned = try ingest(
        folder,
        "run --source data.manifest --allow-rejected 1 --json --quiet",
        taps
      )
      #expect(scanned.status == 0, "\(scanned.errors)")
      #expect(scanned.output.contains(#""size":"2000""#), "\(scanned.output)")
      let checked = try ingest(folder, "plugin check singer data/article.singer.jsonl", taps)
      #expect(checked.status == 0, "\(checked.output)")
    }
  }
}
