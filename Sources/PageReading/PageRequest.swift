internal import CanonicalCoding

/// What a crawler asks the process that parses.
public enum PageRequest: Sendable {
  /// A response that says something about a whole site: the address of its `robots.txt`, or `tdmrep.json`, `ai.txt`,
  /// `license`. Answered for robots.txt alone.
  case file(site: UInt32, name: String, head: [UInt8], body: [UInt8])
  /// What a site's files say about some addresses.
  case verdicts(token: UInt32, site: UInt32, addresses: [String])
  /// What a response is and where it leads.
  case page(Message)
  /// What a sitemap lists.
  case sitemap(Message)

  /// A response as it came.
  public struct Message: Sendable {
    /// The number of the question.
    public var token: UInt32
    /// The address that was asked.
    public var address: String
    /// The response's head.
    public var head: [UInt8]
    /// The body as it was sent.
    public var body: [UInt8]
    /// Whether links are wanted.
    public var wantsLinks: Bool

    /// A response.
    public init(
      token: UInt32,
      address: String,
      head: [UInt8],
      body: [UInt8],
      wantsLinks: Bool
    ) {
      (self.token, self.address, self.head) = (token, address, head)
      (self.body, self.wantsLinks) = (body, wantsLinks)
    }
  }

  private enum Kind: UInt8 {
    case file = 1
    case verdicts = 2
    case page = 3
    case sitemap = 4
  }

  /// The most bytes of one question; a body of the largest page with what stands around it.
  static let sizeLimit = 80 << 20

  /// The frame: `u32` length of what follows, `u8` kind, the content.
  public var frame: [UInt8] {
    var writer = ByteWriter()
    let kind: Kind
    switch self {
    case .file(let site, let name, let head, let body):
      kind = .file
      writer.write(site)
      Self.write(Array(name.utf8), &writer)
      Self.write(head, &writer)
      writer.write(body)
    case .verdicts(let token, let site, let addresses):
      kind = .verdicts
      writer.write(token)
      writer.write(site)
      for address in addresses { Self.write(Array(address.utf8), &writer) }
    case .page(let message):
      kind = .page
      Self.write(message, &writer)
    case .sitemap(let message):
      kind = .sitemap
      Self.write(message, &writer)
    }
    var frame = ByteWriter(capacity: writer.bytes.count + 5)
    frame.write(UInt32(writer.bytes.count + 1))
    frame.write(kind.rawValue)
    frame.write(writer.bytes)
    return frame.bytes
  }

  private static func write(_ bytes: [UInt8], _ writer: inout ByteWriter) {
    writer.write(UInt32(bytes.count))
    writer.write(bytes)
  }

  private static func write(_ message: Message, _ writer: inout ByteWriter) {
    writer.write(message.token)
    writer.write(UInt8(message.wantsLinks ? 1 : 0))
    write(Array(message.address.utf8), &writer)
    write(message.head, &writer)
    writer.write(message.body)
  }

  /// Reads the content of a frame.
  ///
  /// - Throws: `ByteReaderError`; `nil` for a kind that nobody knows.
  init?(kind: UInt8, _ content: [UInt8]) throws(ByteReaderError) {
    var reader = ByteReader(content)
    func bytes() throws(ByteReaderError) -> [UInt8] {
      let count = try reader.read(UInt32.self)
      return Array(try reader.read(count: Int(count)))
    }
    func text() throws(ByteReaderError) -> String {
      String(decoding: try bytes(), as: UTF8.self)
    }
    switch Kind(rawValue: kind) {
    case .file:
      let site = try reader.read(UInt32.self)
      let name = try text()
      let head = try bytes()
      self = .file(
        site: site,
        name: name,
        head: head,
        body: Array(try reader.read(count: reader.remaining))
      )
    case .verdicts:
      let token = try reader.read(UInt32.self)
      let site = try reader.read(UInt32.self)
      var addresses: [String] = []
      while reader.remaining > 0 { addresses.append(try text()) }
      self = .verdicts(token: token, site: site, addresses: addresses)
    case .page, .sitemap:
      let token = try reader.read(UInt32.self)
      let wantsLinks = try reader.read(UInt8.self) == 1
      let address = try text()
      let head = try bytes()
      let message = Message(
        token: token,
        address: address,
        head: head,
        body: Array(try reader.read(count: reader.remaining)),
        wantsLinks: wantsLinks
      )
      self = kind == Kind.page.rawValue ? .page(message) : .sitemap(message)
    case nil: return nil
    }
  }
}
