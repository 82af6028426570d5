// Keccak-f[1600] (FIPS 202, section 3), one state a lane of 64 bits, and the search for a nonce. Included
// behind FORM, NAME, LANES64, V and XOR64, ANDNOT64, ROTATE64, SET64.

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define F(name) PASTE(name, NAME)

FORM static inline void F(keccak_permute)(V a[25]) {
  static const uint64_t constants[24] = {
      0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
      0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
      0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
      0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
      0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
      0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
  for (size_t round = 0; round < 24; round++) {
    V c[5], d[5], b[25];
    for (size_t x = 0; x < 5; x++) {
      c[x] = XOR64(XOR64(XOR64(a[x], a[x + 5]), XOR64(a[x + 10], a[x + 15])), a[x + 20]);
    }
    for (size_t x = 0; x < 5; x++) d[x] = XOR64(c[(x + 4) % 5], ROTATE64(c[(x + 1) % 5], 1));
    // Lane (x, y) goes to (y, 2x + 3y), turned by its entry of table 2.
#define MOVE(to, from, count) b[to] = ROTATE64(XOR64(a[from], d[from % 5]), count)
    b[0] = XOR64(a[0], d[0]);
    MOVE(1, 6, 44); MOVE(2, 12, 43); MOVE(3, 18, 21); MOVE(4, 24, 14);
    MOVE(5, 3, 28); MOVE(6, 9, 20); MOVE(7, 10, 3); MOVE(8, 16, 45); MOVE(9, 22, 61);
    MOVE(10, 1, 1); MOVE(11, 7, 6); MOVE(12, 13, 25); MOVE(13, 19, 8); MOVE(14, 20, 18);
    MOVE(15, 4, 27); MOVE(16, 5, 36); MOVE(17, 11, 10); MOVE(18, 17, 15); MOVE(19, 23, 56);
    MOVE(20, 2, 62); MOVE(21, 8, 55); MOVE(22, 14, 39); MOVE(23, 15, 41); MOVE(24, 21, 2);
#undef MOVE
    for (size_t y = 0; y < 25; y += 5) {
      for (size_t x = 0; x < 5; x++) {
        a[y + x] = XOR64(b[y + x], ANDNOT64(b[y + (x + 1) % 5], b[y + (x + 2) % 5]));
      }
    }
    a[0] = XOR64(a[0], SET64(constants[round]));
  }
}

FORM static uint64_t F(find_nonce)(const uint64_t state[25], size_t position, uint64_t first,
                                   uint64_t count, unsigned bits) {
  const size_t lane = position / 8, shift = 8 * (position % 8);
  for (uint64_t done = 0; done < count; done += LANES64) {
    uint64_t low[LANES64], high[LANES64], out[LANES64];
    for (size_t i = 0; i < LANES64; i++) {
      const uint64_t nonce = first + done + i;
      low[i] = nonce << shift;
      high[i] = shift == 0 ? 0 : nonce >> (64 - shift);
      // Domain bits and the first bit of the padding, behind the nonce.
      high[i] ^= (uint64_t)0x1F << shift;
    }
    V a[25];
    for (size_t i = 0; i < 25; i++) a[i] = SET64(state[i]);
    a[lane] = XOR64(a[lane], LOAD64(low));
    a[lane + 1] = XOR64(a[lane + 1], LOAD64(high));
    a[20] = XOR64(a[20], SET64((uint64_t)1 << 63));
    F(keccak_permute)(a);
    STORE64(out, a[0]);
    for (size_t i = 0; i < LANES64 && done + i < count; i++) {
      if (bits == 0 || out[i] >> (64 - bits) == 0) return done + i;
    }
  }
  return count;
}

static const keccak_form F(keccak_table) = {F(find_nonce)};
