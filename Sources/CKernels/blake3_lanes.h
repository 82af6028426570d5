// BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn, 2020), one message a lane, all of one length.
// Included once for each vector width, behind the definitions of FORM, NAME, LANES, V and the operations on V.

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define F(name) PASTE(name, NAME)

FORM static inline V F(rotate)(V x, int count) {
  return OR(SHIFT_RIGHT(x, count), SHIFT_LEFT(x, 32 - count));
}

FORM static inline void F(mix)(V *v, int a, int b, int c, int d, V x, V y) {
  v[a] = ADD(ADD(v[a], v[b]), x);
  v[d] = F(rotate)(XOR(v[d], v[a]), 16);
  v[c] = ADD(v[c], v[d]);
  v[b] = F(rotate)(XOR(v[b], v[c]), 12);
  v[a] = ADD(ADD(v[a], v[b]), y);
  v[d] = F(rotate)(XOR(v[d], v[a]), 8);
  v[c] = ADD(v[c], v[d]);
  v[b] = F(rotate)(XOR(v[b], v[c]), 7);
}

// The chaining value of a block of each lane, into `chaining`.
FORM static inline void F(compress)(V chaining[8], const V m[16], uint64_t counter, uint32_t count,
                                    uint32_t flags) {
  // The order of words in each of the seven rounds: section 2.2, table 2, applied again and again.
  static const uint8_t order[7][16] = {
      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
      {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8},
      {3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1},
      {10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6},
      {12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4},
      {9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7},
      {11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13}};
  V v[16];
  for (size_t i = 0; i < 8; i++) v[i] = chaining[i];
  for (size_t i = 0; i < 4; i++) v[8 + i] = SET1(blake3_initial[i]);
  v[12] = SET1((uint32_t)counter);
  v[13] = SET1((uint32_t)(counter >> 32));
  v[14] = SET1(count);
  v[15] = SET1(flags);
#pragma clang loop unroll(full)
  for (size_t r = 0; r < 7; r++) {
    const uint8_t *o = order[r];
    F(mix)(v, 0, 4, 8, 12, m[o[0]], m[o[1]]);
    F(mix)(v, 1, 5, 9, 13, m[o[2]], m[o[3]]);
    F(mix)(v, 2, 6, 10, 14, m[o[4]], m[o[5]]);
    F(mix)(v, 3, 7, 11, 15, m[o[6]], m[o[7]]);
    F(mix)(v, 0, 5, 10, 15, m[o[8]], m[o[9]]);
    F(mix)(v, 1, 6, 11, 12, m[o[10]], m[o[11]]);
    F(mix)(v, 2, 7, 8, 13, m[o[12]], m[o[13]]);
    F(mix)(v, 3, 4, 9, 14, m[o[14]], m[o[15]]);
  }
  for (size_t i = 0; i < 8; i++) chaining[i] = XOR(v[i], v[i + 8]);
}

