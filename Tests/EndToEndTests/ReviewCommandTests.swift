import CanonicalCoding
import Files
import Testing
import _TestSupport

/// What legal decides reaches the epoch, the explanation and the feed, and nothing else does.
@Suite struct ReviewCommandTests {
  /// A bench whose policy wants approval, with keys for two people of legal and one of the data team.
  private func prepare(_ folder: String, threshold: Int = 1) throws -> Workbench {
    let bench = try Workbench(folder)
    try bench.edit(
      "policies/default.policy",
      "outside: deny",
      "outside: deny\nrequireApproval: \"true\""
    )
    for (name, scheme) in [("anna", "ed25519"), ("ben", "ml-dsa-65"), ("data", "ed25519")] {
      let made = try bench.run(
        "key",
        "new",
        "--name",
        name,
        "--scheme",
        scheme,
        "--store",
        "people"
      )
      #expect(made.status == 0)
      try bench.write(made.output, "reviews/keys/\(name).pem")
    }
    try bench.write(
      """
      apiVersion: ingest/v1
      kind: SignerList
      roles:
        - {id: data-team, signs: [epochs], threshold: "1", keys: [{name: Data, file: keys/data.pem}]}
        - id: legal
          signs: [reviews]
          threshold: "\(threshold)"
          keys: [{name: Anna, file: keys/anna.pem}, {name: Ben, file: keys/ben.pem}]
      """,
      "reviews/registry.signers"
    )
    return bench
  }

  private func review(_ bench: Workbench, _ verb: String, _ who: String, _ more: [String] = [])
    throws
    -> Command.Result
  {
    try Command.run(
      Command.ingest,
      [
        "review", verb, "archive.manifest", "--key", "people/keys/\(who).secret.pem", "--by", who,
        "--on", "2026-11-21", "--reason", "read it",
      ] + more,
      folder: bench.folder
    )
  }

  private func decision(_ bench: Workbench) throws -> String {
    let scanned = try bench.run("--source", "archive.manifest", "--quiet")
    #expect(scanned.status == 0, "\(scanned.errors)")
    let rows = String(decoding: try bench.read(".ingest/combined.decisions.jsonl"), as: UTF8.self)
    let row = try JSONParser.parse(Array(rows.split(separator: "\n")[0].utf8))
    return row.object?["decision"]?.text ?? ""
  }

