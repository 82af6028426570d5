import CanonicalCoding
import Files
import Foundation
import Testing
import _TestSupport

/// Disks that fill up, power that goes, and builds that are broken on purpose: what the campaigns promise is only worth
/// something if they catch those.
@Suite(.serialized) struct FaultTests {
  private var isLong: Bool { ProcessInfo.processInfo.environment["INGEST_LONG"] != nil }

  /// A file system of its own below a folder; `nil`, with the reason printed, where none can be mounted.
  private func mount(_ line: String, in folder: String) throws -> String? {
    let place = FilePaths.join(folder, "disk")
    let result = try Command.shell("mkdir -p disk && \(line) disk", folder: folder)
    guard result.status == 0 else {
      print(
        "skipped: nothing can be mounted here: \(result.errors.split(separator: "\n").first ?? "")"
      )
      return nil
    }
    return place
  }

  private func unmount(_ folder: String) throws {
    _ = try Command.shell("umount disk", folder: folder)
  }

  @Test func `a disk that fills up anywhere is exit 74, and enlarged it gives the identical root`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let clean = try bench.scan(["crawl.manifest"], ["--store", "clean"])
      for kibibytes in isLong ? Array(stride(from: 16, to: 190, by: 3)) : [16, 48, 96, 140, 180] {
        guard try mount("mount -t tmpfs -o size=\(kibibytes)k none", in: folder) != nil else {
          return
        }
        defer { try? unmount(folder) }
        let full = try bench.run("--source", "crawl.manifest", "--quiet", "--store", "disk/store")
        #expect(full.status == 74, "\(kibibytes) KiB: \(full.status) \(full.errors)")
        _ = try Command.shell("mount -o remount,size=64m disk", folder: folder)
        let roots = try bench.scan(["crawl.manifest"], ["--store", "disk/store"])
        #expect(roots["combined"] == clean["combined"], "\(kibibytes) KiB")
        #expect(try bench.run("fsck", "--store", "disk/store").status == 0)
      }
    }
  }

  /// Cuts the power of the mounted disk: nothing that is not on it yet will be.
  private static let cut =
    "python3 -c \"import fcntl, os, struct; fcntl.ioctl(os.open('disk', os.O_RDONLY), 0x8004587D, struct.pack('I', 2))\""

  /// A fresh ext4 on a loop device.
  private func makeDisk(_ folder: String) throws -> Bool {
    let made = try Command.shell(
      "rm -f image && truncate -s 64M image && mkfs.ext4 -q -F image",
      folder: folder
    )
    guard made.status == 0 else {
      print("skipped: no ext4 can be made here: \(made.errors)")
      return false
    }
    return try mount("mount -o loop image", in: folder) != nil
  }

  @Test func `after a power cut at any time a run ends in the identical root`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      let clean = try bench.scan(["crawl.manifest"], ["--store", "clean"])
      var random = SeededRandom(seed: 26)
      for round in 0..<(isLong ? 100 : 6) {
        guard try makeDisk(folder) else { return }
        let delay = Double.random(in: 0.01...0.5, using: &random)
        // EXT4_IOC_SHUTDOWN without flushing the journal, then the process is gone too.
        let run = try Command.shell(
          "'\(Command.ingest)' --source crawl.manifest --quiet --store disk/store >/dev/null 2>&1 & p=$!; sleep \(delay); \(Self.cut); kill -9 $p 2>/dev/null; sleep 0.05; umount disk || umount -l disk; mount -o loop image disk",
          folder: folder
        )
        #expect(run.status == 0, "\(run.errors)")
        defer { try? unmount(folder) }
        let roots = try bench.scan(["crawl.manifest"], ["--store", "disk/store"])
        #expect(roots["combined"] == clean["combined"], "seed 26, round \(round), \(delay) s")
        #expect(try bench.run("fsck", "--store", "disk/store").status == 0, "round \(round)")
      }
    }
  }

  /// Runs to the end, cuts the power, and says whether the epoch that was announced is still there.
  private func keepsAnnouncedEpoch(_ folder: String, _ prefix: String) throws -> Bool? {
    guard try makeDisk(folder) else { return nil }
    defer { try? unmount(folder) }
    let run = try Command.shell(
      "\(prefix) '\(Command.ingest)' --source crawl.manifest --quiet --store disk/store && \(Self.cut); umount disk || umount -l disk; mount -o loop image disk; '\(Command.ingest)' fsck --store disk/store && test -e disk/store/epochs/1/combined.commit.json",
      folder: folder
    )
    return run.status == 0
  }

  @Test func `what was announced survives the power, and without fsync it would not`() throws {
    try Fixture.withFolder { folder in
      _ = try Workbench(folder)
      for _ in 0..<(isLong ? 20 : 3) {
        guard let isKept = try keepsAnnouncedEpoch(folder, "") else { return }
        #expect(isKept)
      }
      guard try Command.shell("strace -o /dev/null true").status == 0 else {
        print("skipped: strace may not trace here")
        return
      }
      // The mutant: every sync says that it was done.
      let mutant =
        "strace -f -qq -o /dev/null -e trace=fsync,fdatasync,syncfs -e inject=fsync,fdatasync,syncfs:retval=0"
      var caught = 0
      for _ in 0..<3 where try keepsAnnouncedEpoch(folder, mutant) == false { caught += 1 }
      #expect(caught > 0, "a build without fsync passes: the campaign sees nothing")
    }
  }

  @Test func `a build that writes in place is caught by kills`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      try bench.write(
        """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdio.h>
        #include <unistd.h>
        // The mutant: a rename that writes the new file into the old one, slowly.
        int rename(const char *from, const char *to) {
          char block[256];
          int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
          if (in < 0 || out < 0) return -1;
          for (ssize_t count; (count = read(in, block, sizeof block)) > 0;) {
            if (write(out, block, (size_t)count) != count) return -1;
            usleep(2000);
          }
          close(in);
          close(out);
          return unlink(from);
        }
        """,
        "mutant.c"
      )
      let made = try Command.shell("clang -shared -fPIC -o mutant.so mutant.c", folder: folder)
      guard made.status == 0 else {
        print("skipped: no C compiler: \(made.errors)")
        return
      }
      let clean = try bench.scan(["crawl.manifest"], ["--store", "clean"])
      for round in 0..<5 {
        let store = "place-\(round)"
        // Killed as soon as a tile has its name: a build that writes in place has not written it then.
        _ = try Command.shell(
          "LD_PRELOAD='\(folder)/mutant.so' '\(Command.ingest)' --source crawl.manifest --quiet --store \(store) >/dev/null 2>&1 & p=$!; until find \(store) -path '*/tile/*' -type f ! -name '*.tmp' 2>/dev/null | grep -q .; do kill -0 $p || break; sleep 0.005; done; kill -9 $p; sleep 0.05",
          folder: folder
        )
        let later = try bench.run(
          "run",
          "--source",
          "crawl.manifest",
          "--json",
          "--quiet",
          "--store",
          store
        )
        let roots = try? JSONParser.parse(Array(later.output.utf8.dropLast()))
        let isSound = later.status == 0 && roots?["combined"] == clean["combined"]
        let check = try bench.run("fsck", "--store", store)
        if !isSound || check.status != 0 { return }
      }
      Issue.record("five kills of a build that writes in place found nothing")
    }
  }
}
