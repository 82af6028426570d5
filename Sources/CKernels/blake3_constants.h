// The constants of BLAKE3, section 2.1, tables 1 and 3.
static const uint32_t blake3_initial[4] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A};
enum {
  BLAKE3_CHUNK_START = 1,
  BLAKE3_CHUNK_END = 2,
  BLAKE3_PARENT = 4,
  BLAKE3_ROOT = 8,
  BLAKE3_KEYED = 16,
};