// The words of a block of each lane, zeros behind the message's end.
FORM static inline void F(load_block)(const uint8_t *messages, size_t length, size_t lanes,
                                      size_t offset, V m[16]) {
#ifdef TRANSPOSE
  // Whole blocks of all lanes: vectors of words in a row become vectors of one word each.
  if (lanes == LANES && length - offset >= 64) {
    V rows[16];
    for (size_t part = 0; part < 16 / LANES; part++) {
      for (size_t lane = 0; lane < LANES; lane++) {
        rows[part * LANES + lane] = LOAD(messages + lane * length + offset + 4 * part * LANES);
      }
      TRANSPOSE(rows + part * LANES, m + part * LANES);
    }
    return;
  }
#endif
  uint32_t words[16][LANES] = {{0}};
  const size_t count = length - offset < 64 ? length - offset : 64;
  for (size_t lane = 0; lane < lanes; lane++) {
    const uint8_t *bytes = messages + lane * length + offset;
    uint8_t block[64] = {0};
    memcpy(block, bytes, count);
    for (size_t i = 0; i < 16; i++) {
      words[i][lane] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 |
                       (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
    }
  }
  for (size_t i = 0; i < 16; i++) m[i] = LOAD(words[i]);
}

// A subtree over `chunks` chunks from `first` on; the root flag is for the whole message's last block.
FORM static void F(subtree)(const V key[8], const uint8_t *messages, size_t length, size_t lanes,
                            uint64_t first, size_t chunks, uint32_t root, V out[8]) {
  if (chunks <= 1) {
    for (size_t i = 0; i < 8; i++) out[i] = key[i];
    const size_t start = 1024 * (size_t)first;
    const size_t end = length - start < 1024 ? length : start + 1024;
    size_t offset = start;
    do {
      V m[16];
      F(load_block)(messages, length, lanes, offset, m);
      const size_t count = end - offset < 64 ? end - offset : 64;
      const uint32_t flags = BLAKE3_KEYED | (offset == start ? BLAKE3_CHUNK_START : 0) |
                             (offset + count == end ? BLAKE3_CHUNK_END | root : 0);
      F(compress)(out, m, first, (uint32_t)count, flags);
      offset += 64;
    } while (offset < end);
    return;
  }
  // The left subtree has the largest power of two below the number of chunks.
  size_t left = 1;
  while (2 * left < chunks) left *= 2;
  V m[16];
  F(subtree)(key, messages, length, lanes, first, left, 0, m);
  F(subtree)(key, messages, length, lanes, first + left, chunks - left, 0, m + 8);
  for (size_t i = 0; i < 8; i++) out[i] = key[i];
  F(compress)(out, m, 0, 64, BLAKE3_KEYED | BLAKE3_PARENT | root);
}

FORM static void F(blake3_keyed)(const uint32_t key[8], const uint8_t *messages, size_t length,
                                 size_t count, uint8_t *digests) {
  V keys[8];
  for (size_t i = 0; i < 8; i++) keys[i] = SET1(key[i]);
  const size_t chunks = length <= 1024 ? 1 : (length + 1023) / 1024;
  for (size_t first = 0; first < count; first += LANES) {
    const size_t lanes = count - first < LANES ? count - first : LANES;
    V out[8];
    F(subtree)(keys, messages + first * length, length, lanes, 0, chunks, BLAKE3_ROOT, out);
    for (size_t i = 0; i < 8; i++) {
      uint32_t words[LANES];
      STORE(words, out[i]);
      for (size_t lane = 0; lane < lanes; lane++) {
        uint8_t *digest = digests + 32 * (first + lane) + 4 * i;
        for (size_t b = 0; b < 4; b++) digest[b] = (uint8_t)(words[lane] >> (8 * b));
      }
    }
  }
}

FORM static void F(blake3_rows)(const uint32_t key[8], const uint8_t *salts,
                                const uint32_t *const *blocks, size_t width, size_t columns,
                                unsigned log, size_t first_row, size_t begin, size_t end,
                                uint8_t *scratch,
                                uint8_t *digests) {
  const size_t salt = salts == NULL ? 0 : 32, length = salt + 4 * columns;
  for (size_t first = begin; first < end; first += LANES) {
    const size_t rows = end - first < LANES ? end - first : LANES;
    size_t positions[LANES];
    for (size_t i = 0; i < rows; i++) {
      size_t q = 0;
      for (unsigned bit = 0; bit < log; bit++) q |= ((first + i) >> bit & 1) << (log - 1 - bit);
      positions[i] = q;
      uint8_t *message = scratch + i * length;
      if (salt > 0) memcpy(message, salts + 32 * q, 32);
      message += salt;
      for (size_t done = 0, b = 0; done < columns; done += width, b++) {
        const size_t count = columns - done < width ? columns - done : width;
        memcpy(message + 4 * done, blocks[b] + (first + i - first_row) * width, 4 * count);
      }
    }
    uint8_t out[32 * LANES];
    F(blake3_keyed)(key, scratch, length, rows, out);
    for (size_t i = 0; i < rows; i++) memcpy(digests + 32 * positions[i], out + 32 * i, 32);
  }
}

static const blake3_form F(blake3_table) = {F(blake3_keyed), F(blake3_rows)};
