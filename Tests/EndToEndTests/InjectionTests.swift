import CanonicalCoding
import Foundation
import Testing
import _TestSupport

/// Every occurrence of the nine system calls that data goes through, failed in five ways (strace); a sample of them
/// without `INGEST_LONG`.
///
/// What a call says may be a lie (`retval=1` writes nothing and says one byte): then nothing wrong may be signed. Whatever
/// happened, the next run ends in the root of a run that nothing happened to, or refuses the store.
@Suite struct InjectionTests {
  private static let isLong = ProcessInfo.processInfo.environment["INGEST_LONG"] != nil
  private static let canTrace = (try? Command.shell("strace -o /dev/null true").status) == 0

  private static let faults: [(name: String, calls: Set<String>?)] = [
    ("error=EIO", nil),
    ("error=ENOSPC", ["write", "pwrite64", "fsync", "fdatasync", "rename", "mkdir"]),
    ("error=EINTR", ["read", "write", "pread64", "pwrite64", "fsync", "fdatasync"]),
    ("retval=1", ["write", "pwrite64"]), ("signal=KILL", nil),
  ]

  @Test(
    .enabled(if: canTrace, "strace may not trace here"),
    arguments: [
      "read", "write", "pread64", "pwrite64", "fsync", "fdatasync", "rename", "mkdir", "unlink",
    ]
  )
  func
    `whatever occurrence of a call fails, nothing wrong is signed and the next run ends in the same root`(
      call: String
    ) throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let clean = try bench.scan(["archive.manifest"], ["--store", "clean"])
      var runs = 0
      var endings: [String: Int] = [:]
      for fault in Self.faults where fault.calls?.contains(call) ?? true {
        // A prime stride, so that the sample meets other places than other powers of two would.
        for occurrence in stride(from: 1, through: 1000, by: Self.isLong ? 1 : 29) {
          let place = "\(call) \(fault.name) \(occurrence)"
          let store = "store-\(runs)"
          runs += 1
          let result = try Command.shell(
            "strace -f -qq -o trace -e trace=\(call) -e inject=\(call):\(fault.name):when=\(occurrence) '\(Command.ingest)' --source archive.manifest --quiet --store \(store); echo $?",
            folder: folder
          )
          let trace = try Command.shell("grep -c 'INJECTED\\|SIGKILL' trace", folder: folder).output
          guard trace != "0\n" else { break }
          let status = Int32(result.output.split(separator: "\n").last ?? "") ?? -1
          endings["\(fault.name): \(status)", default: 0] += 1
          if fault.name.hasPrefix("error") {
            // 127: the loader of the program could not read a library.
            #expect([0, 74, 127].contains(status), "\(place): \(status) \(result.errors)")
          }
          let later = try bench.run(
            "run",
            "--source",
            "archive.manifest",
            "--json",
            "--quiet",
            "--store",
            store
          )
          if later.status == 0 {
            let roots = try JSONParser.parse(Array(later.output.utf8.dropLast()))
            #expect(roots["combined"] == clean["combined"], "\(place): \(status)")
            #expect(try bench.run("fsck", "--store", store).status == 0, "\(place): \(status)")
          } else {
            #expect(
              fault.name == "retval=1",
              "\(place): \(status), then \(later.status) \(later.errors)"
            )
            #expect(
              [65, 70, 74].contains(later.status),
              "\(place): \(later.status) \(later.errors)"
            )
          }
          _ = try Command.shell("rm -rf \(store)", folder: folder)
        }
      }
      #expect(runs > 0)
      if Self.isLong { print("\(call): \(runs) runs, \(endings.sorted { $0.key < $1.key })") }
    }
  }
}
