#pragma once

#include <stddef.h>
#include <stdint.h>
#include <taglib/tag_c.h>

// What TagLib 1.13's C bindings (tag_c.h) lack: streams under the names that TagLib 2 gives them
// there, and a tag's frames, which TagLib 2's bindings do not tell apart either: their
// taglib_property_get merges the tags of a file, names no frame as the source of a value, and
// leaves out the languages of comments, times of lyrics, chapters and unknown roles.

#ifdef __cplusplus
extern "C" {
#endif

// TagLib 2's bindings have these; the macro is in its tag_c.h alone.
#ifndef TAGLIB_COMPLEX_PROPERTY_PICTURE
typedef struct {
    int dummy;
} TagLib_IOStream;

/// As an MPEG file, without its audio properties; the stream has to outlive it. NULL on failure.
TagLib_File *taglib_file_new_iostream(TagLib_IOStream *stream);
void taglib_iostream_free(TagLib_IOStream *stream);
#endif

/// A stream that is `first` and `second` one behind the other, without copying either. Both have to
/// outlive it. NULL on failure.
TagLib_IOStream *taglib_parts_iostream_new(
    const void *first, size_t firstSize, const void *second, size_t secondSize);

/// What the ID3v2 and the APE tag of a file say, frame by frame, each record in host byte order
/// behind the one before, without padding; a text is its size in bytes (32 bits) and UTF-8:
///
///     'E' tag:u8 key qualifier language count:u32 value…       texts of a frame or item
///     'P' tag:u8 type:u8 mime description data:u64 size:u64 offset:i64
///                                                              a picture; data points to it
///     'L' unit:u8 language description count:u32 (time:u32 text)…   SYLT; unit 1 frames, 2 ms
///     'C' id start:u32 end:u32 title url                       CHAP
///
/// `tag` is '2' for ID3v2 and 'A' for APE. Valid until it is freed, and pictures until the file is.
typedef struct {
    char *bytes;
    size_t size;
    /// Of the ID3v2 tag: 2, 3 or 4; 0 without one.
    int id3v2Version;
    /// 1000 or 2000; 0 without an APE tag.
    int apeVersion;
} TagLib_Frames;

/// `stream` is the one that the file was made with. A picture's `offset` is where it stands in the
/// stream as it is; -1 where TagLib has changed its bytes, or copied them.
///
/// Returns 0 when the file is no MPEG file or memory is short.
int taglib_frames_get(
    const TagLib_File *file, const TagLib_IOStream *stream, TagLib_Frames *frames);
void taglib_frames_free(TagLib_Frames *frames);

#ifdef __cplusplus
}
#endif
