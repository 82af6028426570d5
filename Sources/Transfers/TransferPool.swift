internal import CCurl
internal import Glibc

/// Transfers over HTTP/1.1 and HTTP/2 that run side by side in one event loop (libcurl's multi interface).
///
/// TLS is always verified; no redirect is followed, no cookie kept, no proxy, netrc or credential used, whatever the
/// environment says. Bodies come as they were sent. One value belongs to one thread.
@safe
public final class TransferPool {
  /// What is the same for all transfers.
  public struct Options: Sendable {
    /// Which addresses may be asked.
    public var rules = NetworkRules()
    /// Names whose addresses are given, as `HOST:PORT:ADDRESS`; the rules hold for them too.
    public var resolutions: [String] = []
    /// A file with further certificate authorities; by default those of the system.
    public var authoritiesFile: String?
    /// The defaults.
    public init() {}
  }

  @unsafe private struct Running {
    // SAFETY: the list is the library's, and is freed once, when its transfer has ended.
    let state: TransferState
    let fields: UnsafeMutablePointer<curl_slist>?
  }

  private let multi: UnsafeMutableRawPointer
  private let options: Options
  private var resolutions: UnsafeMutablePointer<curl_slist>?
  /// Handles that run nothing.
  // SAFETY: they are the library's, and are ended in `deinit`.
  private var idle: [UnsafeMutableRawPointer] = unsafe []
  /// Handles with the state that each points to.
  // SAFETY: both live until the transfer has ended and is taken out.
  private var running: [UnsafeMutableRawPointer: Running] = unsafe [:]

  /// The library, once for all pools: it must not be begun by two threads.
  private static let isBegun: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

  /// A pool; `nil` when the library cannot begin.
  public init?(_ options: Options = Options()) {
    guard Self.isBegun, let multi = unsafe curl_multi_init() else { return nil }
    self.options = options
    unsafe self.multi = unsafe multi
    // SAFETY: the handle lives as long as this value.
    _ = unsafe ingest_curl_multi_set_number(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1)
    for text in options.resolutions {
      unsafe resolutions = unsafe curl_slist_append(resolutions, text)
    }
  }

  deinit {
    // SAFETY: every handle is ended once: those that run after they are taken out of the multi handle.
    while let (handle, transfer) = unsafe running.popFirst() {
      _ = unsafe curl_multi_remove_handle(multi, handle)
      unsafe curl_easy_cleanup(handle)
      unsafe curl_slist_free_all(transfer.fields)
    }
    while let handle = unsafe idle.popLast() { unsafe curl_easy_cleanup(handle) }
    _ = unsafe curl_multi_cleanup(multi)
    unsafe curl_slist_free_all(resolutions)
  }

  /// The number of transfers that run.
  public var count: Int {
    // SAFETY: only counted.
    unsafe running.count
  }

