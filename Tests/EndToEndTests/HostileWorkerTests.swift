import CanonicalCoding
import Files
import Testing
import _TestSupport

/// The host against a worker that an input has taken over: whatever it sends, however it dies, nothing is signed and the
/// reason is said.
@Suite struct HostileWorkerTests {
  /// A folder with `ingest` and, beside it, a worker of ours; `nil` where no file can be linked there.
  private func stage(_ worker: String, in folder: String) throws -> String {
    let program = FilePaths.join(folder, "bin")
    let staged = try Command.shell(
      "mkdir '\(program)' && cp -l '\(Command.ingest)' '\(program)/ingest' 2>/dev/null || cp '\(Command.ingest)' '\(program)/ingest'"
    )
    #expect(staged.status == 0, "\(staged.errors)")
    try Fixture.write(worker, "\(program)/ingest-worker")
    _ = try Command.shell("chmod 755 '\(program)/ingest-worker'")
    return "\(program)/ingest"
  }

  /// A worker that reads its job, greets as ours does, and then goes its own way.
  private func script(_ body: String) -> String {
    """
    #!/usr/bin/python3
    import json, os, struct, sys
    sys.stdin.buffer.read()
    out = sys.stdout.buffer
    def frame(kind, content): out.write(struct.pack('>IB', len(content) + 1, kind) + content); out.flush()
    def text(value): return struct.pack('>I', len(value)) + value
    def row(license=0, flags=0, size=1, words=1, descriptor=b'{}'):
        return b'c' * 32 + b'p' * 32 + struct.pack('>HBII', license, flags, size, words) + text(descriptor)
    def batch(rows=(), entries=(), kinds=(), place=b'', tail=b'', payload=0, offset=0, declared=()):
        body = struct.pack('>I', len(rows)) + b''.join(rows) + struct.pack('>I', len(entries)) + b''.join(entries)
        body += struct.pack('>I', len(kinds)) + b''.join(kinds)
        body += struct.pack('>I', len(declared)) + b''.join(declared)
        return body + struct.pack('>Q', payload) + text(place) + struct.pack('>IQB', 0, offset, 0) + tail
    def hello(): frame(1, json.dumps({'sandbox': 'none', 'profile': PROFILE, 'tool': TOOL}).encode())
    TOOL = os.environ.get('TOOL', '1.0.0')
    PROFILE = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'profile')).read()
    \(body)
    """
  }

