// The form for x86-64 with AVX2: 32 bytes at a step.
#include "CTextScan.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

AVX2 static inline __m256i load(const uint8_t *bytes) {
  return _mm256_loadu_si256((const __m256i *)bytes);
}

AVX2 static inline __m256i equal(__m256i block, uint8_t byte) {
  return _mm256_cmpeq_epi8(block, _mm256_set1_epi8((char)byte));
}

// Where a byte is at most `byte`.
AVX2 static inline __m256i at_most(__m256i block, uint8_t byte) {
  return _mm256_cmpeq_epi8(_mm256_min_epu8(block, _mm256_set1_epi8((char)byte)), block);
}

AVX2 static inline uint32_t mask(__m256i marks) { return (uint32_t)_mm256_movemask_epi8(marks); }

AVX2 static void survey(const uint8_t *bytes, size_t count, text_survey *survey) {
  size_t i = 0;
  while (i < count && survey->pending_count > 0) text_survey_bytes(bytes + i++, 1, survey);
  __m256i nul = _mm256_setzero_si256();
  __m256i carriage_return = nul;
  __m256i most = nul;
  uint64_t starts = 0;
  uint64_t in_word = survey->in_word;
  // Bytes of a white-space character that began in the block before.
  uint64_t inside = 0;
  // Two bytes are looked at behind the block: no white space is longer than three.
  for (; count - i >= 34; i += 32) {
    const __m256i block = load(bytes + i);
    nul = _mm256_or_si256(nul, equal(block, 0));
    carriage_return = _mm256_or_si256(carriage_return, equal(block, 0x0D));
    most = _mm256_max_epu8(most, block);
    const __m256i control = at_most(_mm256_sub_epi8(block, _mm256_set1_epi8(9)), 4);
    uint64_t spaces = mask(_mm256_or_si256(equal(block, 0x20), control)) | inside;
    inside = 0;
    if (mask(block)) {
      const __m256i second = load(bytes + i + 1);
      const __m256i third = load(bytes + i + 2);
      const uint64_t two =
          mask(_mm256_and_si256(equal(block, 0xC2), _mm256_or_si256(equal(second, 0x85), equal(second, 0xA0))));
      // E2 80 with 80 … 8A, A8, A9, AF.
      const __m256i general = _mm256_or_si256(
          _mm256_or_si256(at_most(_mm256_sub_epi8(third, _mm256_set1_epi8((char)0x80)), 0x0A), equal(third, 0xAF)),
          _mm256_or_si256(equal(third, 0xA8), equal(third, 0xA9)));
      const __m256i after_e2 =
          _mm256_or_si256(_mm256_and_si256(equal(second, 0x80), general),
                          _mm256_and_si256(equal(second, 0x81), equal(third, 0x9F)));
      const __m256i after_e1 = _mm256_and_si256(equal(second, 0x9A), equal(third, 0x80));
      const __m256i after_e3 = _mm256_and_si256(equal(second, 0x80), equal(third, 0x80));
      const uint64_t three = mask(_mm256_or_si256(
          _mm256_and_si256(equal(block, 0xE2), after_e2),
          _mm256_or_si256(_mm256_and_si256(equal(block, 0xE1), after_e1),
                          _mm256_and_si256(equal(block, 0xE3), after_e3))));
      spaces |= two | two << 1 | three | three << 1 | three << 2;
      inside = spaces >> 32;
      spaces &= 0xFFFFFFFFu;
    }
    const uint64_t words = ~spaces & 0xFFFFFFFFu;
    starts += (uint64_t)__builtin_popcountll(words & ~(words << 1 | in_word));
    in_word = words >> 31;
  }
  survey->word_starts += starts;
  survey->in_word = in_word;
  survey->has_nul |= mask(nul) != 0;
  survey->has_carriage_return |= mask(carriage_return) != 0;
  survey->has_from_300 |= mask(at_most(most, 0xCB)) != 0xFFFFFFFFu;
  // The rest of a white-space character is behind us; its bytes are above 0x0D and below 0xCC.
  while (inside) {
    survey->in_word = false;
    inside >>= 1;
    i++;
  }
  text_survey_bytes(bytes + i, count - i, survey);
}

