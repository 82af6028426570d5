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
const poseidon2_form *poseidon2_neon(void);

// Keyed BLAKE3 of `count` messages of one length, one behind the other; 32 bytes each. Messages of any
// length up to 2^32 bytes; lanes without a message are computed and left out.
typedef struct {
  void (*keyed_hashes)(const uint32_t key[8], const uint8_t *messages, size_t length, size_t count,
                       uint8_t *digests);
  // Keyed BLAKE3 of rows begin <= i < end of words that lie in blocks of `width` columns, row i of block b at
  // blocks[b] + (i - first_row) * width; `columns` in all. Row i belongs to position q, i with its `log` bits reversed:
  // salts + 32 q goes before the words unless `salts` is null, and digests + 32 q takes the hash.
  void (*keyed_rows)(const uint32_t key[8], const uint8_t *salts, const uint32_t *const *blocks,
                     size_t width, size_t columns, unsigned log, size_t first_row, size_t begin,
                     size_t end, uint8_t *scratch, uint8_t *digests);
} blake3_form;
const blake3_form *blake3_avx2(void);
const blake3_form *blake3_avx512(void);
const blake3_form *blake3_neon(void);

// The transform of `lanes` columns side by side: row i, lane j is at i * lanes + j. Canonical values in and
// out, in place; the value at the root's power q ends in the row whose number is q with its bits reversed.
// `roots`: the powers 0 to n / 2 - 1 of the root of unity of order n, in Montgomery form.
typedef struct {
  size_t lanes;
  // Rows from `filled` on, at most n, count as zero, whatever they hold.
  void (*transform)(uint32_t *rows, size_t n, size_t filled, const uint32_t *roots);
  // Lays `count` columns, at most `lanes`, side by side into rows begin <= i < begin + length.
  void (*gather)(const uint32_t *const *columns, size_t count, size_t begin, size_t length,
                 uint32_t *rows);
  // Turns columns of length + tail rows into those whose transform of order `length` is the part of that of
  // order `order` at positions with a residue modulo order / length: row i becomes
  // (row i + w^(residue length) row (length + i)) w^(residue i), w the root of order `order`; the second term
  // for i < tail, at most `length`. `roots`: the powers 0 to order / 2 - 1 of w.
  void (*twist)(uint32_t *rows, size_t length, size_t tail, const uint32_t *roots, size_t order,
                size_t residue);
} transform_form;
const transform_form *transform_avx2(void);
const transform_form *transform_avx512(void);
const transform_form *transform_neon(void);

// Lists over the quintic extension E = F[X] / (X^5 + X^2 - 1) lie as five planes, `stride` words apart, in
// Montgomery form; lists over F are canonical. Numbers of rows are multiples of 16 everywhere.

// A step of a row program: registers are slots of EXTENSION_BLOCK words, five in a row for E.
typedef struct {
  uint32_t op, target, a, b;
} extension_step;

enum {
  EXTENSION_BLOCK = 64,
  ADD_FF, SUB_FF, MUL_FF,     // F
  ADD_FC, MUL_FC, RSUB_FC,    // F with a constant; a + c, a c, c - a
  ADD_EE, SUB_EE, MUL_EE,     // E
  ADD_EF, SUB_EF, SUB_FE, MUL_EF,
  ADD_EC, MUL_EC,             // E with a constant over E
  MUL_EK,                     // E with a constant over F
  MAC_CF, MAC_CE,             // target += constant over E times a over F, over E
  SET_C,                      // target = constant over E
};

typedef struct {
  const extension_step *steps;
  size_t step_count;
  const uint32_t *constants;  // five words each, in Montgomery form
  uint32_t result;            // the register of the value, over E
} extension_program;

// A list that a program reads: one canonical plane over F, or five over E, canonical or not.
typedef struct {
  const uint32_t *values;
  size_t stride;
  uint32_t slot, difference, planes, is_canonical;
} extension_input;

