import Files
import SourceAPI
import _TestSupport

/// A member as a plugin gave it, without its bytes.
struct SeenMember {
  let verdict: Member.Verdict
  let kind: String
  let offset: UInt64
  let length: UInt64
  let name: String
  let locator: String
  var reason: String? { if case .rejected(let reason, _) = verdict { reason } else { nil } }
}

/// All members of one file, read by a plugin with a changed configuration.
func members(
  _ plugin: any SourcePlugin.Type,
  _ path: String,
  _ change: (inout SourceConfiguration) -> Void = { _ in }
) throws -> [SeenMember] {
  var configuration = SourceConfiguration(inputs: [
    .init(path: path, name: RecordLocator.encode(FilePaths.name(of: path).utf8))
  ])
  change(&configuration)
  let reader = try plugin.init(configuration: configuration).reader(from: nil)
  var batch = MemberBatch()
  var seen: [SeenMember] = []
  var hasMore = true
  while hasMore {
    batch.removeAll()
    hasMore = try reader.read(into: &batch)
    seen += batch.members.map {
      SeenMember(
        verdict: $0.verdict,
        kind: $0.kind,
        offset: $0.offset,
        length: $0.length,
        name: $0.name,
        locator: $0.locator
      )
    }
  }
  return seen
}