  private func run(_ body: String, _ check: (Command.Result) throws -> Void) throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let program = try stage(script(body), in: folder)
      let clean = try bench.scan(["archive.manifest"], ["--store", "clean"])
      let profile = clean.object?["sources"]?.elements?.first?.object?["profile"]?.object?["sha256"]
      try bench.write(profile?.text ?? "", "bin/profile")
      let result = try Command.run(
        program,
        [
          "run", "--source", "archive.manifest", "--quiet", "--store", "store", "--cpu-seconds",
          "1",
        ],
        folder: folder
      )
      try check(result)
      #expect(!FilePaths.exists(bench.path("store/epochs")), "nothing is signed")
    }
  }

  @Test func `frames of every wrong form end in 65, and no length is believed`() throws {
    guard try Command.shell("test -x /usr/bin/python3").status == 0 else {
      print("skipped: /usr/bin/python3 is not installed")
      return
    }
    for body in [
      "hello(); out.write(struct.pack('>IB', 0xFFFFFFFF, 2)); out.flush(); sys.stdin.read()",
      "hello(); out.write(struct.pack('>IB', 0, 2)); out.flush()",
      "hello(); frame(9, b'')", "frame(2, batch())", "hello(); hello()",
      "hello(); frame(2, b'\\xff' * 64)", "hello(); frame(2, batch(rows=[row(flags=0x81)]))",
      "hello(); frame(2, batch(rows=[row(size=1 << 30)]))",
      "hello(); frame(2, batch(tail=b'more'))", "hello(); frame(2, batch(place=b'1:2'))",
      "hello(); frame(2, batch(place=b'77:0:0:0:0'))",
      "hello(); frame(2, batch(place=b'9223372036854775807:0:0:0:0'))",
      "hello(); [frame(2, batch(payload=(1 << 64) - 1)) for _ in range(3)]",
      "hello(); frame(2, batch(offset=(1 << 64) - 1))", "hello(); frame(5, b'')",
      "hello(); frame(3, b'')",
      "hello(); frame(2, batch(kinds=[text(b'k') + struct.pack('>Q', 1 << 50)]))",
      "hello(); frame(2, batch(declared=[text(b'MIT') + struct.pack('>Q', 1 << 50)]))",
      "hello(); frame(2, batch(declared=[text(b'MIT') + struct.pack('>Q', 1)] * 2))",
      "hello(); frame(2, batch(declared=[text(b'x' * 2000) + struct.pack('>Q', 1)]))",
      "frame(1, b'{}')", "frame(4, b'{\"status\":\"0\",\"sentence\":\"\"}')",
    ] {
      try run(body) { result in
        #expect(result.status == 65, "\(body): \(result.status) \(result.errors)")
        #expect(result.errors.contains("nothing of it is signed"), "\(body): \(result.errors)")
      }
    }
    try run("hello(); frame(2, batch(rows=[row(license=9)])); frame(3, bytes(8))") {
      #expect($0.status == 70, "\($0.errors)")
    }
    try run("TOOL = '0.0.9'; hello()") {
      #expect($0.status == 77 && $0.errors.contains("another build"), "\($0.errors)")
    }
  }

  @Test func `what a worker says about failing is escaped, and its exit code is one of ours`()
    throws
  {
    guard try Command.shell("test -x /usr/bin/python3").status == 0 else {
      print("skipped: /usr/bin/python3 is not installed")
      return
    }
    try run(
      "frame(4, json.dumps({'status': '69', 'sentence': 'a\\x1b]0;title\\x07b'}).encode())"
    ) {
      #expect($0.status == 69)
      #expect($0.errors.contains("a\\u{1b}]0;title\\u{7}b") && !$0.errors.contains("\u{1b}"))
    }
  }

  @Test func `a worker that dies is replaced, and then its death is named`() throws {
    guard try Command.shell("test -x /usr/bin/python3").status == 0 else {
      print("skipped: /usr/bin/python3 is not installed")
      return
    }
    try run("hello(); os.kill(os.getpid(), 11)") {
      #expect($0.status == 65)
      #expect($0.errors.contains("killed: SIGSEGV, at its first member"), "\($0.errors)")
    }
    let descriptor = "json.dumps({'locator': 'a.tar!/b#7'}).encode()"
    try run(
      "hello(); frame(2, batch(rows=[row(descriptor=\(descriptor))])); os.kill(os.getpid(), 9)"
    ) {
      #expect($0.errors.contains("killed: SIGKILL, behind a.tar!/b#7"), "\($0.errors)")
    }
    try run("hello(); import time; time.sleep(9999)") {
      #expect($0.status == 65 && $0.errors.contains("said nothing for 10 s"), "\($0.errors)")
    }
    try run("hello(); os.close(1); import time; time.sleep(9999)") {
      #expect($0.status == 65 && $0.errors.contains("killed: SIGKILL"), "\($0.errors)")
    }
    try run("hello(); sys.stderr.write('x' * 300000); sys.exit(3)") {
      #expect($0.status == 65 && $0.errors.contains("said nothing"), "\($0.errors)")
    }
    try run("hello(); sys.exit(3)") {
      #expect($0.status == 65 && $0.errors.contains("ended with exit 3"), "\($0.errors)")
    }
    try run(
      "hello(); sys.stderr.write('sandbox: call 42\\n'); sys.stderr.flush(); os.kill(os.getpid(), 31)"
    ) {
      #expect($0.status == 65 && $0.errors.contains("killed: SIGSYS"), "\($0.errors)")
    }
  }
}
