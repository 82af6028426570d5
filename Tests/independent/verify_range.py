#!/usr/bin/env python3
"""Verifies proofs of `ingest prove --example range`, written from docs/proof-system.md alone.

Usage: verify_range.py FILE.json ...   Prints 'valid' or the name of the check that fails, a line a file.
Standard library only; slow and plain on purpose.
"""
import base64
import hashlib
import json
import math
import sys

P = 2**31 - 2**24 + 1


class Refused(Exception):
    pass


def require(condition, name):
    if not condition:
        raise Refused(name)


# F[X] / (X^5 + X^2 - 1)

ZERO, ONE = (0,) * 5, (1, 0, 0, 0, 0)


def lift(a):
    return (a % P, 0, 0, 0, 0)


def add(a, b):
    return tuple((x + y) % P for x, y in zip(a, b))


def sub(a, b):
    return tuple((x - y) % P for x, y in zip(a, b))


def scale(a, k):
    return tuple(x * k % P for x in a)


def mul(a, b):
    c = [0] * 9
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            c[i + j] += x * y
    for k in range(8, 4, -1):  # X^k = X^(k-5) - X^(k-3)
        c[k - 5] += c[k]
        c[k - 3] -= c[k]
        c[k] = 0
    return tuple(x % P for x in c[:5])


def total(values):
    out = ZERO
    for value in values:
        out = add(out, value)
    return out


def powers(a, count):
    out = [ONE]
    while len(out) < count:
        out.append(mul(out[-1], a))
    return out[:count]


def eq_table(point):
    table = [ONE]
    for r in point:
        high = [mul(t, r) for t in table]
        table = [sub(t, h) for t, h in zip(table, high)] + high
    return table


def eq_value(a, b):
    out = ONE
    for x, y in zip(a, b):
        both = mul(x, y)
        out = mul(out, sub(sub(add(add(both, both), ONE), x), y))
    return out


def indicator(n, zero, one):
    """The extension of z(x) 1[x < n], z a product of one weight a bit: summed over maximal aligned blocks."""
    out, start, k = ZERO, 0, len(zero)
    for bit in range(k, -1, -1):
        if n >> bit & 1:
            term = ONE
            for i in range(bit):
                term = mul(term, add(zero[i], one[i]))
            for i in range(bit, k):
                term = mul(term, one[i] if start >> i & 1 else zero[i])
            out = add(out, term)
            start += 1 << bit
    return out


def through(values, x):
    """The polynomial through (0, values[0]), (1, values[1]), ... at x."""
    out = ZERO
    for i, value in enumerate(values):
        top, bottom = ONE, 1
        for j in range(len(values)):
            if j != i:
                top = mul(top, sub(x, lift(j)))
                bottom = bottom * (i - j) % P
        out = add(out, scale(mul(value, top), pow(bottom, -1, P)))
    return out


# BLAKE3

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
ORDER = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
M32 = 0xFFFFFFFF


def compress(chain, block, length, flags, counter=0):
    v = list(chain) + list(IV[:4]) + [counter, 0, length, flags]
    m = [int.from_bytes(block[4 * i:4 * i + 4], "little") for i in range(16)]

    def g(a, b, c, d, x, y):
        v[a] = (v[a] + v[b] + x) & M32
        t = v[d] ^ v[a]
        v[d] = (t >> 16 | t << 16) & M32
        v[c] = (v[c] + v[d]) & M32
        t = v[b] ^ v[c]
        v[b] = (t >> 12 | t << 20) & M32
        v[a] = (v[a] + v[b] + y) & M32
        t = v[d] ^ v[a]
        v[d] = (t >> 8 | t << 24) & M32
        v[c] = (v[c] + v[d]) & M32
        t = v[b] ^ v[c]
        v[b] = (t >> 7 | t << 25) & M32

    for _ in range(7):
        for column, i in (((0, 4, 8, 12), 0), ((1, 5, 9, 13), 2), ((2, 6, 10, 14), 4), ((3, 7, 11, 15), 6),
                          ((0, 5, 10, 15), 8), ((1, 6, 11, 12), 10), ((2, 7, 8, 13), 12), ((3, 4, 9, 14), 14)):
            g(*column, m[i], m[i + 1])
        m = [m[i] for i in ORDER]
    return [v[i] ^ v[i + 8] for i in range(8)]


