internal import CanonicalCoding
internal import Files
internal import Sandbox
internal import SourceAPI

/// A plugin's process as its host sees it: frames come out, and nothing that they say is taken on trust.
final class PluginProcess {
  private let process: ChildProcess
  private let name: String
  private var frames: FrameBuffer
  private var isAtEnd = false
  private var hasGreeted = false

  /// Seconds that a plugin may take to say who it is: interpreters load large libraries.
  static let helloSeconds: UInt64 = 60

  /// Starts a plugin.
  ///
  /// - Parameters:
  ///   - plugin: the plugin.
  ///   - configuration: what it is told; `nil` asks only who it is.
  ///   - place: where it begins.
  ///   - allowsUnsandboxed: whether it may run without a mechanism of the sandbox that the kernel lacks.
  ///   - endsWithUs: whether the kernel ends it with this process, so that it is never killed.
  /// - Throws: `SourceError.file` when it cannot be started.
  init(
    _ plugin: ExternalPlugin,
    _ configuration: SourceConfiguration?,
    from place: Checkpoint,
    allowsUnsandboxed: Bool,
    endsWithUs: Bool
  ) throws(SourceError) {
    name = plugin.identity.name
    frames = FrameBuffer(
      limit: PluginProtocol.frameLimit(configuration?.budget ?? DecodeBudget())
    )
    let inputs = configuration?.inputs.filter { $0.skipped == nil }.map(\.path) ?? []
    var input = PluginLauncher.orders(
      plugin,
      inputs: inputs,
      allowsUnsandboxed: allowsUnsandboxed
    )
    if let configuration {
      input += PluginProtocol.frame(
        PluginProtocol.configure,
        PluginProtocol.configuration(configuration, from: place)
      )
    }
    do throws(FileError) {
      process = try ChildProcess(
        try Self.launcher(),
        arguments: [PluginLauncher.word],
        input: input,
        environment: environmentValue("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=\($0)"] } ?? [],
        endsItself: endsWithUs
      )
    } catch {
      throw .file(error)
    }
  }

  /// `ingest-worker`, which this process is, or which lies beside it.
  private static func launcher() throws(FileError) -> String {
    guard let own = ChildProcess.ownPath else {
      throw FileError(.open, "/proc/self/exe", number: 2)
    }
    let path = FilePaths.join(FilePaths.folder(of: own), "ingest-worker")
    guard FilePaths.exists(path) else { throw FileError(.open, path, number: 2) }
    return path
  }

  /// The next frame.
  ///
  /// - Parameter seconds: how long to wait.
  /// - Returns: `nil` when nothing came.
  /// - Throws: `SourceError`: how it broke the protocol, or how it ended.
  func next(within seconds: UInt64) throws(SourceError) -> FrameBuffer.Frame? {
    while true {
      do throws(FrameBuffer.BadLength) {
        if let frame = try frames.next() { return frame }
      } catch {
        throw fault("sent a frame of \(error.length) bytes, more than any frame has")
      }
      if isAtEnd { throw death() }
      guard !ChildProcess.waitForOutput(of: [process], seconds: seconds).isEmpty else { return nil }
      do throws(FileError) {
        try frames.withRoom { (bytes: inout [UInt8], range: Range<Int>) throws(FileError) -> Int in
          if case .bytes(let count) = try process.read(into: &bytes, range) { return count }
          isAtEnd = true
          return 0
        }
      } catch {
        throw .file(error)
      }
    }
  }

  /// Who the plugin says that it is: its first message.
  func hello() throws(SourceError) -> String {
    guard let frame = try next(within: Self.helloSeconds) else {
      throw fault("said nothing for \(Self.helloSeconds) s")
    }
    guard frame.kind == PluginProtocol.Message.hello.rawValue,
      let object = (try? JSONParser.parse(Array(frame.content)))?.object,
      let spoken = object["protocol"]?.whole, let own = object["name"]?.text,
      let version = object["version"]?.text
    else { throw fault("does not begin with a hello of protocol, name and version") }
    guard spoken == UInt64(PluginProtocol.version) else {
      throw fault("speaks protocol \(spoken); this host speaks \(PluginProtocol.version)")
    }
    guard own == name else { throw fault("calls itself by another name than its file has") }
    guard (1...64).contains(version.utf8.count),
      version.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw fault("has a version that is not 1 to 64 visible ASCII characters") }
    hasGreeted = true
    return version
  }

  /// The end of the plugin: everything was said.
  func finish() { _ = process.wait(seconds: 5) }

  /// Closes the plugin's output.
  ///
  /// - Returns: whether it ended of itself.
  func abandon() -> Bool {
    process.closeOutput()
    return process.wait(seconds: 5).ending != .signal(9)
  }

  func fault(_ what: String) -> SourceError { .plugin(name: name, detail: what) }

  /// How a plugin ended that did not say so.
  ///
  /// What it wrote to standard error may hold records: it is not repeated.
  private func death() -> SourceError {
    let (ending, errors) = process.wait(seconds: 5)
    switch ending {
    case .exit(77) where !hasGreeted, .exit(74) where !hasGreeted, .exit(69) where !hasGreeted,
      .exit(64) where !hasGreeted:
      // The launcher's own words: the plugin has not begun.
      let said = String(decoding: errors.prefix(400), as: UTF8.self)
      return fault("was not started: \(said.split(separator: "\n").last ?? "no reason was given")")
    case .exit(let code): return fault("ended with exit \(code) before it was done")
    case .signal(let number):
      let signal = ChildProcess.signalName(number)
      let why =
        signal == "SIGSYS"
        ? ": it made a call that no plugin makes (network, another process, tracing)" : ""
      return fault("was killed: \(signal)\(why)")
    }
  }
}
