// libarchive, as it is. Nothing is wrapped but the file type constants, which are cast macros
// that Swift cannot import.
#include <archive.h>
#include <archive_entry.h>

static inline unsigned int ingest_file_type_regular(void) { return AE_IFREG; }
static inline unsigned int ingest_file_type_directory(void) { return AE_IFDIR; }
static inline unsigned int ingest_file_type_link(void) { return AE_IFLNK; }
