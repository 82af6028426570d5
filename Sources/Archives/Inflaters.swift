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

/// zlib: header, trailer, CRC and length are all checked by it.
@safe final class GzipInflater: PieceInflater {
  private let stream: UnsafeMutablePointer<z_stream>
  private(set) var consumed: UInt64 = 0
  private(set) var produced: UInt64 = 0

  /// - Parameter windowBits: 31 for gzip, 15 for zlib, −15 for a bare deflate stream.
  init(windowBits: Int32 = 31) {
    // SAFETY: the stream is allocated here, zeroed, and freed in deinit alone.
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    unsafe precondition(ingest_inflate_init(stream, windowBits) == Z_OK, "zlib has no memory")
  }

  deinit {
    // SAFETY: the stream was made in init and is freed once.
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
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
    let count = input.count - start
    // SAFETY: zlib reads `count` bytes of input and writes at most `room` of output; both were
    // checked, and neither pointer outlives the call.
    let code = unsafe input.withUnsafeBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
          mutating: source.baseAddress?.advanced(by: start)
        )
        unsafe stream.pointee.avail_in = UInt32(count)
        unsafe stream.pointee.next_out = target.baseAddress?.advanced(by: offset)
        unsafe stream.pointee.avail_out = UInt32(room)
        return unsafe CCompression.inflate(stream, Z_NO_FLUSH)
      }
    }
    let taken = unsafe count - Int(stream.pointee.avail_in)
    let given = unsafe room - Int(stream.pointee.avail_out)
    consumed += UInt64(taken)
    produced += UInt64(given)
    let state: InflationStep.State =
      code == Z_STREAM_END ? .finished : code == Z_OK || code == Z_BUF_ERROR ? .more : .corrupt
    return InflationStep(input: taken, output: given, state: state)
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

/// libdeflate: one gzip member from memory to memory, three times as fast as zlib.
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

  /// `nil` when the member is damaged, longer than the window or than the room: zlib decides then.
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
}