// Well-formed UTF-8 after Keiser and Lemire, Validating UTF-8 In Less Than One Instruction Per Byte
// (2021), section 6: three tables of sixteen say of each pair of neighbors which rules it breaks.
enum {
  too_short = 1 << 0,
  too_long = 1 << 1,
  overlong_3 = 1 << 2,
  too_large = 1 << 3,
  surrogate = 1 << 4,
  overlong_2 = 1 << 5,
  // Both need F in the lead and 8 in the second byte.
  too_large_1000 = 1 << 6,
  overlong_4 = 1 << 6,
  two_continuations = 1 << 7,
  carried = too_short | too_long | two_continuations,
};

typedef struct {
  __m256i previous;
  __m256i error;
} utf8_state;

AVX2 static inline __m256i high_nibble(__m256i block) {
  return _mm256_and_si256(_mm256_srli_epi16(block, 4), _mm256_set1_epi8(0x0F));
}

AVX2 static inline void check_utf8(utf8_state *state, __m256i block) {
  // The last sixteen bytes of the block before, then the first sixteen of this one.
  const __m256i joined = _mm256_permute2x128_si256(state->previous, block, 0x21);
  const __m256i before_1 = _mm256_alignr_epi8(block, joined, 15);
  const __m256i before_2 = _mm256_alignr_epi8(block, joined, 14);
  const __m256i before_3 = _mm256_alignr_epi8(block, joined, 13);
  const __m256i by_first_high = _mm256_broadcastsi128_si256(_mm_setr_epi8(
      too_long, too_long, too_long, too_long, too_long, too_long, too_long, too_long,
      (char)two_continuations, (char)two_continuations, (char)two_continuations,
      (char)two_continuations, too_short | overlong_2, too_short,
      too_short | overlong_3 | surrogate, too_short | too_large | too_large_1000 | overlong_4));
  const __m256i by_first_low = _mm256_broadcastsi128_si256(_mm_setr_epi8(
      (char)(carried | overlong_3 | overlong_2 | overlong_4), (char)(carried | overlong_2),
      (char)carried, (char)carried, (char)(carried | too_large),
      (char)(carried | too_large | too_large_1000), (char)(carried | too_large | too_large_1000),
      (char)(carried | too_large | too_large_1000), (char)(carried | too_large | too_large_1000),
      (char)(carried | too_large | too_large_1000), (char)(carried | too_large | too_large_1000),
      (char)(carried | too_large | too_large_1000), (char)(carried | too_large | too_large_1000),
      (char)(carried | too_large | too_large_1000 | surrogate),
      (char)(carried | too_large | too_large_1000), (char)(carried | too_large | too_large_1000)));
  const char from_8 = (char)(too_long | overlong_2 | two_continuations);
  const __m256i by_second_high = _mm256_broadcastsi128_si256(_mm_setr_epi8(
      too_short, too_short, too_short, too_short, too_short, too_short, too_short, too_short,
      (char)(from_8 | overlong_3 | too_large_1000 | overlong_4),
      (char)(from_8 | overlong_3 | too_large), (char)(from_8 | surrogate | too_large),
      (char)(from_8 | surrogate | too_large), too_short, too_short, too_short, too_short));
  const __m256i low_nibble = _mm256_and_si256(before_1, _mm256_set1_epi8(0x0F));
  const __m256i pairs =
      _mm256_and_si256(_mm256_and_si256(_mm256_shuffle_epi8(by_first_high, high_nibble(before_1)),
                                        _mm256_shuffle_epi8(by_first_low, low_nibble)),
                       _mm256_shuffle_epi8(by_second_high, high_nibble(block)));
  // Two continuations are right exactly behind a lead of three or four bytes.
  const __m256i third = _mm256_subs_epu8(before_2, _mm256_set1_epi8((char)(0xE0 - 0x80)));
  const __m256i fourth = _mm256_subs_epu8(before_3, _mm256_set1_epi8((char)(0xF0 - 0x80)));
  const __m256i wanted =
      _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
  state->error = _mm256_or_si256(state->error, _mm256_xor_si256(wanted, pairs));
  state->previous = block;
}

