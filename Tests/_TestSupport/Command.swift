internal import Foundation

/// Runs a program and takes what it says.
public struct Command: Sendable {
  /// What came of a run.
  public struct Result: Sendable {
    /// The exit code.
    public let status: Int32
    /// Whether a signal ended it.
    public let wasKilled: Bool
    /// Standard output as text.
    public let output: String
    /// Standard error as text.
    public let errors: String
    /// Standard output as it came.
    public let outputBytes: [UInt8]
  }

  /// The program under test, beside the test bundle.
  public static let ingest: String = {
    var folder = Bundle.main.bundleURL
    // The test runner lies elsewhere; the bundle of the tests has the products beside it.
    for argument in CommandLine.arguments
    where argument.contains(".xctest") || argument.hasSuffix("PackageTests") {
      folder = URL(fileURLWithPath: argument).deletingLastPathComponent()
    }
    var candidate = folder
    for _ in 0..<4 {
      let path = candidate.appendingPathComponent("ingest").path
      if FileManager.default.isExecutableFile(atPath: path) { return path }
      candidate.deleteLastPathComponent()
    }
    return Fixture.path(".build/release/ingest")
  }()

  /// Runs `program` and waits.
  ///
  /// - Parameters:
  ///   - program: the path of the executable.
  ///   - arguments: its arguments.
  ///   - folder: where it runs.
  ///   - input: what it reads on standard input.
  ///   - killAfter: seconds after which it is killed, if it still runs.
  /// - Returns: what came of it.
  /// - Throws: when it cannot be started.
  public static func run(
    _ program: String,
    _ arguments: [String],
    folder: String? = nil,
    input: [UInt8]? = nil,
    killAfter: Double? = nil
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let scratch = URL(fileURLWithPath: "/tmp/ingest-run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    // Files instead of pipes: no output is too long for them.
    let files = ["out", "err", "in"].map { scratch.appendingPathComponent($0) }
    for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    if let input { try Data(input).write(to: files[2]) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    process.standardInput = try FileHandle(forReadingFrom: files[2])
    try process.run()
    if let killAfter {
      let end = Date(timeIntervalSinceNow: killAfter)
      while process.isRunning, Date() < end { usleep(200) }
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
    process.waitUntilExit()
    let output = [UInt8](try Data(contentsOf: files[0]))
    let errors = [UInt8](try Data(contentsOf: files[1]))
    return Result(
      status: process.terminationStatus,
      wasKilled: process.terminationReason == .uncaughtSignal,
      output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors, as: UTF8.self),
      outputBytes: output
    )
  }

  /// Runs a shell line; its output as bytes.
  public static func shell(_ line: String, folder: String? = nil) throws -> Result {
    try run("/bin/sh", ["-c", line], folder: folder)
  }
}
