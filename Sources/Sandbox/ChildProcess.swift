internal import CPlatform
public import Files
internal import Glibc

/// A program in a process of its own, that has nothing of ours but three descriptors.
///
/// Standard input is a file that is there already, so that neither side waits for the other, or a pipe for a conversation;
/// output and errors are pipes. A child that is still there when this value goes is killed.
public final class ChildProcess {
  /// How a child ended.
  public enum Ending: Hashable, Sendable {
    case exit(Int32)
    case signal(Int32)
  }

  private let identifier: pid_t
  private var output: Int32
  private let errors: Int32
  /// Our end of a conversation, -1 where there is none.
  private var inputEnd: Int32 = -1
  private let program: String
  private let endsItself: Bool
  private var ending: Ending?

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: the path of the executable.
  ///   - arguments: its arguments, without the program's name.
  ///   - input: what it finds on standard input.
  ///   - environment: all of its environment, `NAME=VALUE`.
  ///   - endsItself: whether it ends when we end, so that it is never killed: a process that is shut in cannot.
  /// - Throws: `FileError` naming the program.
  public convenience init(
    _ program: String,
    arguments: [String],
    input: [UInt8],
    environment: [String],
    endsItself: Bool = false
  ) throws(FileError) {
    let descriptor = ingest_memory_file()
    guard descriptor >= 0 else { throw FileError(.open, program, number: errno) }
    defer { close(descriptor) }
    try FileOutput.writeAll(input[...], to: descriptor, named: program)
    lseek(descriptor, 0, SEEK_SET)
    try self.init(
      program,
      arguments,
      environment,
      standardInput: descriptor,
      endsItself: endsItself
    )
  }

  /// Starts a program for a conversation: what it reads is written as it goes on.
  ///
  /// Whoever writes to a child that is gone gets a signal, unless it ignores SIGPIPE; then an error.
  ///
  /// - Throws: `FileError` naming the program.
  public convenience init(
    conversing program: String,
    arguments: [String],
    environment: [String]
  ) throws(FileError) {
    let ends = try Self.pipe(program)
    defer { close(ends.read) }
    do throws(FileError) {
      try self.init(program, arguments, environment, standardInput: ends.read, endsItself: false)
    } catch {
      close(ends.write)
      throw error
    }
    inputEnd = ends.write
    _ = ingest_grow_pipe(inputEnd, 1 << 20)
    for descriptor in [inputEnd, output] {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
  }

  private init(
    _ program: String,
    _ arguments: [String],
    _ environment: [String],
    standardInput: Int32,
    endsItself: Bool
  ) throws(FileError) {
    (self.program, self.endsItself) = (program, endsItself)
    let out = try Self.pipe(program)
    let err: (read: Int32, write: Int32)
    do throws(FileError) {
      err = try Self.pipe(program)
    } catch {
      close(out.read)
      close(out.write)
      throw error
    }
    defer {
      close(out.write)
      close(err.write)
    }
    (output, errors) = (out.read, err.read)
    let result = Self.spawn(program, arguments, environment, [standardInput, out.write, err.write])
    guard result.number == 0 else {
      close(output)
      close(errors)
      throw FileError(.open, program, number: result.number)
    }
    identifier = result.identifier
    // A batch of rows fits into the pipe, so that the child goes on while we hash.
    _ = ingest_grow_pipe(output, 1 << 20)
  }

  /// What to wait for: bytes from a conversing child, and room for bytes to it.
  public var descriptors: (output: Int32, input: Int32) { (output, inputEnd) }

  /// Writes to a conversing child as much as there is room for.
  ///
  /// - Returns: the number of bytes that were taken, 0 where there is no room.
  /// - Throws: `FileError`, EPIPE when the child is gone.
  public func write(_ bytes: ArraySlice<UInt8>) throws(FileError) -> Int {
    while true {
      // SAFETY: write reads at most the length of the slice.
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(inputEnd, $0.baseAddress, $0.count)
      }
      if count >= 0 { return count }
      if errno == EAGAIN { return 0 }
      if errno != EINTR { throw FileError(.write, program, number: errno) }
    }
  }

  /// Reads from a conversing child what is there, without waiting.
  ///
  /// - Returns: `nil` where nothing is there yet.
  /// - Throws: `FileError`.
  public func readAvailable(into buffer: inout [UInt8], _ range: Range<Int>) throws(FileError)
    -> ReadResult?
  {
    do throws(FileError) {
      return try read(into: &buffer, range)
    } catch {
      guard error.number == EAGAIN else { throw error }
      return nil
    }
  }

  deinit {
    if ending == nil, !endsItself {
      kill(identifier, SIGKILL)
      waitpid(identifier, nil, 0)
    }
    if output >= 0 { close(output) }
    if inputEnd >= 0 { close(inputEnd) }
    close(errors)
  }

