// The inflaters. zlib's inflateInit2 is a macro that Swift cannot call, hence the one function.
#include <brotli/decode.h>
#include <libdeflate.h>
#include <zlib.h>
#include <zstd.h>

static inline int ingest_inflate_init(z_stream *stream, int windowBits) {
  return inflateInit2(stream, windowBits);
}
