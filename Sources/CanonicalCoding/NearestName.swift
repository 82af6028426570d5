/// Finds the known name that a misspelled one most likely means.
public enum NearestName {
  /// The known name within edit distance 2 of `name`; the first in byte order among equals.
  ///
  /// - Complexity: O(known · length²), for messages alone.
  public static func find(_ name: String, among known: some Sequence<String>) -> String? {
    var best: (distance: Int, name: String)?
    for candidate in known.sorted() {
      let distance = editDistance(Array(name.lowercased().utf8), Array(candidate.lowercased().utf8))
      if distance <= 2, distance < best?.distance ?? 3 { best = (distance, candidate) }
    }
    return best?.name
  }

  private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    guard abs(a.count - b.count) <= 2 else { return 3 }
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let substituted = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, min(row[j], row[j + 1]) + 1)
      }
    }
    return row[b.count]
  }
}
