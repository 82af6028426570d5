public import CanonicalCoding
public import Manifests
public import Merkle

/// What a shard gave, as the merge believes it only after it has compared everything with the files beside it.
///
/// `hashed` is a pure function of the plan, the inputs and the salt key; the envelope says where and how fast.
public struct ShardReceipt: Sendable {
  /// The file's name, which is written last.
  public static let name = "receipt.json"
  /// The rows (`RowFile`), the ledger (one JCS object a line) and the leaf hashes (SHA-256, Poseidon2: 64 bytes a record).
  public static let rowsName = "rows.irf"
  /// Stands in the name of a folder whose shard is not finished.
  static let unfinishedMark = ".part-"
  /// The ledger's name.
  public static let ledgerName = "ledger.jsonl"
  /// The name of the leaf hashes.
  public static let leavesName = "leaves.bin"

  /// A file with the digest of its bytes.
  public struct Part: Hashable, Sendable {
    /// The number of bytes.
    public var byteCount: UInt64
    /// SHA-256 of all bytes.
    public var sha256: SHA256Hash

    var json: JSONValue { ["bytes": .count(byteCount), "sha256": .string(sha256.hex)] }

    init(byteCount: UInt64, sha256: SHA256Hash) {
      (self.byteCount, self.sha256) = (byteCount, sha256)
    }

    init?(_ json: JSONValue?) {
      guard let object = json?.object,
        let byteCount = object["bytes"]?.text.flatMap({ UInt64($0) }),
        let sha256 = object["sha256"]?.text.flatMap({ SHA256Hash(hex: $0) })
      else { return nil }
      self.init(byteCount: byteCount, sha256: sha256)
    }
  }

  /// The plan.
  public var plan: SHA256Hash
  /// The shard's number.
  public var ordinal: Int
  /// The digest of its inputs.
  public var inputDigest: SHA256Hash
  /// Bytes of its inputs.
  public var inputByteCount: UInt64
  /// The books.
  public var counts: SourceCounts
  /// Members that are no records, by kind.
  public var skipped: [String: UInt64]
  /// The rows.
  public var rows: Part
  /// The ledger.
  public var ledger: Part
  /// The leaf hashes; `nil` where there was no salt key.
  public var leaves: Part?
  /// SHA-256 of the programs that read, `ingest` and `ingest-worker`.
  public var programs: SHA256Hash
  /// What is not hashed: the sandbox, times, memory.
  public var envelope: JSONValue

  /// The hashed part.
  public var hashed: JSONValue {
    [
      "apiVersion": "ingest/v1", "kind": "ShardReceipt", "plan": .string(plan.hex),
      "ordinal": .count(ordinal), "inputDigest": .string(inputDigest.hex),
      "inputBytes": .count(inputByteCount), "counts": counts.json,
      "skipped": .object(JSONObject(skipped.map { ($0.key, .count($0.value)) })),
      "rows": rows.json, "ledger": ledger.json, "leaves": leaves?.json ?? .null,
      "programs": .string(programs.hex),
    ]
  }

  /// SHA-256 of the hashed part: receipts of one shard must agree in it.
  public var digest: SHA256Hash { .of(CanonicalJSON.encode(hashed)) }

  /// The file's bytes.
  var bytes: [UInt8] {
    let json: JSONValue = ["hashed": hashed, "envelope": envelope]
    return CanonicalJSON.encode(json) + [0x0A]
  }

  /// Reads a receipt, of which nothing is proven by that.
  ///
  /// - Throws: `IngestError` 65 naming the file.
  public init(_ bytes: [UInt8], file: String) throws(IngestError) {
    let fault = IngestError(.badData, "\(file): is no receipt of a shard")
    guard
      let object = (try? JSONParser.parse(bytes.last == 0x0A ? bytes.dropLast() : bytes))?.object,
      let envelope = object["envelope"], let hashed = object["hashed"]?.object,
      hashed["kind"]?.text == "ShardReceipt",
      let plan = hashed["plan"]?.text.flatMap({ SHA256Hash(hex: $0) }),
      let ordinal = hashed["ordinal"]?.text.flatMap({ Int($0) }),
      let inputDigest = hashed["inputDigest"]?.text.flatMap({ SHA256Hash(hex: $0) }),
      let inputByteCount = hashed["inputBytes"]?.text.flatMap({ UInt64($0) }),
      let counts = hashed["counts"].flatMap({ try? SourceCounts($0, at: "counts") }),
      let kinds = hashed["skipped"]?.object, let rows = Part(hashed["rows"]),
      let ledger = Part(hashed["ledger"]),
      let programs = hashed["programs"]?.text.flatMap({ SHA256Hash(hex: $0) })
    else { throw fault }
    (self.plan, self.ordinal, self.inputDigest) = (plan, ordinal, inputDigest)
    (self.inputByteCount, self.counts) = (inputByteCount, counts)
    (self.rows, self.ledger, self.programs) = (rows, ledger, programs)
    self.envelope = envelope
    leaves = Part(hashed["leaves"])
    skipped = [:]
    for (kind, number) in kinds.members {
      guard let number = number.text.flatMap({ UInt64($0) }), number < 1 << 40 else { throw fault }
      skipped[kind] = number
    }
    guard CanonicalJSON.encode(self.hashed) == CanonicalJSON.encode(.object(hashed)) else {
      throw fault
    }
  }

  /// A receipt from its parts.
  init(
    plan: SHA256Hash,
    ordinal: Int,
    inputDigest: SHA256Hash,
    inputByteCount: UInt64,
    output: ShardOutput.Result,
    programs: SHA256Hash,
    envelope: JSONValue
  ) {
    (self.plan, self.ordinal, self.inputDigest) = (plan, ordinal, inputDigest)
    self.inputByteCount = inputByteCount
    (counts, skipped) = (output.counts, output.skipped)
    (rows, ledger, leaves) = (output.rows, output.ledger, output.leaves)
    self.programs = programs
    self.envelope = envelope
  }
}
