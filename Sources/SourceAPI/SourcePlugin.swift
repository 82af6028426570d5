/// A kind of source: how bytes become members.
///
/// Implementation guidance. A plugin cuts and decodes; it never decides what is committed, and it
/// states no digest. The same inputs give the same members, in the order of the inputs and of the
/// places inside them, on every run. Damage is a member with the verdict `rejected`, and reading
/// goes on behind it; only what makes the whole source unreadable is thrown. Memory stays bounded by
/// the budget whatever the input says about itself. `ConformanceSuite` checks all of this.
public protocol SourcePlugin: Sendable {
  /// The name in manifests.
  static var name: String { get }
  /// The version in commitments: a new one when the same bytes give other members.
  static var version: String { get }
  /// Loads what has to come from somewhere else than the inputs; called once, while files can be opened still.
  static func prepare()
  /// Whether a member of another container is a container that this plugin reads: by its name and its first 512 bytes.
  static func reads(_ name: String, head: ArraySlice<UInt8>) -> Bool
  /// Takes a configuration.
  ///
  /// - Throws: `SourceError.configuration` for one that cannot work.
  init(configuration: SourceConfiguration) throws(SourceError)
  /// Starts reading at a checkpoint that an earlier reader gave, or at the beginning.
  func reader(from checkpoint: Checkpoint?) throws(SourceError) -> any MemberReader
}

extension SourcePlugin {
  /// Nothing.
  public static func prepare() {}
  /// None.
  public static func reads(_ name: String, head: ArraySlice<UInt8>) -> Bool { false }
}

/// Reads the members of a source in their order; used by one thread.
public protocol MemberReader: AnyObject {
  /// Adds members until the batch is full or the source ends.
  ///
  /// - Returns: false once the end of the last input is proven; members may have been added still.
  /// - Throws: `SourceError`.
  func read(into batch: inout MemberBatch) throws(SourceError) -> Bool
  /// A place behind the last member handed over from which a new reader can go on; `nil` where the
  /// format allows none.
  var checkpoint: Checkpoint? { get }
  /// The number of the input that is read.
  var inputIndex: Int { get }
  /// Bytes of that input's file that have been read.
  var inputOffset: UInt64 { get }
}
