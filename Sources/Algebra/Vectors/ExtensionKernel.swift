/// The loops over long lists of E, which a faster module may provide.
///
/// Ranges are of rows. Law: every kernel gives what `reference` gives.
public struct ExtensionKernel: Sendable {
  /// Where the rows of a fold come from.
  public typealias Values = VectorProgram.Input.Values

  /// The kernel's name, for tests and reports.
  public var name: String
  /// The sums over the rows of the program's value at low + t (high − low), t = 1 … `points`, where low is the row
  /// and high the row `half` further of each input.
  public var rounds:
    @Sendable (VectorProgram, [VectorProgram.Input], _ half: Int, _ points: Int, Range<Int>) ->
      [QuinticExtension]
  /// The program's registers into lists.
  public var map:
    @Sendable (VectorProgram, [VectorProgram.Input], Range<Int>, [VectorProgram.Output]) -> Void
  /// target[i] = low + r (high − low); a list over E in Montgomery form may be its
  /// own target.
  public var fold:
    @Sendable (Values, _ half: Int, QuinticExtension, Range<Int>, _ target: ExtensionVector) -> Void
  /// Σ weights[i] · words[offset + i] over the rows.
  public var dot:
    @Sendable (ExtensionVector, WordBuffer, _ offset: Int, Range<Int>) -> QuinticExtension
  /// target[i] += Σ_l coefficient_l · words[offset_l + i]; the target is canonical.
  public var accumulate:
    @Sendable (
      ExtensionVector, WordBuffer, [(offset: Int, coefficient: QuinticExtension)], Range<Int>
    ) -> Void
  /// The sums over the rows of w f at 1 and 2.
  public var productRound:
    @Sendable (ExtensionVector, ExtensionVector, _ half: Int, Range<Int>) -> [QuinticExtension]
  /// One variable more of an eq table: rows 0 ..< half become those of 0 and of 1.
  public var eqStep: @Sendable (ExtensionVector, QuinticExtension, _ half: Int) -> Void
  /// target[i] += Σ_s coefficient_s · point_s^i.
  public var addPowers:
    @Sendable (
      ExtensionVector, [(point: KoalaBear, coefficient: QuinticExtension)], Range<Int>
    ) -> Void
  /// Canonical planes become planes in Montgomery form.
  public var encode: @Sendable (ExtensionVector, Range<Int>) -> Void
  /// Planes in Montgomery form become canonical.
  public var decode: @Sendable (ExtensionVector, Range<Int>) -> Void
  /// The inverses, in place; `false` when one element is zero, and the list is of no use then.
  public var invert: @Sendable (ExtensionVector, Range<Int>) -> Bool

  /// A kernel whose loops are the reference's.
  public init(name: String) {
    self = .reference
    self.name = name
  }

  private init(reference: Void) {
    name = "reference"
    rounds = { program, inputs, half, points, range in
      var sums = [QuinticExtension](repeating: .zero, count: points)
      var slots = [KoalaBear](repeating: .zero, count: program.slotCount)
      for row in range {
        for t in 0..<points {
          for input in inputs {
            let (low, high) = (input.value(row), input.value(row + half))
            let value = low + (high - low) * KoalaBear(t + 1)
            for degree in 0..<(input.isExtension ? QuinticExtension.degree : 1) {
              slots[input.slot + degree] = value[degree]
            }
          }
          program.run(&slots)
          sums[t] += QuinticExtension(slots, at: program.result)
        }
      }
      return sums
    }
    map = { program, inputs, range, outputs in
      var slots = [KoalaBear](repeating: .zero, count: program.slotCount)
      for row in range {
        for input in inputs {
          let value = input.value(row)
          for degree in 0..<(input.isExtension ? QuinticExtension.degree : 1) {
            slots[input.slot + degree] = value[degree]
          }
        }
        program.run(&slots)
        for output in outputs {
          switch output.values {
          case .base(let words, let offset): words[offset + row] = slots[output.slot].value
          case .extension(let vector): vector[row] = QuinticExtension(slots, at: output.slot)
          case .canonical(let vector):
            vector.setCanonical(row, QuinticExtension(slots, at: output.slot))
          }
        }
      }
    }
    fold = { values, half, r, range, target in
      let input = VectorProgram.Input(values: values, slot: 0, difference: 0)
      for row in range {
        let low = input.value(row)
        target[row] = low + r * (input.value(row + half) - low)
      }
    }
    dot = { weights, words, offset, range in
      range.reduce(.zero) { $0 + weights[$1] * KoalaBear(reducing: UInt64(words[offset + $1])) }
    }
    accumulate = { target, words, terms, range in
      for row in range {
        var sum = target.canonical(row)
        for (offset, coefficient) in terms {
          sum += coefficient * KoalaBear(reducing: UInt64(words[offset + row]))
        }
        target.setCanonical(row, sum)
      }
    }
    productRound = { w, f, half, range in
      var (one, two) = (QuinticExtension.zero, QuinticExtension.zero)
      for row in range {
        let (w1, f1) = (w[row + half], f[row + half])
        one += w1 * f1
        two += (w1 + w1 - w[row]) * (f1 + f1 - f[row])
      }
      return [one, two]
    }
    eqStep = { table, r, half in
      for row in 0..<half {
        let high = table[row] * r
        table[row + half] = high
        table[row] = table[row] - high
      }
    }
    addPowers = { target, terms, range in
      for (point, coefficient) in terms {
        var power = coefficient * point.power(UInt64(range.lowerBound))
        for row in range {
          target[row] = target[row] + power
          power = power * point
        }
      }
    }
    encode = { vector, range in
      for row in range { vector[row] = vector.canonical(row) }
    }
    decode = { vector, range in
      for row in range { vector.setCanonical(row, vector[row]) }
    }
    invert = { vector, range in
      guard let inverses = QuinticExtension.inverses(of: range.map { vector[$0] }) else {
        return false
      }
      for (row, inverse) in zip(range, inverses) { vector[row] = inverse }
      return true
    }
  }

  /// Row by row, in Swift.
  public static let reference = ExtensionKernel(reference: ())
}
