// libarchive, as it is. Wrapped are the file type constants, which are cast macros, and one variadic function.
#include <archive.h>
#include <archive_entry.h>

static inline unsigned int ingest_file_type_regular(void) { return AE_IFREG; }
static inline unsigned int ingest_file_type_directory(void) { return AE_IFDIR; }
static inline unsigned int ingest_file_type_link(void) { return AE_IFLNK; }

static inline void ingest_archive_fault(struct archive *archive, int number) {
  archive_set_error(archive, number, "%s", "the stream below is broken");
}
