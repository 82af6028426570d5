import Algebra
import CanonicalCoding
import Crypto
import Dispatch
import Files
import ProofSystem
import Proving
import Testing
import _TestSupport

/// Groups that are committed once: proofs that share them, and the ledger that ends their use in time.
@Suite struct ReusableGroupTests {
  private static let code = CodeParameters(
    logDataLength: 10,
    logTailLength: 9,
    logInverseRate: 3
  )
  private static let shape = ReusableGroup.Shape(logHeight: 9, logPadRowCount: 5)
  private static let x = (0..<300).map { BaseField($0 * $0 + 1) }
  private static let columns = [(shape: shape, values: x)]

  private static func statement(
    _ root: [UInt8],
    _ kind: String = "squares",
    _ code: CodeParameters = code
  ) -> Statement {
    Statement(
      kind: kind,
      profile: .uniqueDecoding100,
      tables: [
        Table(
          name: "SQUARES",
          logHeight: 9,
          activeRowCount: 300,
          logPadRowCount: 5,
          columns: [Column("x", group: 0), Column("y", group: 1)],
          constraints: [Constraint("y = x x", .column(1) - .column(0) * .column(0))]
        )
      ],
      code: code,
      groups: [.reusable("x", root: root), .main]
    )
  }

  private static let witness = [TableWitness(columns: [x, x.map { $0 * $0 }])]

