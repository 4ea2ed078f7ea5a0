#pragma once

#include <archive.h>
#include <archive_entry.h>

// The calls of libarchive that are used here, under their own names with `spindle_` before them.
// The library is loaded when the first archive is read, and not linked: libxml2 and ICU come along,
// which every start of spindle and of its helper processes would pay for (docs/decisions).

/// NULL when the library could be loaded, else why not. The other calls need it.
const char *spindle_archive_load(void);

struct archive *spindle_archive_read_new(void);
int spindle_archive_read_free(struct archive *archive);
int spindle_archive_read_support_format_tar(struct archive *archive);
int spindle_archive_read_support_filter_gzip(struct archive *archive);
int spindle_archive_read_support_filter_zstd(struct archive *archive);
int spindle_archive_read_support_filter_xz(struct archive *archive);
int spindle_archive_read_support_filter_bzip2(struct archive *archive);
int spindle_archive_read_set_options(struct archive *archive, const char *options);
int spindle_archive_read_open(
    struct archive *archive, void *context, archive_open_callback *open,
    archive_read_callback *read, archive_close_callback *close);
int spindle_archive_read_next_header(struct archive *archive, struct archive_entry **entry);
int spindle_archive_read_data_block(
    struct archive *archive, const void **block, size_t *count, la_int64_t *offset);
int spindle_archive_filter_count(struct archive *archive);
const char *spindle_archive_error_string(struct archive *archive);

const char *spindle_archive_entry_pathname(struct archive_entry *entry);
const char *spindle_archive_entry_hardlink(struct archive_entry *entry);
la_int64_t spindle_archive_entry_size(struct archive_entry *entry);
unsigned spindle_archive_entry_filetype(struct archive_entry *entry);
time_t spindle_archive_entry_mtime(struct archive_entry *entry);
long spindle_archive_entry_mtime_nsec(struct archive_entry *entry);