def blake3_chunk(key, data, mode):
    require(len(data) <= 1024, "limitExceeded")
    blocks = [data[i:i + 64] for i in range(0, len(data), 64)] or [b""]
    chain = key
    for i, block in enumerate(blocks):
        flags = mode | (1 if i == 0 else 0) | (2 | 8 if i == len(blocks) - 1 else 0)
        chain = compress(chain, block.ljust(64, b"\0"), len(block), flags)
    return b"".join(word.to_bytes(4, "little") for word in chain)


def blake3(key, data, mode):
    """One chunk, or a tree of chunks for longer data."""
    if len(data) <= 1024:
        return blake3_chunk(key, data, mode)
    chunks = [data[i:i + 1024] for i in range(0, len(data), 1024)]

    def chunk(number, part):
        chain, blocks = key, [part[i:i + 64] for i in range(0, len(part), 64)]
        for i, block in enumerate(blocks):
            flags = mode | (1 if i == 0 else 0) | (2 if i == len(blocks) - 1 else 0)
            chain = compress(chain, block.ljust(64, b"\0"), len(block), flags, number)
        return chain

    def tree(first, parts, root):
        if len(parts) == 1:
            return chunk(first, parts[0])
        left = 1 << (len(parts) - 1).bit_length() - 1
        pair = tree(first, parts[:left], 0) + tree(first + left, parts[left:], 0)
        return compress(key, b"".join(word.to_bytes(4, "little") for word in pair), 64, mode | 4 | root)

    return b"".join(word.to_bytes(4, "little") for word in tree(0, chunks, 8))


def words(data):
    return [int.from_bytes(data[4 * i:4 * i + 4], "little") for i in range(8)]


def derived_key(context):
    return words(blake3_chunk(words(blake3_chunk(IV, context, 32)), b"", 64))


LEAF = derived_key(b"proof-system v1 commitment leaf")
NODE = derived_key(b"proof-system v1 commitment node")


# The transcript

class Transcript:
    def __init__(self, session, proof, offset):
        self.absorbed = session + bytes(136)
        self.given = 0
        self.proof, self.offset = proof, offset

    def absorb(self, data):
        if data:
            self.absorbed += data
            self.given = 0

    def squeeze(self, count):
        out = hashlib.shake_128(self.absorbed).digest(self.given + count)[self.given:]
        self.given += count
        return out

    def take(self, count):
        require(len(self.proof) - self.offset >= count, "truncated")
        out = self.proof[self.offset:self.offset + count]
        self.offset += count
        return out

    def read(self, count):
        out = self.take(count)
        self.absorb(out)
        return out

    def elements(self, count):
        data = self.take(20 * count)
        numbers = base_elements(data)
        self.absorb(data)
        return [tuple(numbers[5 * i:5 * i + 5]) for i in range(count)]

    def challenge(self):
        data = self.squeeze(100)
        return tuple(int.from_bytes(data[20 * i:20 * i + 20], "little") % P for i in range(5))

    def challenges(self, count):
        return [self.challenge() for _ in range(count)]

    def work(self, bits):
        self.read(8)
        require(int.from_bytes(self.squeeze(8), "little") < 2**(64 - bits), "proofOfWork")


def base_elements(data):
    out = [int.from_bytes(data[i:i + 4], "little") for i in range(0, len(data), 4)]
    require(all(x < P for x in out), "nonCanonical")
    return out


def le32(x):
    return x.to_bytes(4, "little")


def varlen(data):
    return le32(len(data)) + data


