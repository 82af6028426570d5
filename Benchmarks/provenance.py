#!/usr/bin/env python3
"""Provenance from end to end: commit, feed, link, prove, verify, over registries of some sizes.

    provenance.py INGEST [--log 14,17,20] [--sources 8] [--profiles …] [--cold N] [--segment-log 17] [--low-memory] [--keep FOLDER]

Records are the sentences of the repository's own corpus (sections of the Debian Policy Manual), numbered, until there are
2^log - 2^12 (so that they fit into a table with its pad rows), shared out evenly among the sources, half of them under MIT
and half under CC-BY-4.0. Every record is fed and proven. Times and memory are those of the program's own processes.
"""

import argparse
import ctypes
import json
import math
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

import corpus

ROOT = corpus.ROOT


def prepare(folder, count, sources):
    shutil.copytree(os.path.join(ROOT, "manifests/policies"), os.path.join(folder, "policies"))
    parts = list(corpus.parts(r"(?<=[.:])\s+", 30))
    names = []
    for source in range(sources):
        name = f"bench-{source:02d}"
        names.append(f"{name}.manifest")
        with open(os.path.join(folder, f"{name}.jsonl"), "w", encoding="utf-8") as file:
            for number in range(count * source // sources, count * (source + 1) // sources):
                text = f"{number}. {parts[number % len(parts)]}"
                file.write(json.dumps({"id": str(number), "text": text}) + "\n")
        with open(os.path.join(folder, f"{name}.manifest"), "w", encoding="utf-8") as file:
            file.write(
                corpus.MANIFEST.format(
                    name=name,
                    title="Sentences",
                    path=f"{name}.jsonl",
                    unit="sentence",
                    license=("MIT", "CC-BY-4.0")[source % 2],
                )
            )
    return names


def call(ingest, folder, *words, quiet=True):
    start = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([ingest, *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}: {done.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, time.monotonic() - start, cpu


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


class Bytes(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("length", ctypes.c_size_t)]


class Question(ctypes.Structure):
    _fields_ = [(name, Bytes) for name in ("manifest", "policy", "envelope", "decisions", "receipt")] + [
        ("sources", ctypes.c_void_p), ("source_count", ctypes.c_size_t), ("keys", ctypes.c_void_p),
        ("key_count", ctypes.c_size_t), ("threshold", ctypes.c_size_t), ("audience", Bytes), ("nonce", ctypes.c_void_p),
    ]


def rate(ingest, folder, seconds=3):
    """Bundles a second in one process on one thread, through the C interface; None where the library is not built."""
    library = os.path.join(os.path.dirname(ingest), "libingest_verifier.so")
    if not os.path.exists(library):
        return None
    verify = ctypes.CDLL(library).ingest_verify_provenance
    verify.argtypes = [Bytes, ctypes.POINTER(Question), ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]

    def read(name):
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        return Bytes(data, len(data))

    question = Question(
        manifest=read(".ingest/combined.commit.json"), policy=read("policies/default.policy"),
        decisions=read(".ingest/combined.decisions.jsonl"),
    )
    bundle = read("proof.bin")
    start, count = time.monotonic(), 0
    while time.monotonic() - start < seconds:
        if verify(bundle, ctypes.byref(question), None, 0, None) != 0:
            raise SystemExit("the library refuses a bundle that the program accepts")
        count += 1
    return count / (time.monotonic() - start)


def measure(ingest, log, sources, profiles, cold, segment, runs, keep, low_memory):
    folder = keep or tempfile.mkdtemp(prefix="ingest-provenance-")
    os.makedirs(folder, exist_ok=True)
    results = []
    try:
        count = (1 << log) - (1 << min(12, log - 2))
        if not os.path.exists(os.path.join(folder, ".ingest")):
            names = prepare(folder, count, sources)
            words = [word for name in names for word in ("--source", name)]
            _, commit, _ = call(ingest, folder, *words, "--quiet")
            _, feed, _ = call(ingest, folder, "feed", "--policy", "policies/default.policy", "--out", "run", "--seed", "1", "--quiet")
            print(f"2^{log}, {sources} sources: {count} records committed in {commit:.1f} s, fed in {feed:.1f} s", flush=True)
        claim = "MIT records 100%..100%" if sources == 1 else "MIT records 50%..51%"
        for profile in profiles:
            options = ["--profile", profile, "--json"] + (["--low-memory"] if low_memory else [])
            out, _, _ = call(ingest, folder, "prove", "link", "--segment-log", str(segment), *options)
            link = json.loads(out)
            proofs = []
            for _ in range(runs):
                out, _, _ = call(
                    ingest, folder, "prove", "provenance", "--receipt", "run", "--policy", "policies/default.policy",
                    "--by", "license", "--claim", claim, "--out", "proof.bin", *options,
                )
                proofs.append(json.loads(out))
            first, proof = proofs[0], sorted(proofs, key=lambda value: int(value["proveMilliseconds"]))[len(proofs) // 2]
            verify = ["verify", "proof.bin", "--manifest", ".ingest/combined.commit.json", "--policy",
                      "policies/default.policy", "--key", ".ingest/keys/registry.pem"]
            times = [call(ingest, folder, *verify)[1] * 1000 for _ in range(cold)]
            row = {
                "log": log, "sources": sources, "profile": profile, "link s": int(link["milliseconds"]) / 1000,
                "link MiB": int(link["peakBytes"]) >> 20, "link MB": int(link["bytes"]) / 1e6,
                "segments": int(link["segments"]), "training link s": int(first["trainingLinkMilliseconds"]) / 1000,
                "prove s": int(proof["proveMilliseconds"]) / 1000, "prove MiB": int(proofs[-1]["peakBytes"]) >> 20,
                "proof KiB": int(proof["proofBytes"]) / 1024, "bundle MB": int(proof["bytes"]) / 1e6,
                "p50 ms": statistics.median(times), "p95 ms": percentile(times, 0.95), "p99 ms": percentile(times, 0.99),
            }
            bundles = rate(ingest, folder)
            if bundles:
                row["bundles/s"], row["claims/s"] = bundles, bundles * count
            results.append(row)
            print("  ".join(f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}" for name, value in row.items()), flush=True)
    finally:
        if not keep:
            shutil.rmtree(folder)
    return results


def exponent(points):
    """The slope of log y over log x by least squares."""
    xs, ys = zip(*((math.log(x), math.log(y)) for x, y in points))
    mean = lambda values: sum(values) / len(values)
    return sum((x - mean(xs)) * (y - mean(ys)) for x, y in zip(xs, ys)) / sum((x - mean(xs)) ** 2 for x in xs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ingest")
    parser.add_argument("--log", default="14,17")
    parser.add_argument("--sources", default="8")
    parser.add_argument("--profiles", default="KB5-UD128-L1,KB5-UD128-W,KB5-JB100-W")
    parser.add_argument("--cold", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--segment-log", type=int, default=17)
    parser.add_argument("--low-memory", action="store_true")
    parser.add_argument("--keep", help="a folder that stays, with registry and run, for further profiles")
    arguments = parser.parse_args()
    results = []
    for sources in map(int, arguments.sources.split(",")):
        for log in map(int, arguments.log.split(",")):
            results += measure(
                os.path.abspath(arguments.ingest), log, sources, arguments.profiles.split(","),
                arguments.cold, arguments.segment_log, arguments.runs, arguments.keep, arguments.low_memory,
            )
    for profile in arguments.profiles.split(","):
        rows = [row for row in results if row["profile"] == profile]
        if len({row["log"] for row in rows}) > 1:
            fits = ", ".join(
                f"{name} {exponent([(1 << row['log'], row[name]) for row in rows]):.2f}"
                for name in ("link s", "prove s", "prove MiB", "proof KiB", "p50 ms")
            )
            print(f"{profile}: exponents in the number of records: {fits}")


main()
