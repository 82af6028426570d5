import Files
import Sandbox
import Testing
import _TestSupport

/// Whoever takes a worker over can read its input, compute, and answer: nothing else.
@Suite struct EscapeTests {
  private struct Attempt {
    let ending: ChildProcess.Ending
    let output: String
    let errors: String
  }

  /// Runs the probe as a host runs its worker.
  private func attempt(_ name: String, input: String, _ argument: String = "") throws -> Attempt {
    let program = FilePaths.join(FilePaths.folder(of: Command.ingest), "sandbox-probe")
    let process = try ChildProcess(
      program,
      arguments: [],
      input: Array("\(name)\n\(input)\n\(argument)\n".utf8),
      environment: environmentValue("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=\($0)"] } ?? []
    )
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case .bytes(let count) = try process.read(into: &buffer, 0..<buffer.count) {
      output += buffer[..<count]
    }
    let (ending, errors) = process.wait(seconds: 60)
    return Attempt(
      ending: ending,
      output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors, as: UTF8.self)
    )
  }

  private var isPossible: Bool {
    if Sandbox.missing.isEmpty { return true }
    print("skipped: this kernel has no \(Sandbox.missing.joined(separator: " and no "))")
    return false
  }

  @Test func `a worker opens its input and nothing else`() throws {
    guard isPossible else { return }
    try Fixture.withFolder { folder in
      let input = FilePaths.join(folder, "input")
      let other = FilePaths.join(folder, "other")
      try Fixture.write("in", input)
      try Fixture.write("out", other)
      let (linked, _) = (FilePaths.join(folder, "link"), ())
      _ = try Command.shell("ln -s '\(other)' '\(linked)'")
      #expect(try attempt("open", input: input, input).ending == .exit(0))
      for path in [other, linked, "\(folder)/./other", "/etc/passwd", "/proc/self/mem", folder] {
        let result = try attempt("open", input: input, path)
        #expect(result.ending == .exit(1), "\(path): \(result.output)")
        #expect(result.output.hasPrefix("13"), "\(path): EACCES, not \(result.output)")
      }
      #expect(try attempt("write", input: input, FilePaths.join(folder, "new")).ending == .exit(1))
      #expect(try attempt("write", input: input, input).ending == .exit(1))
      #expect(!FilePaths.exists(FilePaths.join(folder, "new")))
      #expect(try attempt("stat", input: input, other).ending == .exit(1))
      #expect(try attempt("descriptors", input: input).ending == .exit(1))
    }
  }

  @Test func `networking, programs, processes and tracing end a worker, which names the call`()
    throws
  {
    guard isPossible else { return }
    try Fixture.withFolder { folder in
      let input = FilePaths.join(folder, "input")
      try Fixture.write("in", input)
      for (name, call) in [
        ("tcp", "socket"), ("udp", "socket"), ("exec", "execve"), ("fork", "clone"),
        ("ptrace", "ptrace"),
      ] {
        let result = try attempt(name, input: input)
        #expect(result.ending == .signal(31), "\(name): \(result.ending) \(result.output)")
        let number = result.errors.split(separator: " ").last.flatMap {
          Int32($0.filter(\.isNumber))
        }
        #expect(number.flatMap(Sandbox.callName) == call, "\(name): \(result.errors)")
      }
    }
  }

  @Test func `signals, code in memory, too much memory and endless work are refused`() throws {
    guard isPossible else { return }
    try Fixture.withFolder { folder in
      let input = FilePaths.join(folder, "input")
      try Fixture.write("in", input)
      for name in ["kill", "code", "memory"] {
        let result = try attempt(name, input: input)
        #expect(result.ending == .exit(1), "\(name): \(result.ending) \(result.output)")
      }
      #expect(try attempt("cpu", input: input).ending == .signal(24))
    }
  }
}
