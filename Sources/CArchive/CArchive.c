#include "CArchive.h"

#include <dlfcn.h>

#define EACH(CALL) \
    CALL(struct archive *, read_new, (void), ()) \
    CALL(int, read_free, (struct archive *a), (a)) \
    CALL(int, read_support_format_tar, (struct archive *a), (a)) \
    CALL(int, read_support_filter_gzip, (struct archive *a), (a)) \
    CALL(int, read_support_filter_zstd, (struct archive *a), (a)) \
    CALL(int, read_support_filter_xz, (struct archive *a), (a)) \
    CALL(int, read_support_filter_bzip2, (struct archive *a), (a)) \
    CALL(int, read_set_options, (struct archive *a, const char *options), (a, options)) \
    CALL(int, read_open, \
        (struct archive *a, void *context, archive_open_callback *open, \
            archive_read_callback *read, archive_close_callback *close), \
        (a, context, open, read, close)) \
    CALL(int, read_next_header, (struct archive *a, struct archive_entry **entry), (a, entry)) \
    CALL(int, read_data_block, \
        (struct archive *a, const void **block, size_t *count, la_int64_t *offset), \
        (a, block, count, offset)) \
    CALL(int, filter_count, (struct archive *a), (a)) \
    CALL(const char *, error_string, (struct archive *a), (a)) \
    CALL(const char *, entry_pathname, (struct archive_entry *e), (e)) \
    CALL(const char *, entry_hardlink, (struct archive_entry *e), (e)) \
    CALL(la_int64_t, entry_size, (struct archive_entry *e), (e)) \
    CALL(unsigned, entry_filetype, (struct archive_entry *e), (e)) \
    CALL(time_t, entry_mtime, (struct archive_entry *e), (e)) \
    CALL(long, entry_mtime_nsec, (struct archive_entry *e), (e))

// The compiler holds each to libarchive's own declaration.
#define POINTER(result, name, parameters, arguments) \
    static __typeof__(archive_##name) *found_##name;
#define FORWARD(result, name, parameters, arguments) \
    result spindle_archive_##name parameters { return found_##name arguments; }

EACH(POINTER)
EACH(FORWARD)

const char *spindle_archive_load(void) {
    static void *library;
    if (library) return NULL;
    // The version of the interface since libarchive 3.1.
    void *loaded = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
    if (!loaded) return dlerror();
#define FIND(result, name, parameters, arguments) \
    if (!(*(void **)&found_##name = dlsym(loaded, "archive_" #name))) return dlerror();
    EACH(FIND)
    library = loaded;
    return NULL;
}
