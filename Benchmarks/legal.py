#!/usr/bin/env python3
"""What licenses, policies, reports, differences and proofs of absence cost on registries of the sizes that are asked for.

usage: Benchmarks/legal.py INGEST [--sources N] [--overrides N] [--records N] [--absent N]

Everything is made from fixed text in a temporary folder. Times are wall seconds of one run of the program; CPU and peak memory are those of
its process (not of its workers).
"""
import argparse
import hashlib
import json
import os
import pathlib
import resource
import subprocess
import tempfile
import time

MANIFEST = """apiVersion: ingest/v1
kind: SourceManifest
source: {{id: s{n:05d}, title: Source {n}, plugin: private-corpus, version: "{version}", modality: [text], languages: [en]}}
parties:
  owner: {{name: Owner {n}, type: organization}}
  steward: {{name: Data steward, email: steward@example.org}}
input:
  paths: ["data/{file}.jsonl"]
  format: jsonl
  recordUnit: line
  fields: {{text: text, id: id}}
  collected: {{from: "2026-01-01", to: "2026-11-20", ongoing: false}}
license:
  declared: {license}
  concluded: {license}
  basis: license
  jurisdiction: [any]
  attribution: {{required: false}}
  term: {{from: "2026-01-01", until: {until}}}
{overrides}personalData: {{present: "no", measures: [], aggregateConsumer: none}}
synthetic: {{generated: none}}
purpose: Language-model pre-training
confidential: false
policy: default.policy
"""
POLICY = """apiVersion: ingest/v1
kind: LicensePolicy
id: bench
version: "{version}"
use: train
jurisdictions: [EU, US]
default: review
unknown: deny
outside: deny
rules:
  - {{id: permissive, when: {{category: [permissive, public-domain, attribution-data]}}, then: {then}, reason: Permission is general.}}
  - {{id: share-alike, when: {{category: share-alike}}, then: review, reason: Outbound terms.}}
  - {{id: no-nc, when: {{category: non-commercial}}, then: deny, reason: Models are sold.}}
"""
LICENSES = ["MIT", "Apache-2.0", "CC-BY-4.0", "CC0-1.0", "BSD-3-Clause", "ODC-By-1.0", "CC-BY-SA-4.0", "ODbL-1.0", "ISC", "CDLA-Permissive-2.0"]


