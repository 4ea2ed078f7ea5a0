#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int spindle_exchange_paths(const char *a, const char *b) {
    return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

int spindle_syncfs(int fd) { return syncfs(fd); }

int spindle_open(const char *path, int flags, unsigned mode) { return open(path, flags, mode); }

const void *spindle_find_bytes(
    const void *bytes, unsigned long count, const void *wanted, unsigned long wantedCount) {
    return memmem(bytes, count, wanted, wantedCount);
}

void spindle_keep_large_allocations(void) {
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 32 << 20);
}
