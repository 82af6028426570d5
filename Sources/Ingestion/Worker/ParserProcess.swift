internal import CanonicalCoding
internal import Files
internal import Manifests
internal import Sandbox

/// What workers were shut in by, and the most memory that one of them had; for reports alone.
struct WorkerUsage {
  /// The mechanisms of the sandbox, in words.
  var sandbox = ""
  /// The largest resident set.
  var peakBytes: UInt64 = 0

  /// Adds another worker.
  mutating func add(_ other: WorkerUsage) {
    sandbox = other.sandbox
    peakBytes = max(peakBytes, other.peakBytes)
  }
}

/// A worker process as its host sees it: frames come out, and nothing that it says is taken on trust.
final class ParserProcess {
  /// What a worker said about itself.
  struct Hello {
    /// The mechanisms of the sandbox that are in force.
    let sandbox: String
  }

  /// What came next.
  enum Event {
    /// The bytes of a `RowBatch`, not decoded yet.
    case batch(ArraySlice<UInt8>)
    /// What an `AsideJob` gives.
    case item(ArraySlice<UInt8>)
    /// Everything was read.
    case end(WorkerUsage)
  }

  let process: ChildProcess
  private let source: String
  private let profile: String?
  private let cpuSeconds: UInt64
  private var frames = FrameBuffer(limit: WorkerFrame.sizeLimit)
  private(set) var hello: Hello?
  private var isAtEnd = false
  /// A worker that says nothing for so many seconds is ended: it sleeps, or what it reads never comes.
  let silenceSeconds: UInt64

  /// Starts a worker.
  ///
  /// - Throws: `IngestError` 74 when it cannot be started.
  convenience init(_ job: WorkerJob) throws(IngestError) {
    try self.init(
      job.bytes,
      of: job.plan.manifest.id,
      profile: job.plan.profileDigest.hex,
      job.plan.options
    )
  }

  /// Starts a worker on the bytes of a job.
  ///
  /// - Parameters:
  ///   - job: the bytes.
  ///   - source: how errors name what is read.
  ///   - profile: the digest of the profile that the worker must have; `nil` for any.
  ///   - options: how it is shut in.
  /// - Throws: `IngestError` 74 when it cannot be started.
  init(
    _ job: [UInt8],
    of source: String,
    profile: String?,
    _ options: SourcePlan.Options
  ) throws(IngestError) {
    (self.source, self.profile, cpuSeconds) = (source, profile, options.cpuSeconds)
    silenceSeconds = Self.silence * options.cpuSeconds
    do throws(FileError) {
      process = try ChildProcess(
        try Self.program(),
        arguments: [],
        input: job,
        environment: Self.environment
      )
    } catch {
      guard error.isMissing else { throw IngestError(error) }
      throw IngestError(
        .inputOutput,
        "\(error); ingest-worker has to lie beside ingest: build or install both"
      )
    }
  }

  /// The seconds of silence for each second of CPU time that a batch may take: the processor may have much else to do.
  private static let silence: UInt64 = 10

