internal import CPlatform
internal import Glibc

/// What this process has used so far, for reports and progress; never for anything committed.
public struct ProcessUsage: Sendable {
  /// Seconds of user and system time.
  public let cpuSeconds: Double
  /// The largest resident set, in bytes.
  public let peakBytes: UInt64

  /// The figures of this process until now.
  public static var current: ProcessUsage { of(RUSAGE_SELF) }

  /// The figures of all child processes that have ended; the memory is that of the largest.
  public static var ofChildren: ProcessUsage { of(RUSAGE_CHILDREN) }

  private static func of(_ whose: __rusage_who) -> ProcessUsage {
    var usage = rusage()
    // SAFETY: the call fills a structure of ours.
    guard unsafe getrusage(__rusage_who_t(whose.rawValue), &usage) == 0 else {
      return ProcessUsage(cpuSeconds: 0, peakBytes: 0)
    }
    func seconds(_ time: timeval) -> Double {
      Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }
    return ProcessUsage(
      cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      peakBytes: UInt64(max(0, usage.ru_maxrss)) * 1024
    )
  }

  /// The file in which the system says how much memory this process has used at the most.
  ///
  /// Opened before a process gives its rights away; unlike `peakBytes` it does not count what its parent used.
  public static func statusFile() -> InputFile? { try? InputFile("/proc/self/status") }

  /// The largest resident set of the process whose status this is; 0 where the file does not say.
  public static func peakBytes(_ status: InputFile) -> UInt64 {
    var buffer = [UInt8](repeating: 0, count: 8192)
    guard case .bytes(let count)? = try? status.read(into: &buffer, 0..<buffer.count, at: 0) else {
      return 0
    }
    for line in buffer[..<count].split(separator: 0x0A) where line.starts(with: "VmHWM:".utf8) {
      let digits = line.filter { (0x30...0x39).contains($0) }
      return (UInt64(String(decoding: digits, as: UTF8.self)) ?? 0) * 1024
    }
    return 0
  }

  /// Seconds on a clock that never goes back.
  public static var monotonicSeconds: Double {
    var time = timespec()
    // SAFETY: the call fills a structure of ours.
    guard unsafe clock_gettime(CLOCK_MONOTONIC, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
  }

  /// Keeps buffers of a batch on the heap instead of mapping and unmapping them for every batch.
  ///
  /// glibc gives allocations above 128 KiB back to the system at once; faulting the pages in again was
  /// a tenth of a scan of small records.
  public static func keepLargeBuffers() {
    mallopt(M_MMAP_THRESHOLD, 64 << 20)
    mallopt(M_TRIM_THRESHOLD, 64 << 20)
  }

  /// The processors that this process may run on; at least one.
  public static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// The memory of the machine in bytes.
  public static var memoryBytes: UInt64 {
    UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES)))) * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
  }

  /// Whether standard error is a terminal.
  public static var hasTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
