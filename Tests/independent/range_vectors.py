#!/usr/bin/env python3
"""Writes Fixtures/vectors/range_proofs.json or folded_proofs.json: a proof, and changes of it with their verdicts.

Usage: range_vectors.py PROOF.json > range_proofs.json   PROOF.json is from `ingest prove --example range`, with
`--profile KB5-JB100-W` for folded_proofs.json; the verdicts are those of verify_range.py, which shares no code with the prover.
"""
import base64
import importlib.util
import json
import os
import random
import sys

spec = importlib.util.spec_from_file_location(
    "verify_range", os.path.join(os.path.dirname(os.path.abspath(__file__)), "verify_range.py"))
verifier = importlib.util.module_from_spec(spec)
arguments, sys.argv = sys.argv, sys.argv[:1]
spec.loader.exec_module(verifier)


def verdict(document):
    try:
        verifier.verify(document)
        return "valid"
    except verifier.Refused as refusal:
        return str(refusal)


def changed(document, change):
    document = dict(document)
    proof = bytearray(base64.b64decode(document["proof"]))
    if "offset" in change:
        data = bytes.fromhex(change["bytes"])
        proof[change["offset"]:change["offset"] + len(data)] = data
    if "length" in change:
        proof = proof[:change["length"]].ljust(change["length"], b"\0")
    for member in ("count", "sum"):
        document[member] = change.get(member, document[member])
    document["proof"] = base64.b64encode(bytes(proof)).decode()
    return document


def main():
    random.seed(20261121)
    with open(arguments[1]) as file:
        document = json.load(file)
    proof = base64.b64decode(document["proof"])
    changes = [{}]
    # Every byte of the head, then places all over the proof, flipped; elements that are not canonical.
    offsets = list(range(0, 40, 3)) + sorted(random.sample(range(40, len(proof)), 70))
    for offset in offsets:
        changes.append({"offset": offset, "bytes": "%02x" % (proof[offset] ^ random.randrange(1, 256))})
    for offset in (104, 108, 124, 204, 1004, 2004, 20004):
        for value in (verifier.P, verifier.P + 1, 2**32 - 1):
            changes.append({"offset": offset, "bytes": value.to_bytes(4, "little").hex()})
    for length in (0, 39, 40, 72, 1000, len(proof) - 1, len(proof) + 1, len(proof) + 4):
        changes.append({"length": length})
    for member, delta in (("sum", 1), ("sum", -1), ("count", 1), ("count", -1)):
        changes.append({member: str(int(document[member]) + delta)})
    vectors = [dict(change, verdict=verdict(changed(document, change))) for change in changes]
    json.dump({"_comment": "Made by Tests/independent/range_vectors.py.", "file": document,
               "vectors": vectors}, sys.stdout, indent=1)
    print()


main()
