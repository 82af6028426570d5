public import Algebra
public import ProofSystem

/// The prover's side: what is sent is absorbed as it is written.
public struct ProverTranscript: ~Copyable {
  private var source: ChallengeSource
  /// What a test that cheats sends instead of a message.
  package struct Sent: Sendable {
    let bytes: [UInt8]
    let isAbsorbed: Bool

    /// Bytes, which an honest prover always absorbs.
    package init(_ bytes: [UInt8], isAbsorbed: Bool = true) {
      (self.bytes, self.isAbsorbed) = (bytes, isAbsorbed)
    }
  }

  /// What is sent for the label's message of a number, for tests that cheat.
  var rewrite: (@Sendable (_ label: String, _ number: Int, _ message: [UInt8]) -> [Sent])?
  private var counts: [String: Int] = [:]

  /// The proof so far.
  public private(set) var bytes: [UInt8]

  /// Begins behind the proof's head.
  ///
  /// - Parameters:
  ///   - sessionIdentifier: 32 bytes.
  ///   - statement: the encoding of the statement, absorbed first.
  ///   - head: bytes of the proof that the statement fixes; not absorbed again.
  public init(sessionIdentifier: [UInt8], statement: [UInt8], head: [UInt8]) {
    source = ChallengeSource(sessionIdentifier: sessionIdentifier, statement: statement)
    bytes = head
  }

  /// Begins with challenges that somebody fixed.
  package init(coins: [UInt8], head: [UInt8]) {
    source = ChallengeSource(coins: coins)
    bytes = head
  }

  /// Sends bytes.
  public mutating func send(_ message: [UInt8], _ label: String) {
    guard let rewrite else {
      source.absorb(message, label)
      bytes += message
      return
    }
    for sent in rewrite(label, counts[label, default: 0], message) {
      if sent.isAbsorbed { source.absorb(sent.bytes, label) }
      bytes += sent.bytes
    }
    counts[label, default: 0] += 1
  }

  /// Sends elements of E.
  public mutating func send(_ elements: [ChallengeField], _ label: String) {
    send(ProofCoding.bytes(elements), label)
  }

  /// Appends what is bound already by commitments and the last challenge.
  public mutating func sendOpening(_ message: [UInt8]) { bytes += message }

  /// A challenge over E.
  public mutating func challenge(_ label: String) -> ChallengeField { source.element(label) }
  /// Challenges over E.
  public mutating func challenges(_ count: Int, _ label: String) -> [ChallengeField] {
    source.elements(count, label)
  }
  /// An index below a power of two.
  public mutating func index(below size: Int, _ label: String) -> Int {
    source.index(below: size, label)
  }

  /// Finds and sends the smallest nonce that passes.
  ///
  /// - Complexity: 2^bits hashes, expected.
  public mutating func sendWork(
    bits: Int,
    _ label: String,
    _ kernel: WorkKernel = .reference,
    _ loop: ParallelLoop = .sequential
  ) {
    var nonce: UInt64 = 0
    if !source.hasCoins {
      let sponge = source.absorbed
      let step: UInt64 = min(1 << 14, 1 << UInt64(min(bits, 62)))
      var found: UInt64?
      var first: UInt64 = 0
      while found == nil {
        let start = first
        // All turns of a batch are looked at: the smallest nonce is the same for any number of threads.
        found =
          loop.map(loop.workerCount) { turn -> UInt64? in
            let from = start + UInt64(turn) * step
            return kernel.search(sponge, bits, from..<from + step)
          }.compactMap(\.self).min()
        first += UInt64(loop.workerCount) * step
      }
      nonce = found ?? 0
    }
    send(ProofCoding.bytes(nonce), label)
    _ = source.passesWork(bits: bits, label)
  }

  /// The same where a profile asks for work; without, there is no nonce.
  mutating func sendWorkIfAny(_ bits: Int, _ label: String, _ kernels: ProverKernels) {
    if bits > 0 { sendWork(bits: bits, label, kernels.work, kernels.loop) }
  }

  /// What happened so far.
  public var events: [TranscriptEvent] { source.events }

  /// The proof with what happened.
  var result: Prover.Result { Prover.Result(bytes: bytes, events: events) }

  /// Draws as many challenge bytes as some events drew: fixed challenges alone are the same again.
  mutating func skip(_ events: [TranscriptEvent]) { source.skip(events) }
}
