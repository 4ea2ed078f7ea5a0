#pragma once

#include <taglib/tag_c.h>

// What TagLib 1.13's C bindings (tag_c.h) lack, under the names that TagLib 2 gives it there.

#ifdef __cplusplus
extern "C" {
#endif

/// A file's properties; each call of taglib_file_* below takes one that taglib_file_new_type made.
///
/// The values of `prop` ("ARTIST", "GENRE", …), the list and each value allocated, the list ended
/// by NULL; NULL when the file has none.
char **taglib_property_get(const TagLib_File *file, const char *prop);
void taglib_property_free(char **props);

typedef struct {
    char *mimeType;
    /// APIC picture type (ID3v2.4 frames, section 4.14): 3 is the front cover.
    int pictureType;
    char *data;
    unsigned int size;
} TagLib_Complex_Property_Picture_Data;

/// The front cover, or else the first picture; returns 0 when there is none.
int taglib_picture_from_file(
    const TagLib_File *file, TagLib_Complex_Property_Picture_Data *picture);
void taglib_picture_free(TagLib_Complex_Property_Picture_Data *picture);

#ifdef __cplusplus
}
#endif
