internal import CanonicalCoding
internal import Files
internal import Manifests
internal import Normalization
internal import SourceAPI

/// All that a worker is told: what to read, by which rules, from where on.
///
/// It comes on standard input and holds the texts of manifest and policy themselves, because a worker opens nothing but
/// the inputs. The salt key is no part of it.
struct WorkerJob: Sendable {
  /// The plan over the inputs of this job alone.
  var plan: SourcePlan
  /// The day on which the policy decides.
  var asOf: CivilDate
  /// Where to begin, counted in the inputs of this job.
  var start: Checkpoint
  /// Members of the source before the start.
  var firstOrdinal: UInt64
  /// Threads that normalize and hash.
  var threads: Int
  /// Whether the normal forms are handed over.
  var keepsContent: Bool
  /// Members of one batch; few where a failure has to be found.
  var memberGoal: Int

  /// A job.
  init(
    _ plan: SourcePlan,
    asOf: CivilDate,
    start: Checkpoint,
    firstOrdinal: UInt64,
    threads: Int,
    keepsContent: Bool,
    memberGoal: Int = MemberBatch.usualMemberGoal
  ) {
    (self.plan, self.asOf, self.start) = (plan, asOf, start)
    (self.firstOrdinal, self.threads) = (firstOrdinal, threads)
    (self.keepsContent, self.memberGoal) = (keepsContent, memberGoal)
  }

  /// The byte form: `u32` length and JSON, then the inputs one behind the other.
  var bytes: [UInt8] {
    let json: JSONValue = [
      "rules": .object(plan.rules), "options": plan.options.json, "asOf": .string(asOf.description),
      "start": .string(start.text),
      "firstOrdinal": .count(firstOrdinal), "threads": .count(threads),
      "keepsContent": .bool(keepsContent), "memberGoal": .count(memberGoal),
    ]
    let head = CanonicalJSON.encode(json)
    var writer = ByteWriter(capacity: head.count + plan.inputs.count * 96)
    writer.write(UInt32(head.count))
    writer.write(head)
    for input in plan.inputs { input.encode(into: &writer) }
    return writer.bytes
  }

  /// Reads the byte form.
  ///
  /// - Throws: `IngestError` 64: nobody but the host writes a job.
  init(_ bytes: [UInt8]) throws(IngestError) {
    let fault = IngestError(
      .usage,
      "ingest-worker is started by ingest, which gives it a job on standard input"
    )
    var reader = ByteReader(bytes)
    var inputs: [SourcePlan.Input] = []
    let head: ArraySlice<UInt8>
    do {
      head = try reader.read(count: Int(try reader.read(UInt32.self)))
      while reader.remaining > 0 { inputs.append(try SourcePlan.Input(&reader)) }
    } catch {
      throw fault
    }
    guard let object = (try? JSONParser.parse(Array(head)))?.object,
      let rules = object["rules"]?.object,
      let options = object["options"].flatMap({ SourcePlan.Options($0) }),
      let asOf = object["asOf"]?.text.flatMap({ CivilDate($0) }),
      let start = object["start"]?.text.flatMap({ Checkpoint($0) }),
      let firstOrdinal = object["firstOrdinal"]?.text.flatMap({ UInt64($0) }),
      let threads = object["threads"]?.text.flatMap({ Int($0) }), (1...256).contains(threads),
      let keepsContent = object["keepsContent"]?.boolean,
      let memberGoal = object["memberGoal"]?.text.flatMap({ Int($0) }), memberGoal > 0
    else { throw fault }
    var plan = try SourcePlan(rules, inputs: inputs)
    plan.options = options
    self.init(
      plan,
      asOf: asOf,
      start: start,
      firstOrdinal: firstOrdinal,
      threads: threads,
      keepsContent: keepsContent,
      memberGoal: memberGoal
    )
  }
}
