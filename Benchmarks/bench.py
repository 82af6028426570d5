#!/usr/bin/env python3
"""bench.py INGEST [--runs N]: CPU-seconds, wall, MB/s per core and peak memory of the program over the repository's own sources.

Each workload is a copy of a source with its input repeated under other names, so that a run takes about a second.
Standard library alone. The table beside other tools comes from the peers kit (scripts/bench).
"""
import argparse
import gzip
import json
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import corpus

ROOT = pathlib.Path(__file__).resolve().parent.parent


def copies(folder, name, pattern, count):
    """Repeats one input of a source under other names and lets the manifest take them all."""
    shutil.copytree(ROOT / "manifests", folder, ignore=shutil.ignore_patterns(".ingest"))
    manifest = folder / f"{name}.manifest"
    source = next((folder / "sources" / name).glob(pattern))
    for i in range(count - 1):
        shutil.copy(source, source.with_name(f"{i:04d}-{source.name}"))
    text = re.sub(r'paths: \[".*?"\]', f'paths: ["sources/{name}/{pattern}"]', manifest.read_text())
    manifest.write_text(text)
    return manifest


def bomb(folder):
    """One WARC member of a gibibyte in a megabyte."""
    shutil.copytree(ROOT / "manifests", folder, ignore=shutil.ignore_patterns(".ingest"))
    size = (1 << 30) - 1024
    head = f"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Target-URI: http://a.example/\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\n\r\n".encode()
    with gzip.open(folder / "sources/crawl/bomb.warc.gz", "wb", 9) as out:
        out.write(head)
        for _ in range(size // (1 << 20)):
            out.write(bytes(1 << 20))
        out.write(bytes(size % (1 << 20)) + b"\r\n\r\n")
    return folder / "crawl.manifest"


def small_files(folder):
    """A hundred thousand files of a kilobyte, in a hundred folders."""
    shutil.copytree(ROOT / "manifests", folder, ignore=shutil.ignore_patterns(".ingest", "sources"))
    rows = (ROOT / "manifests/sources/corpus/policy.jsonl").read_text(encoding="utf-8")
    for number in range(100_000):
        place = folder / "files" / f"{number // 1000:03d}"
        if number % 1000 == 0:
            place.mkdir(parents=True)
        start = number * 37 % (len(rows) - 2000)
        (place / f"{number:06d}.txt").write_text(f"{number}\n{rows[start:start + 1000]}\n", encoding="utf-8")
    manifest = folder / "files.manifest"
    text = corpus.MANIFEST.format(name="files", title="Files", path="files/**", unit="file", license="CC0-1.0")
    manifest.write_text(re.sub(r"  format: jsonl", "  format: text", re.sub(r"  fields: .*\n", "", text)).replace("confidential: true", "confidential: false"))
    return manifest


def plugin(folder, program):
    """Half a million lines, read by the plugin that `ingest plugin new` writes."""
    shutil.copytree(ROOT / "manifests", folder, ignore=shutil.ignore_patterns(".ingest", "sources"))
    subprocess.run([program, "plugin", "new", "lines", "--out", folder / "plugins"], check=True, capture_output=True)
    place = folder / "sources" / "lines"
    place.mkdir(parents=True)
    rows = (ROOT / "manifests/sources/corpus/policy.jsonl").read_text(encoding="utf-8").replace("\n", " ")
    with open(place / "lines.txt", "w", encoding="utf-8") as file:
        for number in range(500_000):
            start = number * 37 % (len(rows) - 200)
            file.write(f"{number} {rows[start:start + 100]}\n")
    manifest = folder / "lines.manifest"
    text = corpus.MANIFEST.format(name="lines", title="Lines", path="sources/lines/*.txt", unit="line", license="CC0-1.0")
    text = re.sub(r"  format: .*\n", "", re.sub(r"  fields: .*\n", "", text)).replace("plugin: private-corpus", "plugin: lines")
    manifest.write_text(text.replace("confidential: true", "confidential: false"))
    return manifest


def inflated(path):
    data = path.read_bytes()
    return len(gzip.decompress(data)) if data[:2] == b"\x1f\x8b" else len(data)


def measure(program, manifest, store, extra):
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(["/usr/bin/env", program, "--source", manifest, "--store", store, "--quiet", *extra], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        sys.exit(f"exit {run.returncode}: {run.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - start, int(re.search(r" records (\d+) ", run.stdout).group(1))


def peaks(store):
    """MiB of the largest worker and of its host, as the run's report has them."""
    run = json.loads(next(store.glob("sources/*/report.json")).read_text())["run"]
    return int(run["workerPeakBytes"]) >> 20, int(run["peakBytes"]) >> 20


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print(f"{'workload':22s} {'CPU s':>7s} {'wall s':>7s} {'MB/s/core':>10s} {'records/s':>10s} {'worker':>7s} {'host':>5s}  MiB; input")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for name, source, pattern, count, extra in [
            ("crawl, html-text-v1", "crawl", "*.warc.gz", 20, []), ("archive, text-nfc-v1", "archive", "*.tar.gz", 40, []),
            ("corpus, text-nfc-v1", "corpus", "*.jsonl", 100, []), ("crawl, two jobs", "crawl", "*.warc.gz", 20, ["--jobs", "2"]), ("bomb of 1 GiB", "", "", 0, ["--allow-rejected", "1"]), ("100,000 small files", "files", "**/*", 0, []), ("lines, Python plugin", "lines", "*.txt", 0, [])]:
            folder = scratch / re.sub(r"\W", "", name)
            if count:
                manifest = copies(folder, source, pattern, count)
            elif source == "lines":
                manifest = plugin(folder, options.program)
                extra = ["--plugins", folder / "plugins"]
            else:
                manifest = small_files(folder) if source else bomb(folder)
            place = folder / "sources" / (source or "crawl") if source != "files" else folder / "files"
            size = sum(inflated(p) for p in place.glob(pattern or "handbook*") if p.is_file())
            samples = []
            for run in range(options.runs):
                samples.append(measure(options.program, manifest, scratch / f"{folder.name}-{run}", extra))
                worker, host = peaks(scratch / f"{folder.name}-{run}")
                shutil.rmtree(scratch / f"{folder.name}-{run}")
            cpu, wall, records = statistics.median(s[0] for s in samples), statistics.median(s[1] for s in samples), samples[0][2]
            print(f"{name:22s} {cpu:7.3f} {wall:7.3f} {size / 1e6 / cpu:10.1f} {records / cpu:10.0f} {worker:7d} {host:5d}  {size / 1e6:.1f} MB inflated, {records} records", flush=True)
            shutil.rmtree(folder)


main()
