// The search for nonces for NEON: two sponges side by side.
#include "CKernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#define FORM
#define NAME _neon
#define LANES64 2
#define V uint64x2_t
#define XOR64 veorq_u64
// AND of the second with the complement of the first.
#define ANDNOT64(a, b) vbicq_u64(b, a)
#define ROTATE64(x, count) vorrq_u64(vshlq_n_u64(x, count), vshrq_n_u64(x, 64 - (count)))
#define SET64(x) vdupq_n_u64(x)
#define LOAD64(p) vld1q_u64(p)
#define STORE64(p, x) vst1q_u64(p, x)

#include "keccak_lanes.h"

const keccak_form *keccak_neon(void) { return &keccak_table_neon; }

#else

const keccak_form *keccak_neon(void) { return NULL; }

#endif
