#include "CChromaprint.h"

#include <dlfcn.h>
#include <stddef.h>

static struct {
    const char *(*get_version)(void);
    SpindleChromaprint *(*new)(int);
    void (*free)(SpindleChromaprint *);
    int (*start)(SpindleChromaprint *, int, int);
    int (*feed)(SpindleChromaprint *, const int16_t *, int);
    int (*finish)(SpindleChromaprint *);
    int (*get_fingerprint)(SpindleChromaprint *, char **);
    int (*get_raw_fingerprint)(SpindleChromaprint *, uint32_t **, int *);
    void (*dealloc)(void *);
} call;

const char *spindle_chromaprint_load(void) {
    static void *library;
    if (library) return NULL;
    // The version of the interface, the same from Chromaprint 1.4 to 1.6.
    void *loaded = dlopen("libchromaprint.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!loaded) return dlerror();
#define FIND(name) \
    if (!(*(void **)&call.name = dlsym(loaded, "chromaprint_" #name))) return dlerror()
    FIND(get_version);
    FIND(new);
    FIND(free);
    FIND(start);
    FIND(feed);
    FIND(finish);
    FIND(get_fingerprint);
    FIND(get_raw_fingerprint);
    FIND(dealloc);
#undef FIND
    library = loaded;
    return NULL;
}

const char *spindle_chromaprint_get_version(void) { return call.get_version(); }
SpindleChromaprint *spindle_chromaprint_new(int algorithm) { return call.new(algorithm); }
void spindle_chromaprint_free(SpindleChromaprint *context) { call.free(context); }
int spindle_chromaprint_start(SpindleChromaprint *context, int sample_rate, int channels) {
    return call.start(context, sample_rate, channels);
}
int spindle_chromaprint_feed(SpindleChromaprint *context, const int16_t *samples, int count) {
    return call.feed(context, samples, count);
}
int spindle_chromaprint_finish(SpindleChromaprint *context) { return call.finish(context); }
int spindle_chromaprint_get_fingerprint(SpindleChromaprint *context, char **text) {
    return call.get_fingerprint(context, text);
}
int spindle_chromaprint_get_raw_fingerprint(
    SpindleChromaprint *context, uint32_t **items, int *count) {
    return call.get_raw_fingerprint(context, items, count);
}
void spindle_chromaprint_dealloc(void *memory) { call.dealloc(memory); }
