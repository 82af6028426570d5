public import CVerifierInterface
internal import CanonicalCoding
internal import Manifests
internal import Provenance

/// `ingest_verify_provenance` of `include/ingest_verifier.h`.
///
/// SAFETY: pointers and lengths are the caller's word, as in any C interface; they are read during the call alone.
@_cdecl("ingest_verify_provenance")
public func verifyProvenance(
  _ bundle: ingest_bytes,
  _ question: UnsafePointer<ingest_question>?,
  _ report: UnsafeMutablePointer<CChar>?,
  _ capacity: Int,
  _ reportLength: UnsafeMutablePointer<Int>?
) -> Int32 {
  let found: Verdict
  // SAFETY: the caller says that it points to a question, or is null.
  if let question = unsafe question {
    found = unsafe judge(copy(bundle), question.pointee)
  } else {
    found = .misuse("no question")
  }
  let text = CanonicalJSON.encode(found.json)
  // SAFETY: the caller says that both pointers, where they are not null, have room for what is written.
  if let reportLength = unsafe reportLength { unsafe reportLength.pointee = text.count }
  if let report = unsafe report, capacity > 0 {
    let count = min(capacity - 1, text.count)
    for index in 0..<count { unsafe report[index] = CChar(bitPattern: text[index]) }
    unsafe report[count] = 0
  }
  return found.status
}

private struct Verdict {
  let status: Int32
  let code: String
  let reason: String
  var lines: [String] = []

  static func misuse(_ reason: String) -> Verdict {
    Verdict(status: 64, code: "missing-file", reason: reason)
  }

  var json: JSONValue {
    [
      "valid": .bool(status == 0), "code": .string(code), "reason": .string(reason),
      "lines": .array(lines.map(JSONValue.string)),
    ]
  }
}

/// The bytes of the caller.
private func copy(_ bytes: ingest_bytes) -> [UInt8] {
  // SAFETY: the caller says that `data` points to `length` bytes, or is null.
  unsafe bytes.data.map { unsafe Array(UnsafeBufferPointer(start: $0, count: bytes.length)) } ?? []
}

/// A list of the caller.
private func copy(_ list: UnsafePointer<ingest_bytes>?, _ count: Int) -> [[UInt8]] {
  // SAFETY: the caller says that the list has `count` entries, or is null.
  guard let list = unsafe list else { return [] }
  return (0..<count).map { unsafe copy(list[$0]) }
}

private func judge(_ bundle: [UInt8], _ question: ingest_question) -> Verdict {
  // SAFETY: as stated in the header.
  let keys = unsafe copy(question.keys, question.key_count)
  let read = keys.compactMap { PublicKey(pem: String(decoding: $0, as: UTF8.self)) }
  guard read.count == keys.count else { return .misuse("a key is no PEM of Ed25519 or ML-DSA-65") }
  let manifest = unsafe copy(question.manifest)
  let policy = unsafe copy(question.policy)
  guard !manifest.isEmpty, !policy.isEmpty else { return .misuse("manifest and policy are needed") }
  var files = AuditFiles(
    commit: manifest,
    policy: AuditFiles.File("policy", policy),
    trust: SignerTrust(keys: read, threshold: max(1, unsafe question.threshold))
  )
  func given(_ bytes: [UInt8]) -> [UInt8]? { bytes.isEmpty ? nil : bytes }
  files.envelope = given(unsafe copy(question.envelope))
  files.decisions = given(unsafe copy(question.decisions))
  files.receipt = given(unsafe copy(question.receipt))
  files.audience = unsafe copy(question.audience)
  files.sources = unsafe copy(question.sources, question.source_count).enumerated().map {
    AuditFiles.File("source manifest \($0 + 1)", $1)
  }
  if let nonce = unsafe question.nonce {
    files.nonce = unsafe Array(UnsafeBufferPointer(start: nonce, count: 32))
  }
  do throws(AuditFiles.Failure) {
    let found = try files.verify(bundle)
    return Verdict(status: 0, code: "ok", reason: found.headline, lines: found.lines)
  } catch {
    let status: Int32 =
      switch error {
      case .missing: 64
      case .manifest: 78
      default: 65
      }
    return Verdict(status: status, code: error.code, reason: error.sentence)
  }
}
