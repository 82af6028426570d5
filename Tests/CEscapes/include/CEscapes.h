// What an attacker who has taken a parser over would try first.
#ifndef CESCAPES_H
#define CESCAPES_H

// Each returns 0 when the attempt came through, else the error number.
int escape_open(const char *path);
int escape_write(const char *path);
int escape_tcp(int port);
int escape_udp(int port);
int escape_exec(void);
int escape_fork(void);
int escape_ptrace(int process);
int escape_kill(int process);
int escape_memory(void);
int escape_executable_memory(void);
int escape_stat(const char *path);
int escape_descriptors(void);

#endif
