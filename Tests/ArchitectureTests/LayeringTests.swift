import Files
import Testing
import _TestSupport

/// The table of docs/architecture.md once more: an import that points up, sideways or round the C
/// fence fails here, because the compiler lets some of them pass.
@Suite struct LayeringTests {
  private static let layers: [(layer: Int, modules: [String])] = [
    (
      0,
      [
        "CArchive", "CCompression", "CCurl", "CDigests", "CIDN", "CKernels", "CSandbox",
        "CTextScan",
        "CXML",
        "Files", "Threads",
      ]
    ),
    (
      1,
      [
        "Algebra", "Archives", "CanonicalCoding", "Digests", "DomainNames", "Markup", "Sandbox",
        "TextScan", "Transfers",
      ]
    ),
    (2, ["CrawlRules", "Kernels", "Licensing", "Merkle", "ProofSystem", "SourceAPI"]),
    (
      3,
      [
        "LicensedArchive", "Manifests", "Normalization", "PluginBridge", "PrivateCorpus",
        "SourceConformance",
        "WebCrawl",
      ]
    ),
    (4, ["Exports", "Ingestion", "LinkedPlugins", "PageReading", "Provenance"]),
    (5, ["Crawling", "Proving", "Reporting", "VerifierInterface"]),
    (6, ["ingest", "ingest-worker"]),
  ]
  /// Which module may import a C library or a dependency.
  private static let fence: [String: Set<String>] = [
    "CArchive": ["Archives"], "CCompression": ["Archives"], "CXML": ["Markup"],
    "CCurl": ["Transfers"], "CIDN": ["DomainNames"],
    "CPlatform": ["Files", "Sandbox"], "CSandbox": ["Sandbox"],
    "CVerifierInterface": ["VerifierInterface"], "CKernels": ["Kernels"],
    "CTextScan": ["TextScan"], "CDigests": ["Digests"],
    "Yams": ["Manifests"],
    "GRDB": ["Crawling", "Ingestion", "PrivateCorpus"],
    "Crypto": [
      "Crawling", "Digests", "Ingestion", "Manifests", "Merkle", "Normalization", "PluginBridge",
      "ProofSystem",
      "Proving",
      "SourceAPI", "WebCrawl",
    ],
    "ArgumentParser": ["ingest"],
    "Dispatch": ["Proving"],
    "Glibc": [
      "Algebra", "Archives", "CanonicalCoding", "Files", "Markup", "ProofSystem",
      "Sandbox",
      "Threads", "Transfers", "ingest", "ingest-worker",
    ],
    "Synchronization": ["Algebra", "Ingestion", "Proving", "ingest"],
  ]

  private func sources() throws -> [(module: String, path: String, text: String)] {
    var found: [(String, String, String)] = []
    func walk(_ folder: String, _ module: String) throws {
      for entry in try FolderWalk.entries(of: folder) {
        let name = String(decoding: entry.name, as: UTF8.self)
        let path = FilePaths.join(folder, name)
        if entry.kind == .folder { try walk(path, module) }
        if name.hasSuffix(".swift") {
          found.append(
            (
              module, path,
              String(decoding: try InputFile.contents(of: path, limit: 1 << 22), as: UTF8.self)
            )
          )
        }
      }
    }
    for root in ["Sources", "Plugins"] {
      for entry in try FolderWalk.entries(of: Fixture.path(root)) where entry.kind == .folder {
        let module = String(decoding: entry.name, as: UTF8.self)
        try walk(Fixture.path("\(root)/\(module)"), module)
      }
    }
    return found
  }

  @Test func `every import points down, carries an access level, and respects the fence`() throws {
    let layer = Dictionary(
      uniqueKeysWithValues: Self.layers.flatMap { layer in layer.modules.map { ($0, layer.layer) } }
    )
    let sources = try sources()
    #expect(sources.count > 80)
    for (module, path, text) in sources {
      let own = try #require(
        layer[module],
        "\(module) has no layer; add it here and in docs/architecture.md"
      )
      for line in text.split(separator: "\n")
      where line.contains("import ") && !line.hasPrefix(" ") && !line.hasPrefix("/") {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), words.count > index + 1 else { continue }
        let imported = String(words[index + 1])
        #expect(
          index > 0 && ["public", "package", "internal", "private"].contains(String(words[0])),
          "\(path): \(line) carries no access level"
        )
        if let allowed = Self.fence[imported] {
          #expect(allowed.contains(module), "\(path): \(module) may not import \(imported)")
        } else {
          let other = try #require(layer[imported], "\(path): \(imported) stands in no list")
          #expect(other < own, "\(path): layer \(own) imports \(imported) of layer \(other)")
        }
      }
    }
  }

  @Test func `unsafe code says why it is sound, and force operators stay out`() throws {
    var unsafeDeclarations = 0
    for (_, path, text) in try sources()
    where !path.contains("Tables.swift") && !path.contains("Data") {
      for declaration in Self.declarations(of: text) {
        let code = declaration.filter { !$0.drop { $0 == " " }.hasPrefix("//") }
        guard code.contains(where: { $0.contains("unsafe ") }) else { continue }
        unsafeDeclarations += 1
        #expect(
          declaration.contains { $0.contains("// SAFETY: ") },
          "\(path): unsafe without a SAFETY line: \(code.first { $0.contains("unsafe ") } ?? "")"
        )
      }
      #expect(!text.contains("try!"), "\(path): try!")
      #expect(!text.contains(" as! "), "\(path): as!")
      for word in ["TO" + "DO", "FIX" + "ME", "XX" + "X"] {
        #expect(!text.contains(word), "\(path): \(word)")
      }
    }
    #expect(unsafeDeclarations > 50)
  }

  /// The members of types and the top-level declarations of a file, each with the comment before it.
  private static func declarations(of text: String) -> [[Substring]] {
    let words = [
      "///", "@", "public", "private", "fileprivate", "internal", "package", "static", "func",
      "init",
      "deinit", "var", "let", "mutating", "final", "override", "struct", "enum", "extension",
      "class",
    ]
    var found: [[Substring]] = []
    var current: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let indent = line.prefix { $0 == " " }.count
      let isStart =
        (indent == 0 || indent == 2) && words.contains { line.dropFirst(indent).hasPrefix($0) }
      let isComment = current.allSatisfy { line in
        line.isEmpty || line.contains("//") || line.drop { $0 == " " }.hasPrefix("@")
      }
      if isStart, !isComment {
        found.append(current)
        current = []
      }
      current.append(line)
    }
    return found + [current]
  }

  @Test func `no file is longer than 500 lines but generated tables`() throws {
    for (_, path, text) in try sources() where !text.hasPrefix("// Generated") {
      #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 500, "\(path)")
    }
  }
}
