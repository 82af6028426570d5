// glibc's allocator settings, which Swift's Glibc module leaves out, and syncfs, which it hides behind _GNU_SOURCE.
#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int ingest_syncfs(int descriptor) { return (int)syscall(SYS_syncfs, descriptor); }
