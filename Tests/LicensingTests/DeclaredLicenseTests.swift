import Licensing
import Testing

/// What files and pages say about themselves is found as it is written, and nothing is made of it.
@Suite struct DeclaredLicenseTests {
  @Test(arguments: [
    ("// SPDX-License-Identifier: MIT\nint x;", "MIT"),
    ("/* SPDX-License-Identifier: GPL-2.0-only OR MIT */\n", "GPL-2.0-only OR MIT"),
    ("<!-- SPDX-License-Identifier: CC-BY-4.0 -->\n", "CC-BY-4.0"),
    ("# SPDX-License-Identifier:   Apache-2.0  \r\n", "Apache-2.0"),
  ])
  func `a header is found`(_ text: String, _ expected: String) {
    #expect(DeclaredLicense.header(in: Array(text.utf8)[...]) == expected)
  }

  @Test(arguments: [
    "", "SPDX-License-Identifier", "SPDX-License-Identifier:", "SPDX-License-Identifier:  \nMIT",
    "spdx-license-identifier: MIT", String(repeating: "S", count: 5000),
    String(repeating: " ", count: 4096) + "SPDX-License-Identifier: MIT",
  ])
  func `what is no header is none`(_ text: String) {
    #expect(DeclaredLicense.header(in: Array(text.utf8)[...]) == nil)
  }

  @Test func `license files are known by their names`() {
    for path in [
      "LICENSE", "a/LICENSE.txt", "COPYING", "b/copying.md", "LICENSES/MIT.txt", "LICENCE.rst",
      "x/NOTICE", "LICENSE-MIT", "UNLICENSE",
    ] { #expect(DeclaredLicense.isLicenseFile(path), "\(path)") }
    for path in [
      "", "license.py", "docs/licensing.md", "licensed.txt", "LICENSES/", "a/notices.txt",
    ] {
      #expect(!DeclaredLicense.isLicenseFile(path), "\(path)")
    }
  }

  @Test func `addresses of deeds and of the list give their identifiers`() {
    let known = [
      ("https://creativecommons.org/licenses/by-nc-sa/4.0/", "CC-BY-NC-SA-4.0"),
      ("http://www.creativecommons.org/licenses/by/3.0/deed.de", "CC-BY-3.0"),
      ("//creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
      ("https://spdx.org/licenses/MIT.html", "MIT"), ("https://spdx.org/licenses/0BSD", "0BSD"),
    ]
    for (address, id) in known {
      #expect(DeclaredLicense.identifier(ofAddress: address) == id)
    }
    for address in [
      "", "/license", "https://example.org/licenses/by/4.0/", "https://creativecommons.org/",
      "javascript:alert(1)",
    ] {
      #expect(DeclaredLicense.identifier(ofAddress: address) == nil, "\(address)")
    }
  }
}
