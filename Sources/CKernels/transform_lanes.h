// The transform over KoalaBear on columns side by side, one a lane. Included like poseidon2_lanes.h,
// behind it: add, multiply and their constants are those of that file.

// Values of `n` rows from coefficients in place, decimation in frequency: row i ends at its bits reversed.
// `roots` holds the powers of the root of unity of order `n` times `stride`, in Montgomery form. Halves are
// finished one after the other, so that what is small stays in the cache.
FORM static void F(transform_rows)(uint32_t *rows, size_t n, const uint32_t *roots, size_t stride) {
  if (n <= 1) return;
  if (n == 2) {
    const V a = LOAD(rows), b = LOAD(rows + LANES);
    STORE(rows, F(add)(a, b));
    STORE(rows + LANES, F(subtract)(a, b));
    return;
  }
  // Two layers at once: four quarters a, b, c, d.
  const size_t quarter = n / 4;
  const V fourth = SET1(roots[quarter * stride]);
  for (size_t i = 0; i < quarter; i++) {
    uint32_t *p = rows + i * LANES;
    uint32_t *q = p + quarter * LANES, *r = q + quarter * LANES, *s = r + quarter * LANES;
    const V a = LOAD(p), b = LOAD(q), c = LOAD(r), d = LOAD(s);
    const V ac = F(add)(a, c), bd = F(add)(b, d);
    const V a_c = F(subtract)(a, c), b_d = F(multiply)(F(subtract)(b, d), fourth);
    const V w1 = SET1(roots[i * stride]), w2 = SET1(roots[2 * i * stride]);
    STORE(p, F(add)(ac, bd));
    STORE(q, F(multiply)(F(subtract)(ac, bd), w2));
    STORE(r, F(multiply)(F(add)(a_c, b_d), w1));
    STORE(s, F(multiply)(F(multiply)(F(subtract)(a_c, b_d), w1), w2));
  }
  for (size_t part = 0; part < 4; part++) {
    F(transform_rows)(rows + part * quarter * LANES, quarter, roots, 4 * stride);
  }
}

FORM static void F(transform_columns)(uint32_t *rows, size_t n, const uint32_t *roots) {
  F(transform_rows)(rows, n, roots, 1);
}

FORM static void F(gather_columns)(const uint32_t *const *columns, size_t count, size_t begin,
                                   size_t length, uint32_t *rows) {
  for (size_t i = 0; i < length; i++) {
    uint32_t *row = rows + (begin + i) * LANES;
    for (size_t j = 0; j < count; j++) row[j] = columns[j][i];
    for (size_t j = count; j < LANES; j++) row[j] = 0;
  }
}

static const transform_form F(transform_table) = {LANES, F(transform_columns), F(gather_columns)};
