#include "CGD.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stddef.h>

static struct {
    SpindleGDImage *(*CreateFromJpegPtrEx)(int, void *, int);
    SpindleGDImage *(*CreateFromPngPtr)(int, void *);
    SpindleGDImage *(*CreateFromGifPtr)(int, void *);
    SpindleGDImage *(*CreateFromWebpPtr)(int, void *);
    SpindleGDImage *(*CreateFromBmpPtr)(int, void *);
    SpindleGDImage *(*CreateTrueColor)(int, int);
    void (*Destroy)(SpindleGDImage *);
    void (*GetClip)(SpindleGDImage *, int *, int *, int *, int *);
    void (*FilledRectangle)(SpindleGDImage *, int, int, int, int, int);
    void (*Copy)(SpindleGDImage *, SpindleGDImage *, int, int, int, int, int, int);
    int (*SetInterpolationMethod)(SpindleGDImage *, int);
    SpindleGDImage *(*Scale)(SpindleGDImage *, unsigned, unsigned);
    void (*FlipHorizontal)(SpindleGDImage *);
    SpindleGDImage *(*RotateInterpolated)(SpindleGDImage *, float, int);
    void *(*JpegPtr)(SpindleGDImage *, int *, int);
} call;
static void (*gd_free)(void *);

// GD writes what it thinks of a picture to stderr; the answer says it as well.
static void be_silent(int priority, const char *format, va_list arguments) {
    (void)priority;
    (void)format;
    (void)arguments;
}

const char *spindle_gd_load(void) {
    static void *library;
    if (library) return NULL;
    // The version of the interface since GD 2.1.
    void *loaded = dlopen("libgd.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!loaded) return dlerror();
#define FIND(name) \
    if (!(*(void **)&call.name = dlsym(loaded, "gdImage" #name))) return dlerror()
    FIND(CreateFromJpegPtrEx);
    FIND(CreateFromPngPtr);
    FIND(CreateFromGifPtr);
    FIND(CreateFromWebpPtr);
    FIND(CreateFromBmpPtr);
    FIND(CreateTrueColor);
    FIND(Destroy);
    FIND(GetClip);
    FIND(FilledRectangle);
    FIND(Copy);
    FIND(SetInterpolationMethod);
    FIND(Scale);
    FIND(FlipHorizontal);
    FIND(RotateInterpolated);
    FIND(JpegPtr);
#undef FIND
    if (!(*(void **)&gd_free = dlsym(loaded, "gdFree"))) return dlerror();
    void (*set_error_method)(void (*)(int, const char *, va_list));
    *(void **)&set_error_method = dlsym(loaded, "gdSetErrorMethod");
    if (set_error_method) set_error_method(be_silent);
    library = loaded;
    return NULL;
}

SpindleGDImage *spindle_gd_jpeg(int size, const void *bytes) {
    // 0: what libjpeg warns of, an early end above all, is an error.
    return call.CreateFromJpegPtrEx(size, (void *)bytes, 0);
}
SpindleGDImage *spindle_gd_png(int size, const void *bytes) {
    return call.CreateFromPngPtr(size, (void *)bytes);
}
SpindleGDImage *spindle_gd_gif(int size, const void *bytes) {
    return call.CreateFromGifPtr(size, (void *)bytes);
}
SpindleGDImage *spindle_gd_webp(int size, const void *bytes) {
    return call.CreateFromWebpPtr(size, (void *)bytes);
}
SpindleGDImage *spindle_gd_bmp(int size, const void *bytes) {
    return call.CreateFromBmpPtr(size, (void *)bytes);
}
void spindle_gd_destroy(SpindleGDImage *image) { call.Destroy(image); }

// A fresh picture's clipping rectangle is all of it; the fields themselves have no accessors.
int spindle_gd_width(SpindleGDImage *image) {
    int x1, y1, x2, y2;
    call.GetClip(image, &x1, &y1, &x2, &y2);
    return x2 + 1;
}
int spindle_gd_height(SpindleGDImage *image) {
    int x1, y1, x2, y2;
    call.GetClip(image, &x1, &y1, &x2, &y2);
    return y2 + 1;
}

SpindleGDImage *spindle_gd_flatten(SpindleGDImage *image) {
    int width = spindle_gd_width(image), height = spindle_gd_height(image);
    SpindleGDImage *flat = call.CreateTrueColor(width, height);
    if (!flat) return NULL;
    call.FilledRectangle(flat, 0, 0, width - 1, height - 1, 0xffffff);
    call.Copy(flat, image, 0, 0, 0, 0, width, height);
    return flat;
}

SpindleGDImage *spindle_gd_scale(SpindleGDImage *image, int width, int height) {
    enum { GD_MITCHELL = 15 };
    // With this method GD filters rows, then columns, with a kernel as wide as the shrinking asks.
    if (!call.SetInterpolationMethod(image, GD_MITCHELL)) return NULL;
    return call.Scale(image, (unsigned)width, (unsigned)height);
}

SpindleGDImage *spindle_gd_turn(SpindleGDImage *image, int mirrored, int degrees) {
    if (mirrored) call.FlipHorizontal(image);
    // Right angles move pixels and change none.
    return degrees ? call.RotateInterpolated(image, (float)degrees, 0) : image;
}

void *spindle_gd_write_jpeg(SpindleGDImage *image, int *size, int quality) {
    return call.JpegPtr(image, size, quality);
}
void spindle_gd_free(void *bytes) { gd_free(bytes); }
