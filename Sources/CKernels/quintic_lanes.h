// Arithmetic of the quintic extension, LANES elements at once. Included behind poseidon2_lanes.h, whose add,
// multiply and subtract it uses; beside the operations there it needs ADD64, SUB64 and CAP64.

typedef struct {
  V c[5];
} F(quintic);
#define E5 F(quintic)

// A product of 64-bit words in even and odd places.
typedef struct {
  V even, odd;
} F(wide);
#define W F(wide)

FORM static inline W F(wide_product)(V a, V a_odd, V b, V b_odd) {
  return (W){MUL_EVEN(a, b), MUL_EVEN(a_odd, b_odd)};
}

FORM static inline W F(wide_add)(W a, W b) { return (W){ADD64(a.even, b.even), ADD64(a.odd, b.odd)}; }

// Below 2 p^2 again, from below 4 p^2.
FORM static inline W F(wide_cap)(W a) { return (W){CAP64(a.even), CAP64(a.odd)}; }

// x / R mod p for x below 2 p^2: the high word is below 2^32 - p, so that the difference of high words
// tells negative from positive.
FORM static inline V F(wide_reduce)(W x) {
  const V p = SET1(0x7F000001), inverse = SET1(0x81000001);
  const V even_q = MUL_EVEN(MUL_EVEN(x.even, inverse), p);
  const V odd_q = MUL_EVEN(MUL_EVEN(x.odd, inverse), p);
  const V high =
      SUB(BLEND_ODD(ODD_TO_EVEN(x.even), x.odd), BLEND_ODD(ODD_TO_EVEN(even_q), odd_q));
  return MIN(high, ADD(high, p));
}

// sum + a0 b0 + ... + a4 b4, below 2 p^2 like the sum.
INLINE W F(dot5)(W s, const V *a, const V *ao, V b0, V o0, V b1, V o1, V b2, V o2, V b3,
                             V o3, V b4, V o4) {
  s = F(wide_add)(s, F(wide_product)(a[0], ao[0], b0, o0));
  s = F(wide_cap)(F(wide_add)(s, F(wide_product)(a[1], ao[1], b1, o1)));
  s = F(wide_add)(s, F(wide_product)(a[2], ao[2], b2, o2));
  s = F(wide_cap)(F(wide_add)(s, F(wide_product)(a[3], ao[3], b3, o3)));
  return F(wide_cap)(F(wide_add)(s, F(wide_product)(a[4], ao[4], b4, o4)));
}

// a0 b0 + ... + a4 b4, below 2 p^2: four products are below 2^64.
INLINE W F(fresh_dot5)(const V *a, const V *ao, V b0, V o0, V b1, V o1, V b2, V o2, V b3, V o3, V b4,
                       V o4) {
  const W low = F(wide_add)(F(wide_product)(a[0], ao[0], b0, o0), F(wide_product)(a[1], ao[1], b1, o1));
  const W high = F(wide_add)(F(wide_product)(a[2], ao[2], b2, o2), F(wide_product)(a[3], ao[3], b3, o3));
  const W four = F(wide_cap)(F(wide_add)(low, high));
  return F(wide_cap)(F(wide_add)(four, F(wide_product)(a[4], ao[4], b4, o4)));
}

// The coordinates of b, their odd places, and the differences that coordinates of a product need.
#define PREPARE(a, b)                                                       \
  V ao[5], bo[5];                                                           \
  for (size_t i = 0; i < 5; i++) {                                          \
    ao[i] = ODD_TO_EVEN(a.c[i]);                                            \
    bo[i] = ODD_TO_EVEN(b.c[i]);                                            \
  }                                                                         \
  const V b14 = F(subtract)(b.c[1], b.c[4]), b03 = F(subtract)(b.c[0], b.c[3]);  \
  const V b42 = F(subtract)(b.c[4], b.c[2]), b314 = F(subtract)(b.c[3], b14);    \
  const V o14 = ODD_TO_EVEN(b14), o03 = ODD_TO_EVEN(b03), o42 = ODD_TO_EVEN(b42); \
  const V o314 = ODD_TO_EVEN(b314)
#define B(i) b.c[i], bo[i]

// sum += a b, with X^5 = 1 - X^2: each coordinate is a sum of five products by sums of b's coordinates.
INLINE void F(e_multiply_into)(W sum[5], E5 a, E5 b) {
  PREPARE(a, b);
  sum[0] = F(dot5)(sum[0], a.c, ao, B(0), B(4), B(3), B(2), b14, o14);
  sum[1] = F(dot5)(sum[1], a.c, ao, B(1), B(0), B(4), B(3), B(2));
  sum[2] = F(dot5)(sum[2], a.c, ao, B(2), b14, o14, b03, o03, b42, o42, b314, o314);
  sum[3] = F(dot5)(sum[3], a.c, ao, B(3), B(2), b14, o14, b03, o03, b42, o42);
  sum[4] = F(dot5)(sum[4], a.c, ao, B(4), B(3), B(2), b14, o14, b03, o03);
}

