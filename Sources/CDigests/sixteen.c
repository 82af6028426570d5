// Sixteen lanes of AVX-512: lane l of every vector belongs to message l. The functions are FIPS 180-4's own; an exclusive
// or of three, a choice and a majority are one instruction each.
#include "digests_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx512f,avx512bw")))

// Sixteen rows of sixteen words: word t of every message, big-endian, as vector t (Knuth's transposition by halves).
WIDE static inline void load(__m512i *w, const uint8_t *const *blocks, size_t block) {
  const __m512i swap = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0bll, 0x0405060700010203ll));
  __m512i r[16], t[16];
  for (int l = 0; l < 16; l++) r[l] = _mm512_shuffle_epi8(_mm512_loadu_si512(blocks[l] + 64 * block), swap);
  for (int l = 0; l < 16; l += 2) {
    t[l] = _mm512_unpacklo_epi32(r[l], r[l + 1]);
    t[l + 1] = _mm512_unpackhi_epi32(r[l], r[l + 1]);
  }
  for (int l = 0; l < 16; l += 4) {
    r[l] = _mm512_unpacklo_epi64(t[l], t[l + 2]);
    r[l + 1] = _mm512_unpackhi_epi64(t[l], t[l + 2]);
    r[l + 2] = _mm512_unpacklo_epi64(t[l + 1], t[l + 3]);
    r[l + 3] = _mm512_unpackhi_epi64(t[l + 1], t[l + 3]);
  }
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
  }
  for (int i = 0; i < 4; i++) {
    w[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    w[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
    w[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
    w[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
  }
}

#define ADD(a, b) _mm512_add_epi32(a, b)
#define XOR3(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0x96)
#define CHOICE(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0xca)
#define MAJORITY(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0xe8)
#define RIGHT(a, n) _mm512_ror_epi32(a, n)
#define LEFT(a, n) _mm512_rol_epi32(a, n)

WIDE void sha256_sixteen(lane_states *states, const uint8_t *const *blocks, size_t block_count) {
  __m512i s[8];
  for (int i = 0; i < 8; i++) s[i] = _mm512_load_si512(states->words[i]);
  for (size_t block = 0; block < block_count; block++) {
    __m512i w[16];
    load(w, blocks, block);
    __m512i a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
#pragma clang loop unroll(full)
    for (int t = 0; t < 64; t++) {
      if (t >= 16) {
        __m512i first = w[(t + 1) & 15], last = w[(t + 14) & 15];
        __m512i low = XOR3(RIGHT(first, 7), RIGHT(first, 18), _mm512_srli_epi32(first, 3));
        __m512i high = XOR3(RIGHT(last, 17), RIGHT(last, 19), _mm512_srli_epi32(last, 10));
        w[t & 15] = ADD(ADD(w[t & 15], low), ADD(w[(t + 9) & 15], high));
      }
      __m512i sum1 = XOR3(RIGHT(e, 6), RIGHT(e, 11), RIGHT(e, 25));
      __m512i known = ADD(ADD(w[t & 15], _mm512_set1_epi32((int)sha256_constants[t])), h);
      __m512i one = ADD(ADD(known, CHOICE(e, f, g)), sum1);
      __m512i sum0 = XOR3(RIGHT(a, 2), RIGHT(a, 13), RIGHT(a, 22));
      __m512i two = ADD(sum0, MAJORITY(a, b, c));
      h = g;
      g = f;
      f = e;
      e = ADD(d, one);
      d = c;
      c = b;
      b = a;
      a = ADD(one, two);
    }
    const __m512i after[8] = {a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; i++) s[i] = ADD(s[i], after[i]);
  }
  for (int i = 0; i < 8; i++) _mm512_store_si512(states->words[i], s[i]);
}

WIDE void sha1_sixteen(lane_states *states, const uint8_t *const *blocks, size_t block_count) {
  __m512i s[5];
  for (int i = 0; i < 5; i++) s[i] = _mm512_load_si512(states->words[i]);
  for (size_t block = 0; block < block_count; block++) {
    __m512i w[16];
    load(w, blocks, block);
    __m512i a = s[0], b = s[1], c = s[2], d = s[3], e = s[4];
#pragma clang loop unroll(full)
    for (int t = 0; t < 80; t++) {
      if (t >= 16) {
        __m512i mixed = XOR3(w[(t + 13) & 15], w[(t + 8) & 15], w[(t + 2) & 15]);
        w[t & 15] = LEFT(_mm512_xor_si512(mixed, w[t & 15]), 1);
      }
      __m512i f = t < 20 ? CHOICE(b, c, d) : t >= 40 && t < 60 ? MAJORITY(b, c, d) : XOR3(b, c, d);
      unsigned k = t < 20 ? 0x5a827999u : t < 40 ? 0x6ed9eba1u : t < 60 ? 0x8f1bbcdcu : 0xca62c1d6u;
      __m512i known = ADD(ADD(w[t & 15], _mm512_set1_epi32((int)k)), e);
      __m512i next = ADD(ADD(known, f), LEFT(a, 5));
      e = d;
      d = c;
      c = LEFT(b, 30);
      b = a;
      a = next;
    }
    const __m512i after[5] = {a, b, c, d, e};
    for (int i = 0; i < 5; i++) s[i] = ADD(s[i], after[i]);
  }
  for (int i = 0; i < 5; i++) _mm512_store_si512(states->words[i], s[i]);
}
#endif
