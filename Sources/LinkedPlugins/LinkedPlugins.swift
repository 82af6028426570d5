internal import LicensedArchive
internal import PrivateCorpus
public import SourceAPI
internal import WebCrawl

/// The source plugins that both programs are built with: the one list of them.
public enum LinkedPlugins {
  /// Every plugin by the name that manifests give it.
  public static let byName: [String: any SourcePlugin.Type] = [
    LicensedArchiveSource.name: LicensedArchiveSource.self,
    PrivateCorpusSource.name: PrivateCorpusSource.self,
    WebCrawlSource.name: WebCrawlSource.self,
  ]
}