def run(arguments, folder, **more):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    process = subprocess.Popen(arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    out, err = process.communicate()
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"{arguments[:3]}: exit {process.returncode}: {err.decode()[-400:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return out, wall, cpu, after.ru_maxrss / 1024


def line(name, wall, cpu, memory, remark=""):
    print(f"{name:<58} {wall:8.3f} s {cpu:8.3f} CPU-s {memory:7.0f} MiB  {remark}", flush=True)


def overrides(count, number):
    if not count:
        return ""
    text = ["overrides:"]
    for k in range(count):
        digest = hashlib.sha256(f"{number} {k}".encode()).hexdigest()
        license = LICENSES[k % len(LICENSES)]
        text.append(f"  - {{match: {{sha256: {digest}}}, license: {{concluded: {license}, basis: license, attribution: {{required: false}}}}}}")
    return "\n".join(text) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ingest")
    parser.add_argument("--sources", type=int, default=100)
    parser.add_argument("--overrides", type=int, default=300, help="of each source")
    parser.add_argument("--records", type=int, default=100_000, help="of each of two epochs that are compared")
    parser.add_argument("--absent", type=int, default=200_000, help="records of the registry that absence is proved for")
    options = parser.parse_args()
    ingest = os.path.abspath(options.ingest)

    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        lines = [f"{LICENSES[k % 10]} AND ({LICENSES[k % 7]} OR {LICENSES[k % 3]})" for k in range(200_000)]
        (folder / "lines").write_text("\n".join(lines) + "\n")
        _, wall, cpu, memory = run([ingest, "license", "check", "--file", "lines", "--json"], folder)
        line("license check, 200,000 expressions", wall, cpu, memory, f"{len(lines) / wall:,.0f} expressions/s")

        (folder / "data").mkdir()
        (folder / "default.policy").write_text(POLICY.format(version="1", then="allow"))
        (folder / "other.policy").write_text(POLICY.format(version="2", then="review"))
        named = []
        for n in range(options.sources):
            (folder / f"data/f{n}.jsonl").write_text("".join(json.dumps({"id": f"{n}-{k}", "text": f"text {k} of source {n}"}) + "\n" for k in range(20)))
            until = '"2027-01-15"' if n % 10 == 0 else "null"
            (folder / f"s{n}.manifest").write_text(MANIFEST.format(n=n, version="1", file=f"f{n}", license=LICENSES[n % 10], until=until, overrides=overrides(options.overrides, n)))
            named += ["--source", f"s{n}.manifest"]
        _, wall, cpu, memory = run([ingest, "run", *named, "--quiet"], folder)
        total = options.sources * options.overrides
        line(f"commit {options.sources} sources, {total:,} overrides", wall, cpu, memory)
        _, wall, cpu, memory = run([ingest, "policy", "compile", "default.policy", "--out", "rows.jsonl", "--json"], folder)
        rows = (folder / "rows.jsonl").read_bytes().count(b"\n")
        line(f"policy compile, {options.sources} sources, {total:,} overrides", wall, cpu, memory, f"{rows:,} rows")
        _, wall, cpu, memory = run([ingest, "policy", "diff", "default.policy", "other.policy"], folder)
        line("policy diff over the same registry", wall, cpu, memory)

    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        (folder / "data").mkdir()
        (folder / "default.policy").write_text(POLICY.format(version="1", then="allow"))
        named = []
        for n in range(options.sources):
            (folder / f"data/f{n}.jsonl").write_text("".join(json.dumps({"id": f"{n}-{k}", "text": f"text {k} of source {n}"}) + "\n" for k in range(20)))
            until = '"2027-01-15"' if n % 10 == 0 else "null"
            (folder / f"s{n}.manifest").write_text(MANIFEST.format(n=n, version="1", file=f"f{n}", license=LICENSES[n % 10], until=until, overrides=""))
            named += ["--source", f"s{n}.manifest"]
        run([ingest, "run", *named, "--quiet"], folder)
        run([ingest, "run", "--source", "s0.manifest", "--quiet", "--as-of", "2026-12-01"], folder)
        _, wall, cpu, memory = run([ingest, "report", "--out", "report"], folder)
        size = (folder / "report/report.html").stat().st_size
        line(f"report, {options.sources} sources, a page each", wall, cpu, memory, f"report.html {size / 1e6:.2f} MB")

    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        (folder / "data").mkdir()
        (folder / "default.policy").write_text(POLICY.format(version="1", then="allow"))

        def version(number, keep):
            with open(folder / "data/big.jsonl", "w") as file:
                for k in range(options.records):
                    if keep(k):
                        file.write(f'{{"id":"{k}","text":"text number {k}"}}\n')
            (folder / "big.manifest").write_text(MANIFEST.format(n=1, version=str(number), file="big", license="MIT", until="null", overrides=""))
            return run([ingest, "run", "--source", "big.manifest", "--quiet"], folder)

        version(1, lambda k: True)
        version(2, lambda k: k % 1000)
        _, wall, cpu, memory = run([ingest, "diff", "1", "2"], folder)
        line(f"diff of two epochs of {options.records:,} records", wall, cpu, memory)

    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        (folder / "data").mkdir()
        (folder / "default.policy").write_text(POLICY.format(version="1", then="allow"))
        with open(folder / "data/big.jsonl", "w") as file:
            for k in range(options.absent):
                file.write(f'{{"id":"{k}","text":"{k}"}}\n')
        (folder / "big.manifest").write_text(MANIFEST.format(n=1, version="1", file="big", license="MIT", until="null", overrides=""))
        _, wall, cpu, memory = run([ingest, "run", "--source", "big.manifest", "--quiet"], folder)
        line(f"commit {options.absent:,} records", wall, cpu, memory)
        _, wall, cpu, memory = run([ingest, "run", "--source", "big.manifest", "--quiet", "--absence"], folder)
        line(f"sort {options.absent:,} digests, tree, sign", wall, cpu, memory)
        walls = []
        for k in range(20):
            digest = hashlib.sha256(f"absent {k}".encode()).hexdigest()
            out, wall, cpu, memory = run([ingest, "proof", "absence", digest], folder)
            walls.append(wall)
            (folder / "absence.json").write_bytes(out)
        walls.sort()
        line(f"proof absence among {options.absent:,}, whole process, median of 20", walls[10], cpu, memory, f"slowest {walls[-1] * 1000:.1f} ms")
        walls = []
        for k in range(20):
            _, wall, cpu, memory = run([ingest, "verify", "absence.json", "--key", ".ingest/keys/registry.pem"], folder)
            walls.append(wall)
        walls.sort()
        line("verify it, whole process, median of 20", walls[10], cpu, memory, f"{(folder / 'absence.json').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