// Whether the last three bytes begin a character that they do not end.
AVX2 static inline bool is_open(__m256i block) {
  const __m256i limits = _mm256_setr_epi8(
      -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
      -1, -1, -1, -1, -1, (char)(0xF0 - 1), (char)(0xE0 - 1), (char)(0xC0 - 1));
  return mask(_mm256_cmpeq_epi8(_mm256_subs_epu8(block, limits), _mm256_setzero_si256())) !=
         0xFFFFFFFFu;
}

AVX2 static inline void take_utf8(utf8_state *state, __m256i block) {
  if (mask(block) != 0) {
    check_utf8(state, block);
    return;
  }
  if (is_open(state->previous)) state->error = _mm256_set1_epi8(-1);
  state->previous = block;
}

AVX2 static inline bool ends_well(const utf8_state *state) {
  return _mm256_testz_si256(state->error, state->error) && !is_open(state->previous);
}

AVX2 static inline uint32_t stops(__m256i block) {
  return mask(_mm256_or_si256(at_most(block, 0x1F),
                              _mm256_or_si256(equal(block, 0x22), equal(block, 0x5C))));
}

AVX2 static bool string_stops(const uint8_t *bytes, size_t count, uint64_t *bitmap) {
  utf8_state state = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  size_t i = 0;
  for (; count - i >= 64; i += 64) {
    const __m256i first = load(bytes + i);
    const __m256i second = load(bytes + i + 32);
    bitmap[i / 64] = (uint64_t)stops(second) << 32 | stops(first);
    take_utf8(&state, first);
    take_utf8(&state, second);
  }
  if (i < count) {
    // Blanks stop nothing and end a character that is open, so that they show it.
    uint8_t rest[64];
    memset(rest, 0x20, sizeof rest);
    memcpy(rest, bytes + i, count - i);
    const __m256i first = load(rest);
    const __m256i second = load(rest + 32);
    bitmap[i / 64] = (uint64_t)stops(second) << 32 | stops(first);
    take_utf8(&state, first);
    take_utf8(&state, second);
  }
  return ends_well(&state);
}

AVX2 static bool is_utf8(const uint8_t *bytes, size_t count) {
  utf8_state state = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  size_t i = 0;
  for (; count - i >= 32; i += 32) take_utf8(&state, load(bytes + i));
  if (i < count) {
    uint8_t rest[32];
    memset(rest, 0x20, sizeof rest);
    memcpy(rest, bytes + i, count - i);
    take_utf8(&state, load(rest));
  }
  return ends_well(&state);
}

AVX2 static size_t first_unmarked(const uint8_t *bytes, size_t count, const uint64_t *bitmap) {
  size_t i = 0;
  while (i < count) {
    if (bytes[i] > 0xCB) {
      const size_t length = text_marked_length(bytes + i, bitmap);
      if (length == 0) return i;
      i += length;
    } else if (count - i >= 32) {
      const uint32_t marks = ~mask(at_most(load(bytes + i), 0xCB));
      i += marks ? (size_t)__builtin_ctz(marks) : 32;
    } else {
      i++;
    }
  }
  return count;
}

AVX2 static size_t unescape(const uint8_t *bytes, size_t count, uint8_t *text, size_t *written) {
  size_t i = 0;
  size_t filled = 0;
  while (i < count) {
    if (count - i >= 32) {
      const __m256i block = load(bytes + i);
      const uint32_t marks = mask(equal(block, 0x5C));
      // The whole block is written; what is behind a backslash is written over.
      _mm256_storeu_si256((__m256i *)(text + filled), block);
      const size_t plain = marks ? (size_t)__builtin_ctz(marks) : 32;
      i += plain;
      filled += plain;
      if (!marks) continue;
    } else if (bytes[i] != 0x5C) {
      text[filled++] = bytes[i++];
      continue;
    }
    const uint8_t character = i + 1 < count ? text_escaped(bytes[i + 1]) : 0;
    if (character == 0) break;
    text[filled++] = character;
    i += 2;
  }
  *written += filled;
  return i;
}

static const text_scan_form form = {survey, string_stops, is_utf8, first_unmarked, unescape};

const text_scan_form *text_scan_avx2(void) {
  __builtin_cpu_init();
  const bool is_there = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                        __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  return is_there ? &form : NULL;
}

#else

const text_scan_form *text_scan_avx2(void) { return NULL; }

#endif
