#!/usr/bin/env python3
"""proofs.py INGEST [--runs N] [--largest LOG]: the proof engine over the shape of the provenance statement and over permutations.

Medians of N runs: prove (wall, CPU of the program, CPU of the system), peak memory, bytes, verify; then the exponents of time, memory and bytes
in the number of rows, fitted by least squares on logarithms. Standard library alone.
"""
import argparse
import math
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile


def run(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"exit {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout + done.stderr, after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime


def measure(program, example, log, profile, runs, folder):
    # 2^7 pad rows: the table has 2^log rows.
    count = 2**log - 128
    samples = []
    for _ in range(runs):
        proof = str(folder / "proof.json")
        text, user, system = run(program, "prove", "--example", example, "--count", str(count), "--profile", profile, "--out", proof)
        size, milliseconds, peak = map(int, re.search(r"(\d+) bytes in (\d+) ms, peak (\d+) MiB", text).groups())
        verify = min(int(re.search(r"bytes, (\d+) ms", run(program, "verify", proof)[0]).group(1)) for _ in range(3))
        samples.append((milliseconds / 1000, user, system, peak, size, verify))
    wall, user, system, peak, size, verify = (statistics.median(s[i] for s in samples) for i in range(6))
    fastest = min(s[0] for s in samples)
    print(f"{example:13s} 2^{log:<3d} {profile:13s} {wall:8.2f} {fastest:8.2f} {user:8.2f} {system:8.2f} {peak:7.0f} {size:9.0f} {verify:6.0f}", flush=True)
    return wall, user, peak, size


def exponent(points):
    """The slope of log2 y over log2 x."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(math.log2(y) for _, y in points) / len(points)
    return sum((x - mean_x) * (math.log2(y) - mean_y) for x, y in points) / sum((x - mean_x)**2 for x, _ in points)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--largest", type=int, default=20)
    options = parser.parse_args()
    print(f"{'statement':13s} {'rows':5s} {'profile':13s} {'prove s':>8s} {'fastest':>8s} {'user s':>8s} {'system s':>8s} {'MiB':>7s} {'bytes':>9s} {'ver ms':>6s}   {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        points = []
        for log in range(14, options.largest + 1, 2):
            points.append((log, measure(options.program, "provenance", log, "KB5-UD128-L1", options.runs, folder)))
        names = ("wall", "CPU of the program", "peak memory", "bytes")
        fits = ", ".join(f"{name} {exponent([(log, p[i]) for log, p in points]):.2f}" for i, name in enumerate(names))
        print(f"exponents of rows, 2^14 to 2^{options.largest}: {fits}")
        for profile in ("KB5-UD100-L1", "KB5-UD128-W", "KB5-JB100-W", "KB5-JB128-W"):
            measure(options.program, "provenance", min(20, options.largest), profile, options.runs, folder)
        for log in (14, 17, min(20, options.largest)):
            measure(options.program, "permutations", log, "KB5-UD100-L1", options.runs, folder)


main()