  private static func pipe(_ program: String) throws(FileError) -> (read: Int32, write: Int32) {
    var ends: (Int32, Int32) = (-1, -1)
    // SAFETY: the call fills two integers.
    let status = unsafe withUnsafeMutablePointer(to: &ends) { pointer in
      unsafe pointer.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe ingest_pipe($0) }
    }
    guard status == 0 else { throw FileError(.open, program, number: errno) }
    return ends
  }

  private static func spawn(
    _ program: String,
    _ arguments: [String],
    _ environment: [String],
    _ standard: [Int32]
  ) -> (number: Int32, identifier: pid_t) {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in standard.enumerated() {
      unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
    }
    unsafe ingest_close_from(&actions, 3)
    // The caller's thread may hold signals back; a new program begins with none held back and none handled.
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    unsafe posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
    )
    var identifier: pid_t = 0
    // SAFETY: the texts live until the call returns, and both lists end with null.
    let number = unsafe withTexts([program] + arguments) { argv in
      unsafe withTexts(environment) { envp in
        unsafe posix_spawn(&identifier, program, &actions, &attributes, argv, envp)
      }
    }
    return (number, identifier)
  }

  static func withTexts<Result>(
    _ texts: [String],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    // SAFETY: each text is copied by strdup and freed behind the call; the list ends with null.
    let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
      capacity: texts.count + 1
    )
    for (index, text) in texts.enumerated() { unsafe list[index] = unsafe strdup(text) }
    unsafe list[texts.count] = nil
    defer {
      for index in texts.indices { unsafe free(list[index]) }
      unsafe list.deallocate()
    }
    return unsafe body(list)
  }

  /// Waits for output and reads what is there into `buffer[range]`.
  ///
  /// - Throws: `FileError`.
  public func read(into buffer: inout [UInt8], _ range: Range<Int>) throws(FileError) -> ReadResult
  {
    try Self.read(output, into: &buffer, range, program)
  }

  private static func read(
    _ descriptor: Int32,
    into buffer: inout [UInt8],
    _ range: Range<Int>,
    _ program: String
  ) throws(FileError) -> ReadResult {
    precondition(range.lowerBound >= 0 && range.upperBound <= buffer.count && !range.isEmpty)
    while true {
      // SAFETY: the range was checked against the buffer, and read writes at most its length.
      let count = unsafe buffer.withUnsafeMutableBytes { raw in
        unsafe Glibc.read(
          descriptor,
          raw.baseAddress?.advanced(by: range.lowerBound),
          range.count
        )
      }
      if count > 0 { return .bytes(count) }
      if count == 0 { return .end }
      if errno != EINTR { throw FileError(.read, program, number: errno) }
    }
  }

  /// Waits until one of the children has output, or has ended.
  ///
  /// - Parameters:
  ///   - children: the children.
  ///   - seconds: how long to wait.
  /// - Returns: the positions of those that have; none when the time is over.
  public static func waitForOutput(of children: [ChildProcess], seconds: UInt64) -> [Int] {
    var list = children.map { pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0) }
    let limit = Int32(min(seconds, 2_000_000) * 1000)
    while true {
      // SAFETY: the call reads and fills as many entries as the array has.
      let count = unsafe list.withUnsafeMutableBufferPointer {
        unsafe poll($0.baseAddress, nfds_t($0.count), limit)
      }
      if count == 0 { return [] }
      if count > 0 { return list.indices.filter { list[$0].revents != 0 } }
      if count < 0, errno != EINTR { return Array(list.indices) }
    }
  }

  /// Waits until a conversing child has said something, or takes something.
  public static func waitForConversation(
    _ child: ChildProcess,
    _ milliseconds: Int32,
    writes: Bool
  ) {
    var list = [
      pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: writes ? child.inputEnd : -1, events: Int16(POLLOUT), revents: 0),
    ]
    // SAFETY: the call reads and fills as many entries as the array has.
    _ = unsafe list.withUnsafeMutableBufferPointer {
      unsafe poll($0.baseAddress, nfds_t($0.count), milliseconds)
    }
  }

  /// Closes our end of its output: what it writes from now on fails.
  public func closeOutput() {
    close(output)
    output = -1
  }

  /// Waits for the end.
  ///
  /// - Parameter seconds: a child that is still there then is ended, or taken for ended where it ends with us.
  /// - Returns: how it ended, and at most 4 KiB of what it wrote to standard error.
  public func wait(seconds: UInt64) -> (ending: Ending, errors: [UInt8]) {
    var said: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    var isOpen = true
    var left = seconds * UInt64(1000 / Self.step)
    while true {
      // Read to the last byte, so that nobody waits for room in the pipe.
      var entry = pollfd(fd: isOpen ? errors : -1, events: Int16(POLLIN), revents: 0)
      // SAFETY: the call reads and fills one entry of ours.
      while unsafe poll(&entry, 1, 0) > 0, isOpen {
        guard
          case .bytes(let count)? = try? Self.read(errors, into: &buffer, 0..<4096, program)
        else {
          isOpen = false
          break
        }
        said += buffer[..<min(count, 4096 - said.count)]
      }
      if let ending { return (ending, said) }
      var status: Int32 = 0
      // SAFETY: the call fills an integer of ours.
      if unsafe waitpid(identifier, &status, WNOHANG) == identifier {
        ending = status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
        // Once more round, for what it said last.
        continue
      }
      if left > 0 {
        left -= 1
      } else if endsItself {
        return (.signal(SIGKILL), said)
      } else {
        kill(identifier, SIGKILL)
      }
      poll(nil, 0, Self.step)
    }
  }

  /// Milliseconds between two looks at a child that is about to end.
  private static let step: Int32 = 10

  /// The path of the program that runs.
  public static var ownPath: String? { FilePaths.resolved("/proc/self/exe") }

  /// The name of a signal, as people know it.
  public static func signalName(_ number: Int32) -> String {
    let names: [Int32: String] = [
      SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGABRT: "SIGABRT", SIGFPE: "SIGFPE",
      SIGKILL: "SIGKILL", SIGSYS: "SIGSYS", SIGXCPU: "SIGXCPU", SIGTERM: "SIGTERM",
      SIGTRAP: "SIGTRAP", SIGPIPE: "SIGPIPE",
    ]
    return names[number] ?? "signal \(number)"
  }
}
