import CanonicalCoding
import Files
import Testing
import TextScan
import _TestSupport

@Suite struct TextScanTests {
  /// Texts that cross every edge of the vector forms: of each length up to some blocks, with what
  /// matters at each place.
  private func texts() -> [[UInt8]] {
    var random = SeededRandom(seed: 77)
    let characters: [UInt32] = [
      0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029,
      0x202F, 0x205F, 0x3000,
      0x00, 0x1F, 0x21, 0x22, 0x41, 0x5C, 0x7A, 0x7F, 0xC2, 0xE9, 0x2FF, 0x300, 0x1681, 0x180E,
      0x200B, 0x2010, 0x2030, 0x3001, 0x4E00, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF,
    ]
    let odd: [UInt8] = [0x80, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xA0, 0xF0, 0x90, 0xF4, 0x8F, 0xFF]
    var texts: [[UInt8]] = [[]]
    for round in 0..<12_000 {
      var text: [UInt8] = []
      let length = Int.random(in: 1..<200, using: &random)
      let isPlain = round % 4 == 0
      while text.count < length {
        let pick = Int.random(in: 0..<(isPlain ? 20 : 4), using: &random)
        if pick > 0 {
          text.append(UInt8.random(in: 0x20...0x7E, using: &random))
        } else if let scalar = characters.randomElement(using: &random).flatMap(Unicode.Scalar.init)
        {
          text.append(contentsOf: Array(String(scalar).utf8))
        }
      }
      if round % 3 == 0 {
        let place = Int.random(in: 0..<text.count, using: &random)
        text[place] = odd.randomElement(using: &random) ?? 0
      }
      if round % 5 == 0 { text.removeLast() }
      texts.append(text)
    }
    return texts
  }

  @Test func `every form runs where the processor has it`() throws {
    let names = TextScanForm.available.map(\.name.description)
    #expect(names.first == "portable")
    #expect(TextScanForm.best.name.description == names.last)
    let processor = try InputFile.contents(of: "/proc/cpuinfo", limit: 1 << 24)
    let flags = Set(String(decoding: processor, as: UTF8.self).split { $0 == " " || $0.isNewline })
    #expect(names.contains("avx2") == flags.isSuperset(of: ["avx2", "bmi1", "bmi2", "popcnt"]))
  }

  @Test func `every form agrees with loops that read like their definition`() {
    for text in texts() {
      let isValid = String(validating: text, as: UTF8.self) != nil
      let stops = text.indices.filter {
        text[$0] < 0x20 || text[$0] == 0x22 || text[$0] == 0x5C
      }
      for form in TextScanForm.available {
        let survey = TextSurvey(text[...], form: form)
        #expect(survey.hasNUL == text.contains(0))
        #expect(survey.hasCarriageReturn == text.contains(13))
        #expect(survey.hasCharactersFrom300 == text.contains { $0 > 0xCB })
        #expect(UTF8Scan.isValid(text[...], form: form) == isValid)
        var found = StringStops(form: form)
        let foundValid = found.find(in: text[...])
        #expect(foundValid == isValid)
        var offset = found.next(from: 0)
        var list: [Int] = []
        while offset < text.count {
          list.append(offset)
          offset = found.next(from: offset + 1)
        }
        #expect(list == stops)
      }
    }
  }

  @Test func `every form finds the first character whose group is not in the set`() {
    let outside: [UInt32] = [0x300, 0x200A, 0x3001, 0x1F600, 0x10FFFF, 0x2FF]
    for text in texts() {
      guard let valid = String(validating: text, as: UTF8.self) else { continue }
      var expected = text.count
      var offset = 0
      for scalar in valid.unicodeScalars {
        if scalar.value >= 0x300, outside.contains(where: { $0 / 16 == scalar.value / 16 }) {
          expected = offset
          break
        }
        offset += UTF8.width(scalar)
      }
      for form in TextScanForm.available {
        var groups = CharacterGroups(form: form)
        for scalar in outside { groups.removeGroup(of: scalar) }
        #expect(groups.firstOutside(in: text[...], from: 0) == expected)
      }
    }
  }

  @Test func `every form unescapes what canonical JSON keeps, and stops at any other escape`() {
    var random = SeededRandom(seed: 9)
    let letters: [UInt8: UInt8] = [
      0x6E: 0x0A, 0x22: 0x22, 0x5C: 0x5C, 0x74: 0x09, 0x72: 0x0D, 0x62: 0x08, 0x66: 0x0C,
    ]
    for text in texts() {
      var inside = text
      for _ in 0..<Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0...inside.count, using: &random)
        let letter = letters.keys.sorted().randomElement(using: &random) ?? 0x6E
        inside.insert(contentsOf: [0x5C, letter], at: place)
      }
      var expected: [UInt8] = []
      var index = 0
      while index < inside.count {
        if inside[index] != 0x5C {
          expected.append(inside[index])
          index += 1
        } else if index + 1 < inside.count, let character = letters[inside[index + 1]] {
          expected.append(character)
          index += 2
        } else {
          break
        }
      }
      let rest = index < inside.count ? [UInt8(0x2A)] : []
      for form in TextScanForm.available {
        var bytes = inside
        var asked: [Int] = []
        // The first other escape is one character, and the text ends at the second.
        StringText.append(insideAt: 0..<inside.count, of: &bytes, form: form) { found, place in
          #expect(Array(found[..<inside.count]) == inside)
          asked.append(place)
          return asked.count == 1 ? ("*", inside.count) : nil
        }
        #expect(asked == (index < inside.count ? [index] : []))
        #expect(Array(bytes[inside.count...]) == expected + rest)
        #expect(Array(bytes[..<inside.count]) == inside)
      }
    }
  }

  @Test func `words are runs without Unicode White_Space, whatever pieces they come in`() {
    var random = SeededRandom(seed: 3)
    for text in texts() {
      if let valid = String(validating: text, as: UTF8.self) {
        let expected = valid.unicodeScalars.split { $0.properties.isWhitespace }.count
        #expect(TextSurvey(text[...], form: .portable).wordCount == UInt64(expected))
      }
      let whole = TextSurvey(text[...], form: .portable).wordCount
      for form in TextScanForm.available {
        #expect(TextSurvey(text[...], form: form).wordCount == whole)
        var pieces = TextSurvey(form: form)
        var start = 0
        while start < text.count {
          let end = min(text.count, start + Int.random(in: 1...70, using: &random))
          pieces.append(text[start..<end])
          start = end
        }
        #expect(pieces.wordCount == whole)
      }
    }
  }
}
