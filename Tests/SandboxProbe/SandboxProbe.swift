internal import CEscapes
internal import Files
internal import Glibc
internal import Sandbox

/// Shuts itself in as a worker does, with one file to read, then tries what it is told: exit 0 when the attempt came
/// through, 1 when it was refused (the error number on standard output).
@main
enum SandboxProbe {
  static func main() {
    let words = String(
      decoding: (try? InputStreamReader.all(limit: 4096)) ?? [],
      as: UTF8.self
    ).split(separator: "\n").map(String.init)
    guard words.count >= 2 else { exit(64) }
    var needs = Sandbox.Needs()
    needs.readable = [words[1]]
    do throws(Sandbox.Failure) {
      _ = try Sandbox.enter(needs, allowsWeaker: false)
    } catch {
      print("no sandbox: \(error)")
      exit(77)
    }
    let number = attempt(words[0], words.count > 2 ? words[2] : "")
    print(number)
    exit(number == 0 ? 0 : 1)
  }

  private static func attempt(_ name: String, _ argument: String) -> Int32 {
    // SAFETY: each path is a NUL-terminated text for the call.
    switch name {
    case "open": return unsafe escape_open(argument)
    case "write": return unsafe escape_write(argument)
    case "tcp": return escape_tcp(Int32(argument) ?? 9)
    case "udp": return escape_udp(Int32(argument) ?? 9)
    case "exec": return escape_exec()
    case "fork": return escape_fork()
    case "ptrace": return escape_ptrace(getppid())
    case "kill": return escape_kill(getppid())
    case "memory": return escape_memory()
    case "code": return escape_executable_memory()
    case "stat": return unsafe escape_stat(argument)
    case "descriptors": return escape_descriptors()
    case "cpu":
      Sandbox.allowCPU(seconds: 1)
      while true {}
    default: return -1
    }
  }
}
