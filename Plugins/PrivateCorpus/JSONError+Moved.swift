internal import CanonicalCoding

extension JSONError {
  /// The same error at an offset that counts from elsewhere.
  func moved(by distance: Int) -> JSONError {
    switch self {
    case .syntax(let at): .syntax(offset: at + distance)
    case .invalidUTF8(let at): .invalidUTF8(offset: at + distance)
    case .loneSurrogate(let at): .loneSurrogate(offset: at + distance)
    case .duplicateName(let at): .duplicateName(offset: at + distance)
    case .tooDeep(let at): .tooDeep(offset: at + distance)
    case .inexactNumber(let at): .inexactNumber(offset: at + distance)
    case .trailingBytes(let at): .trailingBytes(offset: at + distance)
    }
  }
}
