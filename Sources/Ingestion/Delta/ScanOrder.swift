internal import CanonicalCoding
internal import Files

/// Where the records of a source stand in its tree, in the order in which a scan gives them.
///
/// A source that only grew at its end has its records in that order. One whose records were removed, or came in between,
/// has a file: `u64` leaf for each live record.
struct ScanOrder {
  private let file: InputFile?
  private let source: String

  init(_ state: SourceState, in store: Store) throws(IngestError) {
    source = state.id
    guard state.generation > 0 else {
      file = nil
      return
    }
    do throws(FileError) {
      file = try InputFile(Self.path(state, in: store))
    } catch {
      throw IngestError(
        .badData,
        "source '\(state.id)': \(error); restore the store from a copy"
      )
    }
  }

  static func path(_ state: SourceState, in store: Store) -> String {
    FilePaths.join(store.folder(of: state.id), "order-\(state.generation)")
  }

  /// Whether records stand as they are scanned.
  var isPlain: Bool { file == nil }

  /// The leaves of some records of the scan.
  ///
  /// - Throws: `IngestError` 65 for records that were never committed.
  func leaves(of records: Range<UInt64>) throws(IngestError) -> [UInt64] {
    guard let file else { return Array(records) }
    let bytes: [UInt8]?
    do throws(FileError) {
      bytes = try file.bytes(at: 8 * records.lowerBound, 8 * records.count)
    } catch {
      throw IngestError(error)
    }
    guard let bytes else {
      throw IngestError(
        .badData,
        "source '\(source)': the source has more records than were committed"
      )
    }
    return stride(from: 0, to: bytes.count, by: 8).map { start in
      bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  /// The file's bytes.
  static func bytes(_ leaves: [UInt64]) -> [UInt8] {
    var writer = ByteWriter(capacity: 8 * leaves.count)
    for leaf in leaves { writer.write(leaf) }
    return writer.bytes
  }
}

extension SourceState {
  /// The folder of a tree's tiles: one for each generation, because tiles never change.
  func tileFolder(_ name: String) -> String {
    generation == 0 ? name : "\(name)-\(generation)"
  }
}