# The kind example-range

def shapes(count):
    k = 8
    while 2**k - 128 < count:
        k += 1
    # name, k, n, b, columns, messages
    return [(b"VALUES", k, count, 7, 3, 3), (b"BYTE", 9, 256, 7, 1, 1), (b"TOTAL", 8, 1, 7, 1, 1)]


def rules(name, c, public):
    """Constraints, and messages as (tag, numerators, values), of a row over E."""
    if name == b"VALUES":
        low, high, value = c
        return ([sub(sub(value, low), scale(high, 256))],
                [(2, [ONE], [low]), (2, [ONE], [high]), (7, [value], [])])
    if name == b"BYTE":
        return [], [(2, [sub(ZERO, c[0])], [public])]
    return [c[0]], [(7, [sub(ZERO, public)], [])]


def public_value(name, point, total_sum):
    if name == b"BYTE":  # the row's number
        return total(scale(r, 2**i) for i, r in enumerate(point))
    if name == b"TOTAL":  # the sum in row 0, zero behind
        out = lift(total_sum)
        for r in point:
            out = mul(out, sub(ONE, r))
        return out
    return ZERO


# target, work before queries, before lookups, regime, whether h is folded
PROFILES = {"KB5-UD100-L1": (100, 16, 0, "UD", False), "KB5-UD128-L1": (128, 20, 8, "UD", False),
            "KB5-UD128-W": (128, 20, 8, "UD", True), "KB5-JB100-W": (100, 16, 0, "JB", True),
            "KB5-JB128-W": (128, 20, 8, "JB", True)}


class Regime:
    def __init__(self, name, target, query_work):
        self.johnson, self.target, self.bits = name == "JB", target, target - query_work

    def queries(self, rate):
        each = -math.log2(1.05 * math.sqrt(rate)) if self.johnson else -math.log2((1 + rate) / 2)
        return math.ceil(self.bits / each)

    def list(self, rate):
        return 10 / rate if self.johnson else 1.0

    def line(self, n, rate):
        return 2 * 10.5**5 / (3 * rate**1.5) * n if self.johnson else float(n)

    def work(self, numerator):
        return max(0, math.ceil(self.target - (5 * math.log2(P) - math.log2(max(1.0, numerator)))))


