// Poseidon2 for AVX2: eight permutations side by side.
#include "CKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define FORM __attribute__((target("avx2")))
#define NAME _avx2
#define LANES 8
#define V __m256i
#define ADD _mm256_add_epi32
#define SUB _mm256_sub_epi32
#define MIN _mm256_min_epu32
#define SET1(x) _mm256_set1_epi32((int)(x))
#define MUL_EVEN _mm256_mul_epu32
#define ODD_TO_EVEN(x) _mm256_srli_epi64(x, 32)
#define BLEND_ODD(even, odd) _mm256_blend_epi32(even, odd, 0xAA)
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define STORE(p, x) _mm256_storeu_si256((__m256i *)(p), x)

#include "poseidon2_lanes.h"
#include "transform_lanes.h"

const poseidon2_form *poseidon2_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") ? &form_avx2 : NULL;
}

const transform_form *transform_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") ? &transform_table_avx2 : NULL;
}

#else

const poseidon2_form *poseidon2_avx2(void) { return NULL; }
const transform_form *transform_avx2(void) { return NULL; }

#endif
