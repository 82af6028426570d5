// The search for nonces for AVX-512: eight sponges side by side.
#include "CKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define FORM __attribute__((target("avx512f")))
#define NAME _avx512
#define LANES64 8
#define V __m512i
#define XOR64 _mm512_xor_si512
#define ANDNOT64 _mm512_andnot_si512
#define ROTATE64(x, count) _mm512_rol_epi64(x, count)
#define SET64(x) _mm512_set1_epi64((int64_t)(x))
#define LOAD64(p) _mm512_loadu_si512(p)
#define STORE64(p, x) _mm512_storeu_si512(p, x)

#include "keccak_lanes.h"

const keccak_form *keccak_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") ? &keccak_table_avx512 : NULL;
}

#else

const keccak_form *keccak_avx512(void) { return NULL; }

#endif
