internal import CanonicalCoding
internal import Files
public import Manifests
public import Merkle

/// The folder of one training run: parts, private order, run key, and the receipt's two halves.
///
/// ```
/// receipt.json                  the public head, written last
/// parts/part-000000.jsonl       consecutive positions
/// private/arguments.json        what the run was asked for; another run may not write here
/// private/run.key               32 bytes, mode 0600: salts of the training leaves
/// private/order.bin             one entry a position
/// private/receipt.private.json  totals, and digests of order and batches
/// ```
public struct FeedFolder: Sendable {
  /// The folder.
  public let path: String

  /// A folder of a run; nothing is read yet.
  public init(_ path: String) { self.path = path }

  /// A file of the folder.
  public func file(_ name: String) -> String { FilePaths.join(path, name) }

  /// One entry of `order.bin`: `u32 source | u64 leaf | content digest[32] | u32 bytes | u32 words`.
  public struct Entry: Hashable, Sendable {
    /// The number of bytes of an entry.
    static let byteCount = 52
    /// The index of the source.
    public let source: Int
    /// The place in the source's tree.
    public let leaf: UInt64
    /// What was read.
    public let contentDigest: SHA256Hash
    /// Bytes of the content.
    public let contentByteCount: UInt64
    /// Words of the content.
    public let wordCount: UInt64

    /// The training leaf at a position.
    public func leaf(position: UInt64, runKey: [UInt8]) -> TrainingLeaf {
      TrainingLeaf(
        contentDigest: contentDigest,
        position: position,
        contentByteCount: contentByteCount,
        wordCount: wordCount,
        salt: TrainingLeaf.salt(runKey: runKey, position: position)
      )
    }
  }

  // MARK: beginning

  /// Makes the folder for a run, or checks that it belongs to this one, and gives the run's key.
  ///
  /// - Throws: `IngestError` 64 when another run was begun here.
  func begin(_ arguments: JSONValue) throws(IngestError) -> [UInt8] {
    let bytes = CanonicalJSON.encode(arguments)
    do throws(FileError) {
      // Contents of confidential sources lie here.
      try DurableFile.makeFolder(path, mode: 0o700)
      try DurableFile.makeFolder(file("parts"))
      try DurableFile.makeFolder(file("private"), mode: 0o700)
      let place = file("private/arguments.json")
      guard try settled(place, bytes) == bytes else { throw FileError(.open, place, number: 17) }
      _ = try settled(file("private/run.key"), try SystemRandom.bytes(32))
    } catch {
      if error.number == 17 {
        throw IngestError(
          .usage,
          "\(path): holds a run over another epoch, policy, day, order, selection or format; choose another folder"
        )
      }
      throw IngestError(error)
    }
    return try runKey()
  }

  /// The contents of a file that the first of several processes writes, and none after it.
  private func settled(_ path: String, _ bytes: [UInt8]) throws(FileError) -> [UInt8] {
    if !FilePaths.exists(path) {
      let own = path + "." + Hex.encode(try SystemRandom.bytes(8))
      try DurableFile.write(bytes, to: own, mode: 0o600)
      try DurableFile.claim(path, with: own)
    }
    return try InputFile.contents(of: path, limit: 1 << 20)
  }

  /// The run's key.
  ///
  /// - Throws: `IngestError` 65 when it is gone or has another length.
  public func runKey() throws(IngestError) -> [UInt8] {
    let key = try contents("private/run.key", limit: 33)
    guard key.count == 32 else {
      throw IngestError(.badData, "\(file("private/run.key")): is no key")
    }
    return key
  }

  /// A file of the folder.
  ///
  /// - Throws: `IngestError` 69 when it is not there.
  public func contents(_ name: String, limit: Int) throws(IngestError) -> [UInt8] {
    do throws(FileError) {
      return try InputFile.contents(of: file(name), limit: limit)
    } catch {
      if error.isMissing {
        throw IngestError(
          .unavailable,
          "\(file(name)): is missing; \(path) is no complete run of ingest feed"
        )
      }
      throw IngestError(error)
    }
  }

  // MARK: the receipt

  /// The public head.
  ///
  /// - Throws: `IngestError` 65 when it is not one, 69 when the run is not complete.
  public func receipt() throws(IngestError) -> TrainingReceipt {
    let bytes = try contents("receipt.json", limit: 1 << 20)
    do throws(CommitmentError) {
      return try TrainingReceipt(bytes.last == 0x0A ? Array(bytes.dropLast()) : bytes)
    } catch {
      throw IngestError(.badData, "\(file("receipt.json")): \(error)")
    }
  }

  /// The order, once its digest is the one that the receipt's private part names.
  ///
  /// - Throws: `IngestError` 65 when private part or order are not those of the receipt.
  public func order(of receipt: TrainingReceipt) throws(IngestError) -> [Entry] {
    let part = try contents("private/receipt.private.json", limit: 1 << 26)
    guard SHA256Hash.of(part) == receipt.privatePart,
      let json = (try? JSONParser.parse(part))?.object,
      let digest = json["order"]?.object?["sha256"]?.text
    else {
      throw IngestError(
        .badData,
        "\(file("private/receipt.private.json")): is not the private part that the receipt names"
      )
    }
    let bytes = try contents("private/order.bin", limit: 1 << 38)
    guard SHA256Hash.of(bytes).hex == digest, bytes.count % Entry.byteCount == 0,
      UInt64(bytes.count / Entry.byteCount) == receipt.count
    else {
      throw IngestError(.badData, "\(file("private/order.bin")): is not the order of the receipt")
    }
    var entries: [Entry] = []
    entries.reserveCapacity(bytes.count / Entry.byteCount)
    var reader = ByteReader(bytes)
    do {
      while reader.remaining > 0 {
        let source: UInt32 = try reader.read()
        let leaf: UInt64 = try reader.read()
        let digest = try SHA256Hash(reader.read(count: 32)) ?? .of([])
        let byteCount: UInt32 = try reader.read()
        let wordCount: UInt32 = try reader.read()
        guard UInt64(max(byteCount, wordCount)) < RecordLeaf.countLimit else {
          throw IngestError(
            .badData,
            "\(file("private/order.bin")): an entry has 2^30 bytes or words, or more"
          )
        }
        entries.append(
          Entry(
            source: Int(source),
            leaf: leaf,
            contentDigest: digest,
            contentByteCount: UInt64(byteCount),
            wordCount: UInt64(wordCount)
          )
        )
      }
    } catch let error as IngestError {
      throw error
    } catch {
      throw IngestError(.badData, "\(file("private/order.bin")): ends inside an entry")
    }
    return entries
  }

  /// Writes order, private part and, last, the public head.
  func finish(
    order: [UInt8],
    privatePart: [UInt8],
    receipt: TrainingReceipt
  ) throws(IngestError) {
    do throws(FileError) {
      try DurableFile.write(order, to: file("private/order.bin"), mode: 0o600)
      try DurableFile.write(privatePart, to: file("private/receipt.private.json"), mode: 0o600)
      try DurableFile.write(receipt.bytes, to: file("receipt.json"))
    } catch {
      throw IngestError(error)
    }
  }
}
