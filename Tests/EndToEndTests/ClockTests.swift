import CanonicalCoding
import Testing
import _TestSupport

@Suite struct ClockTests {
  /// A library that answers every question for the time of day with one that was chosen.
  private static let clock = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <stdlib.h>
    #include <sys/time.h>
    #include <time.h>
    static time_t now(void) { return (time_t)atoll(getenv("WRONG_TIME")); }
    time_t time(time_t *out) {
      if (out) *out = now();
      return now();
    }
    int gettimeofday(struct timeval *value, void *zone) {
      (void)zone;
      value->tv_sec = now();
      value->tv_usec = 0;
      return 0;
    }
    int clock_gettime(clockid_t clock, struct timespec *value) {
      static int (*real)(clockid_t, struct timespec *);
      if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
      int result = real(clock, value);
      if (clock == CLOCK_REALTIME) value->tv_sec = now();
      return result;
    }
    """

  @Test func `a clock that is wrong by decades, and zones and locales, change no committed byte`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      try bench.write(Self.clock, "clock.c")
      guard
        try Command.shell("clang -shared -fPIC -o clock.so clock.c -ldl", folder: folder).status
          == 0
      else {
        print("skipped: no C compiler")
        return
      }
      let shown = try Command.shell(
        "WRONG_TIME=86400 LD_PRELOAD='\(folder)/clock.so' TZ=UTC date +%Y",
        folder: folder
      )
      #expect(shown.output == "1970\n", "the clock must really be wrong: \(shown.output)")
      let manifests = "--source crawl.manifest --source archive.manifest"
      _ = try Command.shell(
        "'\(Command.ingest)' \(manifests) --quiet --store right",
        folder: folder
      )
      let right = try bench.read("right/combined.commit.json")
      for (store, environment) in [
        ("early", "WRONG_TIME=86400 LD_PRELOAD='\(folder)/clock.so'"),
        ("late", "WRONG_TIME=4102444800 LD_PRELOAD='\(folder)/clock.so'"),
        ("elsewhere", "TZ=Pacific/Kiritimati LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8"),
      ] {
        let run = try Command.shell(
          "\(environment) '\(Command.ingest)' \(manifests) --quiet --store \(store)",
          folder: folder
        )
        #expect(run.status == 0, "\(store): \(run.errors)")
        #expect(try bench.read("\(store)/combined.commit.json") == right, "\(store)")
      }
    }
  }
}
