#pragma once

#include <stdint.h>

// The calls of GD's gd.h that are used here, under their own names and with `spindle_` before them.
// The library is loaded when the first is made, and not linked: Debian's build brings 50 libraries
// along (docs/decisions), which would cost each start of spindle 10 ms.

typedef struct SpindleGDImage SpindleGDImage;

/// NULL when the library could be loaded, else why not.
const char *spindle_gd_load(void);

/// The library must have been loaded for these. NULL is returned for what is no such picture, and
/// for one that is cut off.
SpindleGDImage *spindle_gd_jpeg(int size, const void *bytes);
SpindleGDImage *spindle_gd_png(int size, const void *bytes);
SpindleGDImage *spindle_gd_gif(int size, const void *bytes);
SpindleGDImage *spindle_gd_webp(int size, const void *bytes);
SpindleGDImage *spindle_gd_bmp(int size, const void *bytes);
void spindle_gd_destroy(SpindleGDImage *image);

int spindle_gd_width(SpindleGDImage *image);
int spindle_gd_height(SpindleGDImage *image);

/// The picture in true colour on white, where it had none or was transparent.
SpindleGDImage *spindle_gd_flatten(SpindleGDImage *image);
/// A smaller copy; each of its pixels is made of all that it stands for.
SpindleGDImage *spindle_gd_scale(SpindleGDImage *image, int width, int height);
/// Mirrored left to right, then turned against the clock by 0, 90, 180 or 270 degrees: a new picture,
/// or the same where it is not turned.
SpindleGDImage *spindle_gd_turn(SpindleGDImage *image, int mirrored, int degrees);
/// A baseline JPEG, to be freed.
void *spindle_gd_write_jpeg(SpindleGDImage *image, int *size, int quality);
void spindle_gd_free(void *bytes);
