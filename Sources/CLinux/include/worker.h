#pragma once

#include <spawn.h>

// What a helper process asks of the kernel for itself.

/// prctl(2) with PR_SET_PDEATHSIG: SIGKILL when the thread that started this process ends.
/// Returns -1 when that has already happened: the parent is not `parent` any more.
int spindle_die_with_parent(int parent);

/// Ends the process with `code` where it would crash for lack of memory (the last call that set
/// errno said ENOMEM); any other crash goes on as it would have.
void spindle_exit_when_out_of_memory(int code);

/// The environment of this process, for posix_spawn(3).
char **spindle_environment(void);

/// posix_spawn_file_actions_addclosefrom_np(3), of glibc 2.34.
int spindle_spawn_closing_from(posix_spawn_file_actions_t *actions, int first);

/// From now on what C code prints on `stderr` goes to `take` instead, write by write.
/// Returns -1 when there is no memory for it.
int spindle_divert_stderr(void (*take)(const char *text, long count));
