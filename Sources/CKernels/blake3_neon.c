// BLAKE3 for NEON: four messages side by side.
#include "CKernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>
#include <string.h>

#include "blake3_constants.h"

#define FORM
#define NAME _neon
#define LANES 4
#define V uint32x4_t
#define ADD vaddq_u32
#define XOR veorq_u32
#define OR vorrq_u32
#define SHIFT_RIGHT(x, n) vshlq_u32(x, vdupq_n_s32(-(n)))
#define SHIFT_LEFT(x, n) vshlq_u32(x, vdupq_n_s32(n))
#define SET1(x) vdupq_n_u32((uint32_t)(x))
#define LOAD(p) vld1q_u32(p)
#define STORE(p, x) vst1q_u32(p, x)

#include "blake3_lanes.h"

const blake3_form *blake3_neon(void) { return &blake3_table_neon; }

#else

const blake3_form *blake3_neon(void) { return NULL; }

#endif
