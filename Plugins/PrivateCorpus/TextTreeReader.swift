internal import Files
internal import SourceAPI

/// Reads text files, one record a file, in the order of the inputs.
final class TextTreeReader: MemberReader {
  private let configuration: SourceConfiguration
  private let patterns: NamePatterns
  private(set) var inputIndex: Int
  private(set) var inputOffset: UInt64 = 0

  init(_ configuration: SourceConfiguration, from checkpoint: Checkpoint) {
    self.configuration = configuration
    patterns = NamePatterns(configuration)
    inputIndex = checkpoint.input
  }

  var checkpoint: Checkpoint? { .start(of: inputIndex) }

  func read(into batch: inout MemberBatch) throws(SourceError) -> Bool {
    while inputIndex < configuration.inputs.count {
      let input = configuration.inputs[inputIndex]
      if let kind = input.skipped {
        batch.members.append(.skipped(locator: input.name, kind: kind))
      } else {
        do throws(FileError) {
          try readFile(input, &batch)
        } catch {
          if error.number == Self.changed {
            throw .changed(
              input: input.name,
              detail: "size, inode or time differ before and after reading"
            )
          }
          throw .file(error)
        }
      }
      inputIndex += 1
      if batch.isFull { return true }
    }
    return false
  }

  private static let changed: Int32 = -1

  private func readFile(_ input: SourceConfiguration.Input, _ batch: inout MemberBatch)
    throws(FileError)
  {
    let file = try InputFile(input.path)
    let before = try file.fingerprint()
    let start = batch.bytes.count
    var streamed: StreamedBytesBuilder?
    var offset: UInt64 = 0
    // The end is proven behind the loop: by the length, which must be the same then.
    while offset < before.byteCount || offset == 0 {
      let filled = batch.bytes.count
      let room = streamed == nil ? Int(min(before.byteCount &- offset &+ 1, 1 << 18)) : 1 << 18
      batch.bytes.append(contentsOf: repeatElement(0, count: max(1, room)))
      let result = try file.read(into: &batch.bytes, filled..<batch.bytes.count, at: offset)
      guard case .bytes(let count) = result else {
        batch.bytes.removeSubrange(filled...)
        break
      }
      batch.bytes.removeSubrange((filled + count)...)
      offset += UInt64(count)
      if streamed != nil || batch.bytes.count - start > configuration.budget.heldBytes {
        var builder = streamed ?? StreamedBytesBuilder()
        builder.append(batch.bytes[start...])
        streamed = builder
        batch.bytes.removeSubrange(start...)
      }
    }
    guard try file.fingerprint() == before, offset == before.byteCount else {
      throw FileError(.read, input.path, number: Self.changed)
    }
    inputOffset = offset
    let bytes: Member.Bytes =
      streamed.map { .streamed($0.finish()) } ?? .held(start..<batch.bytes.count)
    let name =
      RecordLocator.decode(input.name).map { String(decoding: $0, as: UTF8.self) } ?? input.name
    let type =
      MediaType.ofName(name)
      ?? (streamed == nil ? MediaType.sniff(batch.bytes[start...]) : "application/octet-stream")
    var member = Member(
      locator: input.name,
      kind: "file",
      name: name,
      mediaType: type,
      member: bytes,
      payload: bytes,
      offset: 0,
      length: offset,
      verdict: .record
    )
    member.path = name
    if offset > configuration.budget.recordBytes {
      member.verdict = .rejected(
        reason: "budget-record",
        detail: "more than \(configuration.budget.recordBytes) bytes"
      )
    } else if let reason = patterns.exclusion(of: name) {
      member.verdict = .excluded(reason)
    }
    batch.members.append(member)
  }
}
