internal import CanonicalCoding
internal import Manifests
internal import Merkle
internal import SourceAPI

/// The byte form of a batch, between a worker and its host and in row files.
///
/// `u32 rows`, for each: content digest, payload digest, `u16` license, `u8` flags, `u32` bytes, `u32` words, `u32` length
/// and bytes of the descriptor; `u32 entries`, for each: locator, `u64` offset, `u64` length, reason, detail; `u32` kinds
/// of skipped members, for each: kind, `u64` number; `u32` declared licenses, for each: text, `u64` number; `u64` payload bytes; the checkpoint's text or nothing; `u32` input,
/// `u64` offset in it; `u8` whether contents follow, then for each row `u32` length (all ones: none) and bytes. Texts are
/// `u32` length and UTF-8. Integers are big-endian.
extension RowBatch {
  private static let noContent = UInt32.max
  /// A descriptor, a locator or a detail of more bytes is refused.
  private static let textLimit = 1 << 20

  /// Writes the form.
  func encode(into writer: inout ByteWriter) {
    writer.write(UInt32(rows.count))
    for row in rows {
      writer.write(row.contentDigest.words)
      writer.write(row.payloadDigest.words)
      writer.write(row.licenseIndex)
      writer.write(row.flags.rawValue)
      writer.write(UInt32(row.contentByteCount))
      writer.write(UInt32(row.wordCount))
      writer.write(UInt32(row.descriptor.count))
      writer.write(row.descriptor)
    }
    writer.write(UInt32(ledger.count))
    for entry in ledger {
      writer.write(text: entry.locator)
      writer.write(entry.offset)
      writer.write(entry.length)
      writer.write(text: entry.reason)
      writer.write(text: entry.detail)
    }
    writer.write(UInt32(skipped.count))
    for (kind, number) in skipped.sorted(by: { $0.key < $1.key }) {
      writer.write(text: kind)
      writer.write(number)
    }
    writer.write(UInt32(declaredLicenses.count))
    for (text, number) in declaredLicenses.sorted(by: { $0.key < $1.key }) {
      writer.write(text: text)
      writer.write(number)
    }
    writer.write(payloadBytes)
    writer.write(text: checkpoint?.text ?? "")
    writer.write(UInt32(inputIndex))
    writer.write(inputOffset)
    writer.write(UInt8(contentRanges.isEmpty ? 0 : 1))
    for range in contentRanges {
      writer.write(range.map { UInt32($0.count) } ?? Self.noContent)
      if let range { writer.write(contents[range]) }
    }
  }

  /// Reads the form, of which no byte is trusted.
  ///
  /// - Throws: `ByteReaderError` or `CodingFault` for anything that `encode` does not write.
  package init(_ bytes: ArraySlice<UInt8>) throws {
    var reader = ByteReader(bytes)
    self.init()
    let rowCount: UInt32 = try reader.read()
    for _ in 0..<rowCount { rows.append(try Self.row(&reader)) }
    let entryCount: UInt32 = try reader.read()
    for _ in 0..<entryCount {
      ledger.append(
        LedgerEntry(
          locator: try reader.text(limit: Self.textLimit),
          offset: try reader.read(),
          length: try reader.read(),
          reason: try reader.text(limit: Self.textLimit),
          detail: try reader.text(limit: Self.textLimit)
        )
      )
    }
    let kindCount: UInt32 = try reader.read()
    for _ in 0..<kindCount {
      let kind = try reader.text(limit: 256)
      let number: UInt64 = try reader.read()
      guard number < 1 << 40, skipped.updateValue(number, forKey: kind) == nil else {
        throw CodingFault.form
      }
    }
    let declaredCount: UInt32 = try reader.read()
    for _ in 0..<declaredCount {
      let text = try reader.text(limit: 1024)
      let number: UInt64 = try reader.read()
      guard number < 1 << 40, declaredLicenses.updateValue(number, forKey: text) == nil else {
        throw CodingFault.form
      }
    }
    payloadBytes = try reader.read()
    let place = try reader.text(limit: 128)
    if !place.isEmpty {
      guard let checkpoint = Checkpoint(place), checkpoint.input <= Int(UInt32.max) else {
        throw CodingFault.form
      }
      self.checkpoint = checkpoint
    }
    inputIndex = Int(try reader.read(UInt32.self))
    inputOffset = try reader.read()
    // Bounds that no sum over batches can overflow.
    guard payloadBytes < 1 << 48, inputOffset < 1 << 62 else { throw CodingFault.form }
    if try reader.read(UInt8.self) == 1 {
      for _ in rows {
        let count: UInt32 = try reader.read()
        guard count != Self.noContent else {
          contentRanges.append(nil)
          continue
        }
        let start = contents.count
        contents += try reader.read(count: Int(count))
        contentRanges.append(start..<contents.count)
      }
    }
    try reader.finish()
  }

  private static func row(_ reader: inout ByteReader) throws -> RecordRow {
    guard let content = SHA256Hash(try reader.read(count: 32)),
      let payload = SHA256Hash(try reader.read(count: 32))
    else { throw CodingFault.form }
    let license: UInt16 = try reader.read()
    let flags: UInt8 = try reader.read()
    let byteCount: UInt32 = try reader.read()
    let wordCount: UInt32 = try reader.read()
    let length: UInt32 = try reader.read()
    guard flags & ~0b0011_1110 == 0, flags >> 4 & 3 != 3, byteCount < RecordLeaf.countLimit,
      wordCount < RecordLeaf.countLimit, length <= textLimit
    else { throw CodingFault.form }
    return RecordRow(
      contentDigest: content,
      payloadDigest: payload,
      licenseIndex: license,
      flags: RecordLeaf.Flags(rawValue: flags),
      contentByteCount: UInt64(byteCount),
      wordCount: UInt64(wordCount),
      descriptor: Array(try reader.read(count: Int(length)))
    )
  }
}

/// Bytes that are not in the form that they must have.
enum CodingFault: Error {
  case form
}

extension ByteWriter {
  /// A length and the UTF-8 of a text.
  mutating func write(text: String) {
    let bytes = Array(text.utf8)
    write(UInt32(bytes.count))
    write(bytes)
  }
}

extension ByteReader {
  /// A length and so many bytes of UTF-8.
  mutating func text(limit: Int) throws -> String {
    let count: UInt32 = try read()
    guard count <= limit else { throw CodingFault.form }
    guard let text = String(validating: try read(count: Int(count)), as: UTF8.self) else {
      throw CodingFault.form
    }
    return text
  }
}
