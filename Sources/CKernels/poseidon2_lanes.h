// Poseidon2 over KoalaBear (eprint 2023/323), one permutation a lane. Included once for each vector
// width, behind the definitions of FORM (the attribute), NAME (a suffix), LANES, V and the operations
// on V. All values between load and store are in Montgomery form and below p.

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define F(name) PASTE(name, NAME)
// With the width as a constant and all loops unrolled the state stays in registers.
#define INLINE FORM static inline __attribute__((always_inline))

FORM static inline V F(add)(V a, V b) {
  // Both are below p < 2^31: of the sum and the sum less p, wrapped, the smaller is canonical.
  const V sum = ADD(a, b);
  return MIN(sum, SUB(sum, SET1(0x7F000001)));
}

// a·b/R mod p (Montgomery 1985), with p⁻¹ mod 2^32 = 0x81000001: the low words of a·b and q·p are
// equal, so that the quotient is the difference of the high words, plus p where that is negative.
FORM static inline V F(multiply)(V a, V b) {
  const V p = SET1(0x7F000001);
  const V inverse = SET1(0x81000001);
  const V even = MUL_EVEN(a, b);
  const V odd = MUL_EVEN(ODD_TO_EVEN(a), ODD_TO_EVEN(b));
  const V even_q = MUL_EVEN(MUL_EVEN(even, inverse), p);
  const V odd_q = MUL_EVEN(MUL_EVEN(odd, inverse), p);
  const V high = SUB(BLEND_ODD(ODD_TO_EVEN(even), odd), BLEND_ODD(ODD_TO_EVEN(even_q), odd_q));
  return MIN(high, ADD(high, p));
}

// (x + c)^3 / R^2 for c given less p, so that their sum lies between -p and p and needs no reduction. Even and
// odd places stay apart to the end; products and quotients are signed, and each difference of 64-bit words has
// zeros below and what it is modulo p, again between -p and p, in its high word.
INLINE V F(cube_of_sum)(V x, V c) {
  const V p = OPAQUE(SET1(0x7F000001));
  const V inverse = OPAQUE(SET1(0x81000001));
  const V even = ADD(x, c), odd = ODD_TO_EVEN(even);
  const V even_square = MUL_SIGNED(even, even), odd_square = MUL_SIGNED(odd, odd);
  const V even_high = SUB64(even_square, MUL_SIGNED(MUL_EVEN(even_square, inverse), p));
  const V odd_high = SUB64(odd_square, MUL_SIGNED(MUL_EVEN(odd_square, inverse), p));
  const V even_cube = MUL_SIGNED(ODD_TO_EVEN(even_high), even);
  const V odd_cube = MUL_SIGNED(ODD_TO_EVEN(odd_high), odd);
  const V even_result = SUB64(even_cube, MUL_SIGNED(MUL_EVEN(even_cube, inverse), p));
  const V odd_result = SUB64(odd_cube, MUL_SIGNED(MUL_EVEN(odd_cube, inverse), p));
  const V high = MERGE_HIGH(even_result, odd_result);
  return MIN(high, ADD(high, p));
}

// circ(2·M4, M4, …) with M4 = circ(2, 3, 1, 1): row i of four is x_i + 2·x_{i+1} + the sum of all, by eleven
// additions (eprint 2023/323, appendix B, for another matrix of the kind).
INLINE void F(external)(V *s, size_t width) {
  V sums[4] = {SET1(0), SET1(0), SET1(0), SET1(0)};
#pragma clang loop unroll(full)
  for (size_t c = 0; c < width; c += 4) {
    const V x0 = s[c], x1 = s[c + 1], x2 = s[c + 2], x3 = s[c + 3];
    const V x01 = F(add)(x0, x1), x23 = F(add)(x2, x3), all = F(add)(x01, x23);
    const V all1 = F(add)(all, x1), all3 = F(add)(all, x3);
    s[c] = F(add)(all1, x01);
    s[c + 1] = F(add)(all1, F(add)(x2, x2));
    s[c + 2] = F(add)(all3, x23);
    s[c + 3] = F(add)(all3, F(add)(x0, x0));
    for (size_t j = 0; j < 4; j++) sums[j] = F(add)(sums[j], s[c + j]);
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < width; i++) s[i] = F(add)(s[i], sums[i & 3]);
}

INLINE void F(full_rounds)(V *s, size_t width, const uint32_t *constants) {
  for (size_t round = 0; round < 4; round++) {
#pragma clang loop unroll(full)
    for (size_t i = 0; i < width; i++) {
      s[i] = F(cube_of_sum)(s[i], SET1(constants[round * width + i] - 0x7F000001));
    }
    F(external)(s, width);
  }
}

FORM static inline V F(subtract)(V a, V b) {
  const V difference = SUB(a, b);
  return MIN(difference, ADD(difference, SET1(0x7F000001)));
}

// x / 2: x or x + p is even.
FORM static inline V F(half)(V x) {
  const V odd = SUB(SET1(0), AND(x, SET1(1)));
  return SHIFT_RIGHT(ADD(x, AND(odd, SET1(0x7F000001))), 1);
}

// x / 2^n for n <= 24 as a difference: with x = high 2^n + low, and 2^-24 = -127 modulo p = 127 2^24 + 1, it is
// high - low 127 2^(24 - n), both below p.
#define HIGH(x, n) SHIFT_RIGHT(x, n)
#define LOW(x, n) F(low)(x, n)
FORM static inline V F(low)(V x, int n) {
  // Opaque, or compilers join both shifts to a slower product.
  const V low = OPAQUE(AND(x, SET1((1u << n) - 1)));
  return SUB(SHIFT_LEFT(low, 31 - n), SHIFT_LEFT(low, 24 - n));
}
#define DIVIDE(x, n) F(subtract)(HIGH(x, n), LOW(x, n))
#define MINUS_DIVIDE(x, n) F(subtract)(LOW(x, n), HIGH(x, n))

