internal import Archives
internal import Files
internal import SourceAPI

/// One input of rows: its bytes, inflated, and the place in them.
final class CorpusStream {
  let input: SourceConfiguration.Input
  let stream: InflatedStream
  let fileLength: UInt64

  /// Opens an input at a checkpoint.
  init(
    _ input: SourceConfiguration.Input,
    at place: Checkpoint,
    budget: DecodeBudget
  ) throws(SourceError) {
    self.input = input
    do throws(FileError) {
      let file = try input.open()
      fileLength = try file.byteCount()
      stream = try InflatedStream(
        file,
        offset: place.offset,
        position: place.position - min(place.position, place.skipped),
        limits: InflationLimits(containerBytes: budget.containerBytes, ratio: budget.ratio)
      )
    } catch {
      throw .file(error)
    }
    try advance(to: place)
  }

  /// Goes to the place of a checkpoint.
  func advance(to place: Checkpoint) throws(SourceError) {
    guard place.skipped > 0 else { return }
    let isThere: Bool
    do throws(FileError) {
      isThere = try stream.advance(to: place.position)
    } catch {
      throw .file(error)
    }
    guard isThere else {
      throw .changed(input: input.name, detail: "it ends before the place where reading goes on")
    }
  }
}