INLINE E5 F(e_multiply)(E5 a, E5 b) {
  PREPARE(a, b);
  return (E5){{
      F(wide_reduce)(F(fresh_dot5)(a.c, ao, B(0), B(4), B(3), B(2), b14, o14)),
      F(wide_reduce)(F(fresh_dot5)(a.c, ao, B(1), B(0), B(4), B(3), B(2))),
      F(wide_reduce)(F(fresh_dot5)(a.c, ao, B(2), b14, o14, b03, o03, b42, o42, b314, o314)),
      F(wide_reduce)(F(fresh_dot5)(a.c, ao, B(3), B(2), b14, o14, b03, o03, b42, o42)),
      F(wide_reduce)(F(fresh_dot5)(a.c, ao, B(4), B(3), B(2), b14, o14, b03, o03)),
  }};
}
#undef B
#undef PREPARE

FORM static inline W F(product)(V a, V b) { return F(wide_product)(a, ODD_TO_EVEN(a), b, ODD_TO_EVEN(b)); }

// a a by sixteen products: with the coefficients of the square of a polynomial, reduced,
//   a0^2 + (2 a1 - a4) a4 + 2 a2 a3, 2 a0 a1 + 2 a2 a4 + a3^2,
//   2 a0 a2 + (a1 - 2 a4) a1 + 2 a3 (a4 - a2) + a4^2,
//   (2 a0 - a3) a3 + 2 a2 (a1 - a4) + a4^2, 2 a4 (a0 - a3) + 2 a1 a3 + a2^2.
INLINE E5 F(e_square)(E5 a) {
  const V a0 = a.c[0], a1 = a.c[1], a2 = a.c[2], a3 = a.c[3], a4 = a.c[4];
  const V d0 = F(add)(a0, a0), d1 = F(add)(a1, a1), d2 = F(add)(a2, a2);
  const V d3 = F(add)(a3, a3), d4 = F(add)(a4, a4);
#define THREE(x0, y0, x1, y1, x2, y2) \
  F(wide_add)(F(wide_add)(F(product)(x0, y0), F(product)(x1, y1)), F(product)(x2, y2))
  const W c0 = THREE(a0, a0, F(subtract)(d1, a4), a4, d2, a3);
  const W c1 = THREE(d0, a1, d2, a4, a3, a3);
  const W c2 = F(wide_add)(THREE(d0, a2, F(subtract)(a1, d4), a1, d3, F(subtract)(a4, a2)), F(product)(a4, a4));
  const W c3 = THREE(F(subtract)(d0, a3), a3, d2, F(subtract)(a1, a4), a4, a4);
  const W c4 = THREE(d4, F(subtract)(a0, a3), d1, a3, a2, a2);
#undef THREE
  return (E5){{
      F(wide_reduce)(F(wide_cap)(c0)), F(wide_reduce)(F(wide_cap)(c1)), F(wide_reduce)(F(wide_cap)(c2)),
      F(wide_reduce)(F(wide_cap)(c3)), F(wide_reduce)(F(wide_cap)(c4)),
  }};
}

FORM static inline E5 F(e_add)(E5 a, E5 b) {
  for (size_t i = 0; i < 5; i++) a.c[i] = F(add)(a.c[i], b.c[i]);
  return a;
}

FORM static inline E5 F(e_subtract)(E5 a, E5 b) {
  for (size_t i = 0; i < 5; i++) a.c[i] = F(subtract)(a.c[i], b.c[i]);
  return a;
}

FORM static inline E5 F(e_scale)(E5 a, V b) {
  for (size_t i = 0; i < 5; i++) a.c[i] = F(multiply)(a.c[i], b);
  return a;
}

FORM static inline E5 F(e_load)(const uint32_t *values, size_t stride) {
  E5 r;
  for (size_t i = 0; i < 5; i++) r.c[i] = LOAD(values + i * stride);
  return r;
}

FORM static inline void F(e_store)(uint32_t *values, size_t stride, E5 a) {
  for (size_t i = 0; i < 5; i++) STORE(values + i * stride, a.c[i]);
}

FORM static inline E5 F(e_set)(const uint32_t *constant) {
  E5 r;
  for (size_t i = 0; i < 5; i++) r.c[i] = SET1(constant[i]);
  return r;
}

// The sum of all lanes, canonical from Montgomery form when asked.
FORM static inline uint32_t F(lane_sum)(V a) {
  uint32_t lane[LANES];
  STORE(lane, a);
  uint64_t sum = 0;
  for (size_t i = 0; i < LANES; i++) sum += lane[i];
  return (uint32_t)(sum % 0x7F000001);
}

#define R_SQUARED SET1(0x17F7EFE4)
