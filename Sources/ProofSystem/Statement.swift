internal import Algebra

/// Columns that are committed together, under one root.
public struct CommitmentGroup: Hashable, Sendable {
  /// The name in statements.
  public let name: String
  /// The root of a group that was committed earlier; `nil` for the proof's own.
  public let root: [UInt8]?

  /// A group that was committed earlier and serves many proofs.
  public static func reusable(_ name: String, root: [UInt8]) -> CommitmentGroup {
    CommitmentGroup(name: name, root: root)
  }

  /// The group that a proof commits itself.
  public static let main = CommitmentGroup(name: "main", root: nil)
}

/// What is proven: tables, code, and what ties them to the world.
public struct Statement: Hashable, Sendable {
  /// The virtual stack has at most 2^16 lanes.
  static let logLaneLimit = 16
  /// The version of the protocol.
  public static let protocolVersion: UInt32 = 1
  /// The kind's name, US-ASCII.
  public let kind: String
  /// The profile.
  public let profile: Profile
  /// The tables.
  public let tables: [Table]
  /// The code of all groups.
  public let code: CodeParameters
  /// The groups in protocol order: those committed earlier, then the proof's own.
  ///
  /// Columns name them by their place.
  public let groups: [CommitmentGroup]
  /// The public inputs as the kind encodes them.
  public let publicInputs: [UInt8]
  /// Who asks; may be empty.
  public let audience: [UInt8]
  /// 32 bytes that the asker chose; may be zero.
  public let nonce: [UInt8]

  /// A statement.
  ///
  /// - Precondition: the nonce has 32 bytes.
  public init(
    kind: String,
    profile: Profile,
    tables: [Table],
    code: CodeParameters,
    groups: [CommitmentGroup] = [.main],
    publicInputs: [UInt8] = [],
    audience: [UInt8] = [],
    nonce: [UInt8] = Array(repeating: 0, count: 32)
  ) {
    precondition(nonce.count == 32, "a nonce has 32 bytes")
    (self.kind, self.profile, self.tables, self.code) = (kind, profile, tables, code)
    (self.groups, self.publicInputs) = (groups, publicInputs)
    (self.audience, self.nonce) = (audience, nonce)
  }

  /// The bytes that the transcript absorbs first; prefix-free.
  public var encoding: [UInt8] {
    func text(_ text: String) -> [UInt8] { ProofCoding.varlen(Array(text.utf8)) }
    func number(_ value: Int) -> [UInt8] { ProofCoding.bytes(UInt32(truncatingIfNeeded: value)) }
    var bytes = text(kind) + ProofCoding.bytes(Self.protocolVersion) + text(profile.name)
    bytes += text("P2-KB-plonky3-v1") + text("P2KB-1") + number(tables.count)
    for table in tables {
      bytes += text(table.name) + number(table.logHeight) + number(table.activeRowCount)
      bytes += number(table.logPadRowCount) + number(table.columns.count)
      bytes += number(table.messages.count)
    }
    bytes += number(groups.count)
    for group in groups {
      bytes += text(group.name) + number(code.logDataLength) + number(code.logTailLength)
      bytes += number(code.logInverseRate) + (group.root.map { [1] + $0 } ?? [0])
    }
    return bytes + publicInputs + ProofCoding.varlen(audience) + nonce
  }

  /// The session of the transcript: SHAKE128 over a domain and `ingest-proof/v1/PROFILE/KIND`.
  ///
  /// draft-irtf-cfrg-fiat-shamir gives a vector for its own derivation, but not its definition; ours is
  /// the sponge of an all-zero session that absorbs the tag (docs/proof-system.md).
  package var sessionIdentifier: [UInt8] {
    var sponge = DuplexSponge(sessionIdentifier: Array(repeating: 0, count: 32))
    sponge.absorb(Array("ingest-proof/v1/\(profile.name)/\(kind)".utf8))
    return sponge.squeeze(32)
  }

  /// Checks every limit, degree and the characteristic condition; shapes come from here alone.
  ///
  /// - Throws: `VerificationError.limitExceeded`, `.soundnessCondition`.
  public func check() throws(VerificationError) {
    guard !tables.isEmpty, tables.count <= 96, encoding.count <= 16 << 20 else {
      throw .limitExceeded
    }
    guard code.isAllowed else { throw .limitExceeded }
    for table in tables { try Self.check(table, groupCount: groups.count) }
    // Groups committed earlier come first, the proof's own is the last, and each has a column.
    let used = Set(tables.flatMap { $0.columns.map(\.group) })
    guard (1...96).contains(groups.count), used.count == groups.count,
      groups.last?.root == nil, groups.dropLast().allSatisfy({ $0.root?.count == 32 })
    else { throw .limitExceeded }
    // The verifier holds a weight for every lane, and both masks must fit into the mask zone.
    let layout = StackLayout(self)
    guard layout.logLaneCount <= Self.logLaneLimit,
      4 * logLargestHeight + 2 * layout.variableCount + 2 <= code.maskZoneLength
    else { throw .limitExceeded }
    try checkBuses()
  }

  private static func check(_ table: Table, groupCount: Int) throws(VerificationError) {
    guard (1...24).contains(table.logHeight), (0..<table.logHeight).contains(table.logPadRowCount),
      table.activeRowCount >= 1, table.activeRowCount <= table.firstPadRow,
      table.columns.count <= 1024, table.messages.count <= 64,
      !(table.columns.isEmpty && table.messages.isEmpty),
      table.columns.allSatisfy({ (0..<groupCount).contains($0.group) })
    else { throw .limitExceeded }
    guard table.rules.isAllowed, table.rules.columnCount == table.columns.count,
      table.rules.publicColumnCount == table.publicColumns.count
    else { throw .limitExceeded }
    for column in table.publicColumns {
      switch column {
      case .explicit(let values):
        guard values.count <= PublicColumn.explicitLimit, values.count <= table.rowCount else {
          throw .limitExceeded
        }
      case .bits(let from, let count):
        guard (0...24).contains(from), (0...24 - from).contains(count) else { throw .limitExceeded }
      case .constant, .index: break
      }
    }
  }

  /// Sums of multiplicities stay below p, one message of a tag is free, and each bus has one width.
  private func checkBuses() throws(VerificationError) {
    struct Bus {
      var width: Int
      var places: Int
      var sum: UInt64 = 0
      var freeCount = 0
    }
    var buses: [UInt32: Bus] = [:]
    for table in tables {
      for message in table.messages {
        var bus =
          buses[message.tag] ?? Bus(width: message.values.count, places: message.numerators.count)
        guard bus.width == message.values.count, bus.places == message.numerators.count else {
          throw .soundnessCondition
        }
        switch message.bound {
        case .atMost(let bound):
          guard bound < 1 << 32 else { throw .soundnessCondition }
          bus.sum += UInt64(table.activeRowCount) * bound
        case .free: bus.freeCount += 1
        }
        // A multiplicity that the prover chooses is safe on the side that provides, once: the other side
        // has numerators that cannot sum to p.
        guard bus.sum < UInt64(BaseField.modulus), bus.freeCount <= 1 else {
          throw .soundnessCondition
        }
        buses[message.tag] = bus
      }
    }
  }

  /// K, the largest log-height.
  package var logLargestHeight: Int { tables.map(\.logHeight).max() ?? 0 }
}
