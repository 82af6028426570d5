// swift-tools-version: 6.2
// Every target and every arrow between targets. `LayeringTests` states the layers once more.

import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

extension Target {
  /// A module of ours under `Sources/`.
  static func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
  }

  /// A source plugin: an ordinary library target under `Plugins/`.
  static func sourcePlugin(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
      name: name,
      dependencies: ["SourceAPI"] + dependencies,
      path: "Plugins/\(name)",
      swiftSettings: settings
    )
  }

  /// The tests of one module.
  static func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
  }
}

/// SHA-256, HMAC, Ed25519 and ML-DSA-65: audited code (BoringSSL) instead of our own.
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
/// The YAML that people write: manifests and policies.
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
/// SQLite: the store's commit point, and the tables of private corpora.
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
/// The command line, its help and its usage errors.
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "ingest",
  products: [
    .executable(name: "ingest", targets: ["ingest"]),
    // The process that parses foreign bytes; ingest starts it and expects it beside itself.
    .executable(name: "ingest-worker", targets: ["ingest-worker"]),
    .library(name: "SourceAPI", targets: ["SourceAPI"]),
    .library(name: "SourceConformance", targets: ["SourceConformance"]),
    .library(name: "Manifests", targets: ["Manifests"]),
    // Checks provenance bundles in somebody else's program: no C library of ours, no files, no threads.
    .library(name: "ProvenanceVerifier", targets: ["Provenance"]),
    // The same for programs in other languages: include/ingest_verifier.h.
    .library(name: "ingest_verifier", type: .dynamic, targets: ["VerifierInterface"]),
    // The verifier under libFuzzer (scripts/fuzz); nothing of it is in the program.
    .library(name: "VerifierFuzz", type: .static, targets: ["VerifierFuzz"]),
    .library(name: "IngestFuzz", type: .static, targets: ["IngestFuzz"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Layer 0: module maps, no code.
    // XML of strangers, sitemaps and feeds: libxml2 is what everybody reads XML with, and it stays in the sandbox.
    .systemLibrary(name: "CXML", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    // HTTP of strangers: libcurl speaks both versions, verifies TLS and shows each address before it is asked.
    .systemLibrary(
      name: "CCurl",
      pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]
    ),
    // Names of hosts in other scripts: the tables of UTS 46 are long, change, and are kept well by libidn2.
    .systemLibrary(name: "CIDN", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
    .systemLibrary(
      name: "CArchive",
      pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"])]
    ),
    .systemLibrary(
      name: "CCompression",
      providers: [
        .apt(["libisal-dev", "libdeflate-dev", "libzstd-dev", "libbrotli-dev", "zlib1g-dev"])
      ]
    ),
    // Layer 0: loops in C, in forms for several processors.
    .target(name: "CKernels"),
    .target(name: "CTextScan"),
    .target(name: "CDigests"),
    // Landlock and seccomp: a filter program and a signal handler.
    .target(name: "CSandbox"),
    // The file system: layer 0, because the wrappers read through it.
    .systemLibrary(name: "CPlatform"),
    .module("Files", ["CPlatform"]),
    // The verifier's interface for other languages: the header, implemented in layer 5.
    .systemLibrary(name: "CVerifierInterface", path: "include"),
    // Layer 1
    .module("CanonicalCoding"),
    .module("Algebra"),
    .module("Archives", ["CArchive", "CCompression", "Files"]),
    .module("Markup", ["CXML"]),
    .module("TextScan", ["CTextScan"]),
    .module("Sandbox", ["CPlatform", "CSandbox", "Files"]),
    .module("Threads"),
    .module("Transfers", ["CCurl"]),
    .module("DomainNames", ["CIDN"]),
    .module("Digests", ["CDigests", crypto]),
    // Layer 2
    .module("SourceAPI", ["CanonicalCoding", "Files", "TextScan", crypto]),
    .module("Kernels", ["Algebra", "CKernels"]),
    .module("Licensing", ["CanonicalCoding"]),
    .module("CrawlRules", ["Archives", "CanonicalCoding", "DomainNames", "Markup"]),
    .module("ProofSystem", ["Algebra", crypto]),
    .module("Merkle", ["Algebra", "CanonicalCoding", crypto]),
    // Layer 3
    .module("Normalization", ["CanonicalCoding", "Markup", "SourceAPI", "TextScan", crypto]),
    .module("SourceConformance", ["CanonicalCoding", "SourceAPI"]),
    .module("Manifests", ["Algebra", "CanonicalCoding", "Licensing", "Merkle", crypto, yams]),
    .module("PluginBridge", ["CanonicalCoding", "Files", "Sandbox", "SourceAPI", crypto]),
    .sourcePlugin("LicensedArchive", ["Archives", "CanonicalCoding", "Files"]),
    .sourcePlugin("PrivateCorpus", ["Archives", "CanonicalCoding", "Files", "TextScan", grdb]),
    .sourcePlugin(
      "WebCrawl",
      ["Archives", "CanonicalCoding", "CrawlRules", "Digests", "Files", crypto]
    ),
    // Layer 4
    .module(
      "PageReading",
      [
        "Archives", "CanonicalCoding", "CrawlRules", "Files", "Normalization", "Sandbox",
        "SourceAPI",
        "WebCrawl",
      ]
    ),
    .module("LinkedPlugins", ["LicensedArchive", "PrivateCorpus", "SourceAPI", "WebCrawl"]),
    .module("Exports", ["CanonicalCoding", "Licensing", "Manifests", "Merkle"]),
    .module(
      "Ingestion",
      [
        "Algebra", "CanonicalCoding", "CrawlRules", "Digests", "Files", "Kernels", "Licensing",
        "Manifests",
        "Merkle", "Normalization", "PluginBridge", "Sandbox", "SourceAPI", "TextScan", "Threads",
        crypto,
        grdb,
      ]
    ),
    .module(
      "Provenance",
      ["Algebra", "CanonicalCoding", "Licensing", "Manifests", "Merkle", "ProofSystem"]
    ),
    // Layer 5
    // What people read: pages that are made of verified values alone.
    .module("Reporting", ["CanonicalCoding", "Licensing", "Manifests", "Merkle"]),
    .module(
      "Proving",
      [
        "Algebra", "CanonicalCoding", "Files", "Kernels", "Manifests", "Merkle", "ProofSystem",
        "Provenance", crypto,
      ]
    ),
    .module(
      "Crawling",
      [
        "CanonicalCoding", "CrawlRules", "Files", "Ingestion", "Manifests", "PageReading",
        "Transfers", "WebCrawl", crypto, grdb,
      ]
    ),
    .module(
      "VerifierInterface",
      ["CanonicalCoding", "CVerifierInterface", "Manifests", "Provenance"]
    ),
    // Layer 6
    .executableTarget(
      name: "ingest",
      dependencies: [
        "Algebra", "CanonicalCoding", "Crawling", "Exports", "Files", "Ingestion", "Kernels",
        "Licensing",
        "LinkedPlugins",
        "Manifests", "Merkle", "Normalization", "PluginBridge", "ProofSystem", "Provenance",
        "Proving",
        "Reporting", "Sandbox", "SourceAPI", "SourceConformance", "Transfers", arguments,
      ],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "ingest-worker",
      dependencies: ["Files", "Ingestion", "LinkedPlugins", "PageReading", "PluginBridge"],
      swiftSettings: settings
    ),
    // Tests: one target a module, and those that see everything.
    .tests("CanonicalCodingTests", ["CanonicalCoding", "_TestSupport"]),
    .tests("AlgebraTests", ["Algebra", "CanonicalCoding", "_TestSupport"]),
    .tests("TextScanTests", ["CanonicalCoding", "Files", "TextScan", "_TestSupport"]),
    .tests(
      "ProofSystemTests",
      [
        "Algebra", "CanonicalCoding", "Files", "Kernels", "ProofSystem", "Proving", "_TestSupport",
        crypto,
      ]
    ),
    .tests(
      "ProvenanceTests",
      [
        "Algebra", "CanonicalCoding", "Files", "Licensing", "Manifests", "Merkle", "ProofSystem",
        "Provenance", "Proving", "_TestSupport",
      ]
    ),
    .tests("DigestsTests", ["Digests", "_TestSupport", crypto]),
    // What an attacker would try, and a program that tries it from inside the sandbox.
    .target(name: "CEscapes", path: "Tests/CEscapes"),
    .executableTarget(
      name: "sandbox-probe",
      dependencies: ["CEscapes", "Files", "Sandbox"],
      path: "Tests/SandboxProbe",
      swiftSettings: settings
    ),
    .tests("SandboxTests", ["Files", "Sandbox", "sandbox-probe", "_TestSupport"]),
    .tests("KernelsTests", ["Algebra", "Kernels", "_TestSupport"]),
    .tests("MerkleTests", ["CanonicalCoding", "Merkle", "_TestSupport"]),
    .tests("LicensingTests", ["CanonicalCoding", "Licensing", "_TestSupport"]),
    .tests(
      "ManifestsTests",
      [
        "Algebra", "CanonicalCoding", "Licensing", "Manifests", "Merkle", "TextScan",
        "_TestSupport",
      ]
    ),
    .tests("CrawlRulesTests", ["CanonicalCoding", "CrawlRules", "Files", "_TestSupport"]),
    .tests("TransfersTests", ["Transfers"]),
    .tests("MarkupTests", ["Files", "Markup", "_TestSupport"]),
    .tests("NormalizationTests", ["CanonicalCoding", "Markup", "Normalization", "_TestSupport"]),
    .tests(
      "PluginTests",
      [
        "Archives", "CanonicalCoding", "Files", "LicensedArchive", "PrivateCorpus", "SourceAPI",
        "SourceConformance", "WebCrawl", "_TestSupport",
      ]
    ),
    .tests(
      "IngestionTests",
      ["CanonicalCoding", "Files", "Ingestion", "Manifests", "Merkle", "_TestSupport"]
    ),
    .tests(
      "EndToEndTests",
      [
        "CanonicalCoding", "Files", "Manifests", "Merkle", "Provenance", "VerifierInterface",
        "ingest", "ingest-worker", "_TestSupport",
      ]
    ),
    .target(
      name: "VerifierFuzz",
      dependencies: ["Algebra", "ProofSystem", "Proving"],
      path: "Tests/VerifierFuzz",
      swiftSettings: settings
    ),
    .target(
      name: "IngestFuzz",
      dependencies: [
        "CanonicalCoding", "CrawlRules", "Files", "Ingestion", "LicensedArchive", "Normalization",
        "PluginBridge", "PrivateCorpus", "Sandbox", "SourceAPI", "WebCrawl",
      ],
      path: "Tests/IngestFuzz",
      swiftSettings: settings
    ),
    .tests("ArchitectureTests", ["_TestSupport"]),
    .target(
      name: "_TestSupport",
      dependencies: ["CanonicalCoding", "Files"],
      path: "Tests/_TestSupport",
      swiftSettings: settings
    ),
  ]
)
