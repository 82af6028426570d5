/// Hears how a scan goes; nothing it does can change what is committed.
public protocol ScanObserver: Sendable {
  /// The scan of a source begins, or goes on behind `resumedMembers` members.
  func began(source: String, totalBytes: UInt64, resumedMembers: UInt64)
  /// A batch was taken over.
  func advanced(_ progress: ScanProgress)
  /// The source is read.
  func ended(source: String)
}

/// Where a scan stands.
public struct ScanProgress: Sendable {
  /// The source.
  public let source: String
  /// Records that have a leaf.
  public let records: UInt64
  /// Members that are damaged or over budget.
  public let rejected: UInt64
  /// Records that a rule left out.
  public let excluded: UInt64
  /// Members that are no records by their kind.
  public let skipped: UInt64
  /// Members and payload bytes since this process began; what resume skipped is not in it.
  public let newRecords: UInt64
  /// Payload bytes since this process began.
  public let newPayloadBytes: UInt64
  /// Bytes of the inputs' files read so far, and in all.
  public let readBytes: UInt64
  /// Bytes of all inputs' files.
  public let totalBytes: UInt64
}

/// Hears nothing.
public struct SilentObserver: ScanObserver {
  /// An observer that does nothing.
  public init() {}
  /// Does nothing.
  public func began(source: String, totalBytes: UInt64, resumedMembers: UInt64) {}
  /// Does nothing.
  public func advanced(_ progress: ScanProgress) {}
  /// Does nothing.
  public func ended(source: String) {}
}
