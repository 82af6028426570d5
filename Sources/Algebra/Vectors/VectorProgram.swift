/// A straight-line program over the values of one row, run over many rows at once.
///
/// A register is a slot, or five slots in a row for E. Numbers of operations are those of CKernels.h.
public struct VectorProgram: Sendable {
  /// What a step does to its target; F and E name the operands, C a constant over E of which F uses the
  /// first coordinate.
  public enum Operation: UInt32, Sendable {
    case addFF = 65
    case subFF, mulFF, addFC, mulFC, rsubFC, addEE, subEE, mulEE, addEF, subEF, subFE, mulEF
    case addEC, mulEC, mulEK, macCF, macCE, setC
  }

  /// A register that a map writes into a list: over E in Montgomery form, or over F, canonical.
  public struct Output: Sendable {
    /// The register.
    public let slot: Int
    /// The list: `.base` or `.extension`.
    public let values: Input.Values
    /// A list for a register.
    public init(slot: Int, _ values: Input.Values) { (self.slot, self.values) = (slot, values) }
  }

  /// One step; for operations with a constant, `b` is its number.
  public struct Step: Sendable {
    /// What is done.
    public let operation: Operation
    /// The register of the result.
    public let target: Int
    /// The first operand.
    public let a: Int
    /// The second operand, or a constant's number.
    public let b: Int
  }

  /// A list that the program reads.
  public struct Input: Sendable {
    /// Where a list's values are.
    public enum Values: Sendable {
      /// Over F: canonical words from an offset on.
      case base(WordBuffer, offset: Int)
      /// Over E, in Montgomery form.
      case `extension`(ExtensionVector)
      /// Over E with canonical planes.
      case canonical(ExtensionVector)
    }
    /// The list.
    public let values: Values
    /// Where a row's value goes.
    public let slot: Int
    /// Where the difference of high and low goes.
    public let difference: Int

    /// A list with its registers.
    public init(values: Values, slot: Int, difference: Int) {
      (self.values, self.slot, self.difference) = (values, slot, difference)
    }
  }

  /// The steps in order.
  public private(set) var steps: [Step] = []
  /// The constants.
  public private(set) var constants: [QuinticExtension] = []
  /// The number of slots.
  public private(set) var slotCount = 0
  /// The next free slot; below `slotCount` where registers were given back.
  public private(set) var nextSlot = 0
  /// The register of the value, over E.
  public var result = 0

  /// An empty program.
  public init() {}

  /// A fresh register.
  public mutating func register(isExtension: Bool) -> Int {
    defer {
      nextSlot += isExtension ? QuinticExtension.degree : 1
      slotCount = max(slotCount, nextSlot)
    }
    return nextSlot
  }

  /// Gives back the registers from a slot on, for others.
  ///
  /// - Precondition: the slot was `nextSlot` once.
  public mutating func release(from slot: Int) {
    precondition(slot <= nextSlot, "a slot that was taken")
    nextSlot = slot
  }

  /// The number of a constant.
  public mutating func constant(_ value: QuinticExtension) -> Int {
    constants.append(value)
    return constants.count - 1
  }

  /// Appends a step.
  public mutating func append(_ operation: Operation, _ target: Int, _ a: Int, _ b: Int) {
    steps.append(Step(operation: operation, target: target, a: a, b: b))
  }

  /// The constants' words in Montgomery form, five each.
  package var montgomeryConstants: [UInt32] {
    constants.flatMap { $0.coordinates.map { MontgomeryKoalaBear.encode($0.value) } }
  }

  /// Runs the steps over one row's registers: the reference, slot by slot over F.
  func run(_ slots: inout [KoalaBear]) {
    func e(_ slot: Int) -> QuinticExtension { QuinticExtension(slots, at: slot) }
    func set(_ slot: Int, _ value: QuinticExtension) {
      for degree in 0..<QuinticExtension.degree { slots[slot + degree] = value[degree] }
    }
    for step in steps {
      let (t, a, b) = (step.target, step.a, step.b)
      switch step.operation {
      case .addFF: slots[t] = slots[a] + slots[b]
      case .subFF: slots[t] = slots[a] - slots[b]
      case .mulFF: slots[t] = slots[a] * slots[b]
      case .addFC: slots[t] = slots[a] + constants[b][0]
      case .mulFC: slots[t] = slots[a] * constants[b][0]
      case .rsubFC: slots[t] = constants[b][0] - slots[a]
      case .addEE: set(t, e(a) + e(b))
      case .subEE: set(t, e(a) - e(b))
      case .mulEE: set(t, e(a) * e(b))
      case .addEF: set(t, e(a) + QuinticExtension(slots[b]))
      case .subEF: set(t, e(a) - QuinticExtension(slots[b]))
      case .subFE: set(t, QuinticExtension(slots[a]) - e(b))
      case .mulEF: set(t, e(a) * slots[b])
      case .addEC: set(t, e(a) + constants[b])
      case .mulEC: set(t, e(a) * constants[b])
      case .mulEK: set(t, e(a) * constants[b][0])
      case .macCF: set(t, e(t) + constants[b] * slots[a])
      case .macCE: set(t, e(t) + e(a) * constants[b])
      case .setC: set(t, constants[b])
      }
    }
  }
}

extension VectorProgram.Input {
  /// Whether the list is over E.
  public var isExtension: Bool { if case .base = values { false } else { true } }

  /// The value of a row.
  func value(_ row: Int) -> QuinticExtension {
    switch values {
    case .base(let words, let offset):
      QuinticExtension(KoalaBear(reducing: UInt64(words[offset + row])))
    case .extension(let vector): vector[row]
    case .canonical(let vector): vector.canonical(row)
    }
  }
}
