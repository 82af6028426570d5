internal import Glibc

/// Which addresses of the network may be asked, by the address that a name was resolved to.
///
/// A crawler goes where strangers point: without such rules a page could have it ask the services of its own machine or
/// cloud (server-side request forgery). The ranges that are refused are those of the IANA registries of special-purpose
/// addresses (RFC 6890 and its updates, as of 2026) and the metadata services that stand outside of them.
public struct NetworkRules: Sendable {
  /// Addresses with the same leading bits.
  public struct Range: Hashable, Sendable {
    /// 4 or 16 bytes.
    public let address: [UInt8]
    /// The number of leading bits that count.
    public let bitCount: Int

    /// Reads `127.0.0.0/8`, `::1/128`, or an address alone; `nil` for anything else.
    public init?(_ text: String) {
      let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard let address = parts.first.flatMap({ NetworkAddress(String($0)) }) else { return nil }
      self.address = address.bytes
      guard parts.count == 2 else {
        bitCount = 8 * address.bytes.count
        return
      }
      guard (1...3).contains(parts[1].utf8.count), let count = Int(parts[1]),
        (0...8 * address.bytes.count).contains(count)
      else { return nil }
      bitCount = count
    }

    fileprivate init(_ address: [UInt8], _ bitCount: Int) {
      (self.address, self.bitCount) = (address, bitCount)
    }

    /// Whether an address lies in the range.
    public func contains(_ bytes: [UInt8]) -> Bool {
      guard bytes.count == address.count else { return false }
      for index in 0..<bitCount {
        let mask = UInt8(0x80) >> UInt8(index % 8)
        if (bytes[index / 8] ^ address[index / 8]) & mask != 0 { return false }
      }
      return true
    }
  }

  /// Ranges that may be asked although they are refused by default.
  public var allowed: [Range]

  /// The rules, with exceptions that an operator made.
  public init(allowing allowed: [Range] = []) { self.allowed = allowed }

  /// Whether an address may be asked.
  ///
  /// - Parameter bytes: 4 bytes of IPv4 or 16 bytes of IPv6; anything else is refused.
  /// - Returns: whether a socket may be opened to it.
  public func allows(_ bytes: [UInt8]) -> Bool {
    if allowed.contains(where: { $0.contains(bytes) }) { return true }
    switch bytes.count {
    case 4: return !Self.refused4.contains { $0.contains(bytes) }
    case 16:
      // An IPv4 address in the form of IPv6 is that IPv4 address (RFC 4291, section 2.5.5.2).
      if Self.mapped.contains(bytes) { return allows(Array(bytes[12...])) }
      return Self.global6.contains(bytes) && !Self.refused6.contains { $0.contains(bytes) }
    default: return false
    }
  }

  private static let mapped = Range([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0], 96)
  /// Global unicast; everything else of IPv6 is of this host, this link, this site, or of many.
  private static let global6 = Range([0x20] + Array(repeating: 0, count: 15), 3)

  private static let refused4: [Range] = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    // Azure's wire server stands in public space.
    "168.63.129.16/32",
  ].compactMap(Range.init)

  private static let refused6: [Range] = [
    // Protocol assignments with Teredo, documentation, 6to4, segment routing.
    "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
  ].compactMap(Range.init)
}

/// An address of the network in its textual forms (RFC 4291, section 2.2; dotted decimal).
public struct NetworkAddress: Hashable, Sendable {
  /// 4 or 16 bytes.
  public let bytes: [UInt8]

  /// Reads an address; `nil` for anything else, names too.
  public init?(_ text: String) {
    let isVersion6 = text.utf8.contains(UInt8(ascii: ":"))
    var bytes = [UInt8](repeating: 0, count: isVersion6 ? 16 : 4)
    // SAFETY: the call writes as many bytes as an address of the family has.
    let status = unsafe bytes.withUnsafeMutableBytes {
      unsafe inet_pton(isVersion6 ? AF_INET6 : AF_INET, text, $0.baseAddress)
    }
    guard status == 1 else { return nil }
    self.bytes = bytes
  }
}
