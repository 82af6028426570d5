import CanonicalCoding
import Files
import Testing
import _TestSupport

/// A real server: nginx with TLS, HTTP/2 and gzip over pages of this repository.
@Suite struct CrawlServerTests {
  @Test func `over TLS and HTTP/2 a site is crawled, and its certificate is part of the evidence`()
    throws
  {
    try Fixture.withFolder { folder in
      let bench = try CrawlBench(folder)
      let site = folder + "/www"
      let body = String(
        repeating: "<p>A sentence about the page, so that gzip has something to do. ",
        count: 40
      )
      for number in 0..<20 {
        try Fixture.write(
          "<title>\(number)</title>\(body)<a href='/\(number + 1).html'>next</a>",
          "\(site)/\(number).html"
        )
      }
      try Fixture.write("<a href=/0.html>begin</a>", site + "/index.html")
      let made = try Command.shell(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=tls.test -addext subjectAltName=DNS:tls.test && openssl x509 -in cert.pem -outform DER | sha256sum | cut -c1-64",
        folder: folder
      )
      try #require(made.status == 0, "\(made.errors)")
      let certificate = String(made.output.prefix(64))
      let port = 20_000 + Int(try SystemRandom.bytes(2).reduce(0) { $0 << 8 | Int($1) }) % 20_000
      try Fixture.write(
        """
        daemon off; master_process off; pid \(folder)/nginx.pid; error_log \(folder)/error.log;
        \(try Command.shell("id -u").output == "0\n" ? "user root;" : "")
        events { worker_connections 64; }
        http {
          types { text/html html; }
          log_format all '$server_protocol $connection $uri $sent_http_content_encoding'; access_log \(folder)/nginx.log all; gzip on; gzip_min_length 100;
          client_body_temp_path \(folder)/b; proxy_temp_path \(folder)/p; fastcgi_temp_path \(folder)/f; uwsgi_temp_path \(folder)/u; scgi_temp_path \(folder)/s;
          server { listen 127.0.0.2:\(port) ssl http2; root \(site); ssl_certificate \(folder)/cert.pem; ssl_certificate_key \(folder)/key.pem; }
        }
        """,
        folder + "/nginx.conf"
      )
      let server = try Server(
        "/bin/sh",
        [
          "-c",
          "PATH=$PATH:/usr/sbin; nginx -t -c '\(folder)/nginx.conf' && echo ready; exec nginx -c '\(folder)/nginx.conf'",
        ]
      )
      try #require(
        server.greeting == "ready",
        "nginx is a package of the tests: \(server.greeting)"
      )
      try bench.manifest("site", seeds: ["https://tls.test:\(port)/"], crawl: ["patience": "1"])
      let resolve = ["--resolve", "tls.test:\(port):127.0.0.2"]
      func crawl(_ more: [String]) throws -> Command.Result {
        try Command.run(
          Command.ingest,
          bench.arguments("site", resolve + ["--quiet"] + more),
          folder: folder
        )
      }
      // Nobody vouches for the certificate.
      let stranger = try crawl(["--fetch-only"])
      #expect(
        stranger.status == 77 && stranger.errors.contains("certificate"),
        "\(stranger.errors)"
      )
      #expect(!FilePaths.exists(folder + "/site/pages"))
      try Command.shell("rm -r site", folder: folder).expectSuccess()
      let run = try crawl(["--ca-file", folder + "/cert.pem"])
      #expect(run.status == 0, "\(run.errors)")
      #expect(try bench.report("site")["total"]["pages"] == "21")
      let log = String(
        decoding: try InputFile.contents(of: folder + "/nginx.log", limit: 1 << 20),
        as: UTF8.self
      ).split(separator: "\n").map { $0.split(separator: " ") }
      #expect(log.allSatisfy { $0[0] == "HTTP/2.0" } && Set(log.map { $0[1] }).count == 1)
      #expect(log.contains { $0.last == "gzip" })
      let why = try bench.run("explain", "site:3")
      #expect(
        why.output.contains("tls certificate: sha256 \(certificate)"),
        "\(why.output)\(why.errors)"
      )
      #expect(why.output.contains("replayed: the same verdict"), "\(why.output)")
      let archive = try #require(try bench.archives("site", "pages").first)
      let text = try Command.shell("zcat '\(archive)' | head -c 4000").output
      #expect(text.contains("WARC-Protocol: h2") && text.contains("HTTP/1.1 200"), "\(text)")
    }
  }
}
