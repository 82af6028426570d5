// Poseidon2 for AVX2: eight permutations side by side.
#include "CKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define FORM __attribute__((target("avx2")))
#define NAME _avx2
#define LANES 8
#define V __m256i
#define ADD _mm256_add_epi32
#define SUB _mm256_sub_epi32
#define AND _mm256_and_si256
#define SHIFT_RIGHT(x, n) _mm256_srli_epi32(x, n)
#define SHIFT_LEFT(x, n) _mm256_slli_epi32(x, n)
#define MIN _mm256_min_epu32
#define SET1(x) _mm256_set1_epi32((int)(x))
#define MUL_EVEN _mm256_mul_epu32
// The same value, of which the compiler knows nothing: products with constants stay products.
#define OPAQUE(x) opaque_avx2(x)
#define MUL_SIGNED _mm256_mul_epi32
// The high words of both, those of the first in even places.
#define MERGE_HIGH(even, odd) BLEND_ODD(ODD_TO_EVEN(even), odd)
#define ODD_TO_EVEN(x) _mm256_shuffle_epi32(x, 0xF5)
#define BLEND_ODD(even, odd) _mm256_blend_epi32(even, odd, 0xAA)
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define STORE(p, x) _mm256_storeu_si256((__m256i *)(p), x)

#define ADD64 _mm256_add_epi64
#define SUB64 _mm256_sub_epi64
// x less 2 p^2 where that is not negative; both are below 2^64, compared with their signs turned.
#define CAP64(x) cap64_avx2(x)

FORM static inline __m256i cap64_avx2(__m256i x) {
  const __m256i bound = _mm256_set1_epi64x((int64_t)(2ull * 2130706433ull * 2130706433ull));
  const __m256i sign = _mm256_set1_epi64x(INT64_MIN);
  const __m256i less = _mm256_cmpgt_epi64(_mm256_xor_si256(bound, sign), _mm256_xor_si256(x, sign));
  return _mm256_sub_epi64(x, _mm256_andnot_si256(less, bound));
}

FORM static inline __m256i opaque_avx2(__m256i x) {
  __asm__("" : "+x"(x));
  return x;
}

#include "poseidon2_lanes.h"
#include "transform_lanes.h"
#include "quintic_lanes.h"
#include "extension_lanes.h"

const poseidon2_form *poseidon2_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") ? &form_avx2 : NULL;
}

const transform_form *transform_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") ? &transform_table_avx2 : NULL;
}

const extension_form *extension_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") ? &extension_table_avx2 : NULL;
}

#else

const poseidon2_form *poseidon2_avx2(void) { return NULL; }
const transform_form *transform_avx2(void) { return NULL; }
const extension_form *extension_avx2(void) { return NULL; }

#endif
