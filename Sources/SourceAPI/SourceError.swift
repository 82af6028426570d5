public import Files

/// Why a source cannot be read at all; damage inside it is a rejected member instead.
public enum SourceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A system call failed.
  case file(FileError)
  /// The input is of a format that is not switched on.
  case formatNotEnabled(input: String, format: String, hint: String)
  /// The input changed while it was read, or since the last run.
  case changed(input: String, detail: String)
  /// The plugin broke its protocol, died, or was ended; nothing that it gave is signed.
  case plugin(name: String, detail: String)
  /// The configuration cannot work.
  case configuration(field: String, detail: String)

  /// One sentence for people; it holds no record content.
  public var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .formatNotEnabled(let input, let format, let hint):
      "\(input): the format \(format) is not enabled; \(hint)"
    case .changed(let input, let detail):
      "\(input): changed during the scan (\(detail)); restore it, or commit it as a new version"
    case .plugin(let name, let detail):
      "plugin '\(name)': \(detail); nothing of it is signed"
    case .configuration(let field, let detail): "\(field): \(detail)"
    }
  }
}
