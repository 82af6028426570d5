internal import SourceAPI

/// Reads the inputs of a source one by one, each by a reader of its own format.
final class InputByInput: MemberReader {
  typealias Opening = (
    _ input: Int, _ part: SourceConfiguration, _ place: Checkpoint
  ) throws(SourceError) -> any MemberReader

  private let configuration: SourceConfiguration
  private let open: Opening
  private var current: (any MemberReader)?
  private(set) var inputIndex: Int

  init(
    _ configuration: SourceConfiguration,
    from place: Checkpoint,
    open: @escaping Opening
  ) throws(SourceError) {
    (self.configuration, self.open) = (configuration, open)
    inputIndex = place.input
    var local = place
    local.input = 0
    if inputIndex < configuration.inputs.count { current = try reader(at: local) }
  }

  private func reader(at place: Checkpoint) throws(SourceError) -> any MemberReader {
    var part = configuration
    part.inputs = [configuration.inputs[inputIndex]]
    return try open(inputIndex, part, place)
  }

  var checkpoint: Checkpoint? {
    guard let current else { return .start(of: inputIndex) }
    var place = current.checkpoint
    place?.input += inputIndex
    return place
  }
  var inputOffset: UInt64 { current?.inputOffset ?? 0 }

  func read(into batch: inout MemberBatch) throws(SourceError) -> Bool {
    while inputIndex < configuration.inputs.count {
      if current == nil { current = try reader(at: .start(of: 0)) }
      guard let reader = current else { return false }
      if try reader.read(into: &batch) { return true }
      current = nil
      inputIndex += 1
      if batch.isFull, inputIndex < configuration.inputs.count { return true }
    }
    return false
  }
}
