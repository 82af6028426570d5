// Prints what the loops of CKernels make of fixed inputs, one line each, for the forms that this processor has:
// scripts/test-neon compares the lines of AVX2 and AVX-512, which the tests compare with the references in Swift,
// with those of NEON under an emulator.
#include "CKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t p = 0x7F000001;
static uint64_t seed;

static uint64_t next(void) {
  // splitmix64 (Steele, Lea, Flood, 2014).
  uint64_t z = seed += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// Elements below p: one in four is on the edge.
static uint32_t element(void) {
  static const uint32_t edges[] = {0,          1,          2,          0x7F000000, 0x7EFFFFFF, 0x3F800000,
                                   0x3F800001, 0x00FFFFFF, 0x01000000, 0x7E000001, 0x00FFFFFE, 0x0000FFFF};
  const uint64_t x = next();
  return x & 3 ? (uint32_t)(x >> 32) % p : edges[(x >> 8) % 12];
}

static uint32_t *elements(size_t count) {
  uint32_t *list = malloc(count * sizeof *list);
  if (list == NULL) exit(1);
  for (size_t i = 0; i < count; i++) list[i] = element();
  return list;
}

static uint8_t *bytes(size_t count) {
  uint8_t *list = malloc(count + 1);
  if (list == NULL) exit(1);
  for (size_t i = 0; i < count; i++) list[i] = (uint8_t)next();
  return list;
}

// FNV-1a.
static uint64_t digest_of(const void *data, size_t count) {
  uint64_t h = 0xCBF29CE484222325u;
  for (size_t i = 0; i < count; i++) h = (h ^ ((const uint8_t *)data)[i]) * 0x100000001B3u;
  return h;
}

static void line(const char *what, size_t number, const void *data, size_t count) {
  printf("%s %zu %016llx\n", what, number, (unsigned long long)digest_of(data, count));
}

static void poseidon2(const poseidon2_form *form) {
  for (size_t count = 1; count <= 2000; count = count * 3 / 2 + 1) {
    seed = count;
    uint32_t *constants = elements(256), *blocks = elements(16 * count);
    uint32_t *digests = calloc(8 * count, sizeof *digests);
    const poseidon2_parameters narrow = {16, 20, constants, constants + 64, constants + 96, constants};
    const poseidon2_parameters wide = {24, 23, constants, constants + 96, constants + 120, constants};
    form->compress_pairs(&narrow, blocks, count, digests);
    line("compress", count, digests, 32 * count);
    form->hash_blocks(&wide, constants + 200, blocks, count, digests);
    line("blocks", count, digests, 32 * count);
    free(constants), free(blocks), free(digests);
  }
}

static void blake3(const blake3_form *form) {
  for (size_t length = 1; length < 5000; length += 1 + length / 3) {
    seed = length;
    const size_t count = 19;
    uint8_t *messages = bytes(length * count), *digests = calloc(32, count);
    const uint32_t key[8] = {1, 2, 3, 4, 5, 6, 7, (uint32_t)length};
    form->keyed_hashes(key, messages, length, count, digests);
    line("hashes", length, digests, 32 * count);
    free(messages), free(digests);
  }
  for (size_t columns = 1; columns < 60; columns += 7) {
    seed = columns;
    const size_t width = 8, rows = 128;
    const uint32_t *blocks[8];
    for (size_t b = 0; b < 8; b++) blocks[b] = elements(rows * width);
    uint8_t *salts = bytes(32 * rows), *digests = calloc(64, rows);
    uint8_t *scratch = malloc(16 * (32 + 4 * columns));
    const uint32_t key[8] = {9};
    form->keyed_rows(key, salts, blocks, width, columns, 7, 0, 0, rows, scratch, digests);
    line("salted rows", columns, digests, 32 * rows);
    form->keyed_rows(key, NULL, blocks, width, columns, 8, rows, rows, 2 * rows, scratch, digests);
    line("rows", columns, digests, 64 * rows);
    for (size_t b = 0; b < 8; b++) free((void *)blocks[b]);
    free(salts), free(digests), free(scratch);
  }
}

static void keccak(const keccak_form *form) {
  for (size_t position = 0; position < 160; position += 3) {
    seed = position;
    uint64_t state[25];
    for (size_t i = 0; i < 25; i++) state[i] = next();
    const uint64_t found = form->find_nonce(state, position, 5, 4000, 9);
    line("nonce", position, &found, sizeof found);
  }
}

// Columns one after the other, as many at once as the form takes.
static void transform(const transform_form *form) {
  for (int log = 0; log <= 15; log++) {
    seed = (uint64_t)log;
    const size_t n = (size_t)1 << log, columns = 16;
    uint32_t *values = elements(n * columns), *roots = elements(n), *out = calloc(n * columns, 4);
    uint32_t *rows = calloc(n * form->lanes, 4);
    for (size_t first = 0; first < columns; first += form->lanes) {
      const uint32_t *list[16];
      for (size_t j = 0; j < form->lanes; j++) list[j] = values + (first + j) * n;
      form->gather(list, form->lanes, 0, n, rows);
      if (log > 2) form->twist(rows, n / 2, n / 4, roots, 2 * n, (size_t)log % 4);
      form->transform(rows, n, n - n / (size_t)(2 + log % 3), roots);
      for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < form->lanes; j++) out[(first + j) * n + i] = rows[i * form->lanes + j];
      }
    }
    line("transform", (size_t)log, out, 4 * n * columns);
    free(values), free(roots), free(out), free(rows);
  }
}

