/// The transform of many columns over F at once, which a faster module may provide.
///
/// Law: every kernel gives what `reference` gives.
public struct TransformKernel: Sendable {
  /// The kernel's name, for tests and reports.
  public let name: String
  /// `NumberTheoreticTransform.values` of order 2^log of each column.
  public let values: @Sendable (_ columns: [[KoalaBear]], _ log: Int) -> [[KoalaBear]]

  /// A kernel from its loop.
  public init(
    name: String,
    values: @escaping @Sendable ([[KoalaBear]], Int) -> [[KoalaBear]]
  ) {
    (self.name, self.values) = (name, values)
  }

  /// One column after the other, in Swift.
  public static let reference = TransformKernel(name: "reference") { columns, log in
    let transform = NumberTheoreticTransform(log: log)
    return columns.map { transform.values(of: $0) }
  }

  /// The powers 0 to n / 2 − 1 of the root of unity of order n = 2^log, in Montgomery form.
  package static func montgomeryRoots(log: Int) -> [UInt32] {
    KoalaBear.rootOfUnity(log: log).powers(max(1, (1 << log) / 2)).map {
      MontgomeryKoalaBear.encode($0.value)
    }
  }
}
