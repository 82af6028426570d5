/// Numbers as ECMAScript writes them, which RFC 8785 section 3.2.2.3 asks for.
public enum CanonicalNumber {
  /// The shortest digits that read back to the same double, laid out by ECMA-262 section 6.1.6.1.20.
  ///
  /// - Precondition: `value` is finite.
  public static func text(_ value: Double) -> String {
    precondition(value.isFinite, "JSON has no number that is not finite")
    if value == 0 { return "0" }
    if value == value.rounded(.towardZero), value.magnitude < 9_007_199_254_740_992 {
      return String(Int64(value))
    }
    let (digits, exponent) = shortestDigits(value.magnitude)
    return (value < 0 ? "-" : "") + layOut(digits, exponent)
  }

  /// Digits d and n with value = 0.d × 10^n; Swift's description gives the shortest digits.
  private static func shortestDigits(_ value: Double) -> (digits: [UInt8], exponent: Int) {
    var digits: [UInt8] = []
    var pointAt: Int?
    var scale = 0
    let parts = value.description.utf8.split(separator: UInt8(ascii: "e"))
    for byte in parts[0] {
      if byte == UInt8(ascii: ".") { pointAt = digits.count } else { digits.append(byte) }
    }
    if parts.count > 1 {
      scale = Int(String(decoding: parts[1], as: UTF8.self).replacingPlus()) ?? 0
    }
    var exponent = (pointAt ?? digits.count) + scale
    while digits.count > 1, digits.first == UInt8(ascii: "0") {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return (digits, exponent)
  }

  private static func layOut(_ digits: [UInt8], _ n: Int) -> String {
    let k = digits.count
    let text = String(decoding: digits, as: UTF8.self)
    switch n {
    case k...21 where k <= n:
      return text + String(repeating: "0", count: n - k)
    case 1...21:
      return String(text.prefix(n)) + "." + String(text.dropFirst(n))
    case -5...0:
      return "0." + String(repeating: "0", count: -n) + text
    default:
      let scale = n - 1
      let sign = scale < 0 ? "-" : "+"
      let mantissa = k == 1 ? text : String(text.prefix(1)) + "." + String(text.dropFirst())
      return mantissa + "e" + sign + String(scale.magnitude)
    }
  }
}

extension String {
  /// Drops a leading plus sign, which `Int.init` reads but a second sign would not.
  fileprivate func replacingPlus() -> String { hasPrefix("+") ? String(dropFirst()) : self }
}
