internal import TextScan

/// The tables of `UnicodeTables` in the form in which they are asked.
struct NormalizationData: Sendable {
  /// What quick check and ordering need of a character.
  struct Property {
    let combiningClass: UInt8
    /// Whether NFC_Quick_Check is No or Maybe.
    let isSuspect: Bool
  }

  private static let pageSize = 128
  /// For each page of 128 characters, its number in `properties`.
  private let pages: [UInt16]
  /// Class in the low byte, 256 when suspect.
  private let properties: [UInt16]
  /// The groups of characters of which none has a class or is suspect.
  let quiet: CharacterGroups

  init() {
    var quiet = CharacterGroups()
    var pages = [UInt16](repeating: 0, count: 0x110000 / Self.pageSize)
    var properties = [UInt16](repeating: 0, count: Self.pageSize)
    func mark(_ scalars: ClosedRange<UInt32>, _ value: UInt16) {
      for scalar in scalars {
        quiet.removeGroup(of: scalar)
        let page = Int(scalar) / Self.pageSize
        if pages[page] == 0 {
          pages[page] = UInt16(properties.count / Self.pageSize)
          properties.append(contentsOf: repeatElement(0, count: Self.pageSize))
        }
        properties[Int(pages[page]) * Self.pageSize + Int(scalar) % Self.pageSize] |= value
      }
    }
    let classes = UnicodeTables.combiningClasses
    for index in stride(from: 0, to: classes.count, by: 3) {
      mark(classes[index]...classes[index + 1], UInt16(classes[index + 2]))
    }
    let suspects = UnicodeTables.quickCheckNotYes
    for index in stride(from: 0, to: suspects.count, by: 2) {
      mark(suspects[index]...suspects[index + 1], 256)
    }
    self.quiet = quiet
    self.pages = pages
    self.properties = properties
  }

  func property(_ scalar: UInt32) -> Property {
    let page = Int(pages[Int(scalar >> 7)])
    let value = properties[page << 7 | Int(scalar & 127)]
    return Property(combiningClass: UInt8(truncatingIfNeeded: value), isSuspect: value >= 256)
  }
}

/// Canonical mappings, which only texts that fail quick check need.
struct NormalizationMappings: Sendable {
  private let decompositions: [UInt32: ArraySlice<UInt32>]
  private let compositions: [UInt64: UInt32]

  init() {
    var decompositions: [UInt32: ArraySlice<UInt32>] = [:]
    let table = UnicodeTables.decompositions
    var index = 0
    while index < table.count {
      let length = Int(table[index + 1])
      decompositions[table[index]] = table[index + 2..<index + 2 + length]
      index += 2 + length
    }
    self.decompositions = decompositions
    var compositions: [UInt64: UInt32] = [:]
    let pairs = UnicodeTables.compositions
    for index in stride(from: 0, to: pairs.count, by: 3) {
      compositions[UInt64(pairs[index]) << 32 | UInt64(pairs[index + 1])] = pairs[index + 2]
    }
    self.compositions = compositions
  }

  func decomposition(_ scalar: UInt32) -> ArraySlice<UInt32> { decompositions[scalar] ?? [scalar] }

  func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    compositions[UInt64(first) << 32 | UInt64(second)]
  }
}