  /// Nothing of the environment is a parser's business but where its libraries are.
  private static var environment: [String] {
    environmentValue("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=\($0)"] } ?? []
  }

  /// `ingest-worker` beside the program that runs.
  static func program() throws(FileError) -> String {
    guard let own = ChildProcess.ownPath else {
      throw FileError(.open, "/proc/self/exe", number: 2)
    }
    let path = FilePaths.join(FilePaths.folder(of: own), "ingest-worker")
    guard FilePaths.exists(path) else { throw FileError(.open, path, number: 2) }
    return path
  }

  /// Reads what the worker has written, waiting if there is nothing.
  ///
  /// - Throws: `IngestError`: what the worker says went wrong, or how it died.
  func fill() throws(IngestError) {
    guard !ChildProcess.waitForOutput(of: [process], seconds: silenceSeconds).isEmpty else {
      throw silence()
    }
    do throws(FileError) {
      try frames.withRoom { (bytes: inout [UInt8], range: Range<Int>) throws(FileError) -> Int in
        switch try process.read(into: &bytes, range) {
        case .bytes(let count): return count
        case .end:
          isAtEnd = true
          return 0
        }
      }
    } catch {
      throw IngestError(error)
    }
  }

  /// The next event of what was read; `nil` when more has to be read first.
  func next() throws(IngestError) -> Event? {
    while true {
      let frame: FrameBuffer.Frame?
      do throws(FrameBuffer.BadLength) {
        frame = try frames.next()
      } catch {
        throw fault("a frame of \(error.length) bytes, which no worker writes")
      }
      guard let frame else {
        if isAtEnd { throw death() }
        return nil
      }
      guard let kind = WorkerFrame.Kind(rawValue: frame.kind) else {
        throw fault("a frame of a kind that no worker writes")
      }
      switch kind {
      case .hello: try take(hello: frame.content)
      case .batch where hello != nil: return .batch(frame.content)
      case .item where hello != nil: return .item(frame.content)
      case .end where hello != nil:
        // Whatever follows the end is not read.
        var reader = ByteReader(frame.content)
        guard let peak = try? reader.read(UInt64.self), reader.remaining == 0 else {
          throw fault("an end of a form that no worker writes")
        }
        return .end(WorkerUsage(sandbox: hello?.sandbox ?? "", peakBytes: peak))
      case .failure: throw failure(frame.content)
      default: throw fault("a frame before the greeting")
      }
    }
  }

  private func take(hello content: ArraySlice<UInt8>) throws(IngestError) {
    guard hello == nil, let object = (try? JSONParser.parse(Array(content)))?.object,
      let sandbox = object["sandbox"]?.text, let own = object["profile"]?.text,
      let tool = object["tool"]?.text
    else { throw fault("no greeting") }
    guard own == profile ?? own, tool == EpochBuilder.toolVersion else {
      throw IngestError(
        .refused,
        "ingest-worker is of another build than ingest (another version, or other libraries); install both from one build"
      )
    }
    hello = Hello(sandbox: sandbox)
  }

  private func failure(_ content: ArraySlice<UInt8>) -> IngestError {
    guard let object = (try? JSONParser.parse(Array(content)))?.object,
      let status = object["status"]?.text.flatMap({ Int32($0) }).flatMap(
        ExitStatus.init(rawValue:)
      ),
      status != .done, let sentence = object["sentence"]?.text, sentence.utf8.count < 1 << 16
    else { return fault("a failure without a reason") }
    return IngestError(status, sentence)
  }

  func fault(_ what: String) -> IngestError {
    IngestError(
      .badData,
      "source '\(source)': its worker sent \(what): an input may have taken it over; nothing of it is signed"
    )
  }

  /// Ends a worker that has said nothing for too long.
  func silence() -> IngestError {
    _ = process.wait(seconds: 0)
    return WorkerDeath(
      source: source,
      cause:
        "its worker said nothing for \(silenceSeconds) s and was ended: the input cannot be read, or made the parser wait (ten times --cpu-seconds); run again if the disk was slow",
      isRepeatable: false
    ).error
  }

  /// How a worker ended that did not say so.
  private func death() -> IngestError {
    // One that has closed its output and goes on is not waited for long.
    let (ending, errors) = process.wait(seconds: 5)
    let said = String(decoding: errors, as: UTF8.self)
    switch ending {
    case .exit(ExitStatus.inputOutput.rawValue):
      return IngestError(
        .inputOutput,
        "source '\(source)': its worker could not write to its pipe; run again",
        isRepeatable: true
      )
    case .exit(let code):
      return WorkerDeath(
        source: source,
        cause: "its worker ended with exit \(code) before its work was done",
        isRepeatable: true
      ).error
    case .signal(let number):
      let name = ChildProcess.signalName(number)
      if name == "SIGSYS" {
        let call = said.split(separator: "\n").compactMap { line -> Int32? in
          line.hasPrefix("sandbox: call ") ? Int32(line.dropFirst(14)) : nil
        }.last
        let callName = call.flatMap(Sandbox.callName) ?? call.map { "system call \($0)" } ?? ""
        return WorkerDeath(
          source: source,
          cause:
            "its worker was killed: SIGSYS \(callName): an input made the parser do what no parser does",
          isRepeatable: false
        ).error
      }
      if name == "SIGXCPU" {
        return WorkerDeath(
          source: source,
          cause:
            "its worker was killed: SIGXCPU: one batch took more than \(cpuSeconds) s of CPU time (--cpu-seconds)",
          isRepeatable: false
        ).error
      }
      return WorkerDeath(
        source: source,
        cause: "its worker was killed: \(name)",
        isRepeatable: true
      ).error
    }
  }
}

/// A worker that ended without a word, as an error that a scan can recognize.
struct WorkerDeath {
  let source: String
  let cause: String
  /// Whether another attempt may do better: the machine may have been short of memory.
  let isRepeatable: Bool

  var error: IngestError {
    IngestError(.badData, "source '\(source)': \(cause)", isRepeatable: isRepeatable)
  }
}