// The internal layer: each element times its entry of the diagonal, which are all small multiples or powers of
// two, plus the sum. Width 16: -2, 1, 2, 1/2, 3, 4, -1/2, -3, -4, 2^-8, 1/8, 2^-24, and the same negative for
// 2^-8, 1/8, 1/16, 2^-24; width 24 has more of the powers. The tests compare with the table's constants.
INLINE void F(internal)(V *s, size_t width, V total) {
  const V x0 = F(add)(s[0], s[0]), x4 = F(add)(s[4], s[4]), x5 = F(add)(s[5], s[5]);
  const V x7 = F(add)(s[7], s[7]), x8 = F(add)(s[8], s[8]);
  s[0] = F(subtract)(total, x0);
  s[1] = F(add)(s[1], total);
  s[2] = F(add)(F(add)(s[2], s[2]), total);
  s[3] = F(add)(F(half)(s[3]), total);
  s[4] = F(add)(F(add)(x4, s[4]), total);
  s[5] = F(add)(F(add)(x5, x5), total);
  s[6] = F(subtract)(total, F(half)(s[6]));
  s[7] = F(subtract)(total, F(add)(x7, s[7]));
  s[8] = F(subtract)(total, F(add)(x8, x8));
  s[9] = F(add)(DIVIDE(s[9], 8), total);
#define PLUS(i, n) s[i] = F(add)(DIVIDE(s[i], n), total)
#define MINUS(i, n) s[i] = F(add)(MINUS_DIVIDE(s[i], n), total)
  if (width == 16) {
    PLUS(10, 3); PLUS(11, 24);
    MINUS(12, 8); MINUS(13, 3); MINUS(14, 4); MINUS(15, 24);
  } else {
    PLUS(10, 2); PLUS(11, 3); PLUS(12, 4); PLUS(13, 5); PLUS(14, 6); PLUS(15, 24);
    MINUS(16, 8); MINUS(17, 3); MINUS(18, 4); MINUS(19, 5); MINUS(20, 6); MINUS(21, 7); MINUS(22, 9);
    MINUS(23, 24);
  }
#undef PLUS
#undef MINUS
}

INLINE void F(permute)(const poseidon2_parameters *k, V *s, size_t width) {
  F(external)(s, width);
  F(full_rounds)(s, width, k->initial);
  for (size_t round = 0; round < k->inner_count; round++) {
    // The sum of all but the first element does not wait for its cube.
    V sums[4] = {SET1(0), s[1], s[2], s[3]};
#pragma clang loop unroll(full)
    for (size_t i = 4; i < width; i++) sums[i & 3] = F(add)(sums[i & 3], s[i]);
    const V rest = F(add)(F(add)(sums[0], sums[1]), F(add)(sums[2], sums[3]));
    s[0] = F(cube_of_sum)(s[0], SET1(k->inner[round] - 0x7F000001));
    F(internal)(s, width, F(add)(rest, s[0]));
  }
  F(full_rounds)(s, width, k->final);
}

// Element i of up to LANES blocks of sixteen; lanes without a block are zero.
FORM static inline void F(gather)(const uint32_t *blocks, size_t count, V *s) {
  const V r_squared = SET1(0x17F7EFE4);
  for (size_t i = 0; i < 16; i++) {
    uint32_t lane[LANES] = {0};
    for (size_t j = 0; j < count; j++) lane[j] = blocks[16 * j + i];
    s[i] = F(multiply)(LOAD(lane), r_squared);
  }
}

FORM static inline void F(scatter)(const V *s, size_t count, uint32_t *digests) {
  for (size_t i = 0; i < 8; i++) {
    uint32_t lane[LANES];
    STORE(lane, F(multiply)(s[i], SET1(1)));
    for (size_t j = 0; j < count; j++) digests[8 * j + i] = lane[j];
  }
}

FORM static void F(hash_blocks)(const poseidon2_parameters *parameters, const uint32_t capacity[8],
                                const uint32_t *blocks, size_t count, uint32_t *digests) {
  for (size_t first = 0; first < count; first += LANES) {
    const size_t lanes = count - first < LANES ? count - first : LANES;
    V s[24];
    F(gather)(blocks + 16 * first, lanes, s);
    for (size_t i = 0; i < 8; i++) s[16 + i] = F(multiply)(SET1(capacity[i]), SET1(0x17F7EFE4));
    F(permute)(parameters, s, 24);
    F(scatter)(s, lanes, digests + 8 * first);
  }
}

FORM static void F(compress_pairs)(const poseidon2_parameters *parameters, const uint32_t *pairs,
                                   size_t count, uint32_t *digests) {
  for (size_t first = 0; first < count; first += LANES) {
    const size_t lanes = count - first < LANES ? count - first : LANES;
    V s[16], left[8];
    F(gather)(pairs + 16 * first, lanes, s);
    for (size_t i = 0; i < 8; i++) left[i] = s[i];
    F(permute)(parameters, s, 16);
    for (size_t i = 0; i < 8; i++) s[i] = F(add)(s[i], left[i]);
    F(scatter)(s, lanes, digests + 8 * first);
  }
}

static const poseidon2_form F(form) = {F(hash_blocks), F(compress_pairs)};