  @Test func `two statements open one group, and the ledger knows what they showed`() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/group.json"
      let group = try ReusableGroup(committing: Self.columns, code: Self.code, path: path)
      let statement = Self.statement(group.root)
      let proof = try Prover.prove(statement, Self.witness, groups: [group])
      _ = try Verifier.verify(proof.bytes, of: statement)
      #expect(group.ledger.points.count == 1)
      let shown = group.ledger.positions
      #expect(shown.count > 80)
      // In another process: the seed gives the same root, the ledger goes on.
      let again = try ReusableGroup(reading: path, columns: Self.columns)
      #expect(again.root == group.root && again.ledger == group.ledger)
      let other = Self.statement(group.root, "other")
      // The budget of 256 positions: the second proof's union may pass it, then nothing leaves.
      do throws(Prover.Failure) {
        let second = try Prover.prove(other, Self.witness, groups: [again])
        _ = try? Verifier.verify(second.bytes, of: other)
        #expect(Set(again.ledger.positions).isSuperset(of: shown))
      } catch {
        #expect(error == .budgetExhausted)
      }
      // The first handle reads what the other one wrote.
      let third = Self.statement(group.root, "third")
      #expect(throws: Prover.Failure.budgetExhausted) {
        for _ in 0..<2 { _ = try Prover.prove(third, Self.witness, groups: [group]) }
      }
      let final = try ReusableGroup(reading: path, columns: Self.columns)
      #expect(final.ledger.positions.count <= Self.code.openingBudget)
    }
  }

  @Test func `a statement names its group by the root, and a proof of another group is none`()
    throws
  {
    let group = try ReusableGroup(committing: Self.columns, code: Self.code, path: nil)
    let other = try ReusableGroup(committing: Self.columns, code: Self.code, path: nil)
    #expect(group.root != other.root, "fresh coins hide equal columns")
    let statement = Self.statement(group.root)
    let proof = try Prover.prove(statement, Self.witness, groups: [group])
    #expect(throws: VerificationError.statementDigestMismatch) {
      try Verifier.verify(proof.bytes, of: Self.statement(other.root))
    }
    #expect(throws: Prover.Failure.group(.otherColumns)) {
      try Prover.prove(statement, Self.witness, groups: [other])
    }
    let wrong = [TableWitness(columns: [Self.x.map { $0 + .one }, Self.x.map { $0 * $0 }])]
    #expect(throws: Prover.Failure.self) { try Prover.prove(statement, wrong, groups: [group]) }
  }

  @Test func `seed and ledger cannot be parted, and nothing leaves before it is written down`()
    throws
  {
    try Fixture.withFolder { folder in
      let path = folder + "/group.json"
      let group = try ReusableGroup(committing: Self.columns, code: Self.code, path: path)
      let fresh = try InputFile.contents(of: path, limit: 1 << 20)
      _ = try Prover.prove(Self.statement(group.root), Self.witness, groups: [group])
      let spent = try InputFile.contents(of: path, limit: 1 << 20)
      #expect(spent.count > fresh.count)
      // The spent file with the positions of the fresh one; single bytes changed; a line cut off.
      let text = String(decoding: spent, as: UTF8.self)
      let parts = text.split(separator: "\"positions\":[", maxSplits: 1)
      let rest = try #require(parts.last?.split(separator: "]", maxSplits: 1).last)
      let parted = "\(parts[0])\"positions\":[]\(rest)"
      for bytes in [Array(parted.utf8), Array(spent.dropLast(2)), spent + [0x0A], []] {
        try DurableFile.write(bytes, to: path)
        #expect(throws: ReusableGroup.Failure.damaged) {
          try ReusableGroup(reading: path, columns: Self.columns)
        }
      }
      for place in stride(from: 3, to: spent.count, by: 41) {
        var bytes = spent
        bytes[place] ^= 1
        try DurableFile.write(bytes, to: path)
        #expect(throws: ReusableGroup.Failure.damaged) {
          try ReusableGroup(reading: path, columns: Self.columns)
        }
      }
      try DurableFile.write(spent, to: path)
      #expect(throws: ReusableGroup.Failure.otherColumns) {
        try ReusableGroup(
          reading: path,
          columns: [(Self.shape, Self.x.map { $0 + .one })]
        )
      }
      try DurableFile.remove(path)
      let ledger = group.ledger
      #expect(throws: Prover.Failure.self, "the ledger cannot be read, so no proof leaves") {
        try Prover.prove(Self.statement(group.root), Self.witness, groups: [group])
      }
      #expect(group.ledger == ledger)
    }
  }

  @Test func `a state file is never overwritten, and one with impossible sizes is damaged`() throws
  {
    try Fixture.withFolder { folder in
      let path = folder + "/group.json"
      let group = try ReusableGroup(committing: Self.columns, code: Self.code, path: path)
      let state = try InputFile.contents(of: path, limit: 1 << 20)
      #expect(throws: ReusableGroup.Failure.self) {
        try ReusableGroup(committing: Self.columns, code: Self.code, path: path)
      }
      #expect(try InputFile.contents(of: path, limit: 1 << 20) == state)
      // Columns of other heights, or more values than rows, are refused before anything is committed.
      for columns in [
        [(shape: ReusableGroup.Shape(logHeight: 10, logPadRowCount: 5), values: Self.x)],
        [(shape: Self.shape, values: Self.x + Self.x)], Self.columns + Self.columns, [],
      ] {
        #expect(throws: ReusableGroup.Failure.otherColumns) {
          try ReusableGroup(reading: path, columns: columns)
        }
      }
      // Another group's file in the place of ours is not ours to spend.
      try DurableFile.remove(path)
      let other = try ReusableGroup(committing: Self.columns, code: Self.code, path: path)
      #expect(other.root != group.root)
      #expect(throws: Prover.Failure.group(.otherColumns)) {
        try Prover.prove(Self.statement(group.root), Self.witness, groups: [group])
      }
      // Sizes that no statement has, under a code of authentication that fits.
      let text = try #require(ReusableGroupTests.body(state))
      for (old, new) in [
        ("[\"10\",\"9\",\"3\"]", "[\"63\",\"9\",\"3\"]"),
        ("[\"10\",\"9\",\"3\"]", "[\"10\",\"9\",\"99\"]"),
        ("[[\"9\",\"5\"]]", "[[\"63\",\"5\"]]"), ("[[\"9\",\"5\"]]", "[[\"9\",\"9\"]]"),
        ("[[\"9\",\"5\"]]", "[[\"9\",\"5\"],[\"10\",\"5\"]]"),
        ("\"positions\":[]", "\"positions\":[\"8192\"]"),
        ("\"positions\":[]", "\"positions\":[\"2\",\"1\"]"),
      ] {
        #expect(text.contains(old))
        let changed = text.replacing(old, with: new)
        try DurableFile.write(Self.authenticated(changed), to: path)
        #expect(throws: ReusableGroup.Failure.damaged, "\(new)") {
          try ReusableGroup(reading: path, columns: Self.columns)
        }
      }
    }
  }

  @Test func `proofs of one group at once spend one after the other`() throws {
    let wide = CodeParameters(logDataLength: 12, logTailLength: 11, logInverseRate: 3)
    let group = try ReusableGroup(committing: Self.columns, code: wide, path: nil)
    DispatchQueue.concurrentPerform(iterations: 4) { index in
      let statement = Self.statement(group.root, "s\(index)", wide)
      _ = try? Prover.prove(statement, Self.witness, groups: [group])
    }
    #expect(group.ledger.points.count == 4)
  }

  /// The first line of a state file.
  private static func body(_ bytes: [UInt8]) -> String? {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
  }

  /// A state file with a code of authentication by the file's own seed, as somebody who reads it can make.
  private static func authenticated(_ body: String) throws -> [UInt8] {
    let digits = try #require(
      body.split(separator: "\"seed\":\"").last?.split(separator: "\"").first
    )
    let seed = try #require(Hex.decode(String(digits)))
    let key = SymmetricKey(data: Array("ingest reusable group".utf8) + seed)
    let code = HMAC<SHA256>.authenticationCode(for: Array(body.utf8), using: key)
    return Array((body + "\n" + Hex.encode(Array(code)) + "\n").utf8)
  }

  @Test func `pad rows are a budget, too`() throws {
    // 2^5 pad rows carry six points of five coordinates.
    let wide = CodeParameters(logDataLength: 12, logTailLength: 11, logInverseRate: 3)
    let group = try ReusableGroup(committing: Self.columns, code: wide, path: nil)
    let statement = Self.statement(group.root, "squares", wide)
    var count = 0
    #expect(throws: Prover.Failure.budgetExhausted) {
      while count < 20 {
        _ = try Prover.prove(statement, Self.witness, groups: [group])
        count += 1
      }
    }
    #expect(count == 6)
    #expect(group.ledger.points.count == 6)
  }

  @Test func `a statement whose groups are not in order is refused`() {
    let root = [UInt8](repeating: 1, count: 32)
    let good = Self.statement(root)
    for groups in [
      [.main, CommitmentGroup.reusable("x", root: root)], [.main], [.main, .main],
      [.reusable("x", root: root)], [.reusable("x", root: Array(root.dropLast())), .main],
      [.reusable("x", root: root), .reusable("z", root: root), .main], [],
    ] {
      let statement = Statement(
        kind: good.kind,
        profile: good.profile,
        tables: good.tables,
        code: good.code,
        groups: groups
      )
      #expect(throws: VerificationError.limitExceeded) { try Verifier.verify([], of: statement) }
    }
  }
}
