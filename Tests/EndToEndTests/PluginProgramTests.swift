import CanonicalCoding
import Files
import Testing
import _TestSupport

/// Plugins that are programs of their own: read like those that are linked in, shut in, and never believed.
@Suite struct PluginProgramTests {
  /// A manifest that asks for a plugin over files of the folder `data`.
  func bench(_ folder: String, plugin: String, _ more: [(String, String)] = []) throws
    -> Workbench
  {
    let bench = try Workbench(folder)
    _ = try Command.shell("mkdir data plugins", folder: folder)
    try bench.write(try bench.read("corpus.manifest"), "data.manifest")
    try bench.edit("data.manifest", "plugin: private-corpus", "plugin: \(plugin)")
    try bench.edit("data.manifest", "sources/corpus/policy.jsonl", "data/*")
    try bench.edit("data.manifest", "  format: jsonl\n", "")
    // Salts of a confidential source differ from store to store.
    try bench.edit("data.manifest", "confidential: true", "confidential: false")
    for (from, to) in more { try bench.edit("data.manifest", from, to) }
    return bench
  }

  static let noFields =
    ("  fields: {text: text, id: id, url: url, license: license}\n", "")

  func ingest(_ bench: Workbench, _ arguments: [String], search: String? = nil) throws
    -> Command.Result
  {
    let path = (search.map { $0 + ":" } ?? "") + (environmentValue("PATH") ?? "")
    let quoted = arguments.map { "'\($0)'" }.joined(separator: " ")
    return try Command.shell(
      "PATH='\(path)' '\(Command.ingest)' \(quoted)",
      folder: bench.folder
    )
  }

  private func scan(_ bench: Workbench, _ more: [String] = [], search: String? = nil) throws
    -> JSONObject
  {
    let result = try ingest(
      bench,
      ["run", "--source", "data.manifest", "--plugins", "plugins", "--json", "--quiet"] + more,
      search: search
    )
    #expect(result.status == 0, "\(result.errors)")
    return try JSONParser.parse(Array(result.output.utf8.dropLast())).object?["sources"]?.elements?
      .first?.object ?? JSONObject()
  }

