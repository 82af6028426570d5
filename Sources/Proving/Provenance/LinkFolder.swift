public import Algebra
internal import CanonicalCoding
internal import Crypto
public import Files
public import ProofSystem
public import Provenance

/// The linked segments of one tree or registry on disk: proofs, secret columns, coins and ledgers.
///
/// ```
/// link.json               what is linked, the code, the ranges
/// segment-1.columns       the group's columns, 4 bytes a value; mode 0600
/// segment-1.group         its coins and ledger (ReusableGroup); mode 0600
/// segment-1.leaves        the digests of its leaves, so that nothing is committed again
/// segment-1.sums          SHA-256 of both
/// segment-1.link          varlen(parts and root as in a bundle) | varlen(proof), written last
/// ```
public struct LinkFolder: Sendable {
  /// Why a folder cannot be used.
  public enum Failure: Error, Sendable {
    /// A file cannot be read or written.
    case file(FileError)
    /// A file is not what it must be; the name says which.
    case damaged(String)
    /// The folder links something else, or with other sizes.
    case other(String)
  }

  /// What is linked: the digest of the combined manifest, or of the receipt's head.
  public let subject: String
  /// The code of all groups.
  public let code: CodeParameters
  /// The ranges of leaves, one behind the other.
  public let ranges: [Range<UInt64>]
  private let path: String
  private let kind: LeafColumns.Kind

  /// The ranges of `count` leaves in segments of at most `limit`.
  public static func ranges(count: UInt64, limit: Int) -> [Range<UInt64>] {
    stride(from: 0, to: count, by: limit).map { $0..<min($0 + UInt64(limit), count) }
  }

  /// Opens a folder, or makes it.
  ///
  /// - Throws: `Failure.other` when another subject, code or other ranges are there.
  public init(
    making path: String,
    kind: LeafColumns.Kind,
    subject: String,
    code: CodeParameters,
    ranges: [Range<UInt64>]
  ) throws(Failure) {
    (self.path, self.kind, self.subject) = (path, kind, subject)
    (self.code, self.ranges) = (code, ranges)
    let bytes = CanonicalJSON.encode(json)
    do throws(FileError) {
      try DurableFile.makeFolder(path, mode: 0o700)
      let index = FilePaths.join(path, "link.json")
      if FilePaths.exists(index) {
        guard try InputFile.contents(of: index, limit: 1 << 24) == bytes else {
          throw FileError(.open, index, number: 17)
        }
      } else {
        try DurableFile.write(bytes, to: index)
      }
    } catch {
      if error.number == 17 { throw .other(error.path) }
      throw .file(error)
    }
  }

