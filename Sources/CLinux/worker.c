#define _GNU_SOURCE
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int spindle_die_with_parent(int parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return -1;
    return getppid() == parent ? 0 : -1;
}

static int out_of_memory_code;

static void crashed(int signal) {
    if (errno == ENOMEM) _exit(out_of_memory_code);
    // The handler is gone (SA_RESETHAND): the instruction that faulted faults again, and abort(3)
    // raises its signal a second time by itself. One that another process sent does neither.
    (void)signal;
}

void spindle_exit_when_out_of_memory(int code) {
    out_of_memory_code = code;
    // A stack that has overflowed has no room for a handler.
    static char stack[1 << 16];
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternative, NULL);
    struct sigaction action = {.sa_handler = crashed};
    action.sa_flags = (int)SA_RESETHAND | SA_ONSTACK;
    const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE};
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}

char **spindle_environment(void) { return environ; }

int spindle_spawn_closing_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

static void (*take_stderr)(const char *, long);

static ssize_t pass_on(void *cookie, const char *text, size_t count) {
    (void)cookie;
    take_stderr(text, (long)count);
    return (ssize_t)count;
}

int spindle_divert_stderr(void (*take)(const char *text, long count)) {
    take_stderr = take;
    FILE *file = fopencookie(NULL, "w", (cookie_io_functions_t){.write = pass_on});
    if (!file) return -1;
    setvbuf(file, NULL, _IOLBF, 4096);
    stderr = file;
    return 0;
}