// A list that a program writes: five planes in Montgomery form, or one canonical plane.
typedef struct {
  uint32_t *values;
  size_t stride;
  uint32_t slot, planes;
} extension_output;

typedef struct {
  // sums[t] = the sum over rows begin <= i < end of the program at low + (t + 1) (high - low), where low is
  // row i and high row i + half of each input, for t < points, at most 4; zero behind them; canonical, five
  // words each. `scratch`: a block a slot.
  void (*rounds)(const extension_program *program, const extension_input *inputs, size_t input_count,
                 size_t half, size_t points, size_t begin, size_t end, uint32_t *scratch,
                 uint32_t sums[20]);
  // The program's registers in rows begin <= i < end, into the outputs.
  void (*map)(const extension_program *program, const extension_input *inputs, size_t input_count,
              size_t begin, size_t end, uint32_t *scratch, const extension_output *outputs,
              size_t output_count);
  // target[i] = low[i] + r (high[i] - low[i]) for lists over F and over E; the latter may be the target,
  // unless it is canonical.
  void (*fold_base)(const uint32_t *low, const uint32_t *high, const uint32_t r[5], size_t begin,
                    size_t end, uint32_t *target, size_t stride);
  void (*fold)(const uint32_t *low, size_t half, size_t stride, uint32_t is_canonical,
               const uint32_t r[5], size_t begin, size_t end, uint32_t *target, size_t target_stride);
  // The sum of weights[i] base[i], canonical.
  void (*dot)(const uint32_t *weights, size_t stride, const uint32_t *base, size_t count,
              uint32_t sum[5]);
  // target[i] += the sum over lanes of coefficients[l] lanes[l][i]; the target is canonical.
  void (*accumulate)(const uint32_t *const *lanes, const uint32_t *coefficients, size_t lane_count,
                     size_t begin, size_t end, uint32_t *target, size_t stride);
  // The sums of w f and of (2 w_high - w_low) (2 f_high - f_low), where the first is of the high halves.
  void (*product_round)(const uint32_t *w, size_t w_stride, const uint32_t *f, size_t f_stride,
                        size_t half, size_t begin, size_t end, uint32_t sums[10]);
  // values[i + half] = values[i] r, values[i] -= values[i + half], for i < half.
  void (*eq_step)(uint32_t *values, size_t stride, const uint32_t r[5], size_t half);
  // target[i] += the sum of coefficients[s] points[s]^i, points over F in Montgomery form.
  void (*add_powers)(const uint32_t *points, const uint32_t *coefficients, size_t count, size_t begin,
                     size_t end, uint32_t *target, size_t stride);
  // Canonical to Montgomery form and back, in place.
  void (*encode)(uint32_t *values, size_t begin, size_t end);
  void (*decode)(uint32_t *values, size_t begin, size_t end);
  // The products of rows in each of 16 columns, row i at i mod 16, the running products before each row
  // into `prefix` (five planes of end - begin); then, from the products' inverses, all inverses in place.
  void (*products)(const uint32_t *values, size_t stride, size_t begin, size_t end, uint32_t *prefix,
                   uint32_t totals[80]);
  void (*inverses)(uint32_t *values, size_t stride, size_t begin, size_t end, const uint32_t *prefix,
                   const uint32_t totals[80]);
} extension_form;
const extension_form *extension_avx2(void);
const extension_form *extension_avx512(void);
const extension_form *extension_neon(void);

// The smallest nonce from `first` on, among `count`, for which SHAKE128 over the absorbed bytes and the
// nonce's eight bytes begins with a number below 2^(64 - bits); `count` if there is none. `state` is the
// sponge's with the bytes so far, `position` the next byte's place in the rate, at most 159.
typedef struct {
  uint64_t (*find_nonce)(const uint64_t state[25], size_t position, uint64_t first, uint64_t count,
                         unsigned bits);
} keccak_form;
const keccak_form *keccak_avx2(void);
const keccak_form *keccak_avx512(void);
const keccak_form *keccak_neon(void);

#endif
