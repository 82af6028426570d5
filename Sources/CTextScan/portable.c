// The form for any processor: words of eight bytes and bit tricks.
#include "CTextScan.h"

#include <string.h>

static const uint64_t high = 0x8080808080808080u;
static const uint64_t low = 0x0101010101010101u;

static inline uint64_t load(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

// Non-zero exactly when a byte is zero; the lowest set bit is at the lowest such byte.
static inline uint64_t any_zero(uint64_t word) { return (word - low) & ~word & high; }

// The high bit of each byte that is zero, and of no other.
static inline uint64_t zero_bytes(uint64_t word) {
  return ~(((word & ~high) + (high - low)) | word) & high;
}

// The high bits of the bytes as the eight lowest bits.
static inline uint64_t gather(uint64_t marks) { return ((marks >> 7) * 0x0102040810204080u) >> 56; }

// U+1680, U+2000 to 200A, 2028, 2029, 202F, 205F, 3000 in UTF-8.
static bool is_long_space(uint32_t utf8) {
  return utf8 == 0xE19A80 || (utf8 >= 0xE28080 && utf8 <= 0xE2808A) || utf8 == 0xE280A8 ||
         utf8 == 0xE280A9 || utf8 == 0xE280AF || utf8 == 0xE2819F || utf8 == 0xE38080;
}

static inline void take_character(text_survey *survey, bool is_space) {
  if (!is_space && !survey->in_word) survey->word_starts++;
  survey->in_word = !is_space;
}

void text_survey_bytes(const uint8_t *bytes, size_t count, text_survey *survey) {
  for (size_t i = 0; i < count; i++) {
    const uint8_t byte = bytes[i];
    if (byte == 0) survey->has_nul = true;
    if (byte == 0x0D) survey->has_carriage_return = true;
    if (byte > 0xCB) survey->has_from_300 = true;
    if (survey->pending_count > 0) {
      if ((byte & 0xC0) == 0x80) {
        survey->pending = survey->pending << 8 | byte;
        survey->pending_count++;
        const uint32_t utf8 = survey->pending;
        if (utf8 >> 8 == 0xC2) {
          survey->pending_count = 0;
          take_character(survey, utf8 == 0xC285 || utf8 == 0xC2A0);
        } else if (survey->pending_count == 3) {
          survey->pending_count = 0;
          take_character(survey, is_long_space(utf8));
        }
        continue;
      }
      // The bytes before are no character, and no white space either.
      survey->pending_count = 0;
      take_character(survey, false);
    }
    // Only these leads begin white space: U+0085, U+00A0; U+1680; U+2000 …; U+3000.
    if (byte == 0xC2 || (byte >= 0xE1 && byte <= 0xE3)) {
      survey->pending = byte;
      survey->pending_count = 1;
    } else {
      take_character(survey, byte == 0x20 || (byte >= 0x09 && byte <= 0x0D));
    }
  }
}

static void survey(const uint8_t *bytes, size_t count, text_survey *survey) {
  size_t i = 0;
  while (i < count) {
    if (survey->pending_count > 0 || count - i < 8) {
      text_survey_bytes(bytes + i, 1, survey);
      i++;
      continue;
    }
    const uint64_t word = load(bytes + i);
    if (word & high) {
      // A character above ASCII: it is decided byte by byte.
      text_survey_bytes(bytes + i, 8, survey);
      i += 8;
      continue;
    }
    // No sum carries into the next byte: every byte is below 0x80.
    const uint64_t blank = zero_bytes(word ^ 0x20 * low);
    const uint64_t from_9 = word + 0x77 * low;
    const uint64_t from_14 = word + 0x72 * low;
    const uint64_t words = ~(blank | (from_9 & ~from_14)) & high;
    const uint64_t starts = words & ~(words << 8 | (survey->in_word ? 0x80 : 0));
    survey->word_starts += ((starts >> 7) * low) >> 56;
    survey->in_word = words >> 63;
    survey->has_nul |= any_zero(word) != 0;
    survey->has_carriage_return |= any_zero(word ^ 0x0D * low) != 0;
    i += 8;
  }
}

// The length of the well-formed sequence at the start, or 0.
static size_t sequence(const uint8_t *bytes, size_t count) {
  const uint8_t lead = bytes[0];
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (count < length) return 0;
  const uint8_t least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const uint8_t most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (bytes[1] < least || bytes[1] > most) return 0;
  for (size_t i = 2; i < length; i++) {
    if ((bytes[i] & 0xC0) != 0x80) return 0;
  }
  return length;
}

static bool is_utf8(const uint8_t *bytes, size_t count) {
  size_t i = 0;
  while (i < count) {
    if (count - i >= 8 && (load(bytes + i) & high) == 0) {
      i += 8;
      continue;
    }
    const size_t length = sequence(bytes + i, count - i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

static bool string_stops(const uint8_t *bytes, size_t count, uint64_t *bitmap) {
  if (count > 0) memset(bitmap, 0, (count + 63) / 64 * 8);
  size_t i = 0;
  for (; count - i >= 8; i += 8) {
    const uint64_t word = load(bytes + i);
    // Below 0x20: no bit above the fifth is set.
    const uint64_t stops = zero_bytes(word ^ 0x22 * low) | zero_bytes(word ^ 0x5C * low) |
                           zero_bytes(word & 0xE0 * low);
    bitmap[i / 64] |= gather(stops) << (i % 64);
  }
  for (; i < count; i++) {
    const uint8_t byte = bytes[i];
    if (byte == 0x22 || byte == 0x5C || byte < 0x20) bitmap[i / 64] |= (uint64_t)1 << (i % 64);
  }
  return is_utf8(bytes, count);
}

static size_t first_unmarked(const uint8_t *bytes, size_t count, const uint64_t *bitmap) {
  size_t i = 0;
  while (i < count) {
    if (bytes[i] > 0xCB) {
      const size_t length = text_marked_length(bytes + i, bitmap);
      if (length == 0) return i;
      i += length;
    } else if (count - i >= 8) {
      const uint64_t word = load(bytes + i);
      // The high bit is set and the low seven bits are at least 0x4C.
      const uint64_t marks = ((word & ~high) + 0x34 * low) & word & high;
      i += marks ? (size_t)__builtin_ctzll(marks) / 8 : 8;
    } else {
      i++;
    }
  }
  return count;
}

static size_t unescape(const uint8_t *bytes, size_t count, uint8_t *text, size_t *written) {
  size_t i = 0;
  size_t filled = 0;
  while (i < count) {
    if (bytes[i] != 0x5C) {
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

const text_scan_form text_scan_portable = {survey, string_stops, is_utf8, first_unmarked, unescape};
