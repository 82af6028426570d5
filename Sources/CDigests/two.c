// Two lanes of the SHA instructions (Intel SDM, SHA1RNDS4 and SHA256RNDS2): while one waits for a round, the other has
// its own.
#include "digests_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SHA __attribute__((target("sha,sse4.1,ssse3")))

SHA void sha256_two(lane_states *states, const uint8_t *const *blocks, size_t block_count) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bll, 0x0405060700010203ll);
  __m128i state0[2], state1[2];
  for (int l = 0; l < 2; l++) {
    // The instructions want the words as ABEF and CDGH, the first in the highest place.
    uint32_t(*w)[MAX_LANES] = states->words;
    state0[l] = _mm_set_epi32((int)w[0][l], (int)w[1][l], (int)w[4][l], (int)w[5][l]);
    state1[l] = _mm_set_epi32((int)w[2][l], (int)w[3][l], (int)w[6][l], (int)w[7][l]);
  }
  for (size_t block = 0; block < block_count; block++) {
    __m128i message[2][4], saved0[2], saved1[2];
    for (int l = 0; l < 2; l++) {
      saved0[l] = state0[l];
      saved1[l] = state1[l];
      for (int i = 0; i < 4; i++) {
        message[l][i] =
            _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(blocks[l] + 64 * block + 16 * (size_t)i)), swap);
      }
    }
#pragma clang loop unroll(full)
    for (int group = 0; group < 16; group++) {
      const __m128i k = _mm_loadu_si128((const __m128i *)(sha256_constants + 4 * group));
      __m128i sum[2];
      for (int l = 0; l < 2; l++) {
        __m128i *m = message[l];
        if (group >= 4) {
          // W[t] of four t: m[group % 4] holds W[t - 16 ...].
          __m128i w = _mm_sha256msg1_epu32(m[group % 4], m[(group + 1) % 4]);
          w = _mm_add_epi32(w, _mm_alignr_epi8(m[(group + 3) % 4], m[(group + 2) % 4], 4));
          m[group % 4] = _mm_sha256msg2_epu32(w, m[(group + 3) % 4]);
        }
        sum[l] = _mm_add_epi32(m[group % 4], k);
      }
      for (int l = 0; l < 2; l++) state1[l] = _mm_sha256rnds2_epu32(state1[l], state0[l], sum[l]);
      for (int l = 0; l < 2; l++) {
        state0[l] = _mm_sha256rnds2_epu32(state0[l], state1[l], _mm_shuffle_epi32(sum[l], 0x0e));
      }
    }
    for (int l = 0; l < 2; l++) {
      state0[l] = _mm_add_epi32(state0[l], saved0[l]);
      state1[l] = _mm_add_epi32(state1[l], saved1[l]);
    }
  }
  for (int l = 0; l < 2; l++) {
    uint32_t low[4], high[4];
    _mm_storeu_si128((__m128i *)high, state0[l]);
    _mm_storeu_si128((__m128i *)low, state1[l]);
    const uint32_t after[8] = {high[3], high[2], low[3], low[2], high[1], high[0], low[1], low[0]};
    for (int w = 0; w < 8; w++) states->words[w][l] = after[w];
  }
}

// Twenty groups of four rounds; the function changes every five groups.
#define SHA1_ROUNDS(group, abcd, e) \
  ((group) < 5 ? _mm_sha1rnds4_epu32(abcd, e, 0) \
   : (group) < 10 ? _mm_sha1rnds4_epu32(abcd, e, 1) \
   : (group) < 15 ? _mm_sha1rnds4_epu32(abcd, e, 2) : _mm_sha1rnds4_epu32(abcd, e, 3))

SHA void sha1_two(lane_states *states, const uint8_t *const *blocks, size_t block_count) {
  const __m128i swap = _mm_set_epi64x(0x0001020304050607ll, 0x08090a0b0c0d0e0fll);
  __m128i abcd[2], e[2];
  for (int l = 0; l < 2; l++) {
    uint32_t(*w)[MAX_LANES] = states->words;
    abcd[l] = _mm_set_epi32((int)w[0][l], (int)w[1][l], (int)w[2][l], (int)w[3][l]);
    e[l] = _mm_set_epi32((int)w[4][l], 0, 0, 0);
  }
  for (size_t block = 0; block < block_count; block++) {
    __m128i message[2][4], saved[2], saved_e[2], before[2];
    for (int l = 0; l < 2; l++) {
      saved[l] = abcd[l];
      saved_e[l] = e[l];
      before[l] = abcd[l];
      for (int i = 0; i < 4; i++) {
        message[l][i] =
            _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(blocks[l] + 64 * block + 16 * (size_t)i)), swap);
      }
    }
#pragma clang loop unroll(full)
    for (int group = 0; group < 20; group++) {
      for (int l = 0; l < 2; l++) {
        __m128i *m = message[l];
        if (group >= 4) {
          __m128i w = _mm_sha1msg1_epu32(m[group % 4], m[(group + 1) % 4]);
          w = _mm_xor_si128(w, m[(group + 2) % 4]);
          m[group % 4] = _mm_sha1msg2_epu32(w, m[(group + 3) % 4]);
        }
        // E of a group is A of four rounds before, turned; the first has the state's own.
        __m128i input = group == 0 ? _mm_add_epi32(e[l], m[0]) : _mm_sha1nexte_epu32(before[l], m[group % 4]);
        before[l] = abcd[l];
        abcd[l] = SHA1_ROUNDS(group, abcd[l], input);
      }
    }
    for (int l = 0; l < 2; l++) {
      e[l] = _mm_sha1nexte_epu32(before[l], saved_e[l]);
      abcd[l] = _mm_add_epi32(abcd[l], saved[l]);
    }
  }
  for (int l = 0; l < 2; l++) {
    uint32_t words[4], last[4];
    _mm_storeu_si128((__m128i *)words, abcd[l]);
    _mm_storeu_si128((__m128i *)last, e[l]);
    for (int w = 0; w < 4; w++) states->words[w][l] = words[3 - w];
    states->words[4][l] = last[3];
  }
}
#endif
