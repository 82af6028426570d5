// SHA-1 and SHA-256 (FIPS 180-4) of many messages at once.
//
// One message is a chain of blocks that has to wait for itself; messages side by side do not. The forms: sixteen lanes
// (AVX-512), two lanes of the SHA instructions, and one lane in plain C, which is the reference of the tests beside an
// independent library. Each lane takes the next message when its own has ended.
#ifndef CDIGESTS_H
#define CDIGESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  ingest_digest_sha1 = 0,
  ingest_digest_sha256 = 1,
} ingest_digest_kind;

typedef enum {
  ingest_digest_plain = 0,
  ingest_digest_sha_instructions = 1,
  ingest_digest_avx512 = 2,
} ingest_digest_form;

typedef struct {
  // Offset and number of the message's bytes in the buffer.
  size_t offset;
  size_t count;
} ingest_message;

// The best form that this processor has.
ingest_digest_form ingest_digest_best_form(void);

// Writes the digest of message i to digests + 20 i (SHA-1) or 32 i (SHA-256). `order` is room for `message_count`
// numbers. A form that the processor lacks must not be asked for.
void ingest_digest_messages(ingest_digest_kind kind, ingest_digest_form form, const uint8_t *buffer,
                            const ingest_message *messages, size_t message_count, size_t *order, uint8_t *digests);

#endif
