internal import CanonicalCoding
internal import Kernels
internal import Manifests
internal import Merkle

/// Makes the receipt of a plan: the training tree in both forms, the order, the private totals.
struct FeedReceipt {
  let order: [UInt8]
  let privatePart: [UInt8]
  let receipt: TrainingReceipt

  init(_ plan: FeedPlan, runKey: [UInt8]) {
    var order = ByteWriter(capacity: FeedFolder.Entry.byteCount * plan.order.count)
    var sha256 = CompactRange<SHA256TreeHasher>()
    var poseidon2 = CompactRange<Poseidon2TreeHasher>()
    let hashing = NodeHashing<Poseidon2TreeHasher>(.best)
    for start in stride(from: 0, to: plan.order.count, by: 4096) {
      let leaves = (start..<min(start + 4096, plan.order.count)).map { position in
        let record = plan.record(at: position)
        order.write(record.source)
        order.write(record.leaf)
        order.write(record.contentDigest.words)
        order.write(record.byteCount)
        order.write(record.wordCount)
        return TrainingLeaf(
          contentDigest: record.contentDigest,
          position: UInt64(position),
          contentByteCount: UInt64(record.byteCount),
          wordCount: UInt64(record.wordCount),
          salt: TrainingLeaf.salt(runKey: runKey, position: UInt64(position))
        )
      }
      sha256.append(contentsOf: leaves.map(\.sha256), hashing: .sideBySide)
      poseidon2.append(
        contentsOf: TrainingLeaf.poseidon2(of: leaves, kernel: .best),
        hashing: hashing
      )
    }
    self.order = order.bytes
    privatePart = Self.privatePart(plan, orderDigest: .of(order.bytes))
    receipt = TrainingReceipt(
      combined: plan.manifest.digest,
      epoch: plan.manifest.manifest.epoch,
      policy: .of(CanonicalJSON.encode(plan.policy.typedForm)),
      decisionTable: plan.table.head.sha256Root,
      uses: [plan.options.use.rawValue],
      asOf: plan.asOf,
      order: plan.options.order,
      count: UInt64(plan.order.count),
      privatePart: .of(privatePart),
      sha256Root: sha256.root,
      poseidon2Root: poseidon2.root
    )
  }

  private struct Totals {
    var (records, bytes, words): (UInt64, UInt64, UInt64) = (0, 0, 0)

    mutating func add(_ record: FeedPlan.Record) {
      records += 1
      bytes += UInt64(record.byteCount)
      words += UInt64(record.wordCount)
    }

    func json(_ name: String, _ value: String) -> JSONValue {
      .object([
        name: .string(value), "records": .count(records), "bytes": .count(bytes),
        "words": .count(words),
      ])
    }
  }

  /// What only the trainer sees.
  private static func privatePart(_ plan: FeedPlan, orderDigest: SHA256Hash) -> [UInt8] {
    var sources = [Totals](repeating: Totals(), count: plan.sources.count)
    var licenses: [String: Totals] = [:]
    for record in plan.records {
      let source = plan.sources[Int(record.source)]
      sources[Int(record.source)].add(record)
      let expression = source.commitment.licenses[Int(record.licenseIndex)].expression
      licenses[expression, default: Totals()].add(record)
    }
    let json: JSONValue = [
      "apiVersion": "ingest/v1", "kind": "TrainingReceiptPrivate",
      "order": ["sha256": .string(orderDigest.hex), "count": .count(plan.order.count)],
      "select": .string(plan.options.selection.text),
      "licenses": .array(
        licenses.keys.sorted().map { licenses[$0, default: Totals()].json("license", $0) }
      ),
      "sources": .array(
        plan.sources.indices.map { sources[$0].json("source", plan.sources[$0].manifest.id) }
      ),
      "batches": [],
    ]
    return CanonicalJSON.encode(json)
  }
}
