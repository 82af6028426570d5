internal import Files
internal import Glibc
internal import Ingestion
internal import Sandbox

/// The browser that is installed here: it prints pages, and is asked for nothing else.
enum PageBrowser {
  private static let names = ["chromium", "chromium-browser", "google-chrome", "chrome"]
  private static let secondsLimit: UInt64 = 300

  /// The program, by the option or on the PATH.
  ///
  /// - Throws: `IngestError` 69 where there is none.
  static func find(_ named: String?) throws(IngestError) -> String {
    if let named {
      guard FilePaths.exists(named) else {
        throw IngestError(.unavailable, "\(named): there is no such program")
      }
      return named
    }
    let folders = (environmentValue("PATH") ?? "/usr/bin").split(separator: ":")
    for name in names {
      for folder in folders {
        let path = FilePaths.join(String(folder), name)
        if FilePaths.exists(path) { return path }
      }
    }
    throw IngestError(
      .unavailable,
      "a PDF is printed by Chromium, which is not installed here (apt install chromium); the pages are written, and any browser prints them"
    )
  }

  /// Prints a page.
  ///
  /// - Throws: `IngestError` 74 when the browser does not.
  static func printPDF(_ browser: String, page: String, to target: String) throws {
    let profile = try TemporaryFolder("ingest-print")
    defer { profile.remove() }
    var arguments = [
      "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions",
      "--disable-dev-shm-usage", "--user-data-dir=\(profile.path)", "--no-pdf-header-footer",
      "--print-to-pdf=\(target)",
    ]
    // Chromium's own sandbox refuses to work for root; the page has no script and is ours.
    if getuid() == 0 { arguments.append("--no-sandbox") }
    arguments.append("file://\(page.addressEncoded)")
    let child = try ChildProcess(
      browser,
      arguments: arguments,
      input: [],
      environment: ["HOME=\(profile.path)", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"]
    )
    let (ending, _) = child.wait(seconds: secondsLimit)
    guard ending == .exit(0), FilePaths.exists(target) else {
      throw IngestError(.inputOutput, "\(browser): did not print \(page); print it by hand")
    }
  }
}

extension String {
  /// A path inside a file address: everything but what needs no escape is percent-coded.
  fileprivate var addressEncoded: String {
    utf8.reduce(into: "") { text, byte in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "/-._~".utf8.contains(byte)
      let digits = String(byte, radix: 16, uppercase: true)
      text += isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
    }
  }
}
