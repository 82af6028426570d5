// Poseidon2 for AVX-512: sixteen permutations side by side.
#include "CKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define FORM __attribute__((target("avx512f")))
#define NAME _avx512
#define LANES 16
#define V __m512i
#define ADD _mm512_add_epi32
#define SUB _mm512_sub_epi32
#define AND _mm512_and_si512
#define SHIFT_RIGHT(x, n) _mm512_srli_epi32(x, (unsigned)(n))
#define SHIFT_LEFT(x, n) _mm512_slli_epi32(x, (unsigned)(n))
#define MIN _mm512_min_epu32
#define SET1(x) _mm512_set1_epi32((int)(x))
#define MUL_EVEN _mm512_mul_epu32
// The same value, of which the compiler knows nothing: products with constants stay products.
#define OPAQUE(x) opaque_avx512(x)
#define MUL_SIGNED _mm512_mul_epi32
// The high words of both, those of the first in even places.
#define MERGE_HIGH(even, odd) \
  _mm512_castps_si512(        \
      _mm512_mask_movehdup_ps(_mm512_castsi512_ps(odd), 0x5555, _mm512_castsi512_ps(even)))
#define ODD_TO_EVEN(x) _mm512_shuffle_epi32(x, 0xF5)
#define BLEND_ODD(even, odd) _mm512_mask_blend_epi32(0xAAAA, even, odd)
#define LOAD(p) _mm512_loadu_si512(p)
#define STORE(p, x) _mm512_storeu_si512(p, x)

#define ADD64 _mm512_add_epi64
#define SUB64 _mm512_sub_epi64
// x less 2 p^2 where that is not negative: a negative difference is the larger word.
#define CAP64(x) \
  _mm512_min_epu64(x, _mm512_sub_epi64(x, _mm512_set1_epi64((int64_t)(2ull * 2130706433ull * 2130706433ull))))

FORM static inline __m512i opaque_avx512(__m512i x) {
  __asm__("" : "+v"(x));
  return x;
}

#include "poseidon2_lanes.h"
#include "transform_lanes.h"
#include "quintic_lanes.h"
#include "extension_lanes.h"

const poseidon2_form *poseidon2_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") ? &form_avx512 : NULL;
}

const transform_form *transform_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") ? &transform_table_avx512 : NULL;
}

const extension_form *extension_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") ? &extension_table_avx512 : NULL;
}

#else

const poseidon2_form *poseidon2_avx512(void) { return NULL; }
const transform_form *transform_avx512(void) { return NULL; }
const extension_form *extension_avx512(void) { return NULL; }

#endif
