internal import CanonicalCoding
internal import Files
internal import Manifests
internal import Merkle
internal import SourceAPI

/// The rows of a shard as a file that grows batch by batch: what a worker sent, each batch with its digest.
///
/// `IRF1`, 32 bytes that say what was read and by which rules; for each batch `u32` length, its form (`RowBatch`), and
/// SHA-256 of that form. A file that was cut off anywhere has a whole number of batches and a rest that is dropped.
enum RowFile {
  static let magic = Array("IRF1".utf8)
  static let headerCount = 36

  /// Says what a row file is about: whatever can change a row changes it.
  static func identity(_ plan: SourcePlan, _ shard: Shard, asOf: CivilDate) -> SHA256Hash {
    let part = plan.part(shard.inputs)
    let json: JSONValue = [
      "rules": .object(part.rules), "files": .string(part.inputsDigest.hex),
      "asOf": .string(asOf.description),
      "profile": .string(plan.profileDigest.hex), "tool": .string(EpochBuilder.toolVersion),
      "inputs": .array([.count(shard.inputs.lowerBound), .count(shard.inputs.upperBound)]),
    ]
    return .of(CanonicalJSON.encode(json))
  }

  /// A batch as it stands in a file.
  static func framed(_ batch: RowBatch) -> [UInt8] {
    var form = ByteWriter(capacity: batch.rows.count * 600)
    batch.encode(into: &form)
    return framed(form.bytes[...])
  }

  /// The form of a batch as it stands in a file.
  static func framed(_ form: ArraySlice<UInt8>) -> [UInt8] {
    var writer = ByteWriter(capacity: form.count + 36)
    writer.write(UInt32(form.count))
    writer.write(form)
    writer.write(SHA256Hash.of(form).words)
    return writer.bytes
  }

  /// Appends batches.
  final class Writer {
    private let file: AppendedFile
    /// Begins a file, or goes on behind its first `byteCount` bytes.
    init(_ path: String, identity: SHA256Hash, keeping byteCount: UInt64 = 0) throws(FileError) {
      if byteCount == 0 {
        file = try AppendedFile(path)
        try file.append((RowFile.magic + identity.bytes)[...])
      } else {
        file = try AppendedFile(path, keeping: byteCount)
      }
    }

    /// Appends the form of a batch.
    func append(_ form: ArraySlice<UInt8>) throws(FileError) {
      try file.append(RowFile.framed(form)[...])
    }
  }

  /// Reads batches, as far as they are whole.
  struct Reader {
    private let file: InputFile
    /// The number of bytes before the next batch.
    var offset = UInt64(RowFile.headerCount)

    /// Opens a file; `nil` when there is none, or it is about something else.
    init?(_ path: String, identity: SHA256Hash) throws(FileError) {
      guard FilePaths.exists(path) else { return nil }
      try self.init(InputFile(path), identity: identity)
    }

    /// Reads an open file; `nil` when it is about something else.
    init?(_ file: InputFile, identity: SHA256Hash) throws(FileError) {
      self.file = file
      guard try file.bytes(at: 0, RowFile.headerCount) == RowFile.magic + identity.bytes else {
        return nil
      }
    }

    /// The form of the next batch; `nil` behind the last that is whole.
    mutating func next() throws(FileError) -> [UInt8]? {
      guard let head = try file.bytes(at: offset, 4) else { return nil }
      let length = head.reduce(0) { $0 << 8 | Int($1) }
      guard length <= WorkerFrame.sizeLimit,
        let body = try file.bytes(at: offset + 4, length + 32),
        SHA256Hash.of(body[..<length]).bytes.elementsEqual(body[length...])
      else { return nil }
      offset += UInt64(length) + 36
      return Array(body[..<length])
    }
  }
}
