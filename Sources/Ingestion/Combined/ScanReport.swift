public import CanonicalCoding
internal import Files
internal import Manifests

/// What a run did, for people and machines.
///
/// The part under `result` depends on inputs and manifest alone; times, memory and the machine's
/// pace stand apart, under `run`.
public struct ScanReport: Sendable {
  private let record: SourceRecord
  private let inputs: [SourcePlan.Input]
  private let wallSeconds: Double
  private let jobs: Int
  private let workers: WorkerUsage

  /// The report of a completed source; `workers` is empty where none were needed.
  init(
    _ record: SourceRecord,
    inputs: [SourcePlan.Input],
    wallSeconds: Double,
    jobs: Int,
    workers: WorkerUsage
  ) {
    (self.record, self.inputs) = (record, inputs)
    (self.wallSeconds, self.jobs) = (wallSeconds, jobs)
    self.workers = workers
  }

  /// The report as JSON.
  public var json: JSONValue {
    let state = record.state
    let (usage, children) = (ProcessUsage.current, ProcessUsage.ofChildren)
    let list = inputs.map { input -> JSONValue in
      ["locator": .string(input.locator), "bytes": .count(input.fingerprint.byteCount)]
    }
    let parts = [
      "members = records + rejected + excluded + skipped",
      "\(state.books.counts.members) = \(state.books.counts.records) + \(state.books.counts.rejected) + \(state.books.counts.excludedTotal) + \(state.books.counts.skipped)",
    ]
    return [
      "apiVersion": "ingest/v1", "kind": "ScanReport",
      "result": [
        "source": record.commitment.json, "asOf": .string(state.asOf.description),
        "inputs": record.manifest.confidential ? .array([]) : .array(list),
        "inputBytes": .count(inputs.reduce(0) { $0 + $1.fingerprint.byteCount }),
        "reasons": .object(JSONObject(state.books.reasons.map { ($0.key, .count($0.value)) })),
        "reservedTraining": [
          "committed": .count(
            record.commitment.licenses.reduce(0) { $0 + ($1.preferences[.disallowed] ?? 0) }
          ),
          "leftOut": .count(state.books.counts.excluded[.optOut] ?? 0),
        ],
        "unlicensed": .count(state.unlicensedRecords(record.commitment)),
        "declaredLicenses": .array(
          state.declaredLicenses.map {
            ["text": .string($0.text), "records": .count($0.records)]
          }
        ),
        "books": .array(parts.map(JSONValue.string)),
      ],
      "run": [
        "wallMilliseconds": .count(UInt64(wallSeconds * 1000)),
        "cpuMilliseconds": .count(UInt64((usage.cpuSeconds + children.cpuSeconds) * 1000)),
        "peakBytes": .count(usage.peakBytes), "workerPeakBytes": .count(workers.peakBytes),
        "sandbox": .string(workers.sandbox),
        "jobs": .count(jobs),
      ],
    ]
  }

  /// Writes the report into the source's folder.
  public func write(to store: Store) throws(IngestError) {
    do throws(FileError) {
      let path = FilePaths.join(store.folder(of: record.state.id), "report.json")
      try DurableFile.write(CanonicalJSON.encode(json) + [0x0A], to: path)
    } catch {
      throw IngestError(error)
    }
  }
}