  @Test func `submitted is to be reviewed, approved is allowed, revoked is denied`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      #expect(try decision(bench) == "review")
      #expect(try review(bench, "approve", "anna").status == 78)
      #expect(try review(bench, "submit", "data").status == 0)
      #expect(try decision(bench) == "review")
      let wrong = try review(bench, "approve", "data")
      #expect(wrong.status == 78)
      #expect(wrong.errors.contains("wrong-role"))
      #expect(try review(bench, "approve", "anna", ["--expires", "2027-11-21"]).status == 0)
      #expect(try decision(bench) == "allow")
      let explained = try bench.run("explain", "flask-archive:0")
      #expect(explained.status == 0)
      #expect(explained.output.contains("review: approved (review 2 by anna on 2026-11-21)"))
      #expect(
        try bench.run("review", "show", "archive.manifest").output.contains(
          "signed by Anna (legal)"
        )
      )
      // The end of the approval is an end.
      let later = try bench.run("--source", "archive.manifest", "--quiet", "--as-of", "2027-11-22")
      #expect(later.status == 0)
      #expect(try bench.run("explain", "flask-archive:0").output.contains("in-review"))
      #expect(try review(bench, "revoke", "ben").status == 0)
      #expect(try decision(bench) == "deny")
      #expect(
        try bench.run("feed", "--policy", "policies/default.policy", "--out", "run").status == 77
      )
      #expect(try bench.run("fsck").status == 0)
    }
  }

  @Test func `a changed manifest voids an approval, a changed comment does not`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      _ = try review(bench, "submit", "data")
      _ = try review(bench, "approve", "anna")
      try bench.edit("archive.manifest", "# archive.manifest", "# an archive")
      #expect(try decision(bench) == "allow")
      try bench.edit(
        "archive.manifest",
        "purpose: Language-model pre-training",
        "purpose: Something else"
      )
      #expect(try decision(bench) == "review")
      #expect(
        try bench.run("explain", "flask-archive:0").output
          .contains("voided: manifest changed since review 2")
      )
      let changed = try bench.run("diff", "1", "2")
      #expect(
        changed.output.contains("purpose: was Language-model pre-training, is now Something else")
      )
      #expect(changed.output.contains("allow became review"))
    }
  }

  @Test func `two signatures are two people, and a file that was changed is named`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder, threshold: 2)
      _ = try review(bench, "submit", "data")
      let first = try review(bench, "approve", "anna")
      #expect(first.output.contains("more signatures are needed"))
      #expect(try decision(bench) == "review")
      let again = try bench.run(
        "review",
        "sign",
        "archive.manifest",
        "--key",
        "people/keys/anna.secret.pem"
      )
      #expect(again.status == 78)
      #expect(again.errors.contains("doubled-key"))
      #expect(
        try bench.run("review", "sign", "archive.manifest", "--key", "people/keys/ben.secret.pem")
          .status == 0
      )
      #expect(try decision(bench) == "allow")
      // What an epoch has committed is only added to.
      let path = "reviews/flask-archive/2.review.dsse.json"
      let good = try bench.read(path)
      // One character of the first signature is another.
      let start = try #require(good.firstRange(of: Array("\"sig\":\"".utf8))?.upperBound)
      var bent = good
      bent[start + 8] = good[start + 8] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      for (change, code) in [
        ("remove", "review-rewritten"), ("bend", "bad-signature"), ("gap", "review-chain"),
      ] {
        switch change {
        case "remove": _ = try Command.shell("rm \(path)", folder: folder)
        case "bend": try bench.write(bent, path)
        default:
          _ = try Command.shell(
            "mv \(path) reviews/flask-archive/3.review.dsse.json",
            folder: folder
          )
        }
        let refused = try bench.run("--source", "archive.manifest", "--quiet")
        #expect(refused.status == 78, "\(change): \(refused.errors)")
        #expect(refused.errors.contains(code), "\(change): \(refused.errors)")
        _ = try Command.shell("rm -f reviews/flask-archive/[23].review.dsse.json", folder: folder)
        try bench.write(good, path)
      }
      #expect(try decision(bench) == "allow")
    }
  }

  @Test func `an epoch is signed by every role that has to, or it is refused`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      #expect(try bench.run("--source", "archive.manifest", "--quiet").status == 0)
      func verify() throws -> Command.Result {
        try bench.run(
          "verify",
          ".ingest/combined.commit.json",
          "--signers",
          "reviews/registry.signers"
        )
      }
      #expect(try verify().status == 65)
      try bench.write(bench.read(".ingest/keys/registry.pem"), "reviews/keys/data.pem")
      let good = try verify()
      #expect(good.status == 0, "\(good.output)")
      try bench.edit("reviews/registry.signers", "signs: [reviews]", "signs: [reviews, epochs]")
      let missing = try verify()
      #expect(missing.status == 65)
      #expect(missing.output.contains("not every role"), "\(missing.output)")
    }
  }

  @Test func `what was said about a confidential source is not published`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      let submitted = try bench.run(
        "review",
        "submit",
        "corpus.manifest",
        "--key",
        "people/keys/data.secret.pem",
        "--by",
        "data",
        "--on",
        "2026-11-21",
        "--reason",
        "a secret reason"
      )
      #expect(submitted.status == 0, "\(submitted.errors)")
      for name in ["corpus", "archive"] {
        #expect(try bench.run("--source", "\(name).manifest", "--quiet").status == 0)
      }
      for (out, more) in [("public", []), ("whole", ["--with-confidential"])] {
        let written = try Command.run(
          Command.ingest,
          ["export", "--all", out, "--profile", "summary.profile"] + more,
          folder: folder
        )
        #expect(written.status == 0, "\(written.errors)")
        let verified = try bench.run("verify", out)
        #expect(verified.status == 0, "\(verified.output)")
        #expect(FilePaths.exists(bench.path("\(out)/combined.reviews.jsonl")) == !more.isEmpty)
      }
      let found = try Command.shell("grep -rl 'a secret reason' public", folder: folder)
      #expect(found.output.isEmpty, "\(found.output)")
    }
  }

  @Test func `a waiver lifts one rule and no denial`() throws {
    try Fixture.withFolder { folder in
      let bench = try prepare(folder)
      for verb in ["submit", "waive"] {
        let result = try Command.run(
          Command.ingest,
          [
            "review", verb, "crawl.manifest", "--key", "people/keys/anna.secret.pem", "--by",
            "anna",
            "--on", "2026-11-21", "--reason", "in house",
          ]
            + (verb == "waive" ? ["--rule", "share-alike", "--expires", "2027-01-01"] : []),
          folder: folder
        )
        #expect(result.status == 0, "\(result.errors)")
      }
      let denied = try Command.run(
        Command.ingest,
        [
          "review", "waive", "crawl.manifest", "--key", "people/keys/anna.secret.pem", "--by",
          "anna",
          "--on", "2026-11-21", "--reason", "x", "--rule", "optout", "--expires", "2027-01-01",
        ],
        folder: folder
      )
      #expect(denied.status == 78)
      #expect(try bench.run("--source", "crawl.manifest", "--quiet").status == 0)
      let explained = try bench.run("explain", "handbook-crawl:0")
      #expect(explained.status == 0, "\(explained.output)")
      #expect(explained.output.contains("waived by review-2"))
    }
  }
}
