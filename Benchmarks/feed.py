#!/usr/bin/env python3
"""What feeding costs a training loop: the same loop over plain JSONL, over a run's parts, and over 'ingest feed' itself.

    feed.py INGEST [--records N] [--runs N]

The model: a next-byte predictor in numpy (16 bytes of context, embedding of 16, one hidden layer of 256, softmax over
256), one step of plain SGD a batch of 32 records, 64 positions of each. The records: the repository's own corpus of
policy sections, cut into paragraphs and repeated with a number in front until there are N.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import corpus
import numpy

ROOT = corpus.ROOT
sys.path.insert(0, os.path.join(ROOT, "python"))
from ingest_reader import Run  # noqa: E402

CONTEXT, EMBEDDING, HIDDEN, POSITIONS, BATCH = 16, 16, 256, 64, 32


class Model:
    def __init__(self):
        random = numpy.random.default_rng(1)
        scale = lambda *shape: (random.standard_normal(shape) / numpy.sqrt(shape[0])).astype(numpy.float32)
        self.table, self.first = scale(256, EMBEDDING), scale(CONTEXT * EMBEDDING, HIDDEN)
        self.second = scale(HIDDEN, 256)
        self.random = random

    def step(self, texts):
        rows, targets = [], []
        for text in texts:
            data = numpy.frombuffer(text.encode()[:4096].ljust(CONTEXT + 2), dtype=numpy.uint8)
            starts = self.random.integers(0, len(data) - CONTEXT, POSITIONS)
            rows.append(data[starts[:, None] + numpy.arange(CONTEXT)])
            targets.append(data[starts + CONTEXT])
        context, target = numpy.concatenate(rows), numpy.concatenate(targets)
        embedded = self.table[context].reshape(len(context), -1)
        hidden = numpy.maximum(embedded @ self.first, 0)
        logits = hidden @ self.second
        logits -= logits.max(1, keepdims=True)
        share = numpy.exp(logits)
        share /= share.sum(1, keepdims=True)
        share[numpy.arange(len(target)), target] -= 1
        share /= len(target)
        back = (share @ self.second.T) * (hidden > 0)
        self.second -= 0.1 * hidden.T @ share
        spread = (back @ self.first.T).reshape(len(context), CONTEXT, EMBEDDING)
        self.first -= 0.1 * embedded.T @ back
        numpy.add.at(self.table, context, -0.1 * spread)


def plain(path):
    batch = []
    with open(path, "rb") as file:
        for line in file:
            batch.append(json.loads(line)["text"])
            if len(batch) == BATCH:
                yield batch
                batch = []


def parts(folder):
    run = Run(folder)
    for batch in run.batches(BATCH):
        yield [record["text"] for record in batch]
    run.close()


def piped(command):
    batch = []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            batch.append(json.loads(line)["text"])
            if len(batch) == BATCH:
                yield batch
                batch = []


def timed(batches):
    usage = lambda: sum(
        part.ru_utime + part.ru_stime for part in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    model = Model()
    wall, cpu = time.monotonic(), usage()
    for batch in batches:
        model.step(batch)
    return time.monotonic() - wall, usage() - cpu


def prepare(folder, count):
    shutil.copytree(os.path.join(ROOT, "manifests/policies"), os.path.join(folder, "policies"))
    os.makedirs(os.path.join(folder, "sources/corpus"))
    shutil.copy(os.path.join(ROOT, "manifests/sources/corpus/LICENSE"), os.path.join(folder, "sources/corpus"))
    paragraphs = list(corpus.parts(r"\n\n", 80))
    with open(os.path.join(folder, "sources/corpus/policy.jsonl"), "w", encoding="utf-8") as file:
        for number in range(count):
            text = f"{number}. {paragraphs[number % len(paragraphs)]}"
            file.write(json.dumps({"id": str(number), "section": str(number), "text": text}) + "\n")
    manifest = corpus.MANIFEST.format(
        name="bench-corpus",
        title="Paragraphs",
        path="sources/corpus/policy.jsonl",
        unit="paragraph",
        license="MIT",
    )
    with open(os.path.join(folder, "bench.manifest"), "w", encoding="utf-8") as file:
        file.write(manifest)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ingest")
    parser.add_argument("--records", type=int, default=20000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    ingest = os.path.abspath(arguments.ingest)
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder, arguments.records)
        call = lambda *words: subprocess.run([ingest, *words], cwd=folder, check=True, stdout=subprocess.PIPE)
        call("--source", "bench.manifest", "--quiet")
        feed = ["feed", "--policy", "policies/default.policy", "--quiet"]
        start = time.monotonic()
        call(*feed, "--out", "run")
        print(f"ingest feed --out: {time.monotonic() - start:.2f} s for {arguments.records} records")
        start = time.monotonic()
        call(*feed, "--out", "drawn", "--seed", "bench")
        print(f"ingest feed --out --seed: {time.monotonic() - start:.2f} s")
        source = os.path.join(folder, "sources/corpus/policy.jsonl")
        forms = {
            "plain JSONL": lambda: plain(source),
            "run's parts, digests checked": lambda: parts(os.path.join(folder, "run")),
            "ingest feed in a pipe": lambda: piped([ingest, *feed]),
        }
        times = {name: [] for name in forms}
        os.chdir(folder)
        for _ in range(arguments.runs):
            for name, make in forms.items():
                times[name].append(timed(make()))
        base = {}
        print(f"{'training loop over':32}{'wall s':>9}{'CPU s':>9}{'wall':>8}{'CPU':>8}")
        for name, values in times.items():
            wall, cpu = (statistics.median(value) for value in zip(*values))
            base = base or {"wall": wall, "cpu": cpu}
            print(f"{name:32}{wall:9.2f}{cpu:9.2f}{wall / base['wall']:8.3f}{cpu / base['cpu']:8.3f}")


main()
