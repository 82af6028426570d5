// Poseidon2 for AVX-512: sixteen permutations side by side.
#include "CKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define FORM __attribute__((target("avx512f")))
#define NAME _avx512
#define LANES 16
#define V __m512i
#define ADD _mm512_add_epi32
#define SUB _mm512_sub_epi32
#define MIN _mm512_min_epu32
#define SET1(x) _mm512_set1_epi32((int)(x))
#define MUL_EVEN _mm512_mul_epu32
#define ODD_TO_EVEN(x) _mm512_srli_epi64(x, 32)
#define BLEND_ODD(even, odd) _mm512_mask_blend_epi32(0xAAAA, even, odd)
#define LOAD(p) _mm512_loadu_si512(p)
#define STORE(p, x) _mm512_storeu_si512(p, x)

#include "poseidon2_lanes.h"
#include "transform_lanes.h"

const poseidon2_form *poseidon2_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") ? &form_avx512 : NULL;
}

const transform_form *transform_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") ? &transform_table_avx512 : NULL;
}

#else

const poseidon2_form *poseidon2_avx512(void) { return NULL; }
const transform_form *transform_avx512(void) { return NULL; }

#endif
