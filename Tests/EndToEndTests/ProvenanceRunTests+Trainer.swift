import CanonicalCoding
import Files
import Manifests
import Merkle
import Testing
import _TestSupport

/// What the trainer's own program refuses.
extension ProvenanceRunTests {
  @Test
  func `a claim that is false by one, or beyond any total, is refused before a proof is made`()
    throws
  {
    let made = try made()
    for (claim, status) in [
      ("total records 343..343", Int32(0)), ("total records =342", 77), ("total records =344", 77),
      ("total records <=342", 77), ("total records >=344", 77),
      ("total bytes =72057594037927936", 64), ("total records 9..8", 64), ("MIT records >=1", 64),
      ("total persons >=1", 64), ("total words 10%..20%", 64),
    ] {
      let result = try made.prove("claim.bin", "--claim", claim)
      #expect(result.status == status, "\(claim): \(result.errors)")
      if status == 77 { #expect(result.errors.contains("the claim is false")) }
    }
  }

  @Test func `records outside of the registry, of another source, or read twice, cannot be proven`()
    throws
  {
    let made = try made()
    let key = try made.bench.read("run/private/run.key")
    /// A run whose order was changed, with a receipt that fits it.
    func forge(_ name: String, _ change: (inout [UInt8]) -> Void) throws -> Command.Result {
      try Fixture.copy(made.bench.path("run"), made.bench.path(name))
      try FolderWalk.removeTree(made.bench.path("\(name)/private/link"))
      var order = try made.bench.read("run/private/order.bin")
      change(&order)
      var part = try JSONParser.parse(try made.bench.read("run/private/receipt.private.json"))
      var members = try #require(part.object)
      members["order"] = [
        "sha256": .string(SHA256Hash.of(order).hex), "count": .count(order.count / 52),
      ]
      part = .object(members)
      var receipt = try TrainingReceipt(try made.bench.read("run/receipt.json"))
      func number(_ start: Int) -> UInt64 {
        // No leaf can say 2^30 and more; the program must refuse it before it makes one.
        order[start..<start + 4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } & (1 << 30 - 1)
      }
      var leaves: [TrainingLeaf] = []
      for start in stride(from: 0, to: order.count, by: 52) {
        let position = UInt64(leaves.count)
        leaves.append(
          TrainingLeaf(
            contentDigest: SHA256Hash(Array(order[start + 12..<start + 44])) ?? .of([]),
            position: position,
            contentByteCount: number(start + 44),
            wordCount: number(start + 48),
            salt: TrainingLeaf.salt(runKey: key, position: position)
          )
        )
      }
      receipt.count = UInt64(leaves.count)
      receipt.sha256Root = CompactRange<SHA256TreeHasher>.root(of: leaves.map(\.sha256))
      receipt.poseidon2Root = CompactRange<Poseidon2TreeHasher>.root(of: leaves.map(\.poseidon2))
      receipt.privatePart = .of(CanonicalJSON.encode(part))
      try made.bench.write(order, "\(name)/private/order.bin")
      try made.bench.write(CanonicalJSON.encode(part), "\(name)/private/receipt.private.json")
      try made.bench.write(receipt.bytes, "\(name)/receipt.json")
      return try made.prove("forged.bin", run: name)
    }
    let outside = try forge("outside") { $0[20] ^= 1 }
    #expect(outside.status == 65)
    #expect(outside.errors.contains("the data break the statement"))
    let relabelled = try forge("relabelled") { $0[3] = $0[3] == 0 ? 1 : 0 }
    #expect(relabelled.status != 0)
    #expect(!FilePaths.exists(made.bench.path("forged.bin")))
    let twice = try forge("twice") { $0 += $0.prefix(52) }
    #expect(twice.status == 77)
    #expect(twice.errors.contains("was used 2 times"))
    let allowed = try made.prove("twice.bin", "--max-uses", "2", run: "twice")
    #expect(allowed.status == 0, "\(allowed.errors)")
    #expect(try made.verify("twice.bin").status == 0)
    // A record that the policy does not allow: the first of the corpus.
    let denied = try forge("denied") { $0[3] = 2 }
    #expect(denied.status == 77)
    #expect(denied.errors.contains("does not allow it"))
    // Numbers that no record has: a leaf behind every source, a length that no leaf can say.
    let far = try forge("far") { for index in 4..<12 { $0[index] = 0xFF } }
    #expect(far.status == 65)
    #expect(far.errors.contains("a record that the epoch has not"))
    let long = try forge("long") { for index in 44..<48 { $0[index] = 0xFF } }
    #expect(long.status == 65)
    #expect(long.errors.contains("2^30 bytes or words"))
    // The order changed without its receipt.
    try Fixture.copy(made.bench.path("run"), made.bench.path("torn"))
    var order = try made.bench.read("run/private/order.bin")
    order[60] ^= 1
    try made.bench.write(order, "torn/private/order.bin")
    #expect(try made.prove("torn.bin", run: "torn").status == 65)
  }

  @Test func `an opening ledger that is spent serves no further proof`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      _ = try bench.scan(["archive.manifest"])
      try bench.run("feed", "--policy", "policies/default.policy", "--out", "run", "--quiet")
      try bench.run("prove", "link", "--profile", "KB5-UD100-L1")
      var last = Command.Result?.none
      for number in 0..<40 {
        let result = try bench.run(
          "prove",
          "provenance",
          "--receipt",
          "run",
          "--policy",
          "policies/default.policy",
          "--profile",
          "KB5-UD100-L1",
          "--out",
          "proof-\(number).bin"
        )
        last = result
        if result.status != 0 { break }
      }
      let refused = try #require(last)
      #expect(refused.status == 77, "\(refused.errors)")
      #expect(refused.errors.contains("budgetExhausted"))
    }
  }
}
