internal import Archives
internal import Files
internal import SourceAPI

/// One input of rows: its bytes, inflated, and the place in them.
final class CorpusStream {
  let input: SourceConfiguration.Input
  let stream: InflatedStream
  let fileLength: UInt64

  init(_ input: SourceConfiguration.Input, offset: UInt64, budget: DecodeBudget) throws(SourceError)
  {
    self.input = input
    do throws(FileError) {
      let file = try InputFile(input.path)
      fileLength = try file.fingerprint().byteCount
      var head = [UInt8](repeating: 0, count: 6)
      if case .bytes(let count) = try file.read(into: &head, 0..<6, at: 0) {
        let isXZ = count == 6 && head == [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]
        if isXZ || head.starts(with: Array("BZh".utf8)) {
          throw FileError(.read, input.path, number: Self.notEnabled)
        }
      }
      stream = try InflatedStream(
        file,
        offset: offset,
        limits: InflationLimits(containerBytes: budget.containerBytes, ratio: budget.ratio)
      )
    } catch {
      if error.number == Self.notEnabled {
        throw .formatNotEnabled(
          input: input.name,
          format: "xz or bzip2",
          hint: "rows are read plain, gzip or zstd; recompress the file"
        )
      }
      throw .file(error)
    }
  }

  private static let notEnabled: Int32 = -1
}
