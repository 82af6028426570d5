internal import Glibc

/// Standard input, output and error.
public enum StandardStreams {
  /// Gives each of the three that is closed `/dev/null`, so that no file that is opened later gets its number.
  public static func open() {
    for number: Int32 in 0...2 where fcntl(number, F_GETFD) < 0 {
      // SAFETY: the path is a constant. The lowest free number is taken, which is this one.
      _ = unsafe Glibc.open("/dev/null", number == 0 ? O_RDONLY : O_WRONLY)
    }
  }
}