enum { STRIDE = 4096 };

static void extension(const extension_form *form) {
  // Every operation once, each result in registers of its own; the sum of all is what rounds add up.
  const extension_step steps[] = {
      {ADD_FF, 20, 0, 1},  {SUB_FF, 21, 0, 1},  {MUL_FF, 22, 20, 21}, {ADD_FC, 23, 22, 0}, {MUL_FC, 24, 23, 1},
      {RSUB_FC, 25, 24, 2}, {ADD_EE, 30, 2, 7}, {SUB_EE, 35, 2, 7},  {MUL_EE, 40, 30, 35}, {MUL_EE, 95, 40, 40}, {ADD_EF, 45, 40, 25},
      {SUB_EF, 50, 45, 0}, {SUB_FE, 55, 1, 50}, {MUL_EF, 60, 55, 22}, {ADD_EC, 65, 60, 3}, {MUL_EC, 70, 65, 4},
      {MUL_EK, 75, 70, 5}, {SET_C, 80, 0, 6},   {MAC_CF, 80, 20, 7},  {MAC_CF, 80, 21, 8}, {MAC_CF, 80, 22, 9},
      {MAC_CE, 80, 70, 10}, {MAC_CE, 80, 40, 11}, {MAC_CE, 80, 95, 11}, {ADD_EE, 85, 75, 80},
  };
  seed = 1;
  uint32_t *constants = elements(60);
  const extension_program program = {steps, sizeof steps / sizeof *steps, constants, 85};
  uint32_t *base = elements(2 * STRIDE), *e = elements(5 * STRIDE), *f = elements(5 * STRIDE);
  uint32_t *scratch = calloc(100 * EXTENSION_BLOCK, 4);
  const extension_input inputs[] = {
      {base, STRIDE, 0, 12, 1, 1}, {base + STRIDE, STRIDE, 1, 13, 1, 1}, {e, STRIDE, 2, 14, 5, 0},
      {f, STRIDE, 7, 90, 5, 1},
  };
  uint32_t *target = elements(5 * STRIDE), *single = elements(STRIDE), sums[20];
  form->rounds(&program, inputs, 4, STRIDE / 2, 4, 16, STRIDE / 2, scratch, sums);
  line("rounds", 0, sums, sizeof sums);
  const extension_output outputs[] = {{target, STRIDE, 85, 5}, {single, STRIDE, 25, 1}};
  form->map(&program, inputs, 4, 32, STRIDE - 16, scratch, outputs, 2);
  line("map", 0, target, 20 * STRIDE);
  line("map", 1, single, 4 * STRIDE);
  form->fold_base(base, base + STRIDE, constants, 0, STRIDE, target, STRIDE);
  line("fold base", 0, target, 20 * STRIDE);
  for (uint32_t is_canonical = 0; is_canonical < 2; is_canonical++) {
    form->fold(e, STRIDE / 2, STRIDE, is_canonical, constants + 5, 0, STRIDE / 2, target, STRIDE);
    line("fold", is_canonical, target, 20 * STRIDE);
  }
  form->dot(e, STRIDE, base, STRIDE, sums);
  line("dot", 0, sums, 20);
  const uint32_t *lanes[7];
  for (size_t l = 0; l < 7; l++) lanes[l] = base + 512 * l;
  form->accumulate(lanes, constants, 7, 64, 512, target, STRIDE);
  line("accumulate", 0, target, 20 * STRIDE);
  form->product_round(e, STRIDE, f, STRIDE, STRIDE / 2, 0, STRIDE / 2, sums);
  line("product round", 0, sums, 40);
  form->eq_step(target, STRIDE, constants + 10, STRIDE / 2);
  line("eq step", 0, target, 20 * STRIDE);
  form->add_powers(constants, constants + 20, 8, 16, STRIDE, target, STRIDE);
  line("add powers", 0, target, 20 * STRIDE);
  form->encode(target, 0, 5 * STRIDE);
  line("encode", 0, target, 20 * STRIDE);
  form->decode(target, 16, 5 * STRIDE);
  line("decode", 0, target, 20 * STRIDE);
  uint32_t *prefix = calloc(5 * STRIDE, 4), totals[80];
  form->products(e, STRIDE, 0, STRIDE, prefix, totals);
  line("products", 0, totals, sizeof totals);
  line("products", 1, prefix, 20 * STRIDE);
  form->inverses(e, STRIDE, 0, STRIDE, prefix, totals);
  line("inverses", 0, e, 20 * STRIDE);
  // 819,200 products, on random rows beside edges.
  for (size_t round = 0; round < 200; round++) {
    seed = 1000 + round;
    for (size_t i = 0; i < 5 * STRIDE; i++) e[i] = element(), f[i] = element();
    form->product_round(e, STRIDE, f, STRIDE, STRIDE / 2, 0, STRIDE / 2, sums);
    line("products of E", round, sums, 40);
  }
  free(constants), free(base), free(e), free(f), free(scratch), free(target), free(single), free(prefix);
}

int main(int count, char **arguments) {
  const char *name = count > 1 ? arguments[1] : "";
#define FORMS(name) poseidon2_##name(), blake3_##name(), keccak_##name(), transform_##name(), extension_##name()
  struct {
    const poseidon2_form *poseidon2;
    const blake3_form *blake3;
    const keccak_form *keccak;
    const transform_form *transform;
    const extension_form *extension;
  } forms = {NULL, NULL, NULL, NULL, NULL}, avx2 = {FORMS(avx2)}, avx512 = {FORMS(avx512)}, neon = {FORMS(neon)};
  if (strcmp(name, "avx2") == 0) forms = avx2;
  if (strcmp(name, "avx512") == 0) forms = avx512;
  if (strcmp(name, "neon") == 0) forms = neon;
  if (forms.poseidon2 == NULL || forms.blake3 == NULL || forms.keccak == NULL || forms.transform == NULL ||
      forms.extension == NULL) {
    fprintf(stderr, "kernel_forms: this processor has no form %s\n", name);
    return 69;
  }
  poseidon2(forms.poseidon2);
  blake3(forms.blake3);
  keccak(forms.keccak);
  transform(forms.transform);
  extension(forms.extension);
  return 0;
}
