// BLAKE3 for AVX-512: sixteen messages side by side.
#include "CKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "blake3_constants.h"

#define FORM __attribute__((target("avx512f")))
#define NAME _avx512
#define LANES 16
#define V __m512i
#define ADD _mm512_add_epi32
#define XOR _mm512_xor_si512
#define OR _mm512_or_si512
#define SHIFT_RIGHT _mm512_srli_epi32
#define SHIFT_LEFT _mm512_slli_epi32
#define SET1(x) _mm512_set1_epi32((int)(x))
#define LOAD(p) _mm512_loadu_si512(p)
#define STORE(p, x) _mm512_storeu_si512(p, x)

// Word j of each of sixteen rows into vector j: pairs, fours, then the parts of 128 bits twice.
FORM static inline void transpose_avx512(const V r[16], V m[16]) {
  V a[16], b[16];
  for (size_t i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  // b[4 i + j]: word j of rows 4 i to 4 i + 3, in each part of 128 bits for words 4 further.
  for (size_t i = 0; i < 16; i += 4) {
    b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
    b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
    b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
    b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
  }
  for (size_t j = 0; j < 4; j++) {
    const V low01 = _mm512_shuffle_i32x4(b[j], b[4 + j], 0x88), high01 = _mm512_shuffle_i32x4(b[j], b[4 + j], 0xDD);
    const V low23 = _mm512_shuffle_i32x4(b[8 + j], b[12 + j], 0x88), high23 = _mm512_shuffle_i32x4(b[8 + j], b[12 + j], 0xDD);
    m[j] = _mm512_shuffle_i32x4(low01, low23, 0x88);
    m[8 + j] = _mm512_shuffle_i32x4(low01, low23, 0xDD);
    m[4 + j] = _mm512_shuffle_i32x4(high01, high23, 0x88);
    m[12 + j] = _mm512_shuffle_i32x4(high01, high23, 0xDD);
  }
}
#define TRANSPOSE transpose_avx512

#include "blake3_lanes.h"

const blake3_form *blake3_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") ? &blake3_table_avx512 : NULL;
}

#else

const blake3_form *blake3_avx512(void) { return NULL; }

#endif
