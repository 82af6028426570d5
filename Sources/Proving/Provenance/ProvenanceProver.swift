public import Algebra
internal import ProofSystem
public import Provenance

/// Makes S2 over columns that links tied to the registry and to a receipt.
public enum ProvenanceProver {
  /// Why there is no proof.
  public enum Failure: Error, Equatable, Sendable {
    /// A record that was used is a tombstone, or the policy does not allow it on that day.
    case notAllowed(segment: Int, row: Int)
    /// A record was used more often than is claimed.
    case usedTooOften(segment: Int, row: Int, uses: Int)
    /// A total lies outside of the range that is claimed for it.
    case outsideRange(classIndex: Int, quantity: Int, total: UInt64)
    /// The engine refuses.
    case prover(Prover.Failure)
  }

  /// Proves a statement.
  ///
  /// - Parameters:
  ///   - statement: what is proven.
  ///   - witness: the secret columns.
  ///   - groups: U_1 … U_J, C_T,1 … C_T,I with their ledgers.
  ///   - kernels: the loops.
  /// - Returns: the proof; what it shows of the groups is in their ledgers before it is returned.
  /// - Throws: `Failure`.
  public static func prove(
    _ statement: ProvenanceStatement,
    _ witness: ProvenanceWitness,
    groups: [ReusableGroup],
    kernels: ProverKernels
  ) throws(Failure) -> [UInt8] {
    let tables: Statement
    do throws(VerificationError) {
      tables = try statement.statement()
    } catch {
      throw .prover(.statement(error))
    }
    for (segment, uses) in witness.uses.enumerated() {
      for row in 0..<uses.count where uses[row] > statement.useLimit {
        throw .usedTooOften(segment: segment, row: row, uses: Int(uses[row]))
      }
    }
    let judged = witness.judged(statement)
    if let (segment, row) = judged.refused { throw .notAllowed(segment: segment, row: row) }
    for (index, (total, range)) in zip(judged.totals, statement.ranges).enumerated()
    where !range.contains(total) {
      throw .outsideRange(classIndex: index / 3, quantity: index % 3, total: total)
    }
    do throws(Prover.Failure) {
      return try Prover.prove(
        tables,
        witness.tables(statement, judged),
        groups: groups,
        kernels: kernels
      ).bytes
    } catch {
      throw .prover(error)
    }
  }

  /// Opens a group that a link committed: its coins and ledger from a file, its columns and the digests of its leaves
  /// from their copies, whose digests the caller has checked.
  ///
  /// - Throws: `ReusableGroup.Failure`.
  public static func group(
    _ columns: LeafColumns,
    leaves: WordBuffer,
    state: String,
    kernels: ProverKernels
  ) throws(ReusableGroup.Failure) -> ReusableGroup {
    try ReusableGroup(
      reading: state,
      columns: LinkProver.shaped(columns),
      leaves: leaves,
      kernels: kernels
    )
  }
}
