#!/usr/bin/env python3
"""Golden roots and proof vectors, written by a program that shares nothing with the Swift code.

Usage: golden.py PARAMETERS_FOLDER OUTPUT_FOLDER. Standard library alone. The trees are computed top-down from
the recursive definitions of RFC 9162 (2.1.1, 2.1.3.1, 2.1.4.1); the Swift code works from the right edge.
"""
import hashlib
import json
import pathlib
import sys

parameters, output = map(pathlib.Path, sys.argv[1:3])
P = 2**31 - 2**24 + 1


def h(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


class Permutation:
    def __init__(self, width):
        d = json.loads((parameters / f"poseidon2_koalabear_w{width}.json").read_text())
        self.first = [[int(x) for x in r] for r in d["rc_external_initial"]]
        self.inner = [int(x) for x in d["rc_internal"]]
        self.last = [[int(x) for x in r] for r in d["rc_external_final"]]
        self.v = [int(x) for x in next(v for k, v in d.items() if k.startswith("internal_diag"))]
        for vector in d["vectors"]:
            assert self([int(x) for x in vector["input"]]) == [int(x) for x in vector["output"]]

    def mix(self, s):
        blocks = []
        for i in range(0, len(s), 4):
            a, b, c, e = s[i:i + 4]
            blocks.append([(2 * a + 3 * b + c + e) % P, (a + 2 * b + 3 * c + e) % P, (a + b + 2 * c + 3 * e) % P, (3 * a + b + c + 2 * e) % P])
        total = [sum(b[j] for b in blocks) % P for j in range(4)]
        return [(b[j] + total[j]) % P for b in blocks for j in range(4)]

    def __call__(self, s):
        s = self.mix(list(s))
        for r in self.first:
            s = self.mix([pow(x + c, 3, P) for x, c in zip(s, r)])
        for c in self.inner:
            s[0] = pow(s[0] + c, 3, P)
            t = sum(s)
            s = [(x * v + t) % P for x, v in zip(s, self.v)]
        for r in self.last:
            s = self.mix([pow(x + c, 3, P) for x, c in zip(s, r)])
        return s


p16, p24 = Permutation(16), Permutation(24)


def text(d):
    return "".join(f"{x:08x}" for x in d) if isinstance(d, (list, tuple)) else d.hex()


def sha_leaf(i):
    return h(b"\0", b"golden leaf %d" % i)


def pos_leaf(i):
    digest = h(b"golden leaf %d" % i)
    message = [int.from_bytes(digest[j:j + 4], "big") % P for j in range(0, 32, 4)] * 2
    return tuple(p24(message + [0x4C454146, 1, 16, 0, 0, 0, 0, 0])[:8])


def sha_node(a, b):
    return h(b"\1", a, b)


def pos_node(a, b):
    return tuple((x + y) % P for x, y in zip(p16(list(a) + list(b))[:8], a))


def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


cache = {}


def root(kind, leaf, node, empty, a, b):
    if a == b:
        return empty
    key = (kind, a, b)
    if key not in cache:
        cache[key] = leaf(a) if b - a == 1 else node(root(kind, leaf, node, empty, a, a + split(b - a)), root(kind, leaf, node, empty, a + split(b - a), b))
    return cache[key]


def sha(a, b):
    return root("sha256", sha_leaf, sha_node, h(), a, b)


def pos(a, b):
    return root("poseidon2", pos_leaf, pos_node, tuple(p24([0] * 16 + [0x454D5054, 1, 1, 0, 0, 0, 0, 0])[:8]), a, b)


def path(m, a, b):
    if b - a == 1:
        return []
    k = a + split(b - a)
    return path(m, a, k) + [sha(k, b)] if m < k else path(m, k, b) + [sha(a, k)]


def subproof(m, a, b, whole):
    if m == b - a:
        return [] if whole else [sha(a, b)]
    k = split(b - a)
    if m <= k:
        return subproof(m, a, a + k, whole) + [sha(a + k, b)]
    return subproof(m - k, a + k, b, False) + [sha(a, a + k)]


sizes = list(range(66)) + sorted({2**k + d for k in range(7, 11) for d in (-1, 0, 1)})
roots = [{"size": n, "sha256Root": text(sha(0, n)), "poseidon2Root": text(pos(0, n))} for n in sizes]
(output / "golden_roots.json").write_text(json.dumps({"leaf": "sha256: H(00 | 'golden leaf i')", "roots": roots}, indent=0) + "\n")

vectors = []


def add(kind, expect, **v):
    vectors.append({"name": f"{kind}-{len(vectors)}", "kind": kind, "expect": expect, **{k: ([text(x) for x in w] if isinstance(w, list) else text(w) if isinstance(w, (bytes, tuple)) else w) for k, w in v.items()}})


flip = lambda d: bytes([d[0] ^ 1]) + d[1:]
for n, i in [(1, 0), (2, 0), (2, 1), (3, 0), (3, 2), (5, 4), (6, 3), (7, 6), (8, 0), (8, 7), (9, 8), (13, 5), (33, 32), (64, 63), (65, 64), (100, 37)]:
    good = dict(index=i, size=n, leaf=sha_leaf(i), root=sha(0, n), path=path(i, 0, n))
    add("inclusion", "ok", **good)
    add("inclusion", "root-mismatch", **{**good, "leaf": flip(good["leaf"])})
    add("inclusion", "root-mismatch", **{**good, "root": flip(good["root"])})
    add("inclusion", "index-out-of-range", **{**good, "index": n})
    add("inclusion", "path-length", **{**good, "path": good["path"] + [h(b"more")]})
    if good["path"]:
        add("inclusion", "path-length", **{**good, "path": good["path"][:-1]})
        add("inclusion", "root-mismatch", **{**good, "path": [flip(good["path"][0])] + good["path"][1:]})
        add("inclusion", "root-mismatch" if len(path((i + 1) % n, 0, n)) == len(good["path"]) else "path-length", **{**good, "index": (i + 1) % n})
    if len(good["path"]) > 1:
        add("inclusion", "root-mismatch", **{**good, "path": good["path"][::-1]})
    # an inner node given as a leaf, with the path of its parent
    if n >= 4 and i < 2:
        add("inclusion", "path-length", **{**good, "leaf": sha(0, 2), "index": 0, "path": good["path"][1:]})
    add("inclusion", "size-too-large", **{**good, "size": 2**40 + 1})
for m, n in [(0, 0), (0, 5), (1, 1), (1, 2), (2, 3), (3, 3), (3, 7), (4, 7), (4, 8), (5, 8), (6, 8), (7, 8), (1, 64), (31, 33), (32, 33), (33, 64), (64, 65), (50, 100)]:
    good = dict(old=m, new=n, oldRoot=sha(0, m), newRoot=sha(0, n), path=[] if m in (0, n) else subproof(m, 0, n, True))
    add("consistency", "ok", **good)
    if n < 100:  # more positives with the larger of two sizes equal
        add("consistency", "ok", old=n, new=n, oldRoot=sha(0, n), newRoot=sha(0, n), path=[])
    add("consistency", "path-length", **{**good, "path": good["path"] + [h(b"more")]})
    if m < n:
        add("consistency", "sizes-reversed", **{**good, "old": n, "new": m, "oldRoot": good["newRoot"], "newRoot": good["oldRoot"]})
    if m > 0:
        wrong_old = "root-mismatch" if m == n or m & (m - 1) == 0 else "old-root-mismatch"
        add("consistency", wrong_old, **{**good, "oldRoot": flip(good["oldRoot"])})
        add("consistency", "root-mismatch", **{**good, "newRoot": flip(good["newRoot"])})
    else:
        add("consistency", "old-root-mismatch", **{**good, "oldRoot": flip(good["oldRoot"])})
    if good["path"]:
        add("consistency", "path-length", **{**good, "path": good["path"][:-1]})
        add("consistency", "root-mismatch", **{**good, "path": good["path"][:-1] + [flip(good["path"][-1])]} if m & (m - 1) == 0 else {**good, "newRoot": h(b"other")})
    add("consistency", "size-too-large", **{**good, "new": 2**40 + 1})
good_count = sum(v["expect"] == "ok" for v in vectors)
print(len(roots), "roots,", len(vectors), "proof vectors,", len(vectors) - good_count, "negative")
assert len(vectors) >= 200 and (len(vectors) - good_count) / len(vectors) >= 0.6
(output / "proof_vectors.json").write_text(json.dumps({"vectors": vectors}, indent=0) + "\n")
