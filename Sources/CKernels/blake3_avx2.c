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

#include "blake3_lanes.h"

const blake3_form *blake3_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") ? &blake3_table_avx2 : NULL;
}

#else

const blake3_form *blake3_avx2(void) { return NULL; }

#endif