def verify(file):
    count, total_sum = int(file["count"]), int(file["sum"])
    target, query_work, lookup_work, regime_name, folded = PROFILES[file["profile"]]
    regime = Regime(regime_name, target, query_work)
    proof = base64.b64decode(file["proof"])
    tables = shapes(count)
    mu, a, r0 = max(10, tables[0][1] - 1), 9, 2
    n, length = 2**(mu + r0), 2**mu + 2**a
    kind, profile = b"example-range", file["profile"].encode()
    statement = varlen(kind) + le32(1) + varlen(profile) + varlen(b"P2-KB-plonky3-v1") + varlen(b"P2KB-1")
    statement += le32(len(tables))
    for name, *numbers in tables:
        statement += varlen(name) + b"".join(map(le32, numbers))
    statement += le32(1) + varlen(b"main") + le32(mu) + le32(a) + le32(r0) + b"\0"
    statement += le32(count) + total_sum.to_bytes(8, "little") + varlen(b"") + bytes(32)

    require(len(proof) >= 40, "truncated")
    require(proof[:8] == b"IPRF" + le32(1), "unsupportedVersion")
    require(proof[8:40] == hashlib.sha256(statement).digest(), "statementDigestMismatch")
    session = hashlib.shake_128(bytes(168) + b"ingest-proof/v1/" + profile + b"/" + kind).digest(32)
    t = Transcript(session, proof, 40)
    t.absorb(statement)

    # Where columns lie: by falling height, then in order.
    helpers = [(shape[5] + 1) // 2 for shape in tables]
    order = sorted(range(len(tables)), key=lambda i: (-tables[i][1], i))
    ends, columns, helper_columns = [0, 0], [[] for _ in tables], [[] for _ in tables]
    for i in order:
        size = 2**tables[i][1]
        for _ in range(tables[i][4]):
            columns[i].append(ends[0])
            ends[0] += size
        for _ in range(helpers[i]):
            helper_columns[i].append([ends[1] + e * size for e in range(5)])
            ends[1] += 5 * size
    lanes = [-(-end // 2**mu) for end in ends]
    first, following = [], 0
    for lane_count in lanes:
        rounded = 1 << (lane_count - 1).bit_length()
        following = -(-following // rounded) * rounded
        first.append(following)
        following += lane_count
    kappa = (following - 1).bit_length()
    nu, K = kappa + mu, max(shape[1] for shape in tables)

    main_root = t.read(32)
    if lookup_work:
        t.work(lookup_work)
    alpha, beta, theta = t.challenges(3)
    helper_root = t.read(32)
    tau, lam, omega = t.challenges(K), t.challenge(), t.challenge()
    claim, rho1 = t.elements(1)[0], t.challenge()
    r = [None] * K
    for i in reversed(range(K)):
        values = t.elements(4)
        r[i] = t.challenge()
        claim = through([sub(claim, values[0])] + values, r[i])
    evaluations = [t.elements(shape[4] + h) for shape, h in zip(tables, helpers)]

    half = pow(2, -1, P)
    value, index = ZERO, 0
    for (name, k, active, _, column_count, _), own in zip(tables, evaluations):
        point = r[:k]
        constraints, messages = rules(name, own[:column_count], public_value(name, point, total_sum))
        pairs = [messages[i:i + 2] for i in range(0, len(messages), 2)]
        checks, helper_sum = list(constraints), ZERO
        for helper, pair in zip(own[column_count:], pairs):
            terms = []
            for tag, numerators, values in pair:
                d = lift(tag)
                for i, v in enumerate(values):
                    d = add(d, mul(powers(alpha, i + 2)[i + 1], v))
                terms.append((total(mul(p, x) for p, x in zip(powers(theta, 9), numerators)), sub(beta, d)))
            if len(terms) == 2:
                (n1, d1), (n2, d2) = terms
                checks.append(sub(sub(mul(mul(helper, d1), d2), mul(n1, d2)), mul(n2, d1)))
            else:
                checks.append(sub(mul(helper, terms[0][1]), terms[0][0]))
            helper_sum = add(helper_sum, helper)
        rule_sum = ZERO
        for check in checks:
            rule_sum = add(rule_sum, mul(powers(lam, index + 1)[index], check))
            index += 1
        act = indicator(active, [sub(ONE, x) for x in point], point)
        act_eq = indicator(active, [mul(sub(ONE, s), sub(ONE, x)) for s, x in zip(tau, point)],
                           [mul(s, x) for s, x in zip(tau, point)])
        own_value = add(mul(act_eq, rule_sum), mul(omega, mul(act, helper_sum)))
        value = add(value, scale(own_value, pow(half, K - k, P)))
    sigma1 = sub(claim, mul(rho1, value))

    rate = length / n
    round_work = epsilon_work = 0
    if folded:
        round_work = regime.work(2 * regime.list(rate) + regime.line(n, rate))
        epsilon_work = regime.work(2 * regime.list(rate) + 2 * regime.line(n, rate))
    gamma = t.challenge()
    claim, rho2 = t.elements(1)[0], t.challenge()
    flat = [e for own in evaluations for e in own]
    gammas = powers(gamma, len(flat))
    claim = add(claim, mul(rho2, total(mul(g, e) for g, e in zip(gammas, flat))))
    opened = [None] * nu
    for i in reversed(range(nu)):
        values = t.elements(2)
        if round_work:
            t.work(round_work)
        opened[i] = t.challenge()
        claim = through([sub(claim, values[0])] + values, opened[i])
    e_prime, vg, t1, t2 = t.elements(4)
    if epsilon_work:
        t.work(epsilon_work)

    def weight_at(group, offset, k):
        place = (first[group] << mu) + offset
        out = eq_value(r[:k], opened[:k])
        for i in range(k, nu):
            out = mul(out, opened[i] if place >> i & 1 else sub(ONE, opened[i]))
        return out

    weight, power = ZERO, iter(gammas)
    for i, shape in enumerate(tables):
        for offset in columns[i]:
            weight = add(weight, mul(next(power), weight_at(0, offset, shape[1])))
        for coordinates in helper_columns[i]:
            g = next(power)
            for e, offset in enumerate(coordinates):
                unit = tuple(int(e == j) for j in range(5))
                weight = add(weight, mul(mul(g, unit), weight_at(1, offset, shape[1])))
    sigma2 = sub(claim, mul(rho2, mul(weight, e_prime)))
    eps = t.challenge()
    eps2 = mul(eps, eps)
    row = eq_table(opened[:mu])
    w1 = [ONE] + [x for point in r for x in powers(point, 5)[1:]]
    w2 = [ONE] + [x for point in opened for x in powers(point, 3)[1:]]
    wanted = [add(vg, mul(eps, e_prime)), add(t1, mul(eps2, sigma1)), add(t2, mul(eps2, sigma2))]
    lane_weights = eq_table(opened[mu:])

    def draw(count, log):
        t.work(query_work)
        return sorted({int.from_bytes(t.squeeze(4), "little") % 2**log for _ in range(count)})

    def opening(root, positions, lane_count, depth, salted=True, absorbed=False):
        """The values of all lanes at the positions; the bytes are there before anything is checked."""
        plan, known = [], positions
        for _ in range(depth):
            here = set(known)
            plan.append([q ^ 1 for q in known if q ^ 1 not in here])
            known = sorted({q >> 1 for q in known})
        salt = 32 if salted else 0
        data = t.take(len(positions) * (salt + 4 * lane_count) + 32 * sum(map(len, plan)))
        if absorbed:
            t.absorb(data)
        rows, nodes = [], {}
        for q in positions:
            leaf, data = data[:salt + 4 * lane_count], data[salt + 4 * lane_count:]
            rows.append(base_elements(leaf[salt:]))
            nodes[q] = blake3(LEAF, leaf, 16)
        for sent in plan:
            for q in sent:
                nodes[q], data = data[:32], data[32:]
            nodes = {q >> 1: blake3_chunk(NODE, nodes[q & ~1] + nodes[q | 1], 16) for q in nodes}
        require(nodes[0] == root, "merklePath")
        return rows

    def open_groups(positions, absorbed):
        main_rows = opening(main_root, positions, lanes[0], mu + r0, absorbed=absorbed)
        helper_rows = opening(helper_root, positions, lanes[1] + 10, mu + r0, absorbed=absorbed)
        out = []
        for main, helper in zip(main_rows, helper_rows):
            stack = total(scale(lane_weights[first[0] + i], v) for i, v in enumerate(main))
            stack = add(stack, total(scale(lane_weights[first[1] + i], helper[i]) for i in range(lanes[1])))
            mask, blinder = tuple(helper[-10:-5]), tuple(helper[-5:])
            out.append(add(blinder, add(mul(eps, stack), mul(eps2, mask))))
        return out

    def value_at(coefficients, x):
        left = [0] * 5
        for coefficient in reversed(coefficients):
            left = [(y * x + c) % P for y, c in zip(left, coefficient)]
        return tuple(left)

    def point(q, log):
        return pow(pow(3, (P - 1) >> log, P), q, P)

    if folded:
        verify_folded(t, regime, mu, r0, length, (row, w1, w2), wanted, draw, opening, open_groups, value_at, point)
    else:
        h = t.elements(length)
        zone = h[2**mu:2**mu + 256]
        require(total(map(mul, h, row)) == wanted[0], "openingMismatch")
        require(total(map(mul, zone, w1)) == wanted[1], "constraintsNotSatisfied")
        require(total(map(mul, zone[len(w1):], w2)) == wanted[2], "openingMismatch")
        positions = draw(regime.queries(rate), mu + r0)
        for q, right in zip(positions, open_groups(positions, False)):
            require(value_at(h, point(q, mu + r0)) == right, "proximity")
    require(t.offset == len(proof), "trailingBytes")


def fold(vector, challenge):
    """Binds the highest variable."""
    half = len(vector) // 2
    return [add(low, mul(challenge, sub(high, low))) for low, high in zip(vector, vector[half:])]


def verify_folded(t, regime, mu, r0, length, forms, wanted, draw, opening, open_groups, value_at, point):
    row, w1, w2 = forms
    variables = mu + 1 - (8 if regime.johnson else 9)
    iterations = -(-variables // 5) if variables > 0 else 0
    weight, claim, previous = None, None, None  # previous: root, log of domain, draws, lane weights
    m, d, count = mu + 1, mu + r0, regime.queries(length / 2**(mu + r0))

    def queries(last):
        positions = draw(count, d)
        if previous is None:
            values = open_groups(positions, not last)
        else:
            root, lane_weights = previous
            rows = opening(root, positions, 5 * len(lane_weights), d, salted=False, absorbed=not last)
            values = [total(mul(w, tuple(own[5 * i:5 * i + 5])) for i, w in enumerate(lane_weights)) for own in rows]
        return [(point(q, d), value) for q, value in zip(positions, values)]

    for iteration in range(iterations):
        k = variables // iterations + (1 if iteration < variables % iterations else 0)
        lane = m - k
        domain = min(d - 1, lane + 8) if regime.johnson else lane + 4
        rate = 2.0**(lane - domain)
        size = regime.list(rate)
        root = t.read(32)
        if iteration == 0:
            xi0 = t.challenge()
            zone = [mul(xi0, x) for x in w1] + [mul(mul(xi0, xi0), x) for x in w2]
            zeros = eq_table([t.challenge() for _ in range(mu)])
            cube = mul(xi0, mul(xi0, xi0))
            behind = [mul(cube, x) for x in zeros[length - 2**mu:]]
            weight = row + zone + [ZERO] * (length - 2**mu - len(zone)) + behind
            claim = add(wanted[0], mul(xi0, add(wanted[1], mul(xi0, wanted[2]))))
        terms = []
        if regime.johnson:
            bits = regime.work(size * size * 2.0**m / 2)
            if bits:
                t.work(bits)
            z = t.challenge()
            terms.append((z, t.elements(1)[0]))
        terms += [(lift(x), value) for x, value in queries(False)]
        bits = regime.work(size * (count + 3))
        if bits:
            t.work(bits)
        xi = t.challenge()
        factor = xi
        for x, value in terms:
            claim = add(claim, mul(factor, value))
            power = factor
            for j in range(len(weight)):
                weight[j] = add(weight[j], power)
                power = mul(power, x)
            factor = mul(factor, xi)
        bits, challenges = regime.work(2 * size + regime.line(2.0**domain, rate)), []
        for _ in range(k):
            values = t.elements(2)
            if bits:
                t.work(bits)
            challenges.append(t.challenge())
            claim = through([sub(claim, values[0])] + values, challenges[-1])
            weight = fold(weight, challenges[-1])
        previous = (root, eq_table(challenges[::-1]))
        m, d, count = lane, domain, regime.queries(rate)
    last = t.elements(2**m)
    for x, value in queries(True):
        require(value_at(last, x) == value, "proximity")
    require(total(map(mul, last, weight)) == claim, "openingMismatch")


def main():
    for path in sys.argv[1:]:
        with open(path) as file:
            document = json.load(file)
        try:
            verify(document)
            print("valid")
        except Refused as refusal:
            print(refusal)


main()
