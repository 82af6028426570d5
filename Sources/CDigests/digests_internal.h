// What the forms share.
#ifndef DIGESTS_INTERNAL_H
#define DIGESTS_INTERNAL_H

#include "CDigests.h"

#define MAX_LANES 16

// The state words of all lanes: word w of lane l is at [w][l]. SHA-1 has five words.
typedef struct {
  uint32_t words[8][MAX_LANES];
} __attribute__((aligned(64))) lane_states;

extern const uint32_t sha256_constants[64];

// Each takes `block_count` blocks of 64 bytes of each lane, one lane's behind each other.
typedef void (*lane_kernel)(lane_states *states, const uint8_t *const *blocks, size_t block_count);

void sha1_plain(lane_states *states, const uint8_t *const *blocks, size_t block_count);
void sha256_plain(lane_states *states, const uint8_t *const *blocks, size_t block_count);
#if defined(__x86_64__)
void sha1_two(lane_states *states, const uint8_t *const *blocks, size_t block_count);
void sha256_two(lane_states *states, const uint8_t *const *blocks, size_t block_count);
void sha1_sixteen(lane_states *states, const uint8_t *const *blocks, size_t block_count);
void sha256_sixteen(lane_states *states, const uint8_t *const *blocks, size_t block_count);
#endif

#endif
