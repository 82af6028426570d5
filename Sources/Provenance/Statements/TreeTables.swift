internal import Algebra
public import ProofSystem

/// The buses of the provenance statements.
public enum Bus {
  /// A node or leaf of a tree: source, place in the segment, leaves, digest.
  public static let node: UInt32 = 1
  /// Two bytes.
  public static let byte: UInt32 = 2
  /// A record as training sees it: digest, byte count, word count.
  public static let record: UInt32 = 3
  /// A source, a license entry with flags, and the class that the policy puts them in.
  public static let decision: UInt32 = 4
  /// Sums by class.
  public static let totals: UInt32 = 5
  /// How often a record is used.
  public static let use: UInt32 = 6
}

/// A statement that opens the leaves of a segment: S1 or S1T.
package protocol LeafStatement {
  /// The tables, once every public input has passed its check.
  func statement() throws(VerificationError) -> Statement
  /// The tables without the check, for their shapes, and for tests with provers that cheat.
  func unchecked(leafCount: Int) -> Statement
}

/// The tables that open Poseidon2 trees: nodes, the roots of parts, and the bytes that others look up.
public enum TreeTables {
  /// The columns of NODE before its cells: source, start, both sizes, both digests.
  public static let nodeInputCount = 20
  /// The permutation of a node's row.
  public static let nodeGadget = Poseidon2Gadget(
    .narrow,
    input: (4..<20).map { LinearForm(column: $0) },
    firstCell: nodeInputCount
  )
  /// log2 of the height of BYTE: 2^16 pairs and pad rows.
  static let logByteHeight = 17

  private static let nodeNames =
    ["src", "start", "sizeL", "sizeR"] + (0..<8).map { "l\($0)" } + (0..<8).map { "r\($0)" }
    + nodeGadget.definitions.indices.map { "cell \($0)" }

  private static let nodeRules: TableRules = {
    func c(_ index: Int) -> Expression { .column(index) }
    let (source, start, left, right) = (c(0), c(1), c(2), c(3))
    let lefts = (4..<12).map { c($0) }
    let rights = (12..<20).map { c($0) }
    // The feed-forward: o_i = out_i + l_i.
    let outputs = zip(nodeGadget.outputs, lefts).map { c($0) + $1 }
    func message(_ numerator: Expression, _ values: [Expression]) -> Message {
      Message(tag: Bus.node, numerators: [numerator], values: values, bound: .atMost(1))
    }
    return TableRules(
      nodeGadget.constraints,
      [
        message(-1, [source, start, left + right] + outputs),
        message(1, [source, start, left] + lefts),
        message(1, [source, start + left, right] + rights),
      ],
      columnCount: nodeNames.count,
      publicColumnCount: 0
    )
  }()

  /// NODE: every row joins two children; `nil` where every part is a leaf, and there is nothing to join.
  static func node(rowCount: Int, group: Int) -> Table? {
    guard rowCount > 0 else { return nil }
    let log = StatementShape.logFreshPadRowCount
    return Table(
      name: "NODE",
      logHeight: StatementShape.logHeight(rowCount: rowCount, logPadRowCount: log),
      activeRowCount: rowCount,
      logPadRowCount: log,
      columns: nodeNames.map { Column($0, group: group) },
      rules: nodeRules
    )
  }

  /// The columns of a table of leaves: those of the linked group, then the salt and the cells of the permutation.
  static func leafColumns(_ group: [String], _ gadget: Poseidon2Gadget) -> [Column] {
    group.map { Column($0, group: 0) }
      + ((0..<4).map { "s\($0)" } + gadget.definitions.indices.map { "cell \($0)" })
      .map { Column($0, group: 1) }
  }

  /// LEAF or FEED: a row is a leaf of the segment.
  static func leaves(_ name: String, count: Int, _ columns: [Column], _ rules: TableRules) -> Table
  {
    let log = StatementShape.logReusablePadRowCount
    return Table(
      name: name,
      logHeight: StatementShape.logHeight(rowCount: count, logPadRowCount: log),
      activeRowCount: count,
      logPadRowCount: log,
      columns: columns,
      publicColumns: [.index],
      rules: rules
    )
  }

  /// PART: the public roots of the parts; it has no committed column.
  static func part(_ segment: TreeSegment) -> Table {
    func explicit(_ values: [UInt64]) -> PublicColumn {
      .explicit(values.map { BaseField(reducing: $0) })
    }
    let parts = segment.parts
    let columns =
      [
        explicit(parts.map { UInt64(truncatingIfNeeded: $0.source) }),
        explicit(segment.offsets.map { UInt64(truncatingIfNeeded: $0) }),
        explicit(parts.map(\.node.count)),
      ] + (0..<8).map { index in explicit(parts.map { UInt64($0.digest.words[index]) }) }
    let log = StatementShape.logFreshPadRowCount
    return Table(
      name: "PART",
      logHeight: StatementShape.logHeight(rowCount: parts.count, logPadRowCount: log),
      activeRowCount: parts.count,
      logPadRowCount: log,
      columns: [],
      publicColumns: columns,
      messages: [
        Message(
          tag: Bus.node,
          numerators: [1],
          values: columns.indices.map { .publicColumn($0) },
          bound: .atMost(1)
        )
      ]
    )
  }

  /// BYTE: all pairs of bytes, with a multiplicity.
  static func byte(group: Int) -> Table {
    Table(
      name: "BYTE",
      logHeight: logByteHeight,
      activeRowCount: 1 << 16,
      logPadRowCount: StatementShape.logFreshPadRowCount,
      columns: [Column("m", group: group)],
      publicColumns: [.bits(from: 0, count: 8), .bits(from: 8, count: 8)],
      messages: [
        Message(
          tag: Bus.byte,
          numerators: [-.column(0)],
          values: [.publicColumn(0), .publicColumn(1)],
          bound: .free
        )
      ]
    )
  }

  /// The lookup that two values of a row are bytes.
  static func pair(_ low: Expression, _ high: Expression) -> Message {
    Message(tag: Bus.byte, numerators: [1], values: [low, high], bound: .atMost(1))
  }

  /// Four columns from one on, least significant first, as a number.
  static func number(_ first: Int) -> LinearForm {
    (0..<4).reduce(LinearForm()) {
      $0 + LinearForm(column: first + $1) * BaseField(reducing: 1 << UInt64(8 * $1))
    }
  }

  /// The capacity of a sponge over sixteen elements: tag, version, length, zeros.
  static func capacity(tag: LinearForm) -> [LinearForm] {
    [tag, LinearForm(constant: .one), LinearForm(constant: BaseField(reducing: 16))]
      + Array(repeating: LinearForm(), count: 5)
  }
}
