internal import ArgumentParser
internal import Files
internal import Ingestion

/// Where the store is, for commands that read it.
struct StoreOptions: ParsableArguments {
  @Option(name: .long, help: "The store's folder; by default .ingest here or in manifests/.")
  var store: String?

  /// The folder: the option, `.ingest`, or `manifests/.ingest`.
  var folder: String {
    if let store { return store }
    return FilePaths.isFolder(".ingest") || !FilePaths.isFolder("manifests/.ingest")
      ? ".ingest" : "manifests/.ingest"
  }

  /// The store, opened for reading.
  func open() throws(IngestError) -> Store { try Store(folder, isWriter: false) }
}
