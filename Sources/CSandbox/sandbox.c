#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// MARK: Landlock

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

struct ruleset_attr {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;
  uint64_t scoped;
};

struct path_beneath_attr {
  uint64_t allowed_access;
  int32_t parent_fd;
} __attribute__((packed));

enum {
  access_execute = 1 << 0,
  access_read_file = 1 << 2,
  access_read_dir = 1 << 3,
};

int ingest_landlock_version(void) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1u);
  return version < 0 ? 0 : (int)version;
}

// All rights on files that a version handles: thirteen in the first, then REFER, TRUNCATE and, from 5 on, IOCTL_DEV.
static uint64_t handled_files(int version) {
  uint64_t all = (1ull << 13) - 1;
  if (version >= 2) all |= 1ull << 13;
  if (version >= 3) all |= 1ull << 14;
  if (version >= 5) all |= 1ull << 15;
  return all;
}

int ingest_landlock_begin(void) {
  int version = ingest_landlock_version();
  if (version == 0) return -ENOSYS;
  struct ruleset_attr attributes = {.handled_access_fs = handled_files(version)};
  size_t size = sizeof attributes.handled_access_fs;
  if (version >= 4) {
    attributes.handled_access_net = 3; // bind and connect of TCP
    size += sizeof attributes.handled_access_net;
  }
  if (version >= 6) {
    attributes.scoped = 3; // abstract Unix sockets and signals
    size += sizeof attributes.scoped;
  }
  int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0u);
  return rules < 0 ? -errno : rules;
}

static int allow(int rules, const char *path, uint64_t more) {
  int descriptor = open(path, O_PATH | O_CLOEXEC);
  // What cannot be opened cannot be read either, and the reader says so with the file's name.
  if (descriptor < 0) return 0;
  struct path_beneath_attr rule = {.allowed_access = access_read_file | more, .parent_fd = descriptor};
  struct stat status;
  // A file that is no folder takes no right on folders.
  if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) rule.allowed_access |= access_read_dir;
  int number = syscall(SYS_landlock_add_rule, rules, 1, &rule, 0u) == 0 ? 0 : errno;
  close(descriptor);
  return number;
}

int ingest_landlock_allow(int rules, const char *path) { return allow(rules, path, 0); }

int ingest_landlock_allow_program(int rules, const char *path) { return allow(rules, path, access_execute); }

int ingest_landlock_enter(int rules) {
  int number = 0;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) number = errno;
  if (number == 0 && syscall(SYS_landlock_restrict_self, rules, 0u) != 0) number = errno;
  close(rules);
  return number;
}

// MARK: seccomp

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

// Calls without conditions.
static const int plain_calls[] = {
    SYS_read, SYS_pread64, SYS_write, SYS_writev, SYS_close, SYS_fstat, SYS_lseek, SYS_munmap, SYS_mremap, SYS_brk,
    SYS_madvise, SYS_futex, SYS_exit, SYS_exit_group, SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep,
    SYS_gettimeofday, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_getrandom,
    SYS_sched_yield, SYS_sched_getaffinity, SYS_getpid, SYS_gettid, SYS_set_robust_list, SYS_rseq, SYS_getrusage,
    SYS_geteuid, SYS_getuid, SYS_uname, SYS_restart_syscall, SYS_fadvise64, SYS_ppoll, SYS_wait4,
#ifdef SYS_poll
    SYS_poll,
#endif
};

// Calls that name a file; Landlock decides about what is opened, and nothing else is done to it.
static const int path_calls[] = {
    SYS_newfstatat, SYS_faccessat, SYS_readlinkat, SYS_getcwd, SYS_fcntl,
#ifdef SYS_stat
    SYS_stat, SYS_lstat, SYS_access, SYS_readlink,
#endif
#ifdef SYS_faccessat2
    SYS_faccessat2,
#endif
    // SQLite comes with queues: libdispatch ends the process where its own event loop cannot begin, which it does under load.
    SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_eventfd2, SYS_timerfd_create, SYS_timerfd_settime,
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
};

// What a program in another language needs beyond that: an interpreter looks round, starts threads and waits.
static const int program_calls[] = {
    SYS_dup, SYS_dup3, SYS_pipe2, SYS_pselect6, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_eventfd2,
    SYS_statx, SYS_getdents64, SYS_statfs, SYS_fstatfs, SYS_sysinfo, SYS_getppid, SYS_getgid, SYS_getegid, SYS_getgroups,
    SYS_set_tid_address, SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_get_priority_max,
    SYS_sched_get_priority_min, SYS_membarrier, SYS_getcpu, SYS_times, SYS_clock_getres, SYS_memfd_create,
    SYS_readv, SYS_preadv, SYS_mincore, SYS_get_mempolicy, SYS_getpgid, SYS_capget, SYS_umask, SYS_chdir, SYS_fchdir,
    SYS_rt_sigpending, SYS_execve,
#ifdef SYS_dup2
    SYS_dup2, SYS_pipe, SYS_select, SYS_epoll_wait, SYS_getpgrp, SYS_time, SYS_arch_prctl, SYS_getrlimit,
#endif
};

