import CanonicalCoding
import Files
import Foundation
import Manifests
import Provenance
import Testing
import _TestSupport

/// Changes of a whole bundle, each of which is refused: by its own bytes, without a trap.
@Suite struct BundleMutationTests {
  @Test func `no change of a bundle is accepted`() throws {
    try Fixture.withFolder { folder in
      let bench = try Workbench(folder)
      _ = try bench.scan(["archive.manifest"])
      for arguments in [
        ["feed", "--policy", "policies/default.policy", "--out", "run", "--quiet"],
        ["prove", "link", "--profile", "KB5-JB100-W"],
        [
          "prove", "provenance", "--receipt", "run", "--policy", "policies/default.policy",
          "--profile", "KB5-JB100-W", "--claim", "total records =216", "--out", "proof.bin",
        ],
      ] {
        let result = try Command.run(Command.ingest, arguments, folder: folder)
        #expect(result.status == 0, "\(result.errors)")
      }
      var files = AuditFiles(
        commit: try bench.read(".ingest/combined.commit.json"),
        policy: AuditFiles.File("policy", try bench.read("policies/default.policy")),
        trust: SignerTrust(keys: [])
      )
      files.decisions = try bench.read(".ingest/combined.decisions.jsonl")
      let bytes = try bench.read("proof.bin")
      _ = try files.verify(bytes)
      let headerLength = bytes[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
      var random = SeededRandom(seed: 41)
      var codes: [String: Int] = [:]
      func refuses(_ changed: [UInt8], _ what: String) {
        guard changed != bytes else { return }
        do throws(AuditFiles.Failure) {
          _ = try files.verify(changed)
          Issue.record("accepted: \(what)")
        } catch {
          codes[error.code, default: 0] += 1
        }
      }
      // Every byte of lengths and header once, then anywhere.
      for place in 0..<12 + headerLength {
        var changed = bytes
        changed[place] ^= UInt8.random(in: 1...255, using: &random)
        refuses(changed, "byte \(place)")
      }
      let isLong = ProcessInfo.processInfo.environment["INGEST_LONG"] != nil
      for number in 0..<(isLong ? 20_000 : 400) {
        var changed = bytes
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch number % 5 {
        case 0: changed.remove(at: place)
        case 1: changed.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2:
          let other = Int.random(in: 0..<bytes.count - 64, using: &random)
          for index in 0..<min(64, bytes.count - place) {
            changed[place + index] = bytes[other + index]
          }
        default: changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        refuses(changed, "change \(number) at \(place)")
      }
      #expect(codes.keys.count > 5, "\(codes)")
      // Numbers with another spelling, members in another order.
      let header = String(decoding: bytes[12..<12 + headerLength], as: UTF8.self)
      for (from, to) in [("\"useLimit\":\"1\"", "\"useLimit\":\"+1\""), ("\"216\"", "\"0216\"")] {
        let other = Array(header.replacing(from, with: to).utf8)
        let length = (0..<4).map { UInt8(truncatingIfNeeded: other.count >> (8 * $0)) }
        refuses(bytes[0..<8] + length + other + bytes[(12 + headerLength)...], to)
      }
    }
  }
}
