internal import CanonicalCoding
public import Manifests

extension Store {
  /// Records and words of the live leaves of an epoch's sources, by license entry and year.
  ///
  /// - Throws: `IngestError`: 69 for a source that has moved on since the epoch, 65 for counts that do not add up to it.
  /// - Complexity: O(records); one segment in memory.
  public func figures(of epoch: EpochContents) throws(IngestError) -> RecordFigures {
    var figures = RecordFigures()
    for source in epoch.sources {
      let commitment = source.commitment
      guard let state = try state(of: commitment.id),
        state.sha256.root == commitment.sha256Root
      else {
        throw IngestError(
          .unavailable,
          "source '\(commitment.id)' is not as epoch \(epoch.number) has it; charts are drawn for the newest epoch alone"
        )
      }
      figures.declared[commitment.id] = state.declaredLicenses
      var counts: [RecordFigures.Key: RecordFigures.Count] = [:]
      for place in try segments(of: commitment.id) {
        for row in try segment(place, of: commitment.id).rows where row.tombstone == nil {
          let key = RecordFigures.Key(
            source: commitment.id,
            licenseIndex: Int(row.leaf.licenseIndex),
            year: Self.year(row.descriptor)
          )
          counts[key, default: RecordFigures.Count()].add(words: row.leaf.wordCount)
        }
      }
      let total = counts.values.reduce(into: RecordFigures.Count()) { $0 += $1 }
      guard total.records == commitment.counts.records, total.words == commitment.counts.words
      else {
        throw IngestError(
          .badData,
          "source '\(commitment.id)': its leaves do not add up to the committed counts; run ingest fsck"
        )
      }
      figures.counts.merge(counts, uniquingKeysWith: { first, _ in first })
    }
    return figures
  }

  /// The year that a descriptor states: of its publication, or else of its last change.
  static func year(_ descriptor: [UInt8]) -> Int? {
    for name in [published, modified] {
      guard let start = place(of: name, in: descriptor) else { continue }
      if let year = firstYear(descriptor[start...]) { return year }
    }
    return nil
  }

  private static let published = Array("\"published\":\"".utf8)
  private static let modified = Array("\"modified\":\"".utf8)

  private static func place(of name: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count > name.count else { return nil }
    // The second letter of both names tells nearly every place apart.
    for index in 0..<(bytes.count - name.count)
    where bytes[index + 1] == name[1] && bytes[index] == name[0] {
      if bytes[index..<index + name.count].elementsEqual(name) { return index + name.count }
    }
    return nil
  }

  /// The first four digits in a row of a date, as ISO 8601 and HTTP write it.
  private static func firstYear(_ bytes: ArraySlice<UInt8>) -> Int? {
    var (value, length) = (0, 0)
    for byte in bytes.prefix(48) {
      if byte == UInt8(ascii: "\"") { break }
      if byte &- 0x30 < 10 {
        value = 10 * value + Int(byte - 0x30)
        length += 1
        continue
      }
      if length == 4 { break }
      (value, length) = (0, 0)
    }
    return length == 4 && (1000...2999).contains(value) ? value : nil
  }
}
