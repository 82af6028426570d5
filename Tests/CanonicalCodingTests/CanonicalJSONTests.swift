import CanonicalCoding
import Testing
import _TestSupport

@Suite struct CanonicalJSONTests {
  private func canonical(_ text: String) throws -> String {
    String(decoding: CanonicalJSON.encode(try JSONParser.parse(Array(text.utf8))), as: UTF8.self)
  }

  @Test(arguments: [
    // RFC 8785 section 3.2.2 and 3.2.3, and appendix B for numbers.
    (#"{"b":1,"a":2}"#, #"{"a":2,"b":1}"#), (#" [ 1 , 2 ] "#, "[1,2]"),
    (#""\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/""#, "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\""),
    ("1.0", "1"), ("-0", "0"), ("-0.0", "0"), ("1e0", "1"),
    ("333333333.33333329", "333333333.3333333"), ("1E30", "1e+30"), ("4.50", "4.5"),
    ("2e-3", "0.002"), ("0.000000000000000000000000001", "1e-27"), ("1e21", "1e+21"),
    ("1e20", "100000000000000000000"), ("123456789012345680000", "x"),
    ("9007199254740992", "9007199254740992"), ("5e-324", "5e-324"),
    ("1.7976931348623157e308", "1.7976931348623157e+308"), ("0.000001", "0.000001"),
    ("0.0000001", "1e-7"),
    (#"{"\ud83d\ude00":1,"\ufb33":2,"é":3,"1":4}"#, #"{"1":4,"é":3,"😀":1,"דּ":2}"#),
  ])
  func `a value has the canonical form of RFC 8785`(_ text: String, _ expected: String) throws {
    if expected == "x" {
      #expect(throws: JSONError.inexactNumber(offset: 0)) { try canonical(text) }
    } else {
      #expect(try canonical(text) == expected)
    }
  }

  @Test(arguments: [
    (#"{"a":1,"a":2}"#, "json-duplicate-key"), (#"{"a":1,"\u0061":2}"#, "json-duplicate-key"),
    (#""\ud800""#, "json-lone-surrogate"),
    (#""\ud800\u0041""#, "json-lone-surrogate"), (#""\udc00""#, "json-lone-surrogate"),
    ("9007199254740993", "json-number"), ("1e999", "json-number"),
    ("{", "json-syntax"), ("[1,]", "json-syntax"), ("{\"a\"}", "json-syntax"),
    ("01", "json-trailing"), ("+1", "json-syntax"), ("1.", "json-syntax"), (".5", "json-syntax"),
    ("nul", "json-syntax"),
    ("\"a\nb\"", "json-syntax"), (#""\x""#, "json-syntax"), ("", "json-syntax"),
    ("1 2", "json-trailing"), ("'a'", "json-syntax"), ("[1 2]", "json-syntax"),
    ("{a:1}", "json-syntax"), ("NaN", "json-syntax"),
  ])
  func `a text that is not strict JSON is refused for its reason`(_ text: String, _ code: String) {
    #expect(throws: JSONError.self) { try canonical(text) }
    do { _ = try canonical(text) } catch { #expect((error as? JSONError)?.code == code) }
  }

  @Test func `nesting beyond 128 and bytes that are no UTF-8 are refused`() {
    let deep = Array(String(repeating: "[", count: 129).utf8)
    #expect(throws: JSONError.tooDeep(offset: 128)) { try JSONParser.parse(deep) }
    #expect(throws: JSONError.invalidUTF8(offset: 1)) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
    #expect(throws: JSONError.invalidUTF8(offset: 1)) {
      try JSONParser.parse([0x22, 0xC0, 0x80, 0x22])
    }
  }

  @Test func `decoding the canonical form and encoding it again changes nothing`() throws {
    var random = SeededRandom(seed: 8785)
    for _ in 0..<500 {
      let value = Self.value(&random, depth: 0)
      let bytes = CanonicalJSON.encode(value)
      #expect(CanonicalJSON.encode(try JSONParser.parse(bytes)) == bytes)
    }
  }

  private static func value(_ random: inout SeededRandom, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 3 ? 4 : 6), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2:
      let bits = Double(bitPattern: random.next())
      return .number(
        bits.isFinite && bits.rounded() != bits
          ? bits : Double(Int32.random(in: .min ... .max, using: &random))
      )
    case 3:
      let scalars = (0..<Int.random(in: 0..<12, using: &random)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 0..<0x3000, using: &random))
      }
      return .string(String(String.UnicodeScalarView(scalars)))
    case 4: return .array((0..<3).map { _ in value(&random, depth: depth + 1) })
    default:
      return .object(
        JSONObject(
          (0..<3).map { ("k\($0)é\(random.next() % 9)", value(&random, depth: depth + 1)) }
        )
      )
    }
  }
}
