internal import CanonicalCoding
public import SourceAPI

/// A plugin in a process of its own, as the host's other parts see plugins: its configuration says which program it is.
public struct ExternalSource: SourcePlugin {
  /// No manifest has this name: each program has its own.
  public static let name = "external"
  /// Each program states its own.
  public static let version = "0"

  private let configuration: SourceConfiguration
  private let plugin: ExternalPlugin

  /// Takes a configuration.
  public init(configuration: SourceConfiguration) throws(SourceError) {
    guard let plugin = configuration.external else {
      throw .configuration(field: "source.plugin", detail: "no program reads this source")
    }
    (self.configuration, self.plugin) = (configuration, plugin)
  }

  /// Starts the program at a place that it gave, or at the beginning.
  public func reader(from checkpoint: Checkpoint?) throws(SourceError) -> any MemberReader {
    try ExternalReader(configuration, plugin, from: checkpoint ?? .start(of: 0))
  }

  /// Asks a program who it is.
  ///
  /// - Parameters:
  ///   - plugin: the program as it was found.
  ///   - allowsUnsandboxed: whether it may run without a mechanism of the sandbox that the kernel lacks.
  /// - Returns: the same with the version that it states.
  /// - Throws: `SourceError`.
  public static func described(
    _ plugin: ExternalPlugin,
    allowsUnsandboxed: Bool
  ) throws(SourceError) -> ExternalPlugin {
    let process = try PluginProcess(
      plugin,
      nil,
      from: .start(of: 0),
      allowsUnsandboxed: allowsUnsandboxed,
      endsWithUs: false
    )
    var described = plugin
    described.identity.version = try process.hello()
    return described
  }

  /// Whether a program ends within some seconds when its output is closed in the middle of a source.
  ///
  /// - Throws: `SourceError` when it cannot be started.
  public static func endsWhenAbandoned(_ configuration: SourceConfiguration) throws(SourceError)
    -> Bool
  {
    guard let plugin = configuration.external else { return true }
    let process = try PluginProcess(
      plugin,
      configuration,
      from: .start(of: 0),
      allowsUnsandboxed: configuration.allowsUnsandboxed,
      endsWithUs: false
    )
    _ = try process.hello()
    return process.abandon()
  }
}

/// Takes the records of a program over, one frame after the other.
final class ExternalReader: MemberReader {
  private let configuration: SourceConfiguration
  private let process: PluginProcess
  private let start: Checkpoint
  private(set) var checkpoint: Checkpoint?
  private(set) var inputIndex: Int
  private(set) var inputOffset: UInt64 = 0
  /// Members of the current input.
  private var memberCount: UInt64 = 0
  private var recordFrames: UInt64 = 0
  private var hasBegun = false
  private var isDone = false

  /// A batch that has members is handed over when nothing more came for so many seconds.
  private static let patience: UInt64 = 2

  init(
    _ configuration: SourceConfiguration,
    _ plugin: ExternalPlugin,
    from place: Checkpoint
  ) throws(SourceError) {
    self.configuration = configuration
    (start, checkpoint, inputIndex) = (place, place, place.input)
    isDone = place.input >= configuration.inputs.count
    process = try PluginProcess(
      plugin,
      configuration,
      from: place,
      allowsUnsandboxed: configuration.allowsUnsandboxed,
      endsWithUs: true
    )
  }

  func read(into batch: inout MemberBatch) throws(SourceError) -> Bool {
    if !hasBegun {
      let version = try process.hello()
      guard version == configuration.external?.identity.version else {
        throw process.fault("says that it is version \(version), and said something else before")
      }
      hasBegun = true
    }
    var silence: UInt64 = 0
    while !isDone {
      guard let frame = try process.next(within: Self.patience) else {
        silence += Self.patience
        guard silence < configuration.silenceSeconds else {
          throw process.fault("said nothing for \(silence) s and was ended")
        }
        if batch.members.isEmpty { continue }
        return true
      }
      silence = 0
      switch PluginProtocol.Message(rawValue: frame.kind) {
      case .record:
        try take(frame.content, &batch)
        if batch.isFull { return true }
      case .checkpoint:
        try take(checkpoint: frame.content)
        // Batches end at checkpoints where they can: then a run that is killed goes on there.
        if 2 * batch.members.count >= batch.memberGoal { return true }
      case .done: try take(done: frame.content, &batch)
      case .failed: throw failure(frame.content)
      case .hello: throw process.fault("said hello twice")
      case nil:
        throw process.fault("sent a message of kind \(frame.kind), which protocol 1 does not know")
      }
    }
    return false
  }

