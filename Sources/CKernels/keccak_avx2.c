// The search for nonces for AVX2: four sponges side by side.
#include "CKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define FORM __attribute__((target("avx2")))
#define NAME _avx2
#define LANES64 4
#define V __m256i
#define XOR64 _mm256_xor_si256
#define ANDNOT64 _mm256_andnot_si256
#define ROTATE64(x, count) _mm256_or_si256(_mm256_slli_epi64(x, count), _mm256_srli_epi64(x, 64 - (count)))
#define SET64(x) _mm256_set1_epi64x((int64_t)(x))
#define LOAD64(p) _mm256_loadu_si256((const __m256i *)(p))
#define STORE64(p, x) _mm256_storeu_si256((__m256i *)(p), x)

#include "keccak_lanes.h"

const keccak_form *keccak_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") ? &keccak_table_avx2 : NULL;
}

#else

const keccak_form *keccak_avx2(void) { return NULL; }

#endif
