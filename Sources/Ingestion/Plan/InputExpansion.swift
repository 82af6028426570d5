internal import Files
internal import Manifests
internal import SourceAPI

/// Finds the files that `input.paths` names, in the byte order of their locators.
enum InputExpansion {
  static func expand(
    _ manifest: SourceManifest,
    folder: String,
    findings: inout [ManifestFinding]
  ) throws(FileError) -> [SourcePlan.Input] {
    var found: [SourcePlan.Input] = []
    for text in manifest.input.paths {
      let pattern = GlobPattern(text)
      var matches: [SourcePlan.Input] = []
      let isFile = pattern.isLiteral && !FilePaths.isFolder(FilePaths.join(folder, text))
      let start = pattern.isLiteral ? text : pattern.literalFolder
      let place = start.isEmpty ? folder : FilePaths.join(folder, start)
      // A walk follows no link: where it begins inside, all that it finds is inside.
      if FilePaths.exists(place), !FilePaths.isInside(place, folder: folder) {
        findings.append(
          ManifestFiles.finding(
            manifest,
            "path",
            "input.paths",
            "'\(start)' leads out of the manifest's folder"
          )
        )
        continue
      }
      if isFile {
        if let input = try input(text, folder: folder, kind: .file) { matches.append(input) }
      } else {
        try walk(start, folder: folder) { path, kind throws(FileError) in
          guard pattern.isLiteral || pattern.matches(path) else { return }
          if let input = try input(path, folder: folder, kind: kind) { matches.append(input) }
        }
      }
      if matches.isEmpty {
        findings.append(
          ManifestFiles.finding(
            manifest,
            "path-empty",
            "input.paths",
            manifest.crawl == nil
              ? "'\(text)' matches no file below \(folder); mend the pattern or deliver the data"
              : "'\(text)' matches no file below \(folder); ingest crawl fetches the pages"
          )
        )
      }
      found += matches
    }
    let inputs = ordered(found)
    try checkSums(manifest, inputs, folder: folder, findings: &findings)
    return inputs
  }

  /// The inputs in the byte order of their locators, each once.
  private static func ordered(_ inputs: [SourcePlan.Input]) -> [SourcePlan.Input] {
    func precedes(_ a: SourcePlan.Input, _ b: SourcePlan.Input) -> Bool {
      a.locator.utf8.lexicographicallyPrecedes(b.locator.utf8)
    }
    // One pattern gives them in order already, but for names beside a folder's, as `a.txt` and `a/b`.
    if zip(inputs, inputs.dropFirst()).allSatisfy(precedes) { return inputs }
    var ordered: [SourcePlan.Input] = []
    for input in inputs.sorted(by: precedes) where input.locator != ordered.last?.locator {
      ordered.append(input)
    }
    return ordered
  }

  /// One input; `nil` for a folder, or when there is no such file.
  ///
  /// A file that is there and cannot be opened is an error: an input is never left out silently.
  private static func input(
    _ path: String,
    folder: String,
    kind: FolderEntry.Kind
  ) throws(FileError) -> SourcePlan.Input? {
    let locator = RecordLocator.encode(PathText.bytes(of: path))
    let nothing = FileFingerprint(byteCount: 0, modified: 0, inode: 0)
    func skipped(_ kind: String) -> SourcePlan.Input {
      SourcePlan.Input(path: path, locator: locator, fingerprint: nothing, skipped: kind)
    }
    switch kind {
    case .file:
      let full = FilePaths.join(folder, path)
      guard let fingerprint = try FilePaths.fingerprint(full) else { return nil }
      return SourcePlan.Input(path: path, locator: locator, fingerprint: fingerprint)
    case .link: return skipped("link")
    case .special: return skipped("special")
    case .folder: return nil
    }
  }

  private static func walk(
    _ start: String,
    folder: String,
    _ visit: (String, FolderEntry.Kind) throws(FileError) -> Void
  ) throws(FileError) {
    let place = start.isEmpty ? folder : FilePaths.join(folder, start)
    guard FilePaths.isFolder(place) else { return }
    for entry in try FolderWalk.entries(of: place) {
      let name = PathText.text(of: entry.name)
      // The store may lie beside the manifest; it is never an input.
      if start.isEmpty, name == ".ingest" { continue }
      let path = start.isEmpty ? name : start + "/" + name
      if entry.kind == .folder {
        try walk(path, folder: folder, visit)
      } else {
        try visit(path, entry.kind)
      }
    }
  }

  /// `input.sha256sums`: every matched file must be listed with its digest.
  private static func checkSums(
    _ manifest: SourceManifest,
    _ inputs: [SourcePlan.Input],
    folder: String,
    findings: inout [ManifestFinding]
  ) throws(FileError) {
    guard let path = manifest.input.sha256sums else { return }
    let place = FilePaths.join(folder, path)
    guard FilePaths.isInside(place, folder: folder),
      let bytes = try? InputFile.contents(of: place, limit: 1 << 26)
    else {
      findings.append(
        ManifestFiles.finding(
          manifest,
          "sums-missing",
          "input.sha256sums",
          "'\(path)' cannot be read"
        )
      )
      return
    }
    var sums: [String: String] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let name = parts[1].drop { $0 == " " || $0 == "*" }
      sums[FilePaths.join(FilePaths.folder(of: path), String(name))] = String(parts[0])
    }
    for input in inputs where input.skipped == nil {
      guard let expected = sums[input.path] else {
        findings.append(
          ManifestFiles.finding(
            manifest,
            "sums-missing",
            "input.sha256sums",
            "'\(input.path)' is not listed in '\(path)'"
          )
        )
        continue
      }
      if try ManifestFiles.digest(of: FilePaths.join(folder, input.path)) != expected {
        findings.append(
          ManifestFiles.finding(
            manifest,
            "sums-differ",
            "input.sha256sums",
            "'\(input.path)' has another digest than '\(path)' says"
          )
        )
      }
    }
  }
}