  private func take(_ content: ArraySlice<UInt8>, _ batch: inout MemberBatch) throws(SourceError) {
    do throws(PluginRecord.Fault) {
      let record = try PluginRecord(content)
      guard configuration.inputs.indices.contains(record.input), record.input >= inputIndex,
        configuration.inputs[record.input].skipped == nil
      else { throw PluginRecord.Fault(what: "a record of an input that is not there, or not now") }
      if record.input > inputIndex { (inputIndex, memberCount, inputOffset) = (record.input, 0, 0) }
      memberCount += 1
      guard memberCount <= configuration.budget.memberCount else {
        throw PluginRecord.Fault(
          what: "more than \(configuration.budget.memberCount) members of one input (--max-members)"
        )
      }
      let member = try record.member(
        of: configuration.inputs[record.input],
        budget: configuration.budget,
        in: &batch
      )
      batch.members.append(member)
      recordFrames += 1
      checkpoint = nil
    } catch {
      throw process.fault("sent \(error.what)")
    }
  }

  private func take(checkpoint content: ArraySlice<UInt8>) throws(SourceError) {
    guard let object = (try? JSONParser.parse(Array(content)))?.object,
      let input = object["input"]?.whole, input <= UInt64(configuration.inputs.count),
      Int(input) >= inputIndex, let offset = object["offset"].map({ $0.whole }) ?? 0,
      let ordinal = object["ordinal"].map({ $0.whole }) ?? 0,
      let position = object["position"].map({ $0.whole }) ?? 0,
      let read = object["read"].map({ $0.whole }) ?? 0
    else { throw process.fault("sent a checkpoint that is no place") }
    if Int(input) > inputIndex { (inputIndex, memberCount) = (Int(input), 0) }
    inputOffset = read
    checkpoint = Checkpoint(
      input: inputIndex,
      offset: offset,
      ordinal: ordinal,
      position: position
    )
  }

  /// The end: the plugin counts what it sent, so that a record that was lost on the way is noticed.
  private func take(
    done content: ArraySlice<UInt8>,
    _ batch: inout MemberBatch
  ) throws(SourceError) {
    guard let object = (try? JSONParser.parse(Array(content)))?.object,
      let records = object["records"]?.whole
    else { throw process.fault("ended without the number of its records") }
    guard records == recordFrames else {
      throw process.fault("says that it sent \(records) records; \(recordFrames) came")
    }
    process.finish()
    isDone = true
    for input in configuration.inputs {
      guard let kind = input.skipped else { continue }
      batch.members.append(.skipped(locator: input.name, kind: kind))
    }
    inputIndex = configuration.inputs.count
    checkpoint = .start(of: inputIndex)
  }

  private func failure(_ content: ArraySlice<UInt8>) -> SourceError {
    guard let object = (try? JSONParser.parse(Array(content)))?.object,
      let reason = object["reason"]?.text, let detail = object["detail"]?.text,
      detail.utf8.count <= 400
    else { return process.fault("failed without a reason") }
    let name =
      configuration.inputs.indices.contains(inputIndex)
      ? configuration.inputs[inputIndex].name : "the source"
    switch reason {
    case "format": return .formatNotEnabled(input: name, format: "of this file", hint: detail)
    case "changed": return .changed(input: name, detail: detail)
    case "configuration": return .configuration(field: "input", detail: detail)
    default: return process.fault("failed: \(detail)")
    }
  }
}