  /// Starts a transfer.
  ///
  /// - Parameters:
  ///   - request: what is asked.
  ///   - token: the number by which its result is known.
  /// - Returns: false when the library has no room for it.
  public func start(_ request: TransferRequest, token: Int) -> Bool {
    // SAFETY: handles come from the library and are ended in `deinit`; texts are copied by it; the state is kept alive in
    // `running` as long as the handle points to it.
    guard let handle = unsafe idle.popLast() ?? makeHandle() else { return false }
    let state = TransferState(token, request.limits, options.rules)
    var fields: UnsafeMutablePointer<curl_slist>?
    for (name, value) in request.fields {
      unsafe fields = unsafe curl_slist_append(fields, "\(name): \(value)")
    }
    let limits = request.limits
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_CONNECTTIMEOUT, limits.connectSeconds), (CURLOPT_TIMEOUT, limits.totalSeconds),
      (CURLOPT_LOW_SPEED_LIMIT, limits.slowBytesPerSecond),
      (CURLOPT_LOW_SPEED_TIME, limits.slowSeconds),
      (CURLOPT_FORBID_REUSE, request.closesConnection ? 1 : 0),
    ]
    for (option, value) in numbers { _ = unsafe ingest_curl_set_number(handle, option, value) }
    _ = unsafe ingest_curl_set_text(handle, CURLOPT_URL, request.address)
    _ = unsafe ingest_curl_set_list(handle, CURLOPT_HTTPHEADER, fields)
    let pointer = unsafe Unmanaged.passUnretained(state).toOpaque()
    for option in [
      CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_DEBUGDATA, CURLOPT_OPENSOCKETDATA,
    ] {
      _ = unsafe ingest_curl_set_pointer(handle, option, pointer)
    }
    unsafe running[handle] = unsafe Running(state: state, fields: fields)
    return unsafe curl_multi_add_handle(multi, handle) == CURLM_OK
  }

  private func makeHandle() -> UnsafeMutableRawPointer? {
    // SAFETY: the callbacks take a state that lives as long as the transfer, and buffers that they do not keep.
    guard let handle = unsafe curl_easy_init() else { return nil }
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_HTTP_CONTENT_DECODING, 0),
      (CURLOPT_HTTP_TRANSFER_DECODING, 0), (CURLOPT_NETRC, 0), (CURLOPT_SSL_VERIFYPEER, 1),
      (CURLOPT_SSL_VERIFYHOST, 2), (CURLOPT_CERTINFO, 1), (CURLOPT_VERBOSE, 1),
      (CURLOPT_PATH_AS_IS, 1), (CURLOPT_BUFFERSIZE, 128 << 10), (CURLOPT_TCP_NODELAY, 1),
      (CURLOPT_HTTP09_ALLOWED, 0),
      // HTTP/2 where TLS agrees on it, HTTP/1.1 elsewhere.
      (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)),
    ]
    for (option, value) in numbers { _ = unsafe ingest_curl_set_number(handle, option, value) }
    _ = unsafe ingest_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    // An empty text is no proxy, also where the environment names one.
    _ = unsafe ingest_curl_set_text(handle, CURLOPT_PROXY, "")
    if let file = options.authoritiesFile {
      _ = unsafe ingest_curl_set_text(handle, CURLOPT_CAINFO, file)
    }
    if unsafe resolutions != nil {
      _ = unsafe ingest_curl_set_list(handle, CURLOPT_RESOLVE, resolutions)
    }
    _ = unsafe ingest_curl_set_data_function(handle, CURLOPT_WRITEFUNCTION) {
      piece,
      size,
      count,
      state in
      unsafe TransferPool.take(piece, size &* count, state) { unsafe $0.takeBody($1) }
    }
    _ = unsafe ingest_curl_set_data_function(handle, CURLOPT_HEADERFUNCTION) {
      piece,
      size,
      count,
      state in
      unsafe TransferPool.take(piece, size &* count, state) { unsafe $0.takeHead($1) }
    }
    _ = unsafe ingest_curl_set_debug_function(handle) { _, kind, piece, count, state in
      guard kind == CURLINFO_HEADER_OUT else { return 0 }
      _ = unsafe TransferPool.take(piece, count, state) {
        unsafe $0.requestHead.append(contentsOf: $1)
        return true
      }
      return 0
    }
    _ = unsafe ingest_curl_set_socket_function(handle) { state, _, address in
      guard let state = unsafe state, let address = unsafe address else { return -1 }
      return unsafe Unmanaged<TransferState>.fromOpaque(state).takeUnretainedValue()
        .openSocket(address)
    }
    return unsafe handle
  }

  /// Hands a piece of the library's memory to a state; the number of bytes that were taken.
  private static func take(
    _ piece: UnsafeMutablePointer<CChar>?,
    _ count: Int,
    _ state: UnsafeMutableRawPointer?,
    _ body: (TransferState, UnsafeBufferPointer<UInt8>) -> Bool
  ) -> Int {
    guard let piece = unsafe piece, let state = unsafe state else { return 0 }
    // SAFETY: the library says how many bytes there are, and its buffer lives until the callback returns.
    let transfer = unsafe Unmanaged<TransferState>.fromOpaque(state).takeUnretainedValue()
    return unsafe piece.withMemoryRebound(to: UInt8.self, capacity: count) { start in
      unsafe body(transfer, UnsafeBufferPointer(start: start, count: count)) ? count : 0
    }
  }

  /// Waits until something can go on, and lets it.
  ///
  /// - Parameters:
  ///   - readable: descriptors that the caller waits for besides, to be read.
  ///   - writable: descriptors to be written.
  ///   - milliseconds: how long to wait at most.
  /// - Returns: the results of the transfers that ended.
  public func wait(
    readable: [Int32] = [],
    writable: [Int32] = [],
    milliseconds: Int32
  ) -> [TransferResult] {
    var others = readable.map { curl_waitfd(fd: $0, events: Int16(CURL_WAIT_POLLIN), revents: 0) }
    others += writable.map { curl_waitfd(fd: $0, events: Int16(CURL_WAIT_POLLOUT), revents: 0) }
    // SAFETY: the library reads and fills as many entries as there are.
    unsafe others.withUnsafeMutableBufferPointer { list in
      _ = unsafe curl_multi_poll(
        multi,
        list.baseAddress,
        UInt32(list.count),
        max(0, milliseconds),
        nil
      )
    }
    return advance()
  }

  /// Lets transfers go on without waiting.
  public func advance() -> [TransferResult] {
    var left: Int32 = 0
    // SAFETY: the handle lives as long as this value; a message is read before the library is called again.
    _ = unsafe curl_multi_perform(multi, &left)
    var results: [TransferResult] = []
    while let message = unsafe curl_multi_info_read(multi, &left) {
      guard unsafe message.pointee.msg == CURLMSG_DONE,
        let handle = unsafe message.pointee.easy_handle
      else { continue }
      let code = unsafe ingest_curl_message_result(message)
      guard let transfer = unsafe running.removeValue(forKey: handle) else { continue }
      unsafe results.append(result(handle, transfer.state, code))
      _ = unsafe curl_multi_remove_handle(multi, handle)
      unsafe curl_slist_free_all(transfer.fields)
      unsafe idle.append(handle)
    }
    return results
  }

  private func result(
    _ handle: UnsafeMutableRawPointer,
    _ state: TransferState,
    _ code: CURLcode
  ) -> TransferResult {
    // SAFETY: the library's texts are copied before it is called again.
    let status = unsafe ingest_curl_get_number(handle, CURLINFO_RESPONSE_CODE)
    let peer = unsafe ingest_curl_get_text(handle, CURLINFO_PRIMARY_IP)
      .map { unsafe String(cString: $0) }
    let version = unsafe ingest_curl_get_number(handle, CURLINFO_HTTP_VERSION)
    let microseconds = unsafe ingest_curl_get_count(handle, CURLINFO_TOTAL_TIME_T)
    let names = [Int(CURL_HTTP_VERSION_1_0): "http/1.0", Int(CURL_HTTP_VERSION_2_0): "h2"]
    return TransferResult(
      token: state.token,
      ending: Self.ending(code, state),
      requestHead: state.requestHead,
      responseHead: state.responseHead,
      body: state.body,
      status: status,
      peer: peer ?? "",
      protocolName: names[version] ?? "http/1.1",
      certificate: unsafe Self.certificate(handle),
      isNewConnection: unsafe ingest_curl_get_number(handle, CURLINFO_NUM_CONNECTS) > 0,
      seconds: Double(microseconds) / 1_000_000
    )
  }

  private static func ending(
    _ code: CURLcode,
    _ state: TransferState
  ) -> TransferEnding {
    if code == CURLE_OK { return .complete }
    if state.isOverHead { return .failed(.headLimit) }
    if state.isOverBody { return .truncated(.length) }
    if let address = state.refusedAddress { return .failed(.refusedAddress(address)) }
    // Without the end of its head there is no response.
    let isWhole = state.headIsDone
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return .failed(.unresolved)
    case CURLE_COULDNT_CONNECT: return .failed(.unconnected)
    case CURLE_OPERATION_TIMEDOUT: return isWhole ? .truncated(.time) : .failed(.timeout)
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_USE_SSL_FAILED:
      return .failed(.security)
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_HTTP2_STREAM, CURLE_HTTP2, CURLE_GOT_NOTHING:
      return isWhole ? .truncated(.disconnect) : .failed(.protocolError)
    // The library gives up one endless line as if memory had ended.
    case CURLE_OUT_OF_MEMORY where !isWhole && !state.responseHead.isEmpty:
      return .failed(.headLimit)
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
      return .failed(.protocolError)
    default: return isWhole ? .truncated(.disconnect) : .failed(.other(Int32(code.rawValue)))
    }
  }

  /// The server's own certificate out of the library's list.
  private static func certificate(_ handle: UnsafeMutableRawPointer) -> String? {
    // SAFETY: the list and its texts belong to the handle and are copied at once.
    guard let chain = unsafe ingest_curl_get_certificates(handle),
      unsafe chain.pointee.num_of_certs > 0
    else { return nil }
    var entry = unsafe chain.pointee.certinfo[0]
    while let field = unsafe entry {
      let text = unsafe String(cString: field.pointee.data)
      if text.hasPrefix("Cert:") { return String(text.dropFirst(5)) }
      unsafe entry = unsafe field.pointee.next
    }
    return nil
  }
}
