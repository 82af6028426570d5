internal import Archives
internal import Markup

/// A sitemap (sitemaps.org 0.9), or a feed that stands for one: the addresses that a site lists.
public struct Sitemap: Sendable {
  /// The most bytes of one file after decompression, by the protocol.
  public static let byteLimit = 50 << 20
  /// The most entries of one file, by the protocol.
  public static let entryLimit = 50_000
  /// The longest address, in bytes.
  public static let addressLimit = 2048

  /// What a file is.
  public enum Kind: String, Sendable {
    /// `urlset`: pages.
    case pages = "urlset"
    /// `sitemapindex`: further sitemaps.
    case index = "sitemapindex"
    /// One address a line.
    case text
    case rss, atom
  }

  /// One address.
  public struct Entry: Hashable, Sendable {
    /// The address: absolute, http or https.
    public let location: String
    /// When it changed, as written: a hint.
    public let modified: String?
  }

  /// Why a file is none, or was not read to its end.
  public struct Damage: Error, Hashable, Sendable {
    /// `xml-syntax`, `xml-dtd`, `xml-depth`, `compression`, `unknown-root`.
    public let code: String
    /// What is wrong and where.
    public let detail: String
  }

  /// What it is; `nil` where damage came before that was known.
  public internal(set) var kind: Kind?
  /// The entries in their order.
  public internal(set) var entries: [Entry] = []
  /// Entries without an address that could be fetched.
  public internal(set) var invalidCount = 0
  /// Whether more entries stood there than are read.
  public internal(set) var isCut = false
  /// What ended the reading early; entries before it are there.
  public internal(set) var damage: Damage?

  /// Reads a file, which may be compressed with gzip.
  ///
  /// To be called in a sandboxed process. Whatever comes, what stands before damage is there.
  ///
  /// - Complexity: O(n) in the decompressed bytes.
  public init(_ file: [UInt8]) {
    var bytes = file
    if bytes.starts(with: [0x1F, 0x8B]) {
      guard
        let plain = ContentDecoder.decode(bytes, coding: .gzip, limit: Self.byteLimit)
      else {
        damage = Damage(
          code: "compression",
          detail: "damaged gzip, or more than \(Self.byteLimit) bytes"
        )
        return
      }
      bytes = plain
    }
    if bytes.count > Self.byteLimit {
      damage = Damage(code: "compression", detail: "more than \(Self.byteLimit) bytes")
      return
    }
    if Self.isMarkup(bytes) { readMarkup(bytes) } else { readText(bytes) }
  }

  /// Markup begins with `<`, in UTF-8 or UTF-16.
  private static func isMarkup(_ bytes: [UInt8]) -> Bool {
    let marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF], [0x3C, 0x00], [0x00, 0x3C]]
    if marks.contains(where: { bytes.starts(with: $0) }) { return true }
    let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    return bytes.dropFirst(isMarked ? 3 : 0).first { $0 > 0x20 } == 0x3C
  }

  private mutating func readText(_ bytes: [UInt8]) {
    kind = .text
    let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    for line in bytes.dropFirst(isMarked ? 3 : 0).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }
    )
    where line.contains(where: { $0 > 0x20 }) {
      guard add(String(decoding: line, as: UTF8.self), modified: nil) else { return }
    }
  }

  private mutating func readMarkup(_ bytes: [UInt8]) {
    var reader = SitemapReader()
    do throws(XMLDamage) {
      try XMLDocument.read(bytes) { reader.take($0, into: &self) }
    } catch {
      damage = Damage(code: error.code, detail: "line \(error.line)")
    }
  }

  /// Adds an entry, if its address can be one.
  ///
  /// - Returns: whether more may follow.
  mutating func add(_ text: String, modified: String?) -> Bool {
    guard entries.count < Self.entryLimit else {
      isCut = true
      return false
    }
    let address = Self.trimmed(text)
    let start = String(address.prefix(8)).lowercased()
    let isAbsolute = start == "https://" || start.hasPrefix("http://")
    let isPlain = address.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    guard isAbsolute, isPlain, address.utf8.count <= Self.addressLimit else {
      invalidCount += 1
      return true
    }
    let hint = modified.map(Self.trimmed).flatMap { $0.isEmpty || $0.utf8.count > 64 ? nil : $0 }
    entries.append(Entry(location: address, modified: hint))
    return true
  }

  private static func trimmed(_ text: String) -> String {
    func isSpace(_ byte: UInt8) -> Bool { byte <= 0x20 }
    var bytes = Substring(text).utf8.drop(while: isSpace)
    while let last = bytes.last, isSpace(last) { bytes.removeLast() }
    return String(decoding: Array(bytes), as: UTF8.self)
  }
}
