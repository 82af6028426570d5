// glibc's allocator settings, which Swift's Glibc module leaves out, and calls that it hides behind _GNU_SOURCE.
#include <fcntl.h>
#include <malloc.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int ingest_syncfs(int descriptor) { return (int)syscall(SYS_syncfs, descriptor); }

// A file without a name that lives as long as its descriptors; closed when another program is executed.
static inline int ingest_memory_file(void) { return (int)syscall(SYS_memfd_create, "ingest", 1u); }

// A pipe whose ends are closed when another program is executed.
static inline int ingest_pipe(int ends[2]) { return (int)syscall(SYS_pipe2, ends, O_CLOEXEC); }

// F_SETPIPE_SZ.
static inline int ingest_grow_pipe(int descriptor, int size) { return fcntl(descriptor, 1031, size); }

// glibc 2.34: the child closes every descriptor from a number on.
static inline int ingest_close_from(posix_spawn_file_actions_t *actions, int first) {
  int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
