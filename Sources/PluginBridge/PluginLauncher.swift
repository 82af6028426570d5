internal import CanonicalCoding
internal import Files
internal import Sandbox
internal import SourceAPI

/// What becomes a plugin: takes its orders from standard input, gives its rights away, and becomes the other program,
/// which finds its own messages behind those orders.
public enum PluginLauncher {
  /// The argument that makes `ingest-worker` a launcher.
  public static let word = "plugin"

  /// What every program has to read to begin at all.
  private static let systemFiles = [
    "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom",
    "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu",
  ]
  /// The loaders of dynamic programs, which the kernel executes too.
  private static let loaders = [
    "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
  ]
  /// Interpreters and columnar libraries map far more than they use.
  private static let addressSpace: UInt64 = 16 << 30

  /// All of its environment: nothing of the user's, and nothing that differs from machine to machine.
  private static let environment = [
    "LC_ALL=C.UTF-8", "TZ=UTC", "PYTHONHASHSEED=0", "PYTHONDONTWRITEBYTECODE=1",
    "PATH=/usr/bin:/bin", "HOME=/",
  ]

  /// The orders for a plugin: `u32` length and JSON.
  static func orders(
    _ plugin: ExternalPlugin,
    inputs: [String],
    allowsUnsandboxed: Bool
  ) -> [UInt8] {
    let orders: JSONValue = [
      "path": .string(plugin.path), "interpreter": .array(plugin.interpreter.map(JSONValue.string)),
      "sha256": .string(plugin.identity.sha256),
      "readable": .array((plugin.readable + inputs).map(JSONValue.string)),
      "allowsUnsandboxed": .bool(allowsUnsandboxed),
    ]
    let json = CanonicalJSON.encode(orders)
    var writer = ByteWriter(capacity: json.count + 4)
    writer.write(UInt32(json.count))
    writer.write(json)
    return writer.bytes
  }

  /// Becomes the plugin; returns only when that fails.
  ///
  /// - Returns: the exit code.
  public static func run() -> Int32 {
    Sandbox.dieWithParent()
    guard let length = try? InputStreamReader.exactly(4),
      let json = try? InputStreamReader.exactly(length.reduce(0) { $0 << 8 | Int($1) }),
      let orders = (try? JSONParser.parse(json))?.object, let path = orders["path"]?.text,
      let interpreter = orders["interpreter"]?.elements?.compactMap(\.text),
      let readable = orders["readable"]?.elements?.compactMap(\.text),
      let sha256 = orders["sha256"]?.text
    else {
      FileOutput.complain("ingest-worker: no orders for a plugin")
      return 64
    }
    do throws(FileError) {
      guard try PluginFolders.digest(of: InputFile(path)) == sha256 else {
        FileOutput.complain("\(path): has changed since it was looked at")
        return 69
      }
    } catch {
      FileOutput.complain("\(error)")
      return 74
    }
    var needs = Sandbox.Needs()
    needs.readable = readable + systemFiles
    needs.programs = loaders
    if let program = interpreter.first {
      needs.readable.append(path)
      needs.programs.append(program)
      needs.readable += libraries(of: program)
    } else {
      needs.programs.append(path)
    }
    needs.addressSpace = addressSpace
    needs.openFileCount = 256
    do throws(Sandbox.Failure) {
      _ = try Sandbox.enter(needs, allowsWeaker: orders["allowsUnsandboxed"]?.boolean ?? false)
    } catch {
      FileOutput.complain(error.description)
      return 77
    }
    let failure = Sandbox.become(
      interpreter.first ?? path,
      arguments: interpreter.isEmpty ? [] : interpreter.dropFirst() + [path],
      environment: environment
    )
    FileOutput.complain("\(failure)")
    return 74
  }

  /// Where an interpreter that is not the system's has its libraries: `lib` beside its `bin`, also where a virtual
  /// environment leads.
  private static func libraries(of program: String) -> [String] {
    var found: [String] = []
    for place in [program, FilePaths.resolved(program) ?? program] {
      let root = FilePaths.folder(of: FilePaths.folder(of: place))
      for name in ["lib", "lib64", "pyvenv.cfg"] { found.append(FilePaths.join(root, name)) }
    }
    return found
  }
}
