// BLAKE3 for AVX2: eight messages side by side.
#include "CKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "blake3_constants.h"

#define FORM __attribute__((target("avx2")))
#define NAME _avx2
#define LANES 8
#define V __m256i
#define ADD _mm256_add_epi32
#define XOR _mm256_xor_si256
#define OR _mm256_or_si256
#define SHIFT_RIGHT _mm256_srli_epi32
#define SHIFT_LEFT _mm256_slli_epi32
#define SET1(x) _mm256_set1_epi32((int)(x))
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define STORE(p, x) _mm256_storeu_si256((__m256i *)(p), x)

// Word j of each of eight rows into vector j: pairs, fours, then the halves.
FORM static inline void transpose_avx2(const V r[8], V m[8]) {
  V a[8], b[8];
  for (size_t i = 0; i < 8; i += 2) {
    a[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
    a[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (size_t i = 0; i < 8; i += 4) {
    b[i] = _mm256_unpacklo_epi64(a[i], a[i + 2]);
    b[i + 1] = _mm256_unpackhi_epi64(a[i], a[i + 2]);
    b[i + 2] = _mm256_unpacklo_epi64(a[i + 1], a[i + 3]);
    b[i + 3] = _mm256_unpackhi_epi64(a[i + 1], a[i + 3]);
  }
  for (size_t j = 0; j < 4; j++) {
    m[j] = _mm256_permute2x128_si256(b[j], b[4 + j], 0x20);
    m[4 + j] = _mm256_permute2x128_si256(b[j], b[4 + j], 0x31);
  }
}
#define TRANSPOSE transpose_avx2

#include "blake3_lanes.h"

const blake3_form *blake3_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") ? &blake3_table_avx2 : NULL;
}

#else

const blake3_form *blake3_avx2(void) { return NULL; }

#endif
