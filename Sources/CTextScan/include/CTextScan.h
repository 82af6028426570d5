// The byte loops that every record goes through, in forms for several processors.
//
// One C target, so that a portable binary can hold vector code: each form is compiled for its
// processor by a function attribute and chosen once by what the processor reports. All forms give
// the same results; the tests force each and compare it with loops in Swift.
#ifndef CTEXTSCAN_H
#define CTEXTSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What stands in a text, gathered over pieces. Begin with all zero.
typedef struct {
  // Starts of maximal runs of characters without Unicode White_Space. A character that is cut off at
  // the end is not counted yet.
  uint64_t word_starts;
  // The bytes of a character that may be white space and is not complete, and their number.
  uint32_t pending;
  uint8_t pending_count;
  // Whether the last complete character was no white space.
  bool in_word;
  bool has_nul;
  bool has_carriage_return;
  // A byte is above 0xCB: in UTF-8 a character from U+0300 on.
  bool has_from_300;
} text_survey;

// One form of all loops. The pointers may be null where the count is zero.
typedef struct {
  // Adds the next piece to a survey.
  void (*survey)(const uint8_t *bytes, size_t count, text_survey *survey);
  // Sets bit i of the bitmap of (count + 63) / 64 words, lowest first, exactly where byte i is a
  // quote, a backslash or below 0x20. Returns whether the bytes are well-formed UTF-8.
  bool (*string_stops)(const uint8_t *bytes, size_t count, uint64_t *bitmap);
  // Whether the bytes are well-formed UTF-8 (Unicode Standard, table 3-7).
  bool (*is_utf8)(const uint8_t *bytes, size_t count);
  // The offset of the first character, at or above U+0300, whose group of sixteen neighbors is not
  // marked in the bitmap, or `count`. The bytes are well-formed UTF-8 and begin with a character.
  size_t (*first_unmarked)(const uint8_t *bytes, size_t count, const uint64_t *bitmap);
  // Copies the inside of a JSON string and replaces the escapes of two bytes, `\/` aside. Stops at any
  // other escape. Returns the bytes read; adds the bytes written. `text` has room for count + 32.
  size_t (*unescape)(const uint8_t *bytes, size_t count, uint8_t *text, size_t *written);
} text_scan_form;

// The form for any processor.
extern const text_scan_form text_scan_portable;

// The form for AVX2, or null where the processor has none.
const text_scan_form *text_scan_avx2(void);

// Adds bytes one at a time; every form ends with this.
void text_survey_bytes(const uint8_t *bytes, size_t count, text_survey *survey);

// The loops of one byte at a time that forms end with, inside a form's `first_unmarked` and `unescape`.

// The length of the character at the start if its group is marked, or 0. Its lead is above 0xCB.
static inline size_t text_marked_length(const uint8_t *bytes, const uint64_t *bitmap) {
  const uint32_t lead = bytes[0];
  uint32_t group;
  size_t length;
  if (lead < 0xE0) {
    group = (lead & 0x1F) << 2 | (bytes[1] >> 4 & 3);
    length = 2;
  } else if (lead < 0xF0) {
    group = (lead & 0x0F) << 8 | (bytes[1] & 0x3Fu) << 2 | (bytes[2] >> 4 & 3);
    length = 3;
  } else {
    group = (lead & 0x07) << 14 | (bytes[1] & 0x3Fu) << 8 | (bytes[2] & 0x3Fu) << 2 |
            (bytes[3] >> 4 & 3);
    length = 4;
  }
  return bitmap[group / 64] >> (group % 64) & 1 ? length : 0;
}

// The character of an escape of two bytes that canonical JSON keeps as it is, or 0.
static inline uint8_t text_escaped(uint8_t letter) {
  switch (letter) {
    case 'n': return 0x0A;
    case '"': case '\\': return letter;
    case 't': return 0x09;
    case 'r': return 0x0D;
    case 'b': return 0x08;
    case 'f': return 0x0C;
    default: return 0;
  }
}

#endif
