internal import CCompression

/// What one step of inflating did.
struct InflationStep {
  enum State { case more, finished, corrupt }
  let input: Int
  let output: Int
  let state: State
}

/// Inflates one member piece by piece.
protocol PieceInflater: AnyObject {
  /// Bytes taken and given since the member's start.
  var consumed: UInt64 { get }
  var produced: UInt64 { get }
  /// Takes what it can from `input` and writes at most `room` bytes at `offset` of `output`.
  func inflate(
    _ input: CompressedWindow,
    into output: inout [UInt8],
    at offset: Int,
    room: Int
  ) -> InflationStep
}

/// ISA-L's inflater: header, trailer, checksum and length are all checked by it.
///
/// Three to five times as fast as zlib on one long stream (docs/performance.md).
@safe final class DeflateInflater: PieceInflater {
  /// What stands around the deflate stream.
  enum Wrapper: UInt32 {
    case none = 0
    case gzip = 1
    case zlib = 3
  }

  private let state: UnsafeMutablePointer<inflate_state>
  private let wrapper: Wrapper
  private(set) var consumed: UInt64 = 0
  private(set) var produced: UInt64 = 0

  init(_ wrapper: Wrapper = .gzip) {
    self.wrapper = wrapper
    // SAFETY: the state is allocated here and freed in deinit alone; the library sets what it reads.
    unsafe state = .allocate(capacity: 1)
    unsafe isal_inflate_init(state)
    unsafe state.pointee.crc_flag = wrapper.rawValue
  }

  deinit {
    // SAFETY: the state was made in init and is freed once.
    unsafe state.deallocate()
  }

  /// Begins another member.
  func restart() {
    (consumed, produced) = (0, 0)
    // SAFETY: the state lives until deinit.
    unsafe isal_inflate_reset(state)
    unsafe state.pointee.crc_flag = wrapper.rawValue
  }

  func inflate(
    _ input: CompressedWindow,
    into output: inout [UInt8],
    at offset: Int,
    room: Int
  ) -> InflationStep {
    inflate(input.bytes, from: input.start, into: &output, at: offset, room: room)
  }

  func inflate(
    _ input: [UInt8],
    from start: Int,
    into output: inout [UInt8],
    at offset: Int,
    room: Int
  ) -> InflationStep {
    inflate(input, from: start, count: input.count - start, into: &output, at: offset, room: room)
  }

  func inflate(
    _ input: [UInt8],
    from start: Int,
    count: Int,
    into output: inout [UInt8],
    at offset: Int,
    room: Int
  ) -> InflationStep {
    precondition(offset + room <= output.count && start + count <= input.count && count >= 0)
    // SAFETY: the library reads `count` bytes of input and writes at most `room` of output; both were checked, and neither
    // pointer outlives the call.
    let code = unsafe input.withUnsafeBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        unsafe state.pointee.next_in = UnsafeMutablePointer(
          mutating: source.baseAddress?.advanced(by: start)
        )
        unsafe state.pointee.avail_in = UInt32(count)
        unsafe state.pointee.next_out = target.baseAddress?.advanced(by: offset)
        unsafe state.pointee.avail_out = UInt32(room)
        return unsafe isal_inflate(state)
      }
    }
    // What was read beyond the end of the member came with this very input, and is given back.
    let taken = unsafe count - Int(state.pointee.avail_in)
    let given = unsafe room - Int(state.pointee.avail_out)
    consumed += UInt64(max(0, taken))
    produced += UInt64(given)
    let isFinished = unsafe state.pointee.block_state == ISAL_BLOCK_FINISH
    return InflationStep(
      input: max(0, taken),
      output: given,
      state: code < 0 || code == ISAL_NEED_DICT || taken < 0
        ? .corrupt : isFinished ? .finished : .more
    )
  }
}

/// libzstd's streaming decoder over one frame.
@safe final class ZstdInflater: PieceInflater {
  private let context: OpaquePointer?
  private(set) var consumed: UInt64 = 0
  private(set) var produced: UInt64 = 0