  @Test
  func
    `the plugin that ingest plugin new writes is scanned, audited, sharded and bound by its digest`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try bench(folder, plugin: "tickets", [Self.noFields])
      _ = try Command.shell(
        "for n in 1 2 3; do seq 1 4000 | sed \"s/^/ticket $n /\" > data/$n.txt; done; ln -s 1.txt data/link",
        folder: folder
      )
      let made = try ingest(bench, ["plugin", "new", "tickets", "--out", "plugins"])
      #expect(made.status == 0, "\(made.errors)")
      let source = try scan(bench)
      let plugin = source["plugin"]?.object
      let digest = try Command.shell(
        "sha256sum < plugins/ingest-source-tickets",
        folder: folder
      ).output.prefix(64)
      #expect(plugin?["sha256"]?.text == String(digest))
      #expect(plugin?["version"]?.text == "0.1.0" && source["size"]?.text == "12000")
      #expect(source["counts"]?.object?["skipped"]?.text == "1")
      for more in [["--jobs", "2", "--store", "a"], ["--max-members", "4000", "--store", "b"]] {
        #expect(try scan(bench, more)["sha256Root"] == source["sha256Root"])
      }
      let audit = try ingest(
        bench,
        ["audit", "--plugins", "plugins", source["id"]?.text ?? ""]
      )
      #expect(audit.status == 0, "\(audit.errors)")
      let leaf = try ingest(
        bench,
        ["verify", "--leaf", "data/2.txt#L77", "--plugins", "plugins"]
      )
      #expect(leaf.status == 0, "\(leaf.errors)")
      let planned = try ingest(
        bench,
        [
          "plan", "--source", "data.manifest", "--plugins", "plugins", "--shard-bytes", "50000",
          "--out", "plan.json",
        ]
      )
      #expect(planned.status == 0, "\(planned.errors)")
      for ordinal in 0..<4 {
        let shard = try ingest(
          bench,
          [
            "shard", "--plan", "plan.json", "--ordinal", "\(ordinal)", "--plugins", "plugins",
            "--out", "out",
          ]
        )
        #expect(shard.status == 0, "\(shard.errors)")
      }
      let merged = try ingest(
        bench,
        ["merge", "--plan", "plan.json", "out", "--store", "m", "--json", "--quiet"]
      )
      #expect(merged.output.contains(source["sha256Root"]?.text ?? "?"), "\(merged.errors)")
      // Another executable is another plugin, whatever it says of itself.
      try bench.edit("plugins/ingest-source-tickets", "import sys\n", "import sys  # changed\n")
      let other = try ingest(
        bench,
        ["audit", "--plugins", "plugins", source["id"]?.text ?? ""]
      )
      #expect(other.status == 77 && other.errors.contains("another executable"), "\(other.errors)")
      let shard = try ingest(
        bench,
        ["shard", "--plan", "plan.json", "--ordinal", "0", "--plugins", "plugins", "--out", "x"]
      )
      #expect(shard.status == 77, "\(shard.errors)")
      let again = try scan(bench)
      #expect(again["sha256Root"] == source["sha256Root"])
      #expect(again["plugin"] != source["plugin"])
      let unknown = try ingest(bench, ["run", "--source", "data.manifest"])
      #expect(
        unknown.status == 78 && unknown.errors.contains("plugin-unknown"),
        "\(unknown.errors)"
      )
    }
  }

  @Test func `a scan that was killed goes on at a checkpoint of the program, to the same root`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try bench(folder, plugin: "tickets", [Self.noFields])
      _ = try Command.shell("seq 1 200000 | sed 's/$/ word/' > data/1.txt", folder: folder)
      _ = try ingest(bench, ["plugin", "new", "tickets", "--out", "plugins"])
      let clean = try scan(bench, ["--store", "clean"])
      for delay in [0.4, 0.7, 1.0] {
        _ = try Command.run(
          Command.ingest,
          ["run", "--source", "data.manifest", "--plugins", "plugins", "--store", "s", "--quiet"],
          folder: folder,
          killAfter: delay
        )
      }
      #expect(try scan(bench, ["--store", "s"])["sha256Root"] == clean["sha256Root"])
    }
  }

  /// A plugin whose behavior behind its hello is `body`; `frame`, `hello`, `record` and `done` are there.
  private func script(_ body: String) -> String {
    """
    #!/usr/bin/env python3
    import json, os, struct, sys, time
    out = sys.stdout.buffer
    def frame(kind, content): out.write(struct.pack('>IB', len(content) + 1, kind) + content); out.flush()
    def hello(protocol=1, name='bad', version='1'): frame(1, json.dumps({'protocol': protocol, 'name': name, 'version': version}).encode())
    def record(body=b'body', **head):
        head = json.dumps({'input': 0, 'at': '#L1', **head}).encode()
        frame(2, struct.pack('>I', len(head)) + head + body)
    def done(n=0): frame(4, json.dumps({'records': n}).encode())
    def say(text): record(verdict='rejected', reason='seen', detail=text, body=b''); done(1)
    def told():
        n, k = struct.unpack('>IB', sys.stdin.buffer.read(5))
        return json.loads(sys.stdin.buffer.read(n - 1))
    def asked(): return os.fstat(0).st_size > os.lseek(0, 0, 1)
    if not asked():
        hello(); sys.exit(0)
    \(body)
    """
  }

  /// Runs a plugin of that behavior over one small file.
  private func run(_ body: String, _ check: (Workbench, Command.Result) throws -> Void) throws {
    try Fixture.withFolder { folder in
      let bench = try bench(folder, plugin: "bad", [Self.noFields])
      try bench.write("input\n", "data/a.txt")
      try bench.write("secret\n", "other.txt")
      try bench.write(script(body), "plugins/ingest-source-bad")
      _ = try Command.shell("chmod 755 plugins/*", folder: folder)
      let result = try ingest(
        bench,
        [
          "run", "--source", "data.manifest", "--plugins", "plugins", "--quiet", "--cpu-seconds",
          "1",
        ]
      )
      try check(bench, result)
      #expect(!FilePaths.exists(bench.path(".ingest/epochs")), "nothing is signed: \(body)")
    }
  }

  @Test func `what breaks the protocol ends in 65 with the rule, and nothing is signed`() throws {
    for (body, words) in [
      (
        "hello(); out.write(struct.pack('>IB', 0xFFFFFFFF, 2)); out.flush(); time.sleep(99)",
        "4294967295 bytes"
      ),
      ("hello(); frame(9, b'')", "kind 9"), ("hello(); hello()", "hello twice"),
      ("record(); done(1)", "hello of protocol"), ("hello(2)", "speaks protocol 2"),
      ("hello(name='other')", "another name"), ("hello(version='1 0')", "version"),
      ("hello(version='2')", "said something else"),
      ("hello(); record(); done(2)", "says that it sent 2 records; 1 came"),
      ("hello(); record(input=1); done(1)", "an input that is not there"),
      ("hello(); record(input=-1)", "without input"), ("hello(); record(at='L1')", "no place"),
      ("hello(); record(at='#\\u00e9')", "no place"),
      ("hello(); record(digest='00')", "does not know ('digest')"),
      ("hello(); record(textBytes=9)", "more text than it has bytes"),
      ("hello(); record(verdict='signed', reason='r')", "a verdict"),
      ("hello(); record(verdict='rejected', reason='No reason')", "without a reason"),
      ("hello(); record(verdict='rejected', reason='r')", "without a detail"),
      ("hello(); record(name=['x'])", "no text"),
      ("hello(); record(key='k' * 5000)", "more than 4096"),
      ("hello(); frame(2, struct.pack('>I', 99))", "without a head"),
      ("hello(); frame(3, b'{}')", "no place"),
      ("hello(); frame(4, b'{}')", "number of its records"),
      ("hello(); sys.exit(0)", "ended with exit 0"), ("hello(); os._exit(7)", "ended with exit 7"),
      ("hello(); record(); os.kill(os.getpid(), 9)", "ended with exit 1"),
      ("hello(); record(); time.sleep(999)", "said nothing"),
      (
        "hello(); [frame(3, json.dumps({'input': 0}).encode()) for _ in range(9)]; frame(3, b'{\"input\": 7}')",
        "no place"
      ),
    ] {
      try run(body) { _, result in
        #expect(result.status == 65, "\(body): \(result.status) \(result.errors)")
        #expect(result.errors.contains(words), "\(body): \(result.errors)")
      }
    }
  }

  @Test func `a plugin reads its inputs and nothing else, has no network and starts nothing`()
    throws
  {
    // What is refused comes back as the error's number, in a rejected member of the report.
    let attempts: [(body: String, seen: String)] = [
      ("open('/etc/passwd')", "13"), ("open('other.txt')", "13"),
      ("open(told()['inputs'][0]['path'], 'a')", "1"), ("open('new', 'w')", "1"),
      ("os.listdir('/')", "13"), ("os.listdir('.')", "13"), ("os.unlink('data/a.txt')", "1"),
      ("os.execv('/bin/true', ['true'])", "13"), ("os.kill(os.getppid(), 9)", "1"),
      ("__import__('socket').socket(1)", "13"), ("os.mkdir('x')", "1"),
      ("os.chmod('data/a.txt', 0)", "1"),
      ("__import__('ctypes').CDLL(None); open('/proc/1/environ')", "13"),
      ("os.symlink('/etc/passwd', 'data/b')", "1"),
    ]
    for (body, seen) in attempts {
      let attempt = """
        hello()
        try:
            \(body)
            say('came through')
        except OSError as error:
            say('number %d' % error.errno)
        """
      try run(attempt) { bench, result in
        #expect(result.status == 65, "\(body): \(result.errors)")
        let ledger = try ingest(bench, ["status", "--ledger", "policy-corpus"])
        #expect(
          ledger.output.contains("number \(seen)"),
          "\(body): \(ledger.output) \(result.errors)"
        )
      }
    }
    for body in [
      "__import__('socket').socket(2)", "__import__('socket').socket(2, 2)",
      "__import__('ctypes').CDLL(None).ptrace(0, 0, 0, 0)", "os.fork()",
      "__import__('subprocess').run(['true'])",
    ] {
      try run("hello(); \(body); done()") { _, result in
        #expect(
          result.status == 65 && result.errors.contains("killed: SIGSYS"),
          "\(body): \(result.errors)"
        )
      }
    }
    try run("hello(); say(','.join(sorted(os.environ)))") { bench, _ in
      let ledger = try ingest(bench, ["status", "--ledger", "policy-corpus"])
      #expect(
        ledger.output.contains("HOME,LC_ALL,PATH,PYTHONDONTWRITEBYTECODE,PYTHONHASHSEED,TZ"),
        "\(ledger.output)"
      )
    }
  }

  @Test func `what a plugin says about failing has the code of its reason, and is escaped`() throws
  {
    for (reason, status) in [("format", 69), ("changed", 69), ("configuration", 78), ("data", 65)] {
      let body =
        "hello(); frame(5, json.dumps({'reason': '\(reason)', 'detail': 'a\\x1b]0;t\\x07b'}).encode())"
      try run(body) { _, result in
        #expect(result.status == status, "\(reason): \(result.errors)")
        #expect(result.errors.contains("a\\u{1b}]0;t\\u{7}b") && !result.errors.contains("\u{1b}"))
      }
    }
    for text in ["b'\\xff\\xfe'", "b'\\xed\\xa0\\x80'"] {
      try run("hello(); record(\(text), textBytes=len(\(text))); done(1)") { bench, result in
        #expect(result.status == 65 && result.errors.contains("invalid-utf8"), "\(result.errors)")
      }
    }
  }

  @Test func `what a plugin may read besides is said on the command line`() throws {
    try Fixture.withFolder { folder in
      let bench = try bench(folder, plugin: "bad", [Self.noFields])
      try bench.write("input\n", "data/a.txt")
      try bench.write("table\n", "other.txt")
      let body = "hello(); record(open('other.txt', 'rb').read(), mediaType='text/plain'); done(1)"
      try bench.write(script(body), "plugins/ingest-source-bad")
      _ = try Command.shell("chmod 755 plugins/*", folder: folder)
      let arguments = ["run", "--source", "data.manifest", "--plugins", "plugins", "--quiet"]
      let refused = try ingest(bench, arguments)
      #expect(refused.status == 65 && !refused.errors.contains("Traceback"), "\(refused.errors)")
      let allowed = try ingest(bench, arguments + ["--plugin-read", "other.txt"])
      #expect(allowed.status == 0, "\(allowed.errors)")
    }
  }
}
