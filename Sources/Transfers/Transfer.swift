/// One request over HTTP: what is asked, and what it may cost.
public struct TransferRequest: Sendable {
  /// The address: absolute, http or https, without user and password.
  public var address: String
  /// The fields of the request's head in their order, `Host` and `Connection` left to the library.
  public var fields: [(name: String, value: String)]
  /// What it may cost.
  public var limits: TransferLimits
  /// Whether the connection is closed behind it.
  public var closesConnection: Bool

  /// A request.
  public init(
    _ address: String,
    fields: [(name: String, value: String)],
    limits: TransferLimits = TransferLimits(),
    closesConnection: Bool = false
  ) {
    (self.address, self.fields, self.limits) = (address, fields, limits)
    self.closesConnection = closesConnection
  }
}

/// What one transfer may cost; enforced on bytes as they come, never on what is declared.
public struct TransferLimits: Hashable, Sendable {
  /// Bytes of the response's head.
  public var headBytes = 64 << 10
  /// Lines of the response's head.
  public var headLines = 1000
  /// Bytes of the body as sent.
  public var bodyBytes = 32 << 20
  /// Seconds until a connection stands.
  public var connectSeconds = 20
  /// Seconds in all.
  public var totalSeconds = 300
  /// Fewer bytes a second than this, for `slowSeconds`, end a transfer.
  public var slowBytesPerSecond = 100
  /// How long it may be slow, or silent.
  public var slowSeconds = 30

  /// The defaults of docs/formats.md.
  public init() {}
}

/// How a transfer ended.
public enum TransferEnding: Hashable, Sendable {
  /// The whole response came.
  case complete
  /// The body was cut at a limit, or the connection ended inside it; the names of `WARC-Truncated`.
  case truncated(Truncation)
  /// There is no response.
  case failed(TransferFailure)

  /// Why a body is not whole (WARC 1.1, section 5.13).
  public enum Truncation: String, Sendable {
    case length, time, disconnect
  }
}

/// Why there is no response.
public enum TransferFailure: Hashable, Sendable {
  /// The name has no address.
  case unresolved
  /// The address that the name resolved to may not be asked.
  case refusedAddress(String)
  /// Nobody answers there.
  case unconnected
  /// The certificate does not verify, or TLS fails.
  case security
  /// The server took too long.
  case timeout
  /// The head is longer than is read.
  case headLimit
  /// What came is no HTTP.
  case protocolError
  /// The library's code for anything else.
  case other(Int32)

  /// Whether another attempt may do better: the host or the way to it is in trouble, and not this response.
  public var isPassing: Bool {
    switch self {
    case .unresolved, .unconnected, .timeout, .other: true
    case .refusedAddress, .security, .headLimit, .protocolError: false
    }
  }

  /// A word for reports.
  public var code: String {
    switch self {
    case .unresolved: "name-unresolved"
    case .refusedAddress: "address-refused"
    case .unconnected: "no-connection"
    case .security: "tls"
    case .timeout: "timeout"
    case .headLimit: "header-limit"
    case .protocolError: "not-http"
    case .other: "transfer"
    }
  }

  /// A sentence for people.
  public var sentence: String {
    switch self {
    case .unresolved: "its name has no address"
    case .refusedAddress(let address):
      "its name leads to \(address), which is not a public address; --allow-network lets a range in"
    case .unconnected: "nobody answers there"
    case .security: "TLS fails, or its certificate does not verify"
    case .timeout: "it took too long"
    case .headLimit: "the head of its response is longer than is read"
    case .protocolError: "what it sends is no HTTP"
    case .other(let code): "the transfer fails (libcurl \(code))"
    }
  }
}

/// What came of one transfer.
public struct TransferResult: Sendable {
  /// The number that the transfer was started with.
  public let token: Int
  /// How it ended.
  public let ending: TransferEnding
  /// The request's head as it was sent.
  public let requestHead: [UInt8]
  /// The response's head as it came, with its empty line; that of the last response where informational ones came before.
  public let responseHead: [UInt8]
  /// The body as sent: no coding is undone.
  public let body: [UInt8]
  /// The status; 0 where there is no response.
  public let status: Int
  /// The address that answered.
  public let peer: String
  /// `http/1.0`, `http/1.1` or `h2`.
  public let protocolName: String
  /// The server's certificate in the text form of RFC 7468; `nil` without TLS, and where the connection was used before.
  public let certificate: String?
  /// Whether a connection was opened for it.
  public let isNewConnection: Bool
  /// How long it took.
  public let seconds: Double

  /// No response at all.
  public static func none(token: Int) -> TransferResult {
    TransferResult(
      token: token,
      ending: .failed(.unconnected),
      requestHead: [],
      responseHead: [],
      body: [],
      status: 0,
      peer: "",
      protocolName: "",
      certificate: nil,
      isNewConnection: false,
      seconds: 0
    )
  }
}