  init(dictionary: [UInt8]) {
    unsafe context = ZSTD_createDCtx()
    // A window of at most 128 MiB is the library's default bound; ours is 64 MiB.
    unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 26)
    if !dictionary.isEmpty {
      // SAFETY: the library copies the dictionary before it returns.
      unsafe dictionary.withUnsafeBytes { raw in
        _ = unsafe ZSTD_DCtx_loadDictionary(context, raw.baseAddress, raw.count)
      }
    }
  }

  deinit {
    // SAFETY: the context was made in init and is freed once.
    unsafe ZSTD_freeDCtx(context)
  }

  func inflate(
    _ input: CompressedWindow,
    into output: inout [UInt8],
    at offset: Int,
    room: Int
  ) -> InflationStep {
    inflate(input.bytes, from: input.start, into: &output, at: offset, room: room)
  }

  func inflate(
    _ input: [UInt8],
    from start: Int,
    into output: inout [UInt8],
    at offset: Int,
    room: Int
  ) -> InflationStep {
    precondition(offset + room <= output.count)
    var source = unsafe ZSTD_inBuffer()
    var target = unsafe ZSTD_outBuffer()
    // SAFETY: both buffers are bounded by the arrays, and neither pointer outlives the call.
    let code = unsafe input.withUnsafeBytes { raw in
      unsafe output.withUnsafeMutableBytes { out in
        unsafe source.src = raw.baseAddress?.advanced(by: start)
        unsafe source.size = raw.count - start
        unsafe target.dst = out.baseAddress?.advanced(by: offset)
        unsafe target.size = room
        return unsafe ZSTD_decompressStream(context, &target, &source)
      }
    }
    let (taken, given) = unsafe (source.pos, target.pos)
    consumed += UInt64(taken)
    produced += UInt64(given)
    let isError = ZSTD_isError(code) != 0
    return InflationStep(
      input: taken,
      output: given,
      state: isError ? .corrupt : code == 0 ? .finished : .more
    )
  }
}

/// libdeflate: from memory to memory, where the result has a bound.
@safe final class WholeMemberInflater {
  private let decompressor: OpaquePointer?

  init() {
    // SAFETY: the library gives a handle or null, which it takes back.
    unsafe decompressor = libdeflate_alloc_decompressor()
  }
  deinit {
    // SAFETY: the handle was made in init and is freed once.
    unsafe libdeflate_free_decompressor(decompressor)
  }

  /// `nil` when the member is damaged, longer than the window or than the room: the streaming inflater decides then.
  func inflate(
    _ input: CompressedWindow,
    into output: inout [UInt8],
    at offset: Int,
    room: Int
  ) -> (input: Int, output: Int)? {
    precondition(offset + room <= output.count)
    var taken = 0
    var given = 0
    // SAFETY: libdeflate reads at most the bytes of the window and writes at most `room` bytes.
    let result = unsafe input.bytes.withUnsafeBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        unsafe libdeflate_gzip_decompress_ex(
          decompressor,
          source.baseAddress?.advanced(by: input.start),
          input.count,
          target.baseAddress?.advanced(by: offset),
          room,
          &taken,
          &given
        )
      }
    }
    return result == LIBDEFLATE_SUCCESS ? (taken, given) : nil
  }

  /// The whole of a bare deflate stream of `count` bytes into `output[range]`.
  ///
  /// - Returns: the number of bytes it gave; `nil` when it is damaged, longer than the room, or ends early.
  func inflateBare(
    _ input: CompressedWindow,
    _ count: Int,
    into output: inout [UInt8],
    at range: Range<Int>
  ) -> Int? {
    precondition(range.upperBound <= output.count && count <= input.count)
    var taken = 0
    var given = 0
    // SAFETY: libdeflate reads at most `count` bytes of the window and writes at most the range.
    let result = unsafe input.bytes.withUnsafeBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        unsafe libdeflate_deflate_decompress_ex(
          decompressor,
          source.baseAddress?.advanced(by: input.start),
          count,
          target.baseAddress?.advanced(by: range.lowerBound),
          range.count,
          &taken,
          &given
        )
      }
    }
    return result == LIBDEFLATE_SUCCESS && taken == count ? given : nil
  }
}
