internal import Algebra
internal import CanonicalCoding
internal import Crypto
internal import Files
internal import ProofSystem

/// The state file of a reusable group: seed, shapes and ledger under one authentication code.
struct ReusableGroupState {
  let root: [UInt8]
  let seed: [UInt8]
  let code: CodeParameters
  let shapes: [ReusableGroup.Shape]
  let ledger: OpeningLedger

  private static let kind = "ReusableGroup"
  private static let byteLimit = 64 << 20

  private var json: JSONValue {
    func text(_ number: Int) -> JSONValue { .string(String(number)) }
    return [
      "apiVersion": "ingest/v1", "kind": .string(Self.kind),
      // How pad rows, tails and salts follow from the seed; another way is another file.
      "root": .string(Hex.encode(root)), "seed": .string(Hex.encode(seed)), "coins": "2",
      "code": .array([
        text(code.logDataLength), text(code.logTailLength), text(code.logInverseRate),
      ]),
      "columns": .array(
        shapes.map { .array([text($0.logHeight), text($0.logPadRowCount)]) }
      ),
      "positions": .array(ledger.positions.map(text)),
      "points": .array(ledger.points.map { .string(Hex.encode(ProofCoding.bytes($0))) }),
    ]
  }

  private func authenticationCode(_ bytes: [UInt8]) -> [UInt8] {
    let key = SymmetricKey(data: Array("ingest reusable group".utf8) + seed)
    return Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
  }

  /// The file: canonical JSON, a line feed, the code in hexadecimal, a line feed.
  var bytes: [UInt8] {
    let body = CanonicalJSON.encode(json)
    return body + [0x0A] + Array(Hex.encode(authenticationCode(body)).utf8) + [0x0A]
  }

  /// Reads a state file.
  ///
  /// - Throws: `ReusableGroup.Failure.file`, `.damaged`.
  static func read(_ path: String) throws(ReusableGroup.Failure) -> ReusableGroupState {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try InputFile.contents(of: path, limit: byteLimit)
    } catch {
      throw .file(error)
    }
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard lines.count == 3, lines[2].isEmpty, let json = try? JSONParser.parse(Array(lines[0])),
      let state = ReusableGroupState(json), state.bytes == bytes
    else { throw .damaged }
    return state
  }

  private init?(_ json: JSONValue) {
    func numbers(_ value: JSONValue) -> [Int]? {
      guard let elements = value.elements else { return nil }
      let list = elements.compactMap { $0.text.flatMap { UInt32($0) }.map { Int($0) } }
      return list.count == elements.count ? list : nil
    }
    guard let json = json.object, json["kind"]?.text == Self.kind,
      let root = Hex.decode(json["root"]?.text ?? ""), root.count == MerkleHash.byteCount,
      let seed = Hex.decode(json["seed"]?.text ?? ""), seed.count == 32,
      let code = json["code"].flatMap(numbers), code.count == 3,
      let positions = json["positions"].flatMap(numbers), let columns = json["columns"]?.elements,
      let points = json["points"]?.elements
    else { return nil }
    var shapes: [ReusableGroup.Shape] = []
    for column in columns {
      guard let numbers = numbers(column), numbers.count == 2 else { return nil }
      let shape = ReusableGroup.Shape(logHeight: numbers[0], logPadRowCount: numbers[1])
      guard shape.isAllowed, shapes.last.map({ $0.logHeight >= shape.logHeight }) != false else {
        return nil
      }
      shapes.append(shape)
    }
    let parameters = CodeParameters(
      logDataLength: code[0],
      logTailLength: code[1],
      logInverseRate: code[2]
    )
    guard parameters.isAllowed,
      positions.allSatisfy({ $0 < parameters.domainSize }),
      zip(positions, positions.dropFirst()).allSatisfy(<)
    else { return nil }
    var ledger = OpeningLedger()
    ledger.positions = positions
    for point in points {
      guard let bytes = Hex.decode(point.text ?? ""),
        let elements = try? ProofCoding.elements(bytes),
        elements.count == shapes.first?.logHeight
      else { return nil }
      ledger.points.append(elements)
    }
    self.init(
      root: root,
      seed: seed,
      code: parameters,
      shapes: shapes,
      ledger: ledger
    )
  }

  init(
    root: [UInt8],
    seed: [UInt8],
    code: CodeParameters,
    shapes: [ReusableGroup.Shape],
    ledger: OpeningLedger
  ) {
    (self.root, self.seed, self.code) = (root, seed, code)
    (self.shapes, self.ledger) = (shapes, ledger)
  }
}
