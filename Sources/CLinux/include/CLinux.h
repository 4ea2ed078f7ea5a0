#pragma once

// Linux calls that Swift's Glibc module does not carry.

/// renameat2(2) with RENAME_EXCHANGE: swaps two paths in one step.
/// Returns 0, or -1 with errno set.
int spindle_exchange_paths(const char *a, const char *b);

/// syncfs(2): writes back the file system that holds `fd`.
int spindle_syncfs(int fd);

/// open(2); variadic, and so not imported.
int spindle_open(const char *path, int flags, unsigned mode);

/// memmem(3): where `wanted` first stands in `bytes`, or NULL.
const void *spindle_find_bytes(
    const void *bytes, unsigned long count, const void *wanted, unsigned long wantedCount);

/// mallopt(3) as measured best for TagLib: large blocks are reused, not mapped anew for each file.
void spindle_keep_large_allocations(void);

#include "watch.h"
#include "worker.h"
