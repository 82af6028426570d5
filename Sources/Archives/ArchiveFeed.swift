internal import CArchive
internal import Files

/// Hands the bytes of a stream to libarchive, piece by piece.
@safe final class ArchiveFeed {
  static let pieceSize = 1 << 18

  let stream: InflatedStream
  private(set) var damage: StreamDamage?
  private(set) var error: FileError?
  /// What the library reads until it asks for more.
  private let piece: UnsafeMutableRawPointer
  /// Bytes handed over, and how many of them in the last piece.
  private var delivered: UInt64 = 0
  private var lastCount = 0

  init(_ stream: InflatedStream) {
    self.stream = stream
    // SAFETY: allocated here, written by `fill` alone, freed in deinit.
    unsafe piece = .allocate(byteCount: Self.pieceSize, alignment: 64)
  }

  deinit {
    // SAFETY: allocated in init, freed once.
    unsafe piece.deallocate()
  }

  func open(_ handle: OpaquePointer) -> Int32 {
    // SAFETY: whoever opens keeps this value alive as long as the handle.
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    return unsafe archive_read_open(
      handle,
      context,
      nil,
      { handle, context, place in
        guard let handle = unsafe handle, let context = unsafe context, let place = unsafe place
        else { return -1 }
        // SAFETY: the context is this value, and the piece stays as it is until the next call.
        let feed = unsafe Unmanaged<ArchiveFeed>.fromOpaque(context).takeUnretainedValue()
        unsafe place.pointee = UnsafeRawPointer(feed.piece)
        let count = feed.fill()
        if count < 0 { unsafe ingest_archive_fault(handle, feed.error?.number ?? 84) }
        return count
      },
      nil
    )
  }

  /// Brings the next bytes into the piece; 0 at the proven end, −1 where the stream is broken.
  private func fill() -> Int {
    let supply: InflatedStream.Supply
    do throws(FileError) {
      supply = try stream.require(1)
    } catch {
      self.error = error
      return -1
    }
    guard stream.available > 0 else {
      guard case .damaged(let found) = supply else { return 0 }
      damage = found
      return -1
    }
    let count = min(stream.available, Self.pieceSize)
    stream.withWindow { window in
      // SAFETY: the piece has room for `count` bytes, and the window has as many.
      unsafe window.prefix(count).withUnsafeBytes {
        unsafe UnsafeMutableRawBufferPointer(start: piece, count: count).copyMemory(from: $0)
      }
    }
    stream.skip(count)
    delivered += UInt64(count)
    lastCount = count
    return count
  }

  /// Reads to the end.
  ///
  /// - Parameter offset: how much of what was handed over the library has used; `nil` when it does not say.
  /// - Returns: whether all that is left is zero.
  func drain(behind offset: UInt64?) -> Bool {
    let left = offset.map { delivered - min(delivered, $0) } ?? 0
    var start = lastCount - Int(min(left, UInt64(lastCount)))
    while true {
      // SAFETY: the last call of `fill` has written `lastCount` bytes.
      let bytes = unsafe UnsafeRawBufferPointer(start: piece, count: lastCount)
      guard unsafe bytes[start...].allSatisfy({ $0 == 0 }) else { return false }
      guard fill() > 0 else { return true }
      start = 0
    }
  }
}

/// Hands bytes at any place to libarchive, which may go back and forth in them.
@safe final class SourceFeed {
  private static let pieceSize = 1 << 16

  private let source: any ByteSource
  private var offset: UInt64 = 0
  private var buffer = [UInt8](repeating: 0, count: pieceSize)
  /// What the library reads until it asks for more.
  private let piece: UnsafeMutableRawPointer
  private(set) var error: FileError?

  init(_ source: any ByteSource) {
    self.source = source
    // SAFETY: allocated here, written by `fill` alone, freed in deinit.
    unsafe piece = .allocate(byteCount: Self.pieceSize, alignment: 64)
  }

  deinit {
    // SAFETY: allocated in init, freed once.
    unsafe piece.deallocate()
  }

  func open(_ handle: OpaquePointer) -> Int32 {
    // SAFETY: whoever opens keeps this value alive as long as the handle; the context of all calls is this value.
    unsafe archive_read_set_callback_data(handle, Unmanaged.passUnretained(self).toOpaque())
    unsafe archive_read_set_read_callback(handle) { handle, context, place in
      guard let handle = unsafe handle, let context = unsafe context, let place = unsafe place
      else { return -1 }
      let feed = unsafe Unmanaged<SourceFeed>.fromOpaque(context).takeUnretainedValue()
      unsafe place.pointee = UnsafeRawPointer(feed.piece)
      let count = feed.fill()
      if count < 0 { unsafe ingest_archive_fault(handle, feed.error?.number ?? 84) }
      return count
    }
    unsafe archive_read_set_skip_callback(handle) { _, context, count in
      guard let context = unsafe context, count > 0 else { return 0 }
      let feed = unsafe Unmanaged<SourceFeed>.fromOpaque(context).takeUnretainedValue()
      return feed.skip(count)
    }
    unsafe archive_read_set_seek_callback(handle) { _, context, offset, whence in
      guard let context = unsafe context else { return -1 }
      let feed = unsafe Unmanaged<SourceFeed>.fromOpaque(context).takeUnretainedValue()
      return feed.seek(offset, whence)
    }
    return unsafe archive_read_open1(handle)
  }

  private func fill() -> Int {
    do throws(FileError) {
      guard
        case .bytes(let count) = try source.read(into: &buffer, 0..<Self.pieceSize, at: offset)
      else { return 0 }
      // SAFETY: both have room for a piece, of which `count` bytes were read.
      unsafe buffer.withUnsafeBytes {
        unsafe piece.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(piece), byteCount: count)
      }
      offset += UInt64(count)
      return count
    } catch {
      self.error = error
      return -1
    }
  }

  /// Goes over bytes, as far as there are any: a cut file must end where it ends.
  private func skip(_ count: Int64) -> Int64 {
    do throws(FileError) {
      let size = try source.byteCount()
      let step = min(UInt64(count), size - min(size, offset))
      offset += step
      return Int64(step)
    } catch {
      return 0
    }
  }

  private func seek(_ place: Int64, _ whence: Int32) -> Int64 {
    do throws(FileError) {
      let size = Int64(clamping: try source.byteCount())
      let base: Int64 = whence == 0 ? 0 : whence == 1 ? Int64(clamping: offset) : size
      let (target, isBeyond) = base.addingReportingOverflow(place)
      guard !isBeyond, target >= 0 else { return -1 }
      offset = UInt64(min(target, size))
      return Int64(offset)
    } catch {
      self.error = error
      return -1
    }
  }
}
