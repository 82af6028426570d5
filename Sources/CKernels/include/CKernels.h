// The fast forms of Algebra's hot loops, for several processors.
//
// Each function is compiled for its processor by an attribute and handed out only where the processor
// reports what it needs; without one the caller takes the reference in Swift, with which the tests
// compare every form.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// The constants of one width of Poseidon2 over KoalaBear, in Montgomery form with R = 2^32.
typedef struct {
  size_t width;              // 16 or 24
  size_t inner_count;        // partial rounds
  const uint32_t *initial;   // 4 x width
  const uint32_t *inner;     // inner_count
  const uint32_t *final;     // 4 x width
  const uint32_t *diagonal;  // width
} poseidon2_parameters;

typedef struct {
  // For each block of sixteen canonical elements the first eight elements of one permutation of width
  // 24 over the block and the capacity.
  void (*hash_blocks)(const poseidon2_parameters *parameters, const uint32_t capacity[8],
                      const uint32_t *blocks, size_t count, uint32_t *digests);
  // For each pair of digests of eight canonical elements the sum of the left one and the first eight
  // elements of the permutation of width 16.
  void (*compress_pairs)(const poseidon2_parameters *parameters, const uint32_t *pairs, size_t count,
                         uint32_t *digests);
} poseidon2_form;

// The forms, or null where the processor lacks them.
const poseidon2_form *poseidon2_avx2(void);
const poseidon2_form *poseidon2_avx512(void);

// Keyed BLAKE3 of `count` messages of one length, one behind the other; 32 bytes each. Messages of any
// length up to 2^32 bytes; lanes without a message are computed and left out.
typedef struct {
  void (*keyed_hashes)(const uint32_t key[8], const uint8_t *messages, size_t length, size_t count,
                       uint8_t *digests);
} blake3_form;
const blake3_form *blake3_avx2(void);
const blake3_form *blake3_avx512(void);

// The transform of `lanes` columns side by side: row i, lane j is at i * lanes + j. Canonical values in and
// out, in place; the value at the root's power q ends in the row whose number is q with its bits reversed.
// `roots`: the powers 0 to n / 2 - 1 of the root of unity of order n, in Montgomery form.
typedef struct {
  size_t lanes;
  void (*transform)(uint32_t *rows, size_t n, const uint32_t *roots);
} transform_form;
const transform_form *transform_avx2(void);
const transform_form *transform_avx512(void);

#endif
