public import Algebra
internal import Crypto
public import Files
public import ProofSystem
internal import Synchronization

/// Columns that are committed once and opened by many proofs, with their secret coins and their ledger.
///
/// Seed and ledger lie in one file with one authentication code over both, and the file is replaced before
/// a proof leaves the process: a seed without its ledger cannot be read. What a file cannot show is that
/// it is an older copy of itself; whoever restores a backup of it must give the group up.
public final class ReusableGroup: Sendable {
  /// The height of a column.
  public struct Shape: Hashable, Sendable {
    /// log2 of the number of rows.
    public let logHeight: Int
    /// log2 of the number of pad rows at the end.
    public let logPadRowCount: Int
    /// A height.
    public init(logHeight: Int, logPadRowCount: Int) {
      (self.logHeight, self.logPadRowCount) = (logHeight, logPadRowCount)
    }
    /// The rows before the pad rows.
    var valueLimit: Int { (1 << logHeight) - (1 << logPadRowCount) }
    /// Whether a statement may have such a column.
    var isAllowed: Bool {
      (1...24).contains(logHeight) && (0..<logHeight).contains(logPadRowCount)
    }
  }

  /// Why a group cannot be used.
  public enum Failure: Error, Equatable, Sendable {
    /// The file cannot be read or written.
    case file(FileError)
    /// The file is none of a group, or was changed.
    case damaged
    /// The columns are not those that were committed.
    case otherColumns
    /// The group has shown as much as it can.
    case ledger(OpeningLedger.Refusal)
  }

  /// The code of the group.
  public let code: CodeParameters
  /// The heights of the columns, in the order of the group's stack: by falling height.
  public let shapes: [Shape]
  let lanes: LaneStore
  let commitment: LaneCommitment
  private let seed: [UInt8]
  private let path: String?
  private let memory: Mutex<OpeningLedger>

  /// The root that statements name.
  public var root: [UInt8] { commitment.root }
  /// The digests of the commitment's leaves, eight words each: kept, they save committing again.
  public var leaves: WordBuffer { commitment.leaves }
  /// What was shown so far.
  public var ledger: OpeningLedger { memory.withLock { $0 } }

  /// Commits columns under fresh coins and writes the state file.
  ///
  /// - Parameters:
  ///   - columns: each with its height and the values of its first rows, by falling height.
  ///   - code: the code of every statement that will name the group.
  ///   - path: the state file, mode 0600; it holds the seed, not the columns. Without one the group lives
  ///     as long as the process, as tests need it.
  ///   - kernels: the loops.
  /// - Throws: `Failure.file`, also when the state file is there already: its ledger would be lost.
  public convenience init(
    committing columns: [(shape: Shape, values: [BaseField])],
    code: CodeParameters,
    path: String?,
    kernels: ProverKernels = .reference
  ) throws(Failure) {
    try self.init(committing: Self.words(columns), code: code, path: path, kernels: kernels)
  }

  /// The same for columns as canonical words.
  public convenience init(
    committing columns: [(shape: Shape, words: WordBuffer)],
    code: CodeParameters,
    path: String?,
    kernels: ProverKernels
  ) throws(Failure) {
    var system = SystemRandomNumberGenerator()
    let seed = (0..<4).flatMap { _ in ProofCoding.bytes(system.next()) }
    self.init(columns, code, path, kernels, ProverRandomness(seed: seed), seed, OpeningLedger())
    try persist(OpeningLedger(), isNew: true)
  }

  /// A group whose coins a test states one by one.
  package convenience init(
    committing columns: [(shape: Shape, values: [BaseField])],
    code: CodeParameters,
    randomness: ProverRandomness
  ) {
    self.init(Self.words(columns), code, nil, .reference, randomness, [], OpeningLedger())
  }

  private static func words(
    _ columns: [(shape: Shape, values: [BaseField])]
  ) -> [(shape: Shape, words: WordBuffer)] {
    columns.map { column in
      let words = WordBuffer(zeros: column.values.count)
      words.write(column.values, at: 0)
      return (column.shape, words)
    }
  }

  /// Reads a state file and commits its columns again.
  ///
  /// - Throws: `Failure`.
  public convenience init(
    reading path: String,
    columns: [(shape: Shape, values: [BaseField])],
    kernels: ProverKernels = .reference
  ) throws(Failure) {
    try self.init(reading: path, columns: Self.words(columns), kernels: kernels)
  }

