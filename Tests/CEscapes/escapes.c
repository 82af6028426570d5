#define _GNU_SOURCE
#include "CEscapes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int escape_open(const char *path) { return open(path, O_RDONLY) >= 0 ? 0 : errno; }

int escape_write(const char *path) { return open(path, O_WRONLY | O_CREAT, 0644) >= 0 ? 0 : errno; }

static int reach(int type, int port) {
  int endpoint = socket(AF_INET, type, 0);
  if (endpoint < 0) return errno;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(endpoint, (struct sockaddr *)&address, sizeof address) != 0) return errno;
  return send(endpoint, "x", 1, 0) == 1 ? 0 : errno;
}

int escape_tcp(int port) { return reach(SOCK_STREAM, port); }
int escape_udp(int port) { return reach(SOCK_DGRAM, port); }

int escape_exec(void) {
  char *const arguments[] = {"/bin/true", NULL};
  execv("/bin/true", arguments);
  return errno;
}

int escape_fork(void) {
  // A bomb: each child goes on.
  for (int round = 0; round < 16; round++) {
    pid_t child = fork();
    if (child < 0) return errno;
  }
  return 0;
}

int escape_ptrace(int process) { return ptrace(PTRACE_ATTACH, process, NULL, NULL) == 0 ? 0 : errno; }
int escape_kill(int process) { return kill(process, SIGUSR1) == 0 ? 0 : errno; }

int escape_memory(void) {
  for (int round = 0; round < 64; round++) {
    // Volatile: a compiler may leave out memory that nobody looks at.
    char *volatile block = malloc(64 << 20);
    if (block == NULL) return ENOMEM;
    memset(block, 1, 64 << 20);
  }
  return 0;
}

int escape_executable_memory(void) {
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page != MAP_FAILED ? 0 : errno;
}

int escape_stat(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 ? 0 : errno;
}

int escape_descriptors(void) {
  // Whatever the parent had open besides the three standard ones.
  for (int descriptor = 3; descriptor < 64; descriptor++) {
    struct stat status;
    if (fstat(descriptor, &status) == 0) return 0;
  }
  return EBADF;
}
