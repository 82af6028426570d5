public import CVerifierInterface
internal import CanonicalCoding
internal import Manifests
internal import Provenance

/// `ingest_verify_provenance` of `include/ingest_verifier.h`, which says what each argument is.
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
    found = unsafe judge(copy(bundle), Brought(question.pointee))
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
  guard let data = unsafe bytes.data, unsafe bytes.length > 0 else { return [] }
  return unsafe Array(UnsafeBufferPointer(start: data, count: bytes.length))
}

/// A list of the caller.
private func copy(_ list: UnsafePointer<ingest_bytes>?, _ count: Int) -> [[UInt8]] {
  // SAFETY: the caller says that the list has `count` entries, or is null.
  guard let list = unsafe list, count > 0 else { return [] }
  return (0..<count).map { unsafe copy(list[$0]) }
}

/// What the caller brought, copied: from here on nothing is unsafe.
private struct Brought {
  let keys: [[UInt8]]
  let threshold: Int
  let manifest, policy, envelope, decisions, reviews, receipt, audience: [UInt8]
  let sources: [[UInt8]]
  let nonce: [UInt8]?

  init(_ question: ingest_question) {
    // SAFETY: every pointer has the length beside it, or is null, as the header asks of the caller.
    keys = unsafe copy(question.keys, question.key_count)
    threshold = unsafe question.threshold
    manifest = unsafe copy(question.manifest)
    policy = unsafe copy(question.policy)
    envelope = unsafe copy(question.envelope)
    decisions = unsafe copy(question.decisions)
    reviews = unsafe copy(question.reviews)
    receipt = unsafe copy(question.receipt)
    audience = unsafe copy(question.audience)
    sources = unsafe copy(question.sources, question.source_count)
    nonce = unsafe question.nonce.map { unsafe Array(UnsafeBufferPointer(start: $0, count: 32)) }
  }
}

private func judge(_ bundle: [UInt8], _ question: Brought) -> Verdict {
  let keys = question.keys.compactMap { PublicKey(pem: String(decoding: $0, as: UTF8.self)) }
  guard keys.count == question.keys.count else {
    return .misuse("a key is no PEM of Ed25519 or ML-DSA-65")
  }
  guard !question.manifest.isEmpty, !question.policy.isEmpty else {
    return .misuse("manifest and policy are needed")
  }
  var files = AuditFiles(
    commit: question.manifest,
    policy: AuditFiles.File("policy", question.policy),
    trust: SignerTrust(keys: keys, threshold: max(1, question.threshold))
  )
  func given(_ bytes: [UInt8]) -> [UInt8]? { bytes.isEmpty ? nil : bytes }
  files.envelope = given(question.envelope)
  files.decisions = given(question.decisions)
  files.reviews = given(question.reviews)
  files.receipt = given(question.receipt)
  files.audience = question.audience
  files.sources = question.sources.enumerated().map {
    AuditFiles.File("source manifest \($0 + 1)", $1)
  }
  if let nonce = question.nonce { files.nonce = nonce }
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
