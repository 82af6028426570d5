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
      stream = try InflatedStream(
        file,
        offset: offset,
        limits: InflationLimits(containerBytes: budget.containerBytes, ratio: budget.ratio)
      )
    } catch {
      throw .file(error)
    }
  }
}
