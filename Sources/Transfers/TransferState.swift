internal import CCurl
internal import Glibc

/// What the library's callbacks gather while one transfer runs.
@safe
final class TransferState {
  let token: Int
  let limits: TransferLimits
  let rules: NetworkRules
  var requestHead: [UInt8] = []
  var responseHead: [UInt8] = []
  var body: [UInt8] = []
  var headLineCount = 0
  /// Whether the empty line behind the head came.
  private(set) var headIsDone = false
  var isOverHead = false
  var isOverBody = false
  var refusedAddress: String?

  init(_ token: Int, _ limits: TransferLimits, _ rules: NetworkRules) {
    (self.token, self.limits, self.rules) = (token, limits, rules)
  }

  /// Takes a line of a head; false ends the transfer.
  func takeHead(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    // A head behind a head is that of the final response; what was before it was informational.
    // SAFETY: the library's buffer is read inside the call alone.
    if headIsDone, unsafe line.starts(with: "HTTP/".utf8) {
      responseHead.removeAll()
      headLineCount = 0
      headIsDone = false
    }
    // Trailers of a chunked body are no part of the head.
    if headIsDone { return true }
    headLineCount += 1
    guard responseHead.count + line.count <= limits.headBytes, headLineCount <= limits.headLines
    else {
      isOverHead = true
      return false
    }
    unsafe responseHead.append(contentsOf: line)
    if line.count <= 2, unsafe line.allSatisfy({ $0 == 0x0D || $0 == 0x0A }) { headIsDone = true }
    return true
  }

  /// Takes a piece of the body; false ends the transfer.
  func takeBody(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
    let room = limits.bodyBytes - body.count
    if piece.count > room {
      isOverBody = true
      // SAFETY: the library's buffer is read inside the call alone.
      unsafe body.append(contentsOf: piece.prefix(room))
      return false
    }
    unsafe body.append(contentsOf: piece)
    return true
  }

  /// Opens the socket to a resolved address, or refuses: the one place that no name and no redirect gets round.
  func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    // SAFETY: the library fills the structure with an address of the family that it names.
    let family = unsafe address.pointee.family
    let bytes = unsafe Self.bytes(of: address)
    guard rules.allows(bytes) else {
      refusedAddress = Self.text(of: bytes)
      // CURL_SOCKET_BAD
      return -1
    }
    return unsafe socket(
      family,
      address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue),
      address.pointee.protocol
    )
  }

  /// The bytes of an IPv4 or IPv6 address; none for anything else.
  private static func bytes(of address: UnsafeMutablePointer<curl_sockaddr>) -> [UInt8] {
    // SAFETY: libcurl keeps room for the longest address where its structure shows a sockaddr, and says how much of it is
    // filled; a sockaddr_in has its address behind 4 bytes, a sockaddr_in6 behind 8.
    let (offset, count): (Int, Int) =
      switch unsafe address.pointee.family {
      case AF_INET: (4, 4)
      case AF_INET6: (8, 16)
      default: (0, 0)
      }
    guard count > 0, unsafe Int(address.pointee.addrlen) >= offset + count else { return [] }
    let start = MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 16
    let raw = unsafe UnsafeRawPointer(address).advanced(by: start + offset)
    return unsafe Array(UnsafeRawBufferPointer(start: raw, count: count))
  }

  static func text(of bytes: [UInt8]) -> String {
    if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
    var text = ""
    for index in stride(from: 0, to: bytes.count - 1, by: 2) {
      if index > 0 { text += ":" }
      text += String(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]), radix: 16)
    }
    return text
  }
}
