internal import Files
internal import Sandbox

/// The process that parses as a crawler sees it: questions go in, answers come out, and nobody waits.
///
/// When the process dies the question that it died of is given up, and the others are asked again of a new one.
public final class PageClient {
  /// How the process is run.
  public struct Options: Sendable {
    /// The product token.
    public var agent: String
    /// The most bytes of a body when its codings are undone.
    public var bodyLimit: Int
    /// Seconds of CPU time for one question.
    public var cpuSeconds: UInt64
    /// Whether it may run without a mechanism of the sandbox that the kernel lacks.
    public var allowsUnsandboxed: Bool
    /// Options for a product.
    public init(agent: String, bodyLimit: Int, cpuSeconds: UInt64, allowsUnsandboxed: Bool) {
      (self.agent, self.bodyLimit) = (agent, bodyLimit)
      (self.cpuSeconds, self.allowsUnsandboxed) = (cpuSeconds, allowsUnsandboxed)
    }
  }

  /// What came.
  public enum Event: Sendable {
    case answer(PageAnswer)
    /// The process died of this question, by the cause in words.
    case died(PageRequest, cause: String)
  }

  /// Why there is no process to ask.
  public struct Failure: Error, Sendable {
    /// The exit code for it.
    public let status: Int32
    /// One sentence.
    public let sentence: String
    /// A failure in words.
    public init(status: Int32, sentence: String) {
      (self.status, self.sentence) = (status, sentence)
    }
  }

  private let program: String
  private let options: Options
  private var process: ChildProcess?
  private var frames = FrameBuffer(limit: PageAnswer.sizeLimit)
  /// Questions without an answer, in their order.
  private var open: [PageRequest] = []
  private var firstOpen = 0
  /// What is to be written.
  private var outgoing: [UInt8] = []
  private var written = 0
  /// The files of sites, to be told again to a new process.
  private var files: [UInt32: [String: PageRequest]] = [:]
  private var lastHeard: Double
  /// Deaths in a row without an answer between them.
  private var deaths = 0
  /// The mechanisms that the process is shut in by.
  public private(set) var sandbox = ""

  /// Starts the process.
  ///
  /// - Parameters:
  ///   - program: `ingest-worker`.
  ///   - options: how it is run.
  /// - Throws: `Failure`.
  public init(_ program: String, _ options: Options) throws(Failure) {
    (self.program, self.options) = (program, options)
    lastHeard = ProcessUsage.monotonicSeconds
    try start()
  }

