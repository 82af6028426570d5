// The transform over KoalaBear on columns side by side, one a lane. Included like poseidon2_lanes.h,
// behind it: add, multiply and their constants are those of that file.

// a b / R mod p of two words.
static inline uint32_t F(word_product)(uint32_t a, uint32_t b) {
  const uint64_t product = (uint64_t)a * b;
  const uint32_t quotient = (uint32_t)product * 0x81000001u;
  const uint32_t high = (uint32_t)(product >> 32) - (uint32_t)(((uint64_t)quotient * 0x7F000001u) >> 32);
  return high + (high >> 31) * 0x7F000001u;
}

// a w / R mod p for a between -p and p and a w that is the same in all lanes.
INLINE V F(turn)(V a, V w) {
  const V p = OPAQUE(SET1(0x7F000001)), inverse = OPAQUE(SET1(0x81000001));
  const V even = MUL_SIGNED(a, w), odd = MUL_SIGNED(ODD_TO_EVEN(a), w);
  const V even_high = SUB64(even, MUL_SIGNED(MUL_EVEN(even, inverse), p));
  const V odd_high = SUB64(odd, MUL_SIGNED(MUL_EVEN(odd, inverse), p));
  const V high = MERGE_HIGH(even_high, odd_high);
  return MIN(high, ADD(high, p));
}

// Two layers on one row of each quarter: decimation in frequency by four. Products take what lies between -p and
// p, so that most differences are not reduced before them; the third power of the root is made of words, beside
// the work of vectors.
INLINE void F(butterfly)(V *r0, V *r1, V *r2, V *r3, uint32_t root1, uint32_t root2, V minus_fourth) {
  const V p = SET1(0x7F000001);
  const V a = *r0, b = *r1, c = *r2, d = *r3;
  const V ac = F(add)(a, c), bd = F(add)(b, d), a_c = F(subtract)(a, c);
  const V d_b = F(turn)(SUB(b, d), minus_fourth);
  *r0 = F(add)(ac, bd);
  *r1 = F(turn)(SUB(ac, bd), SET1(root2));
  *r2 = F(turn)(SUB(a_c, d_b), SET1(root1));
  *r3 = F(turn)(SUB(ADD(a_c, d_b), p), SET1(F(word_product)(root1, root2)));
}

// Below so many rows a block stays in the cache, and two layers a pass are enough.
enum { F(cached_rows) = 1 << 14 };

// Four layers in one pass over memory. Rows from `filled` on are zero, and not read.
FORM static void F(four_layers)(uint32_t *rows, size_t n, size_t filled, const uint32_t *roots,
                                size_t stride, V minus_fourth) {
  const size_t step = n / 16;
  for (size_t i = 0; i < step; i++) {
    V x[16];
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 16; k++) {
      uint32_t *row = rows + (i + k * step) * LANES;
      // The prefetch may reach beyond the end, where it does nothing.
      __builtin_prefetch((const void *)((uintptr_t)row + 4 * LANES * 4), 1);
      x[k] = i + k * step < filled ? LOAD(row) : SET1(0);
    }
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; k++) {
      const size_t power = (i + k * step) * stride;
      F(butterfly)(x + k, x + k + 4, x + k + 8, x + k + 12, roots[power], roots[2 * power], minus_fourth);
    }
    const uint32_t root1 = roots[4 * i * stride], root2 = roots[8 * i * stride];
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 16; k += 4) {
      F(butterfly)(x + k, x + k + 1, x + k + 2, x + k + 3, root1, root2, minus_fourth);
    }
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 16; k++) STORE(rows + (i + k * step) * LANES, x[k]);
  }
}

// Values of `n` rows from coefficients in place, decimation in frequency: row i ends at its bits reversed.
// `roots` holds the powers of the root of unity of order `n` times `stride`, in Montgomery form. Parts are
// finished one after the other, so that what is small stays in the cache. Rows from `filled` on count as zero.
FORM static void F(transform_rows)(uint32_t *rows, size_t n, size_t filled, const uint32_t *roots,
                                   size_t stride) {
  if (filled < n && n <= F(cached_rows)) memset(rows + filled * LANES, 0, 4 * (n - filled) * LANES);
  if (n <= 1) return;
  if (n == 2) {
    const V a = LOAD(rows), b = LOAD(rows + LANES);
    STORE(rows, F(add)(a, b));
    STORE(rows + LANES, F(subtract)(a, b));
    return;
  }
  const size_t quarter = n / 4;
  const V minus_fourth = SUB(SET1(0x7F000001), SET1(roots[quarter * stride]));
  if (n > F(cached_rows)) {
    F(four_layers)(rows, n, filled, roots, stride, minus_fourth);
    for (size_t part = 0; part < 16; part++) {
      F(transform_rows)(rows + part * (n / 16) * LANES, n / 16, n / 16, roots, 16 * stride);
    }
    return;
  }
  for (size_t i = 0; i < quarter; i++) {
    uint32_t *row0 = rows + i * LANES;
    uint32_t *row1 = row0 + quarter * LANES, *row2 = row1 + quarter * LANES, *row3 = row2 + quarter * LANES;
    V a = LOAD(row0), b = LOAD(row1), c = LOAD(row2), d = LOAD(row3);
    F(butterfly)(&a, &b, &c, &d, roots[i * stride], roots[2 * i * stride], minus_fourth);
    STORE(row0, a);
    STORE(row1, b);
    STORE(row2, c);
    STORE(row3, d);
  }
  for (size_t part = 0; part < 4; part++) {
    F(transform_rows)(rows + part * quarter * LANES, quarter, quarter, roots, 4 * stride);
  }
}

FORM static void F(transform_columns)(uint32_t *rows, size_t n, size_t filled, const uint32_t *roots) {
  F(transform_rows)(rows, n, filled, roots, 1);
}

// roots[e] of an order, of whose powers the table has the first half.
static inline uint32_t F(root)(const uint32_t *roots, size_t order, size_t e) {
  return e < order / 2 || order < 2 ? roots[e] : 0x7F000001u - roots[e - order / 2];
}

FORM static void F(twist)(uint32_t *rows, size_t length, size_t tail, const uint32_t *roots, size_t order,
                          size_t residue) {
  const V behind = SET1(F(root)(roots, order, residue * length));
  for (size_t i = 0; i < length; i++) {
    uint32_t *row = rows + i * LANES;
    V x = LOAD(row);
    if (i < tail) x = F(add)(x, F(turn)(LOAD(row + length * LANES), behind));
    STORE(row, F(turn)(x, SET1(F(root)(roots, order, residue * i))));
  }
}

FORM static void F(gather_columns)(const uint32_t *const *columns, size_t count, size_t begin,
                                   size_t length, uint32_t *rows) {
  for (size_t i = 0; i < length; i++) {
    uint32_t *row = rows + (begin + i) * LANES;
    for (size_t j = 0; j < count; j++) row[j] = columns[j][i];
    for (size_t j = count; j < LANES; j++) row[j] = 0;
  }
}

static const transform_form F(transform_table) = {LANES, F(transform_columns), F(gather_columns),
                                                     F(twist)};
