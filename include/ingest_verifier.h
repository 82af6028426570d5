/* ingest_verifier.h: checks provenance bundles of `ingest prove provenance` in a program of any language.
 *
 * Link with libingest_verifier (swift build -c release --product ingest_verifier). The library opens no file, starts
 * no thread and keeps nothing between calls; a call may run on any thread. Every byte it is given may be hostile. */

#ifndef INGEST_VERIFIER_H
#define INGEST_VERIFIER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of the caller's, which are read during the call alone. No bytes: {NULL, 0}. */
typedef struct ingest_bytes {
  const uint8_t *data;
  size_t length;
} ingest_bytes;

/* What a bundle is checked against. Everything that is not needed is {NULL, 0}, NULL or 0. */
typedef struct ingest_question {
  ingest_bytes manifest;  /* combined.commit.json; needed */
  ingest_bytes policy;    /* the policy; needed */
  ingest_bytes envelope;  /* combined.commit.dsse.json; needed with keys */
  ingest_bytes decisions; /* combined.decisions.jsonl; needed without source manifests */
  ingest_bytes receipt;   /* receipt.json that the caller has from elsewhere: the bundle must speak of it */
  const ingest_bytes *sources; /* all source manifests, to make the decision table again */
  size_t source_count;
  const ingest_bytes *keys; /* trusted public keys, PEM; without them nobody's signature is checked */
  size_t key_count;
  size_t threshold;      /* so many distinct keys must have signed; 0 counts as 1 */
  ingest_bytes audience; /* who asked for the proof */
  const uint8_t *nonce;  /* 32 bytes that were asked with; NULL for zeros */
  ingest_bytes reviews;  /* combined.reviews.jsonl; needed with source manifests where the registry committed to reviews */
} ingest_question;

/* Verdicts; the same numbers as the exit codes of `ingest verify`. */
enum {
  INGEST_VALID = 0,
  INGEST_MISUSE = 64,  /* something that is needed is missing */
  INGEST_REFUSED = 65, /* a rule is broken */
  INGEST_BAD_MANIFEST = 78 /* the policy or a source manifest cannot be read */
};

/* Checks a bundle.
 *
 * report, if not NULL, receives at most capacity bytes: UTF-8 JSON, terminated by NUL, with the members valid (boolean),
 * code, reason (texts) and lines (list of texts: what is shown, hidden, not shown, and how secure it is). report_length, if
 * not NULL, receives the length of the whole report without NUL; a report that does not fit is cut off.
 *
 * Returns a verdict. Linear in the length of the bundle: milliseconds for a proof. */
int ingest_verify_provenance(ingest_bytes bundle, const ingest_question *question, char *report,
                             size_t capacity, size_t *report_length);

#ifdef __cplusplus
}
#endif

#endif
