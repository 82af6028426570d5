// The mechanisms of Linux that take a process's rights away, for good: Landlock and seccomp.
//
// C, because a filter program and a signal handler are arrays and functions of C. Numbers and layouts are the kernel's:
// include/uapi/linux/landlock.h and seccomp.h of Linux 6.15, Documentation/userspace-api/landlock.rst.
#ifndef CSANDBOX_H
#define CSANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The version of Landlock that the kernel has; 0 when it has none or it is switched off.
int ingest_landlock_version(void);

// A set of rules under which nothing may be done to files, with networking and signals to other processes where the
// kernel's version knows them. A descriptor, or the error number below zero.
int ingest_landlock_begin(void);

// Lets what stands at a path be read, a folder with all below; nothing where it cannot be opened. 0, or the error number.
int ingest_landlock_allow(int rules, const char *path);

// The same, and lets it be executed.
int ingest_landlock_allow_program(int rules, const char *path);

// Puts the rules in force for this process, for good, and closes them. 0, or the error number.
int ingest_landlock_enter(int rules);

// Whether the kernel has seccomp filters for this processor.
bool ingest_seccomp_is_known(void);

// Leaves a process the calls that reading, computing and answering need. `by_path` adds those that ask for files by
// name, which SQLite does. 0, or the error number.
//
// A call that no parser makes (a socket, another program, tracing) raises SIGSYS, whose handler writes
// "sandbox: call NUMBER\n" to standard error and ends the process by that signal; any other call that is not on the
// list fails with EPERM.
int ingest_seccomp_restrict(bool by_path);

// The same for a process that becomes another program, such as an interpreter: it may load libraries and execute what
// Landlock lets it. The handler is gone then, and a call that raises SIGSYS ends the process without a word.
int ingest_seccomp_restrict_program(void);

// Lets the kernel kill this process when its parent's thread ends; that stays so when it becomes another program.
int ingest_die_with_parent(void);

// What came of three attempts that must fail: a folder is opened to be listed (1), a socket is made (2), a program
// is executed (4; not tried where one may begin). The bits of those that did not fail; 0 is what is wanted.
int ingest_sandbox_test(bool may_begin_program);

// The name of a call that raises SIGSYS; NULL for any other number.
const char *ingest_sandbox_call_name(int number);

#endif
