internal import CanonicalCoding
internal import SourceAPI

extension WARCRecord {
  /// Takes over what our own crawl wrote down with a record: what the site said when it was fetched.
  ///
  /// It stands in the record's own head, so that the leaf depends on no other record. An archive of another crawler has none,
  /// and one that lies is no worse than one that lies about its content: the signature says who says so.
  func takeCrawlEvidence(_ member: inout Member, _ batch: inout MemberBatch) {
    guard member.verdict == .record, let bytes = header.bytes(of: .crawlEvidence),
      let evidence = CrawlEvidence(Array(bytes))
    else { return }
    member.key = header[.recordID].map { $0.filter { $0 != "<" && $0 != ">" } }
    let start = batch.bytes.count
    batch.bytes.append(contentsOf: bytes)
    member.evidence.append(Member.Evidence("crawl", start..<batch.bytes.count))
    for (name, digest) in evidence.digests {
      member.evidence.append(Member.Evidence(name, sha256: digest))
    }
    // It has read the head too, and knows for whom each of its rules is; a record's head by itself does not.
    member.preference = evidence.training
  }
}
