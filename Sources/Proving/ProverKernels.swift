public import Algebra
internal import Files
internal import Kernels

/// The loops that a prover is handed: the reference in Swift, or faster ones that give the same.
public struct ProverKernels: Sendable {
  /// Codewords of many lanes.
  public let transform: TransformKernel
  /// Leaves and nodes of commitment trees.
  public let hash: BLAKE3Kernel
  /// Long lists over E.
  public let vectors: ExtensionKernel
  /// The search for nonces.
  public let work: WorkKernel
  /// The threads.
  public let loop: ParallelLoop
  /// What becomes of codewords between commitment and opening.
  public var codewords = Codewords.automatic

  /// Whether codewords are kept, which takes a multiple of the lanes' memory, or made twice, which takes a
  /// tenth to two fifths more computing.
  public enum Codewords: Sendable {
    /// Kept, if a commitment's are less than 1 GiB and a quarter of the machine's memory: fresh pages for more
    /// can cost more than making codewords once more (docs/performance.md).
    case automatic
    case kept, remade
  }

  /// Whether a commitment keeps its codewords.
  func keepsCodewords(byteCount: Int) -> Bool {
    switch codewords {
    case .automatic: UInt64(byteCount) < min(1 << 30, ProcessUsage.memoryBytes / 4)
    case .kept: true
    case .remade: false
    }
  }

  /// Kernels from their parts.
  public init(
    transform: TransformKernel,
    hash: BLAKE3Kernel,
    vectors: ExtensionKernel,
    work: WorkKernel,
    loop: ParallelLoop
  ) {
    (self.transform, self.hash, self.vectors) = (transform, hash, vectors)
    (self.work, self.loop) = (work, loop)
  }

  /// The fastest loops of this processor, on some threads.
  public static func best(workerCount: Int) -> ProverKernels {
    ProverKernels(
      transform: .best,
      hash: .best,
      vectors: .best,
      work: .best,
      loop: ParallelLoop(workerCount: workerCount)
    )
  }

  /// Everything in Swift, on one thread.
  public static let reference = ProverKernels(
    transform: .reference,
    hash: .reference,
    vectors: .reference,
    work: .reference,
    loop: .sequential
  )
}
