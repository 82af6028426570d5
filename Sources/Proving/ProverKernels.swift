public import Algebra

/// The loops that a prover is handed: the reference in Swift, or faster ones that give the same.
public struct ProverKernels: Sendable {
  /// Codewords of many lanes.
  public let transform: TransformKernel
  /// Leaves and nodes of commitment trees.
  public let hash: BLAKE3Kernel

  /// Kernels from their parts.
  public init(transform: TransformKernel, hash: BLAKE3Kernel) {
    (self.transform, self.hash) = (transform, hash)
  }

  /// Everything in Swift.
  public static let reference = ProverKernels(transform: .reference, hash: .reference)
}