// Calls that no parser makes: whoever does is not our program any more.
static const struct {
  int number;
  const char *name;
} forbidden_calls[] = {
    {SYS_socket, "socket"}, {SYS_socketpair, "socketpair"}, {SYS_connect, "connect"}, {SYS_bind, "bind"},
    {SYS_sendto, "sendto"}, {SYS_sendmsg, "sendmsg"}, {SYS_execve, "execve"}, {SYS_execveat, "execveat"},
    {SYS_ptrace, "ptrace"}, {SYS_process_vm_readv, "process_vm_readv"},
    {SYS_process_vm_writev, "process_vm_writev"}, {SYS_bpf, "bpf"}, {SYS_unshare, "unshare"}, {SYS_setns, "setns"},
    {SYS_mount, "mount"}, {SYS_io_uring_setup, "io_uring_setup"}, {SYS_userfaultfd, "userfaultfd"},
#ifdef SYS_fork
    {SYS_fork, "fork"}, {SYS_vfork, "vfork"},
#endif
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

const char *ingest_sandbox_call_name(int number) {
  for (size_t index = 0; index < COUNT(forbidden_calls); index++) {
    if (forbidden_calls[index].number == number) return forbidden_calls[index].name;
  }
#ifdef SYS_clone
  if (number == SYS_clone) return "clone";
#endif
  return NULL;
}

bool ingest_seccomp_is_known(void) {
#ifdef OWN_ARCHITECTURE
  // A filter at no address: EFAULT where filters are known, EINVAL where they are not.
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) != 0 && errno == EFAULT;
#else
  return false;
#endif
}

static volatile sig_atomic_t is_testing;
static volatile sig_atomic_t caught;

static void write_number(int number) {
  char text[48] = "sandbox: call ";
  size_t length = strlen(text);
  char digits[12];
  size_t count = 0;
  do {
    digits[count++] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0 && count < sizeof digits);
  while (count > 0) text[length++] = digits[--count];
  text[length++] = '\n';
  ssize_t written = write(STDERR_FILENO, text, length);
  (void)written;
}

static void blocked(int signal_number, siginfo_t *info, void *context) {
  (void)context;
  caught = 1;
  if (is_testing) return;
  write_number(info->si_syscall);
  // The signal is blocked here; it ends the process when the handler returns.
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

#ifdef OWN_ARCHITECTURE

#define LIMIT 512

typedef struct {
  struct sock_filter code[LIMIT];
  unsigned short count;
} program;

static void add(program *p, struct sock_filter instruction) {
  if (p->count < LIMIT) p->code[p->count++] = instruction;
}

static void add_return(program *p, uint32_t action) {
  add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void load(program *p, size_t offset) {
  add(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

// If the number is this one, the action.
static void decide(program *p, int number, uint32_t action) {
  add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1));
  add_return(p, action);
}

// If the number is this one: allowed when the argument has none of the bits, else the other action.
static void decide_without(program *p, int number, unsigned argument, uint32_t bits, uint32_t other) {
  add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 4));
  load(p, offsetof(struct seccomp_data, args) + 8 * argument);
  add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
  add_return(p, other);
  add_return(p, SECCOMP_RET_ALLOW);
}

// If the number is this one: allowed when the argument has all of the bits, else the other action.
static void decide_with(program *p, int number, unsigned argument, uint32_t bits, uint32_t other) {
  add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 5));
  load(p, offsetof(struct seccomp_data, args) + 8 * argument);
  add(p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits));
  add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, bits, 0, 1));
  add_return(p, SECCOMP_RET_ALLOW);
  add_return(p, other);
}

// If the number is this one: one action when the argument is this value, else the other.
static void decide_between(program *p, int number, unsigned argument, uint32_t value, uint32_t equal, uint32_t other) {
  add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 4));
  load(p, offsetof(struct seccomp_data, args) + 8 * argument);
  add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
  add_return(p, equal);
  add_return(p, other);
}

// If the number is this one: allowed when the argument is this value, else the other action.
static void decide_equal(program *p, int number, unsigned argument, uint32_t value, uint32_t other) {
  decide_between(p, number, argument, value, SECCOMP_RET_ALLOW, other);
}

