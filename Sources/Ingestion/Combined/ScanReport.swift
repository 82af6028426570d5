public import CanonicalCoding
internal import Files
internal import Manifests

/// What a run did, for people and machines.
///
/// The part under `result` depends on inputs and manifest alone; times, memory and the machine's
/// pace stand apart, under `run`.
public struct ScanReport: Sendable {
  private let record: SourceRecord
  private let wallSeconds: Double
  private let jobs: Int
  private let sandbox: String

  /// The report of a completed source; `sandbox` says what its workers were shut in by, where any were needed.
  public init(_ record: SourceRecord, wallSeconds: Double, jobs: Int, sandbox: String) {
    (self.record, self.wallSeconds, self.jobs) = (record, wallSeconds, jobs)
    self.sandbox = sandbox
  }

  /// The report as JSON.
  public var json: JSONValue {
    let state = record.state
    let (usage, workers) = (ProcessUsage.current, ProcessUsage.ofChildren)
    let inputs = state.inputs.map { input -> JSONValue in
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
        "inputs": record.manifest.confidential ? .array([]) : .array(inputs),
        "inputBytes": .count(state.inputs.reduce(0) { $0 + $1.fingerprint.byteCount }),
        "reasons": .object(JSONObject(state.books.reasons.map { ($0.key, .count($0.value)) })),
        "books": .array(parts.map(JSONValue.string)),
      ],
      "run": [
        "wallMilliseconds": .count(UInt64(wallSeconds * 1000)),
        "cpuMilliseconds": .count(UInt64((usage.cpuSeconds + workers.cpuSeconds) * 1000)),
        "peakBytes": .count(usage.peakBytes), "workerPeakBytes": .count(workers.peakBytes),
        "sandbox": .string(sandbox),
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
