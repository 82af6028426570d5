internal import Foundation

/// A program that serves on loopback while a test runs.
public final class Server {
  private let process: Process
  /// What it printed first.
  public let greeting: String

  /// Starts a program and waits for its first line.
  ///
  /// - Throws: when it cannot be started.
  public init(_ program: String, _ arguments: [String]) throws {
    process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var line: [UInt8] = []
    while !line.contains(0x0A) {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      line += more
    }
    greeting = String(decoding: line.prefix { $0 != 0x0A }, as: UTF8.self)
  }

  deinit {
    // A test thread may hold signals back, and so would its child. Nobody waits: what the program started may outlive it.
    kill(process.processIdentifier, SIGKILL)
  }
}