static int restrict_calls(bool by_path, bool is_program) {
  program p = {.count = 0};
  const uint32_t refused = SECCOMP_RET_ERRNO | EPERM;
  load(&p, offsetof(struct seccomp_data, arch));
  add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0));
  add_return(&p, SECCOMP_RET_KILL_PROCESS);
  load(&p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
  // Numbers of the x32 interface name the same calls once more. A tracer that skips a call gives it the number -1.
  add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
  add_return(&p, SECCOMP_RET_ERRNO | ENOSYS);
#endif
  for (size_t index = 0; index < COUNT(plain_calls); index++) {
    decide(&p, plain_calls[index], SECCOMP_RET_ALLOW);
  }
  for (size_t index = 0; is_program && index < COUNT(program_calls); index++) {
    decide(&p, program_calls[index], SECCOMP_RET_ALLOW);
  }
  // libdispatch sets the priority of its threads, and complains to the system's log when it cannot. It is told that it did.
  decide(&p, SYS_setpriority, SECCOMP_RET_ERRNO | 0);
  // Libraries ask for local sockets, for logs and caches of names, and do without them.
  decide_between(&p, SYS_socket, 0, AF_UNIX, SECCOMP_RET_ERRNO | EACCES, SECCOMP_RET_TRAP);
  decide_between(&p, SYS_socketpair, 0, AF_UNIX, SECCOMP_RET_ERRNO | EACCES, SECCOMP_RET_TRAP);
  // The first that fits decides: a program may begin, and Landlock says which.
  for (size_t index = 0; index < COUNT(forbidden_calls); index++) {
    decide(&p, forbidden_calls[index].number, SECCOMP_RET_TRAP);
  }
  if (is_program) {
    // Libraries are loaded; what a just-in-time compiler makes has no more rights than what was there.
    decide(&p, SYS_mmap, SECCOMP_RET_ALLOW);
    decide(&p, SYS_mprotect, SECCOMP_RET_ALLOW);
    // A name for a thread; never to outlive the parent.
    decide_equal(&p, SYS_prctl, 0, PR_SET_NAME, refused);
    decide(&p, SYS_ioctl, SECCOMP_RET_ERRNO | ENOTTY);
#ifdef SYS_open
    decide_without(&p, SYS_open, 1, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, refused);
#endif
  } else {
    // Memory that can be executed is never made.
    decide_without(&p, SYS_mmap, 2, 4, refused);
    decide_without(&p, SYS_mprotect, 2, 4, refused);
  }
  // Files are opened to be read; Landlock knows which.
  decide_without(&p, SYS_openat, 2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, refused);
  // Threads of this process, and no process. clone3 hides its flags in memory: glibc takes clone where it is missing.
  decide_with(&p, SYS_clone, 0, CLONE_THREAD | CLONE_VM | CLONE_SIGHAND, SECCOMP_RET_TRAP);
  decide(&p, SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
  // Signals to itself, limits of its own.
  decide_equal(&p, SYS_tgkill, 0, (uint32_t)getpid(), refused);
  decide_equal(&p, SYS_prlimit64, 0, 0, refused);
  if (by_path || is_program) {
    for (size_t index = 0; index < COUNT(path_calls); index++) {
      decide(&p, path_calls[index], SECCOMP_RET_ALLOW);
    }
  } else {
    // glibc asks for the state of a descriptor by this call.
    decide_with(&p, SYS_newfstatat, 3, AT_EMPTY_PATH, refused);
  }
  add_return(&p, refused);
  if (p.count >= LIMIT) return E2BIG;

  struct sigaction action = {.sa_sigaction = blocked, .sa_flags = SA_SIGINFO};
  if (sigaction(SIGSYS, &action, NULL) != 0) return errno;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  struct sock_fprog filter = {.len = p.count, .filter = p.code};
  // All threads, should there be several already.
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) != 0) return errno;
  return 0;
}

#else

static int restrict_calls(bool by_path, bool is_program) {
  (void)by_path;
  (void)is_program;
  return ENOSYS;
}

#endif

int ingest_seccomp_restrict(bool by_path) { return restrict_calls(by_path, false); }

int ingest_seccomp_restrict_program(void) { return restrict_calls(true, true); }

int ingest_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 ? 0 : errno; }

int ingest_sandbox_test(bool may_begin_program) {
  int open_doors = 0;
  is_testing = 1;
  // A folder: inputs are files, so that none of them is this one.
  int file = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file >= 0) {
    open_doors |= 1;
    close(file);
  }
  caught = 0;
  int endpoint = socket(AF_INET, SOCK_DGRAM, 0);
  if (!caught && endpoint >= 0) {
    open_doors |= 2;
    close(endpoint);
  }
  if (may_begin_program) {
    is_testing = 0;
    return open_doors;
  }
  caught = 0;
  // A file that is no program: with the right to execute the answer would be EACCES or ENOENT, never SIGSYS or EPERM.
  char *const arguments[] = {"/dev/null", NULL};
  execve("/dev/null", arguments, arguments + 1);
  if (!caught && errno != EPERM) open_doors |= 4;
  is_testing = 0;
  return open_doors;
}
