// Writes Fixtures/vectors/web_addresses.json: addresses as the WHATWG URL parser of Node.js reads them (Ada).
// Run with Node.js 20 or later: node scripts/generate/web_addresses.mjs > Fixtures/vectors/web_addresses.json
const bases = ["http://example.org/a/b/c?q=1", "https://example.org:8443/", "http://[::1]/x/../y/", "https://a.b.example/%7Euser/"];
const curated = [
  "", "/", "//", "///x", "?", "?x=1", "#f", "x", "./x", "../x", "../../../../x", "x/.", "x/..", "x/./y/../z", "%2e/x", "x/%2E%2e/y", ".%2e", "...", "....",
  "http:x", "http:/x", "http://", "https:x", "https:/host/x", "http:\\\\host\\p\\q", "\\x\\y", "/\\host/x", "http:///host/x", "HTTP://EXAMPLE.org:80/A", "https://example.org:443/", "https://example.org:0443",
  "http://example.org:65535/", "http://example.org:65536/", "http://example.org:/", "http://example.org:8a/", "http://user@example.org/", "http://u:p@example.org/", "http://@example.org/",
  "ftp://example.org/", "mailto:a@b", "javascript:alert(1)", "data:text/html,x", "about:blank", "tel:1", "x:y", "1x:y",
  " \t http://example.org/ \n", "http://exa\nmple.org/\ta", "http://example.org/a b", "http://example.org/a%20b", "http://example.org/%zz%", "http://example.org/ü?ü#ü", "http://example.org/?a='b'&c=\"d\"<e>", "http://example.org/{x}`y^z|~",
  "http://0x7f.1/", "http://0177.0.0.1", "http://2130706433/", "http://127.1", "http://127.0.0.1.", "http://1.2.3.4.5/", "http://256.1.1.1/", "http://1.2.3.256", "http://4294967295", "http://4294967296", "http://0x/", "http://0x.0x.0x.0x", "http://1..2/", "http://08.1.1.1/", "http://a.1/", "http://a.0x1/", "http://1.a/", "http://0xffffffff0/", "http://１２７.0.0.1/", "http://127.0.0.0x100/",
  "http://[::1]/", "http://[0:0:0:0:0:0:0:1]", "http://[1:2:3:4:5:6:7:8]:99/", "http://[1::8]", "http://[::ffff:127.0.0.1]/", "http://[::127.0.0.1]", "http://[1:0:0:2:0:0:0:3]/", "http://[2001:DB8::A]", "http://[::1", "http://::1/", "http://[:1]/", "http://[1:2:3:4:5:6:7]/", "http://[1::2::3]/", "http://[12345::]/", "http://[::1.2.3]/", "http://[::1.2.3.04]/", "http://[1:2:3:4:5:6:1.2.3.4]", "http://[fe80::1%25eth0]/", "http://[]/", "http://[::]/",
  "http://exämple.org/", "http://xn--exmple-cua.org/", "http://EXÄMPLE.org", "http://faß.de/", "http://日本語。jp/", "http://a\u00ADb.org/", "http://xn--/", "http://xn--a/", "http://ex%41mple.org/", "http://ex%2fample.org/", "http://ex ample.org/", "http://exa_mple.org/", "http://-a.org/", "http://a..b/", "http://.a/", "http://a./", "http://a%00b/", "http://a<b/", "http://a|b/", "http://*.org/", "http://a%ff/",
  "//host", "//host:80/x", "//HOST/../x", "/%2e%2e/x", "/a/%2e", "a:b", "a/b:c", "?a?b", "/a;b=c/d", "/a//b///c", "//", "/./", "/..", "http://example.org/a/b/../../c/./d/..", "http://example.org?x", "http://example.org#x", "http://example.org/?", "http://example.org/#", "http://example.org/?x=%41%zz%C3%BC",
  "http://a.b/c\u0000d", "http://a.b/\u007f", "http://a.b/\u00a0", "http://a.b/?\u00a0'", "/\u{1F600}", "http://ho\\st/", "http://host\\path?q\\r",
];
let state = 20261129n;
const random = (n) => { state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn; return Number((state >> 33n) % BigInt(n)); };
const pieces = ["http:", "https:", "HTTP:", "/", "//", "\\", ".", "..", "%2e", "%2E", "a", "b.c", "x.org", "EX.ORG", ":80", ":443", ":8080", "?", "&q=1", "#f", "@", "[::1]", "[1:2::3]", "127.1", "0x10", "010", "256", "%41", "%c3%bc", "ü", " ", "\t", "\n", "'", "\"", "<", "{", "|", "^", "`", "~", ";", "=", "+", "%", "%2", "_", "-"];
const cases = [];
const add = (input, base) => {
  let text = null;
  try {
    const url = new URL(input, base ?? undefined);
    if ((url.protocol === "http:" || url.protocol === "https:") && url.username === "" && url.password === "") {
      // The standard codes ^ in paths since November 2024; the Ada of Node.js 20 does not yet.
      text = url.origin + url.pathname.replaceAll("^", "%5E") + url.search;
      // libidn2 (IDNA 2008) and UTS 46 differ about signs and hyphens beside letters of other scripts; no name in the network has them.
      if (url.hostname.includes("xn--") && (/[^a-z0-9.-]/.test(url.hostname) || /xn----/.test(url.hostname))) return;
    }
  } catch { /* no address */ }
  cases.push([input, base, text]);
};
for (const input of curated) { add(input, null); for (const base of bases) add(input, base); }
for (let i = 0; i < 4000; i++) {
  let input = "";
  for (let n = 1 + random(9); n > 0; n--) input += pieces[random(pieces.length)];
  if (random(3) === 0) input = "http://" + input;
  add(input, random(2) === 0 ? null : bases[random(bases.length)]);
}
process.stdout.write("[\n" + cases.map((c) => JSON.stringify(c)).join(",\n") + "\n]\n");
