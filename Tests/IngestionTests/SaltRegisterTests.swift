import Ingestion
import Manifests
import Merkle
import Testing

/// A salt protects one leaf.
@Suite struct SaltRegisterTests {
  private func leaf(_ descriptor: String, key: [UInt8]?) -> RecordLeaf {
    let digest = SHA256Hash.of(Array(descriptor.utf8))
    return RecordLeaf(
      contentDigest: .of([1]),
      payloadDigest: .of([1]),
      descriptorDigest: digest,
      licenseIndex: 0,
      flags: [],
      contentByteCount: 1,
      wordCount: 1,
      salt: RecordLeaf.salt(key: key, descriptorDigest: digest)
    )
  }

  @Test func `a salt that comes twice is found, wherever it comes again`() {
    let key = [UInt8](repeating: 3, count: 32)
    var register = SaltRegister()
    for index in 0..<1000 { register.take(leaf("record \(index)", key: key)) }
    #expect(register.repeated() == nil)
    register.take(leaf("record 17", key: key))
    #expect(register.repeated() == leaf("record 17", key: key).salt.words[0])
  }

  @Test func `leaves without salts are no reuse`() {
    var register = SaltRegister()
    for _ in 0..<3 { register.take(leaf("record", key: nil)) }
    #expect(register.repeated() == nil)
  }
}
