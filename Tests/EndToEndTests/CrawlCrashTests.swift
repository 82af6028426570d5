import CanonicalCoding
import Files
import Testing
import _TestSupport

/// A crawl that is killed at any moment goes on where it was.
@Suite struct CrawlCrashTests {
  /// A clock that stands still, so that two archives of one site can be the same bytes.
  private static let clock = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <time.h>
    int clock_gettime(clockid_t clock, struct timespec *value) {
      static int (*real)(clockid_t, struct timespec *);
      if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
      int result = real(clock, value);
      if (clock == CLOCK_REALTIME) { value->tv_sec = 1790000000; value->tv_nsec = 0; }
      return result;
    }
    """

  @Test
  func
    `killed again and again, a crawl fetches no page twice but those under way, and ends in the same root`()
    throws
  {
    let kills = environmentValue("INGEST_LONG") == nil ? 12 : 50
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      try Fixture.write(Self.clock, folder + "/clock.c")
      let made = try Command.shell("clang -shared -fPIC -o clock.so clock.c -ldl", folder: folder)
      try #require(made.status == 0, "a C compiler comes with Swift: \(made.errors)")
      func crawl(_ name: String, _ store: String, killAfter: Double? = nil) throws -> Command.Result
      {
        try Command.run(
          "/usr/bin/env",
          ["LD_PRELOAD=\(folder)/clock.so", Command.ingest]
            + bench.arguments(name, ["--quiet", "--json", "--store", store]),
          folder: folder,
          killAfter: killAfter
        )
      }
      try bench.manifest("site", seeds: [bench.address("plain")])
      let whole = try crawl("site", "whole")
      #expect(whole.status == 0, "\(whole.errors)")
      let wanted = try JSONParser.parse(Array(whole.output.utf8.dropLast()))["combined"]
      let pages = try bench.report("site")["pageSetSha256"]
      let archive = try InputFile.contents(
        of: try #require(try bench.archives("site", "pages").first),
        limit: 1 << 26
      )
      var random = SeededRandom(seed: 6)
      var killed = 0
      var twice = 0
      // One crawl is over before it is killed so often: another one begins.
      while killed < kills {
        try Command.shell("rm -rf site parts", folder: folder).expectSuccess()
        let before = try bench.log().count
        var killedHere = 0
        while killed < kills {
          let seconds = 0.05 + Double(random.next() % 100) / 1000
          guard try crawl("site", "parts", killAfter: seconds).wasKilled else { break }
          killed += 1
          killedHere += 1
        }
        let last = try crawl("site", "parts")
        #expect(last.status == 0, "\(last.errors)")
        #expect(killedHere > 0, "the crawl was too short to be killed")
        let combined = try JSONParser.parse(Array(last.output.utf8.dropLast()))["combined"]
        #expect(combined == wanted)
        #expect(try bench.report("site")["pageSetSha256"] == pages)
        let again = try InputFile.contents(
          of: try #require(try bench.archives("site", "pages").first),
          limit: 1 << 26
        )
        let isSame = again == archive
        #expect(isSame, "the archive is the same, byte for byte")
        var counts: [String: Int] = [:]
        for request in try bench.log().dropFirst(before) where !request.isAnswer {
          guard request.path.hasPrefix("/p") || request.path == "/" else { continue }
          counts[request.path, default: 0] += 1
        }
        #expect(counts.count == 121)
        // Under way are one request, and those whose responses wait for their reader (8 at most).
        let doubled = counts.values.reduce(0) { $0 + $1 - 1 }
        #expect(
          doubled <= 9 * killedHere,
          "\(doubled) pages were fetched again in \(killedHere) kills"
        )
        twice += doubled
      }
      print("crawl: \(killed) kills, \(twice) pages were under way")
    }
  }
}

extension Command.Result {
  /// Fails the test where the command failed.
  func expectSuccess() { #expect(status == 0, "\(errors)") }
}
