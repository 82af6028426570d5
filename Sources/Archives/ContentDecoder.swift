internal import CCompression

/// Undoes an HTTP content coding, or a compressed payload, that is held in memory.
public enum ContentDecoder {
  /// The codings that are undone; RFC 9110 section 8.4.1, RFC 7932, RFC 8878.
  public enum Coding: String, Sendable {
    case gzip, deflate, br, zstd
  }

  /// The decoded bytes, or `nil` when the stream is damaged or gives more than `limit` bytes.
  ///
  /// - Complexity: O(output); memory grows with what came out, never with what was declared.
  public static func decode(_ bytes: [UInt8], coding: Coding, limit: Int) -> [UInt8]? {
    switch coding {
    case .gzip: return pieces(bytes, limit) { DeflateInflater(.gzip) }
    case .deflate:
      // Servers send both zlib and bare deflate under this name.
      return pieces(bytes, limit) { DeflateInflater(.zlib) }
        ?? pieces(bytes, limit) { DeflateInflater(.none) }
    case .zstd:
      let inflater = ZstdInflater(dictionary: [])
      return collect(limit) { inflater.inflate(bytes, from: $0, into: &$1, at: $2, room: $3) }
    case .br: return brotli(bytes, limit)
    }
  }

  private static func pieces(
    _ bytes: [UInt8],
    _ limit: Int,
    _ make: () -> DeflateInflater
  ) -> [UInt8]? {
    let inflater = make()
    return collect(limit) { inflater.inflate(bytes, from: $0, into: &$1, at: $2, room: $3) }
  }

  private static func collect(
    _ limit: Int,
    _ step: (Int, inout [UInt8], Int, Int) -> InflationStep
  ) -> [UInt8]? {
    var output = [UInt8](repeating: 0, count: 1 << 16)
    var offset = 0
    var count = 0
    while true {
      if count == output.count { output.append(contentsOf: repeatElement(0, count: output.count)) }
      let result = step(offset, &output, count, output.count - count)
      offset += result.input
      count += result.output
      guard count <= limit else { return nil }
      switch result.state {
      case .finished:
        output.removeSubrange(count...)
        return output
      case .corrupt: return nil
      case .more: if result.input == 0, result.output == 0 { return nil }
      }
    }
  }

  private static func brotli(_ bytes: [UInt8], _ limit: Int) -> [UInt8]? {
    guard let state = unsafe BrotliDecoderCreateInstance(nil, nil, nil) else { return nil }
    defer { unsafe BrotliDecoderDestroyInstance(state) }
    return collect(limit) { start, output, offset, room in
      var availableIn = bytes.count - start
      var availableOut = room
      // SAFETY: the decoder reads availableIn and writes at most availableOut bytes; the pointers
      // stay inside the arrays and do not outlive the call.
      let result = unsafe bytes.withUnsafeBufferPointer { source in
        unsafe output.withUnsafeMutableBufferPointer { target in
          var next = unsafe source.baseAddress?.advanced(by: start)
          var out = unsafe target.baseAddress?.advanced(by: offset)
          return unsafe BrotliDecoderDecompressStream(
            state,
            &availableIn,
            &next,
            &availableOut,
            &out,
            nil
          )
        }
      }
      let taken = bytes.count - start - availableIn
      let given = room - availableOut
      let state: InflationStep.State =
        result == BROTLI_DECODER_RESULT_SUCCESS
        ? .finished : result == BROTLI_DECODER_RESULT_ERROR ? .corrupt : .more
      return InflationStep(input: taken, output: given, state: state)
    }
  }
}
