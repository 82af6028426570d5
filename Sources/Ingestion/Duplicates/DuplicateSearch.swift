public import CanonicalCoding
internal import Files
internal import Manifests
internal import Merkle
public import SourceAPI

/// Looks for records that several holders have, within and across the sources of a store.
///
/// Evidence, no judgement: nothing is removed, no leaf says anything about another record. What is found stands in files
/// beside the trees, and a selection of one copy is the trainer's, recorded as such.
public struct DuplicateSearch: Sendable {
  /// What was found.
  public struct Findings: Sendable {
    /// Records looked at.
    public let recordCount: UInt64
    /// The clusters, by kind and then by their first holder.
    public let clusters: [DuplicateCluster]
    /// The files that were written, one a source.
    public let files: [String]

    /// Clusters whose holders have different licenses.
    public var acrossLicenses: [DuplicateCluster] { clusters.filter { $0.licenses.count > 1 } }
    /// Records of a kind that are not the first of their cluster.
    public func copies(_ kind: DuplicateCluster.Kind) -> Int {
      clusters.filter { $0.kind == kind }.reduce(0) { $0 + $1.holders.count - 1 }
    }

    /// The JSON form: totals, and every cluster that spans licenses.
    public var json: JSONValue {
      .object(
        JSONObject(
          [
            ("records", .count(recordCount)),
            ("clusters", .count(clusters.count)),
            ("acrossSources", .count(clusters.count { $0.sources.count > 1 })),
            ("acrossLicenses", .array(acrossLicenses.map(\.json))),
            ("files", .array(files.map(JSONValue.string))),
          ]
            + DuplicateCluster.Kind.allCases.map { ("\($0.rawValue)Copies", .count(copies($0))) }
        )
      )
    }
  }

  private let store: Store
  private let plugins: [String: any SourcePlugin.Type]
  private let jobs: Int
  private let observer: any ScanObserver
  private let options: SourcePlan.Options

  /// A search over a store.
  ///
  /// - Parameters:
  ///   - store: the store.
  ///   - plugins: the plugins that are linked in, by name.
  ///   - jobs: threads that read sources again, where near duplicates are asked for.
  ///   - options: how workers are shut in.
  ///   - observer: hears how the reading goes.
  public init(
    _ store: Store,
    plugins: [String: any SourcePlugin.Type],
    jobs: Int,
    options: SourcePlan.Options,
    observer: any ScanObserver
  ) {
    (self.store, self.plugins, self.jobs) = (store, plugins, jobs)
    (self.options, self.observer) = (options, observer)
  }

  /// Searches all complete sources and writes each source's file.
  ///
  /// - Parameter near: whether texts that are about the same are looked for too; sources are read again for that.
  /// - Returns: what was found.
  /// - Throws: `IngestError`.
  public func run(near: Bool) async throws(IngestError) -> Findings {
    var holders: [RecordHolder] = []
    var payloads = ExactDuplicates()
    var contents = ExactDuplicates()
    var similar = NearDuplicates()
    do {
      var sources: [SourceRecord] = []
      for id in try store.sourceIdentifiers() {
        guard let record = try SourceRecord.load(id, from: store) else {
          continue
        }
        sources.append(record)
        var numbers: [UInt64: Int] = [:]
        let licenses = LicenseEntries(record.manifest).entries.map(\.expression)
        for place in try store.segments(of: id) {
          let segment = try store.segment(place, of: id)
          for (offset, row) in segment.rows.enumerated() where row.tombstone == nil {
            let number = holders.count
            if near { numbers[segment.firstLeaf + UInt64(offset)] = number }
            payloads.add(row.leaf.payloadDigest, record: number)
            contents.add(row.leaf.contentDigest, record: number)
            holders.append(
              RecordHolder(
                source: id,
                leaf: segment.firstLeaf + UInt64(offset),
                license: licenses[Int(row.leaf.licenseIndex)]
              )
            )
          }
        }
        if near { try await read(record, numbers, into: &similar) }
      }
      var clusters: [DuplicateCluster] = []
      for (kind, groups) in [
        (DuplicateCluster.Kind.payload, payloads.groups()), (.content, contents.groups()),
        (.near, similar.groups()),
      ] {
        clusters += groups.map { group in
          DuplicateCluster(kind: kind, holders: group.map { holders[$0] })
        }
      }
      return Findings(
        recordCount: UInt64(holders.count),
        clusters: clusters,
        files: try write(clusters, sources, near: near)
      )
    } catch {
      throw IngestError(error)
    }
  }

  /// Takes the signature of each text of a source, which is read again and compared with its leaves.
  private func read(
    _ source: SourceRecord,
    _ numbers: [UInt64: Int],
    into similar: inout NearDuplicates
  ) async throws {
    var reader = CommittedReader(
      store: store,
      source: source,
      plugins: plugins,
      jobs: jobs,
      observer: observer
    )
    reader.options = options
    var found: [(Int, MinHash)] = []
    try await reader.read(
      from: .start,
      body: { leaf, content in
        if let number = numbers[leaf], let signature = content.flatMap({ MinHash($0) }) {
          found.append((number, signature))
        }
        return true
      },
      reached: { _ in }
    )
    for (record, signature) in found { similar.add(signature, record: record) }
  }

  /// One file a source: a line for each record that is not the first of a cluster.
  private func write(
    _ clusters: [DuplicateCluster],
    _ sources: [SourceRecord],
    near: Bool
  ) throws -> [String] {
    var lines: [String: [(leaf: UInt64, kind: Int, bytes: [UInt8])]] = [:]
    for cluster in clusters {
      for holder in cluster.holders.dropFirst() {
        let line: JSONValue = [
          "leaf": .count(holder.leaf), "kind": .string(cluster.kind.rawValue),
          "duplicateOf": cluster.holders[0].json, "license": .string(holder.license),
          "licenses": .array(cluster.licenses.map(JSONValue.string)),
          "holders": .count(cluster.holders.count),
        ]
        let order = DuplicateCluster.Kind.allCases.firstIndex(of: cluster.kind) ?? 0
        lines[holder.source, default: []].append(
          (holder.leaf, order, CanonicalJSON.encode(line) + [0x0A])
        )
      }
    }
    var files: [String] = []
    for source in sources {
      let folder = FilePaths.join(store.folder(of: source.state.id), "attributes")
      try DurableFile.makeFolder(folder)
      let path = FilePaths.join(folder, "duplicates.jsonl")
      let own = (lines[source.state.id] ?? []).sorted { ($0.leaf, $0.kind) < ($1.leaf, $1.kind) }
      var head: JSONObject = [
        "apiVersion": "ingest/v1", "kind": "Duplicates", "source": .string(source.state.id),
        "sha256Root": .string(source.commitment.sha256Root.hex),
      ]
      if near { head["near"] = .string(MinHash.profile) }
      let bytes = CanonicalJSON.encode(.object(head)) + [0x0A] + own.flatMap(\.bytes)
      try DurableFile.write(bytes, to: path)
      files.append(path)
    }
    return files
  }
}
