// Measures the kernels of the proof core alone, on one processor: scripts/bench compiles and runs this.
#define _GNU_SOURCE
#include "CKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// The best run of a statement in half a second, of seven at least, in seconds: a processor that shares its core
// with another is rarely alone.
#define BEST(statement)                                          \
  ({                                                             \
    double best = 1e9;                                           \
    const double begin = cpu_seconds();                          \
    for (int run = 0; run < 7 || cpu_seconds() < begin + 0.5; run++) { \
      const double start = cpu_seconds();                        \
      statement;                                                 \
      const double taken = cpu_seconds() - start;                \
      if (taken < best) best = taken;                            \
    }                                                            \
    best;                                                        \
  })

static const uint32_t p = 0x7F000001;

// In large pages, as the prover's own buffers are.
static uint32_t *words(size_t count) {
  uint32_t *list = aligned_alloc(1 << 21, (count * sizeof *list + (1 << 21) - 1) >> 21 << 21);
  if (list == NULL) exit(1);
  madvise(list, count * sizeof *list, MADV_HUGEPAGE);
  for (size_t i = 0; i < count; i++) list[i] = (uint32_t)((i * 2654435761u + 12345) % p);
  return list;
}

static void poseidon2(const char *name, const poseidon2_form *form) {
  if (form == NULL) return;
  const size_t count = 1 << 15;
  uint32_t *constants = words(256), *blocks = words(16 * count), *digests = words(8 * count);
  const poseidon2_parameters narrow = {16, 20, constants, constants, constants, constants};
  const poseidon2_parameters wide = {24, 23, constants, constants, constants, constants};
  const uint32_t capacity[8] = {1, 1, 16, 0, 0, 0, 0, 0};
  const double node = BEST(form->compress_pairs(&narrow, blocks, count, digests));
  const double leaf = BEST(form->hash_blocks(&wide, capacity, blocks, count, digests));
  printf("Poseidon2 %-7s width 16 %6.2f M/s   width 24 %6.2f M/s\n", name, count / node / 1e6,
         count / leaf / 1e6);
  free(constants), free(blocks), free(digests);
}

static void transform(const char *name, const transform_form *form) {
  if (form == NULL) return;
  for (int log = 16; log <= 20; log += 2) {
    const size_t n = (size_t)1 << log;
    uint32_t *rows = words(n * form->lanes), *roots = words(n / 2);
    const double taken = BEST(form->transform(rows, n, n, roots));
    printf("Transform %-7s 2^%d %27.2f ms a column\n", name, log, taken * 1e3 / form->lanes);
    free(rows), free(roots);
  }
}

static void blake3(const char *name, const blake3_form *form) {
  if (form == NULL) return;
  const size_t size = 1 << 26, count = size / 64;
  uint8_t *messages = calloc(size, 1), *digests = malloc(32 * count);
  if (messages == NULL || digests == NULL) exit(1);
  const uint32_t key[8] = {1};
  const double nodes = BEST(form->keyed_hashes(key, messages, 64, count, digests));
  const double chunks = BEST(form->keyed_hashes(key, messages, 1024, size / 1024, digests));
  printf("BLAKE3 %-10s 64 bytes %6.1f ns   1 KiB %9.2f GB/s\n", name, nodes / count * 1e9,
         size / chunks / 1e9);
  free(messages), free(digests);
}

int main(void) {
  poseidon2("neon", poseidon2_neon());
  poseidon2("avx2", poseidon2_avx2());
  poseidon2("avx512", poseidon2_avx512());
  transform("neon", transform_neon());
  transform("avx2", transform_avx2());
  transform("avx512", transform_avx512());
  blake3("neon", blake3_neon());
  blake3("avx2", blake3_avx2());
  blake3("avx512", blake3_avx512());
  return 0;
}
