internal import CSandbox
public import Files
internal import Glibc

/// What a process may still do after it has given its rights away: read some files, compute, and answer.
///
/// Landlock takes the file system, seccomp the system calls, limits the memory. None of it can be undone. Sources:
/// Documentation/userspace-api/landlock.rst and seccomp_filter.rst of Linux.
public enum Sandbox {
  /// What a process needs.
  public struct Needs: Sendable {
    /// The files that it reads, or folders with all below.
    public var readable: [String] = []
    /// Whether it asks for files by name beyond opening them, as SQLite does.
    public var asksByName = false
    /// The threads that it starts.
    public var threadCount = 1
    /// The most bytes of address space that one thread needs.
    public var addressSpace: UInt64 = 1 << 30
    /// Programs that it may become, as an interpreter; none for a process that stays what it is.
    public var programs: [String] = []
    /// Files that may be open at once.
    public var openFileCount: UInt64 = 32
    /// Nothing.
    public init() {}
  }

  /// Why a process cannot be shut in.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    /// The mechanism: `landlock`, `seccomp`, `limits`, `self-test`.
    public let mechanism: String
    /// One sentence for people.
    public let description: String
  }

  /// The mechanisms that this kernel lacks.
  public static var missing: [String] {
    var names: [String] = []
    if ingest_landlock_version() == 0 { names.append("landlock") }
    if !ingest_seccomp_is_known() { names.append("seccomp") }
    return names
  }

  /// Gives the rights of this process away, for good, and then tries three things that must fail.
  ///
  /// - Parameters:
  ///   - needs: what is kept.
  ///   - allowsWeaker: whether to go on with the mechanisms that there are.
  /// - Returns: the mechanisms that are in force, in words: `landlock 7, seccomp, limits`.
  /// - Throws: `Failure`.
  public static func enter(_ needs: Needs, allowsWeaker: Bool) throws(Failure) -> String {
    let absent = missing
    guard absent.isEmpty || allowsWeaker else {
      throw Failure(
        mechanism: absent[0],
        description:
          "this kernel has no \(absent.joined(separator: " and no ")), so that parsers cannot be shut in; use another kernel, or pass --allow-unsandboxed"
      )
    }
    var inForce: [String] = []
    if !absent.contains("landlock") {
      try restrictFiles(needs)
      inForce.append("landlock \(ingest_landlock_version())")
    }
    try limit(needs)
    if !absent.contains("seccomp") {
      let number =
        needs.programs.isEmpty
        ? ingest_seccomp_restrict(needs.asksByName) : ingest_seccomp_restrict_program()
      guard number == 0 else { throw failure("seccomp", number) }
      inForce.append("seccomp")
    }
    inForce.append("limits")
    // A sandbox that does nothing is the usual failure of sandboxes.
    let open = ingest_sandbox_test(!needs.programs.isEmpty)
    guard open == 0 || !absent.isEmpty else {
      throw Failure(
        mechanism: "self-test",
        description:
          "the sandbox let an attempt through that it must stop (\(open)); do not use this machine, and report it"
      )
    }
    return inForce.joined(separator: ", ")
  }

  private static func restrictFiles(_ needs: Needs) throws(Failure) {
    let rules = ingest_landlock_begin()
    guard rules >= 0 else { throw failure("landlock", -rules) }
    for (path, isProgram) in needs.readable.map({ ($0, false) })
      + needs.programs.map({ ($0, true) })
    {
      // SAFETY: the path is NUL-terminated for the call.
      let number = unsafe PathText.withPath(path) {
        unsafe isProgram
          ? ingest_landlock_allow_program(rules, $0) : ingest_landlock_allow(rules, $0)
      }
      guard number == 0 else {
        close(rules)
        throw failure("landlock", number)
      }
    }
    let number = ingest_landlock_enter(rules)
    guard number == 0 else { throw failure("landlock", number) }
  }

  private static func limit(_ needs: Needs) throws(Failure) {
    // A thread has a stack and an arena of the allocator, of which most is never touched.
    let space = needs.addressSpace + UInt64(needs.threadCount - 1) * (160 << 20)
    let limits: [(__rlimit_resource, UInt64)] = [
      (RLIMIT_AS, space), (RLIMIT_FSIZE, 0), (RLIMIT_NOFILE, needs.openFileCount), (RLIMIT_CORE, 0),
    ]
    for (resource, value) in limits {
      var limit = rlimit()
      // SAFETY: both calls read or fill a structure of ours.
      guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else {
        throw failure("limits", errno)
      }
      // Whoever started us may allow less already.
      limit.rlim_max = min(limit.rlim_max, rlim_t(value))
      limit.rlim_cur = limit.rlim_max
      guard unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else {
        throw failure("limits", errno)
      }
    }
  }

  /// Becomes another program, with the rights that are left; returns only when that fails.
  ///
  /// - Parameters:
  ///   - program: the path of the executable.
  ///   - arguments: its arguments, without the program's name.
  ///   - environment: all of its environment, `NAME=VALUE`.
  /// - Returns: the reason.
  public static func become(
    _ program: String,
    arguments: [String],
    environment: [String]
  ) -> FileError {
    // SAFETY: the texts live until the call returns, and both lists end with null.
    unsafe ChildProcess.withTexts([program] + arguments) { argv in
      unsafe ChildProcess.withTexts(environment) { envp in
        _ = unsafe execve(program, argv, envp)
      }
    }
    return FileError(.open, program, number: errno)
  }

  /// Lets the kernel end this process when its parent ends.
  public static func dieWithParent() { _ = ingest_die_with_parent() }

  /// Lets this process use so many seconds of CPU time from now on; then SIGXCPU ends it.
  ///
  /// Said anew before each piece of work, it stops work that never ends, whatever the clock says.
  public static func allowCPU(seconds: UInt64) {
    var usage = rusage()
    // SAFETY: the calls read or fill structures of ours.
    guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return }
    let used = UInt64(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = min(rlim_t(used + seconds), limit.rlim_max)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
  }

  private static func failure(_ mechanism: String, _ number: Int32) -> Failure {
    // SAFETY: strerror returns a NUL-terminated text that is copied at once.
    let reason = unsafe String(cString: strerror(number))
    return Failure(
      mechanism: mechanism,
      description: "a parser cannot be shut in: \(mechanism): \(reason)"
    )
  }

  /// The name of a system call that ends a shut-in process; `nil` for any other.
  public static func callName(_ number: Int32) -> String? {
    // SAFETY: the text is a constant.
    unsafe ingest_sandbox_call_name(number).map { unsafe String(cString: $0) }
  }
}