  /// The same for columns as canonical words.
  ///
  /// With the digests of the leaves (`leaves`), kept since they were committed, nothing is hashed again but the tree
  /// above them; that the columns are those of the digests is then the caller's to check, and a proof over others
  /// would be refused by our own verifier.
  public convenience init(
    reading path: String,
    columns: [(shape: Shape, words: WordBuffer)],
    leaves: WordBuffer? = nil,
    kernels: ProverKernels
  ) throws(Failure) {
    let state = try ReusableGroupState.read(path)
    guard state.shapes == columns.map(\.shape),
      columns.allSatisfy({ $0.words.count <= $0.shape.valueLimit }),
      leaves.map({ $0.count == 8 * state.code.domainSize }) ?? true
    else { throw .otherColumns }
    let randomness = ProverRandomness(seed: state.seed)
    self.init(columns, state.code, path, kernels, randomness, state.seed, state.ledger, leaves)
    guard state.root == root else { throw .otherColumns }
  }

  private init(
    _ columns: [(shape: Shape, words: WordBuffer)],
    _ code: CodeParameters,
    _ path: String?,
    _ kernels: ProverKernels,
    _ randomness: ProverRandomness,
    _ seed: [UInt8],
    _ ledger: OpeningLedger,
    _ leaves: WordBuffer? = nil
  ) {
    precondition(
      zip(columns, columns.dropFirst()).allSatisfy { $0.shape.logHeight >= $1.shape.logHeight },
      "columns go by falling height"
    )
    (self.code, self.path, self.seed) = (code, path, seed)
    shapes = columns.map(\.shape)
    let length = shapes.reduce(0) { $0 + 1 << $1.logHeight }
    let count = (length + code.dataLength - 1) / code.dataLength
    lanes = LaneStore(laneCount: count, code: code)
    var offset = 0
    for (index, (shape, words)) in columns.enumerated() {
      let padCount = 1 << shape.logPadRowCount
      precondition(words.count <= shape.valueLimit, "the rows before the pad rows")
      var pad = randomness.stream("group pad rows of \(index)")
      let place = StackLayout.Place(group: 0, offset: offset, logHeight: shape.logHeight)
      lanes.write(words, pad: pad.base(padCount), at: place)
      offset += 1 << shape.logHeight
    }
    lanes.fillTails(0..<count, from: code.maskZoneLength, kernels) {
      randomness.stream("group tail of \($0)")
    }
    var stream = randomness.stream("group salts")
    let salts = stream.saltSource()
    if let leaves {
      commitment = LaneCommitment(
        lanes: lanes.columns,
        logDomainSize: code.logDomainSize,
        salts: salts,
        leaves: leaves,
        kernels: kernels
      )
    } else {
      commitment = LaneCommitment(
        lanes: lanes.columns,
        logDomainSize: code.logDomainSize,
        salts: salts.all(code.domainSize, kernels),
        kernels: kernels
      )
    }
    memory = Mutex(ledger)
  }

  /// Writes down what a proof is about to show; only then may it leave.
  ///
  /// - Throws: `Failure`; nothing is written down then.
  func spend(positions: [Int], point: [ChallengeField]) throws(Failure) {
    let height = shapes.first?.logHeight ?? 0
    let prefix = Array(point.prefix(height))
    // One proof at a time, from what was known to what is known.
    try memory.withLock { known throws(Failure) in
      var lock: FileLock?
      if let path {
        // Another process may have spent since this one read the file.
        do throws(FileError) { lock = try FileLock(path + ".lock") } catch { throw .file(error) }
        let state = try ReusableGroupState.read(path)
        guard state.root == root else { throw .otherColumns }
        known = state.ledger
      }
      let next: OpeningLedger
      do throws(OpeningLedger.Refusal) {
        next = try known.adding(
          positions: positions,
          point: prefix,
          columns: shapes,
          budget: code.openingBudget
        )
      } catch {
        throw .ledger(error)
      }
      try persist(next)
      known = next
      withExtendedLifetime(lock) {}
    }
  }

  private func persist(_ ledger: OpeningLedger, isNew: Bool = false) throws(Failure) {
    guard let path else { return }
    let state = ReusableGroupState(
      root: root,
      seed: seed,
      code: code,
      shapes: shapes,
      ledger: ledger
    )
    do throws(FileError) {
      try DurableFile.write(state.bytes, to: path, mode: 0o600, isNew: isNew)
    } catch {
      throw .file(error)
    }
  }
}
