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

#include "blake3_lanes.h"

const blake3_form *blake3_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") ? &blake3_table_avx512 : NULL;
}

#else

const blake3_form *blake3_avx512(void) { return NULL; }

#endif