  /// Opens a folder that is there.
  ///
  /// - Throws: `Failure`.
  public init(reading path: String, kind: LeafColumns.Kind) throws(Failure) {
    (self.path, self.kind) = (path, kind)
    let index = FilePaths.join(path, "link.json")
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try InputFile.contents(of: index, limit: 1 << 24)
    } catch {
      throw .file(error)
    }
    guard let object = (try? JSONParser.parse(bytes))?.object,
      let subject = object["subject"]?.text,
      let code = object["code"]?.elements?.compactMap({ $0.text.flatMap { Int($0) } }),
      code.count == 3,
      let ends = object["ends"]?.elements?.compactMap({ $0.text.flatMap { UInt64($0) } }),
      !ends.isEmpty
    else { throw .damaged(index) }
    self.subject = subject
    self.code = CodeParameters(
      logDataLength: code[0],
      logTailLength: code[1],
      logInverseRate: code[2]
    )
    var ranges: [Range<UInt64>] = []
    for end in ends {
      let start = ranges.last?.upperBound ?? 0
      guard start < end, end - start <= 1 << StatementShape.logSegmentLimit else {
        throw .damaged(index)
      }
      ranges.append(start..<end)
    }
    self.ranges = ranges
    guard CanonicalJSON.encode(json) == bytes, self.code.isAllowed else { throw .damaged(index) }
  }

  private var json: JSONValue {
    [
      "subject": .string(subject),
      "code": .array([
        .count(code.logDataLength), .count(code.logTailLength), .count(code.logInverseRate),
      ]),
      "ends": .array(ranges.map { .count($0.upperBound) }),
    ]
  }

  // MARK: segments

  private func file(_ segment: Int, _ suffix: String) -> String {
    FilePaths.join(path, "segment-\(segment + 1).\(suffix)")
  }

  /// Whether a segment's proof is there.
  public func isComplete(_ segment: Int) -> Bool { FilePaths.exists(file(segment, "link")) }

  /// The file of a segment's coins and ledger.
  public func statePath(_ segment: Int) -> String { file(segment, "group") }

  /// Removes what an attempt without a proof left: nobody has seen anything of that group.
  public func clear(_ segment: Int) throws(Failure) {
    guard !isComplete(segment) else { return }
    do throws(FileError) {
      for suffix in ["group", "columns", "leaves", "sums"] {
        try DurableFile.remove(file(segment, suffix))
      }
    } catch {
      throw .file(error)
    }
  }

  /// Keeps columns and proof of a segment.
  public func write(
    _ segment: Int,
    _ columns: LeafColumns,
    _ made: LinkProver.Made
  ) throws(Failure) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * columns.group.count * columns.count)
    for column in columns.group { bytes += column.littleEndianBytes(0..<column.count) }
    let leaves = made.leaves.littleEndianBytes(0..<made.leaves.count)
    do throws(FileError) {
      try DurableFile.write(bytes, to: file(segment, "columns"), mode: 0o600)
      try DurableFile.write(leaves, to: file(segment, "leaves"), mode: 0o600)
      try DurableFile.write(Self.sums(bytes, leaves), to: file(segment, "sums"), mode: 0o600)
      let parts = ProofCoding.varlen(CanonicalJSON.encode(made.link.header))
      try DurableFile.write(
        parts + ProofCoding.varlen(made.link.proof),
        to: file(segment, "link")
      )
    } catch {
      throw .file(error)
    }
  }

  private static func sums(_ columns: [UInt8], _ leaves: [UInt8]) -> [UInt8] {
    [columns, leaves].flatMap { Array(SHA256.hash(data: $0)) }
  }

  /// The proof of a segment.
  public func link(_ segment: Int) throws(Failure) -> ProvenanceBundle.Link {
    let path = file(segment, "link")
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try InputFile.contents(of: path, limit: 1 << 28)
    } catch {
      throw .file(error)
    }
    guard let link = ProvenanceBundle.Link(bytes) else { throw .damaged(path) }
    return link
  }

  /// The columns of every segment's group with the digests of its leaves, read and compared by several threads.
  ///
  /// - Throws: `Failure`, the first segment's that has one.
  public func allColumns(
    _ kernels: ProverKernels
  ) throws(Failure) -> [(columns: LeafColumns, leaves: WordBuffer)] {
    let read = kernels.loop.map(ranges.count) { segment in
      Result { () throws(Failure) in try columns(segment) }
    }
    var found: [(columns: LeafColumns, leaves: WordBuffer)] = []
    for result in read { found.append(try result.get()) }
    return found
  }

  /// The columns of a segment's group, and the digests of its leaves.
  ///
  /// - Throws: `Failure.damaged` when they are not what was written.
  public func columns(
    _ segment: Int
  ) throws(Failure) -> (columns: LeafColumns, leaves: WordBuffer) {
    let names =
      switch kind {
      case .registry: LinkStatement.groupColumns
      case .training: TrainingLinkStatement.groupColumns
      }
    let count = Int(ranges[segment].count)
    let (bytes, digests, sums): ([UInt8], [UInt8], [UInt8])
    do throws(FileError) {
      let length = 4 * names.count * count
      bytes = try InputFile.contents(of: file(segment, "columns"), limit: length + 1)
      digests = try InputFile.contents(
        of: file(segment, "leaves"),
        limit: 32 * code.domainSize + 1
      )
      sums = try InputFile.contents(of: file(segment, "sums"), limit: 65)
    } catch {
      throw .file(error)
    }
    guard sums == Self.sums(bytes, digests), bytes.count == 4 * names.count * count,
      digests.count == 32 * code.domainSize
    else { throw .damaged(file(segment, "columns")) }
    let group = names.indices.map { index in
      let words = WordBuffer(unset: count)
      words.write(littleEndian: bytes[4 * count * index..<4 * count * (index + 1)], at: 0)
      return words
    }
    let leaves = WordBuffer(unset: 8 * code.domainSize)
    leaves.write(littleEndian: digests, at: 0)
    return (LeafColumns(kind, group: group), leaves)
  }
}
