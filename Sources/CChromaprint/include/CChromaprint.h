#pragma once

#include <stdint.h>

// The calls of Chromaprint's chromaprint.h that are used here, under their own names and with
// `spindle_` before them. The library is loaded when the first is made, and not linked: Debian's
// build brings FFmpeg along (docs/decisions), which nobody should load who asks for no fingerprint.

typedef struct SpindleChromaprint SpindleChromaprint;

/// NULL when the library could be loaded, else why not.
const char *spindle_chromaprint_load(void);

/// The library must have been loaded for these.
const char *spindle_chromaprint_get_version(void);
SpindleChromaprint *spindle_chromaprint_new(int algorithm);
void spindle_chromaprint_free(SpindleChromaprint *context);
int spindle_chromaprint_start(SpindleChromaprint *context, int sample_rate, int channels);
int spindle_chromaprint_feed(SpindleChromaprint *context, const int16_t *samples, int count);
int spindle_chromaprint_finish(SpindleChromaprint *context);
int spindle_chromaprint_get_fingerprint(SpindleChromaprint *context, char **text);
int spindle_chromaprint_get_raw_fingerprint(
    SpindleChromaprint *context, uint32_t **items, int *count);
void spindle_chromaprint_dealloc(void *memory);
