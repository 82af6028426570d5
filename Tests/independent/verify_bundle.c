/* verify_bundle BUNDLE MANIFEST POLICY DECISIONS: the verifier's C interface, used as a stranger would. */
#include "ingest_verifier.h"
#include <stdio.h>
#include <stdlib.h>

static ingest_bytes contents(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) exit(74);
  fseek(file, 0, SEEK_END);
  long length = ftell(file);
  rewind(file);
  uint8_t *data = malloc(length > 0 ? (size_t)length : 1);
  if (fread(data, 1, (size_t)length, file) != (size_t)length) exit(74);
  fclose(file);
  return (ingest_bytes){data, (size_t)length};
}

int main(int count, char **words) {
  if (count != 5) return 64;
  ingest_question question = {0};
  question.manifest = contents(words[2]);
  question.policy = contents(words[3]);
  question.decisions = contents(words[4]);
  size_t length = 0;
  /* The first call asks for the length alone. */
  int verdict = ingest_verify_provenance(contents(words[1]), &question, NULL, 0, &length);
  char *report = malloc(length + 1);
  int again = ingest_verify_provenance(contents(words[1]), &question, report, length + 1, NULL);
  puts(report);
  return again == verdict ? verdict : 70;
}
