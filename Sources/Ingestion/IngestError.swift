public import Files
public import Manifests
public import SourceAPI

/// The exit codes, in one place; docs/formats.md has the same table.
public enum ExitStatus: Int32, Sendable {
  case done = 0
  case usage = 64
  case badData = 65
  case unavailable = 69
  case booksOpen = 70
  case inputOutput = 74
  case locked = 75
  case refused = 77
  case badManifest = 78
}

/// Anything that ends a command, with its exit code and a sentence that says what to do.
public struct IngestError: Error, Sendable, CustomStringConvertible {
  /// The exit code.
  public let status: ExitStatus
  /// One sentence for people; it holds no record content.
  public let description: String

  /// Whether the same work may be tried once more in this process: a worker died, and nothing says that it was its input.
  let isRepeatable: Bool

  /// A failure in words.
  public init(_ status: ExitStatus, _ sentence: String) {
    self.init(status, sentence, isRepeatable: false)
  }

  init(_ status: ExitStatus, _ sentence: String, isRepeatable: Bool) {
    self.status = status
    description = sentence
    self.isRepeatable = isRepeatable
  }

  /// A failed system call: locked, missing or input/output.
  public init(_ error: FileError) {
    if error.isLocked {
      self.init(.locked, "\(error.path): locked by another writer; wait for it, then run again")
    } else {
      self.init(.inputOutput, "\(error)")
    }
  }

  /// A refused file of a person.
  public init(_ error: ManifestError) {
    self.init(.badManifest, error.description)
  }

  /// A source that cannot be read.
  public init(_ error: SourceError) {
    switch error {
    case .file(let file): self.init(file.isMissing ? .unavailable : .inputOutput, "\(file)")
    case .formatNotEnabled, .changed: self.init(.unavailable, "\(error)")
    case .plugin: self.init(.badData, "\(error)")
    case .configuration: self.init(.badManifest, "\(error)")
    }
  }

  /// Any error, with the code that fits.
  public init(_ error: any Error) {
    switch error {
    case let error as IngestError: self = error
    case let error as FileError: self.init(error)
    case let error as ManifestError: self.init(error)
    case let error as SourceError: self.init(error)
    case let error as ProofFileError: self.init(.badData, "\(error)")
    case let error as CommitmentError: self.init(.badData, "\(error)")
    case let error as SignatureError: self.init(.badData, "\(error)")
    case let error as EpochError: self.init(.badData, "\(error)")
    case let error as ReviewError: self.init(.badManifest, "\(error)")
    default: self.init(.booksOpen, "an error that nobody expected: \(error); please report it")
    }
  }
}
