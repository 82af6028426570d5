internal import Glibc

/// The value of a variable of the environment; `nil` where there is none.
public func environmentValue(_ name: String) -> String? {
  // SAFETY: the text is copied at once; nothing here changes the environment.
  unsafe getenv(name).map { unsafe String(cString: $0) }
}