  private func start() throws(Failure) {
    frames = FrameBuffer(limit: PageAnswer.sizeLimit)
    (outgoing, written) = ([], 0)
    let libraries = environmentValue("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=\($0)"] } ?? []
    do throws(FileError) {
      process = try ChildProcess(
        conversing: program,
        arguments: [
          PageServer.word, options.agent, String(options.bodyLimit), String(options.cpuSeconds),
          options.allowsUnsandboxed ? "weaker" : "full",
        ],
        environment: libraries
      )
    } catch {
      throw Failure(status: 74, sentence: error.description)
    }
    lastHeard = ProcessUsage.monotonicSeconds
  }

  /// Questions that wait for an answer.
  public var openCount: Int { open.count - firstOpen }

  /// What to wait for.
  public var readable: [Int32] { process.map { [$0.descriptors.output] } ?? [] }
  /// What to wait for when there is something to write.
  public var writable: [Int32] {
    written < outgoing.count ? process.map { [$0.descriptors.input] } ?? [] : []
  }

  /// Waits until something may have come, for those who wait for nothing else.
  public func wait(milliseconds: Int32) {
    if let process {
      ChildProcess.waitForConversation(process, milliseconds, writes: !writable.isEmpty)
    }
  }

  /// Asks.
  public func ask(_ request: PageRequest) {
    if case .file(let site, let name, _, _) = request {
      if name.hasSuffix("/robots.txt") { files[site] = [:] }
      files[site, default: [:]][name] = request
      guard name.hasSuffix("/robots.txt") else { return send(request) }
    }
    open.append(request)
    send(request)
  }

  private func send(_ request: PageRequest) {
    if written > 1 << 20 {
      outgoing.removeSubrange(0..<written)
      written = 0
    }
    if openCount <= 1 { lastHeard = ProcessUsage.monotonicSeconds }
    outgoing += request.frame
  }

  /// Forgets the files of a site that is done.
  public func forget(site: UInt32) { files[site] = nil }

  /// Writes and reads without waiting.
  ///
  /// - Returns: what came, in order.
  /// - Throws: `Failure` when no process can be kept alive.
  public func advance() throws(Failure) -> [Event] {
    var events: [Event] = []
    do throws(FileError) {
      if let process {
        while written < outgoing.count {
          let count = try process.write(outgoing[written...])
          if count == 0 { break }
          written += count
        }
        if written == outgoing.count { (outgoing, written) = ([], 0) }
        while try readOnce(process) {}
      }
    } catch {
      return try recover("it broke its pipe", &events)
    }
    while true {
      let frame: FrameBuffer.Frame?
      do throws(FrameBuffer.BadLength) {
        frame = try frames.next()
      } catch {
        return try recover("it sent a frame of \(error.length) bytes", &events)
      }
      guard let frame else { break }
      guard let answer = PageAnswer(kind: frame.kind, frame.content) else {
        return try recover("it sent a frame that is no answer", &events)
      }
      lastHeard = ProcessUsage.monotonicSeconds
      switch answer {
      case .ready(let level): sandbox = level
      case .refused(let status, let sentence): throw Failure(status: status, sentence: sentence)
      default:
        guard openCount > 0, Self.fits(answer, open[firstOpen]) else {
          return try recover("it answered something else", &events)
        }
        deaths = 0
        firstOpen += 1
        if firstOpen > 256 {
          open.removeSubrange(0..<firstOpen)
          firstOpen = 0
        }
        events.append(.answer(answer))
      }
    }
    if isAtEnd { return try recover(nil, &events) }
    let silence = ProcessUsage.monotonicSeconds - lastHeard
    if openCount > 0, silence > Double(10 * options.cpuSeconds) {
      return try recover("it said nothing for \(Int(silence)) s", &events)
    }
    return events
  }

  private var isAtEnd = false

  private func readOnce(_ process: ChildProcess) throws(FileError) -> Bool {
    var goesOn = false
    try frames.withRoom(1 << 14) {
      (bytes: inout [UInt8], range: Range<Int>) throws(FileError) -> Int in
      switch try process.readAvailable(into: &bytes, range) {
      case .bytes(let count)?:
        goesOn = count == range.count
        return count
      case .end?:
        isAtEnd = true
        return 0
      case nil: return 0
      }
    }
    return goesOn
  }

  /// Whether an answer has the form and the number of its question.
  private static func fits(_ answer: PageAnswer, _ request: PageRequest) -> Bool {
    switch (answer, request) {
    case (.site(let site, _), .file(let asked, _, _, _)): site == asked
    case (.verdicts(let token, let list), .verdicts(let asked, _, let addresses)):
      token == asked && list.count == addresses.count
    case (.page(let token, _), .page(let message)): token == message.token
    case (.sitemap(let token, _), .sitemap(let message)): token == message.token
    default: false
    }
  }

  /// Gives up the question that the process died of, and asks a new process the others.
  private func recover(_ cause: String?, _ events: inout [Event]) throws(Failure) -> [Event] {
    var cause = cause
    if let process {
      let (ending, _) = process.wait(seconds: cause == nil ? 2 : 0)
      if cause == nil {
        switch ending {
        case .exit(let code): cause = "it ended with exit \(code)"
        case .signal(let number): cause = "it was killed: \(ChildProcess.signalName(number))"
        }
      }
    }
    process = nil
    isAtEnd = false
    deaths += 1
    guard deaths <= 5 else {
      throw Failure(
        status: 74,
        sentence: "the process that reads pages cannot be kept alive: \(cause ?? "it ended")"
      )
    }
    let waiting = Array(open[firstOpen...])
    (open, firstOpen) = ([], 0)
    try start()
    let culprit = waiting.first
    for (_, list) in files.sorted(by: { $0.key < $1.key }) {
      // The address of a robots.txt is longer than the names of the others, and has to come before them.
      for (name, request) in list.sorted(by: { $0.key.utf8.count > $1.key.utf8.count }) {
        // Answers that nobody waits for would be taken for those of questions.
        if name.hasSuffix("/robots.txt") { open.append(request) }
        send(request)
      }
    }
    for request in waiting.dropFirst() {
      if case .file(_, let name, _, _) = request, name.hasSuffix("/robots.txt") { continue }
      open.append(request)
      send(request)
    }
    if let culprit { events.append(.died(culprit, cause: cause ?? "it ended")) }
    return events
  }
}
