// Poseidon2, transforms and loops over E for NEON, which every 64-bit ARM has: four words side by side.
#include "CKernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>
#include <string.h>

#define FORM
#define NAME _neon
#define LANES 4
#define V uint32x4_t
#define ADD vaddq_u32
#define SUB vsubq_u32
#define AND vandq_u32
#define SHIFT_RIGHT(x, n) vshlq_u32(x, vdupq_n_s32(-(n)))
#define SHIFT_LEFT(x, n) vshlq_u32(x, vdupq_n_s32(n))
#define MIN vminq_u32
#define SET1(x) vdupq_n_u32((uint32_t)(x))
#define MUL_EVEN(a, b) mul_even_neon(a, b)
// The same value, of which the compiler knows nothing: products with constants stay products.
#define OPAQUE(x) opaque_neon(x)
#define MUL_SIGNED(a, b) mul_signed_neon(a, b)
// The high words of both, those of the first in even places.
#define MERGE_HIGH(even, odd) vtrn2q_u32(even, odd)
#define ODD_TO_EVEN(x) vtrn2q_u32(x, x)
#define BLEND_ODD(even, odd) vtrn1q_u32(even, vrev64q_u32(odd))
#define LOAD(p) vld1q_u32(p)
#define STORE(p, x) vst1q_u32(p, x)

#define ADD64(a, b) \
  vreinterpretq_u32_u64(vaddq_u64(vreinterpretq_u64_u32(a), vreinterpretq_u64_u32(b)))
#define SUB64(a, b) \
  vreinterpretq_u32_u64(vsubq_u64(vreinterpretq_u64_u32(a), vreinterpretq_u64_u32(b)))
// x less 2 p^2 where that is not negative.
#define CAP64(x) cap64_neon(x)

static inline uint32x4_t mul_even_neon(uint32x4_t a, uint32x4_t b) {
  const uint32x2_t low_a = vmovn_u64(vreinterpretq_u64_u32(a));
  const uint32x2_t low_b = vmovn_u64(vreinterpretq_u64_u32(b));
  return vreinterpretq_u32_u64(vmull_u32(low_a, low_b));
}

static inline uint32x4_t mul_signed_neon(uint32x4_t a, uint32x4_t b) {
  const int32x2_t low_a = vmovn_s64(vreinterpretq_s64_u32(a));
  const int32x2_t low_b = vmovn_s64(vreinterpretq_s64_u32(b));
  return vreinterpretq_u32_s64(vmull_s32(low_a, low_b));
}

static inline uint32x4_t cap64_neon(uint32x4_t x) {
  const uint64x2_t bound = vdupq_n_u64(2ull * 2130706433ull * 2130706433ull);
  const uint64x2_t wide = vreinterpretq_u64_u32(x);
  const uint64x2_t enough = vcgeq_u64(wide, bound);
  return vreinterpretq_u32_u64(vsubq_u64(wide, vandq_u64(enough, bound)));
}

static inline uint32x4_t opaque_neon(uint32x4_t x) {
  __asm__("" : "+w"(x));
  return x;
}

#include "poseidon2_lanes.h"
#include "transform_lanes.h"
#include "quintic_lanes.h"
#include "extension_lanes.h"

const poseidon2_form *poseidon2_neon(void) { return &form_neon; }
const transform_form *transform_neon(void) { return &transform_table_neon; }
const extension_form *extension_neon(void) { return &extension_table_neon; }

#else

const poseidon2_form *poseidon2_neon(void) { return NULL; }
const transform_form *transform_neon(void) { return NULL; }
const extension_form *extension_neon(void) { return NULL; }

#endif
