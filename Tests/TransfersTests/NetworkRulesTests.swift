import Testing
import Transfers

/// Which addresses a crawler may ask, by the address alone.
@Suite struct NetworkRulesTests {
  @Test(
    arguments: [
      "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1",
      "127.255.255.255", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255",
      "192.0.0.192", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
      "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
      "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
      "64:ff9b::7f00:1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "fc00::1",
      "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
    ]
  )
  func `an address of this machine, of a private network or of a metadata service is refused`(
    _ text: String
  ) throws {
    let address = try #require(NetworkAddress(text))
    #expect(!NetworkRules().allows(address.bytes))
  }

  @Test(
    arguments: [
      "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
      "192.0.1.1", "198.17.255.255", "198.20.0.1", "223.255.255.255", "2606:4700::1111",
      "2a00:1450::1", "2001:4860::8888", "::ffff:8.8.8.8",
    ]
  )
  func `a public address may be asked`(_ text: String) throws {
    #expect(NetworkRules().allows(try #require(NetworkAddress(text)).bytes))
  }

  @Test func `an operator lets a range in, and no other`() throws {
    let rules = NetworkRules(allowing: [try #require(NetworkRules.Range("10.20.0.0/16"))])
    for (text, isAllowed) in [
      ("10.20.0.1", true), ("10.20.255.255", true), ("10.21.0.0", false), ("127.0.0.1", false),
      ("::ffff:10.20.1.1", true), ("::ffff:10.21.1.1", false),
    ] {
      #expect(rules.allows(try #require(NetworkAddress(text)).bytes) == isAllowed, "\(text)")
    }
    let one = NetworkRules(allowing: [try #require(NetworkRules.Range("::1"))])
    #expect(one.allows(try #require(NetworkAddress("::1")).bytes))
    #expect(!one.allows(try #require(NetworkAddress("::")).bytes))
  }

  @Test(
    arguments: [
      "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "::/129", "localhost",
      "10.0.0.0/8/8",
      "010.0.0.1", "0x7f.0.0.1", "1.2.3.4 ", "::1%lo",
    ]
  )
  func `what is no range is none`(_ text: String) {
    #expect(NetworkRules.Range(text) == nil)
  }

  @Test func `an address of neither family is refused`() {
    for count in [0, 1, 3, 5, 8, 15, 17] {
      #expect(!NetworkRules().allows(Array(repeating: 8, count: count)))
    }
  }
}
