#pragma once
#include <mpg123.h>

// Both names are macros for their newer versions, and macros that take arguments are not imported.

static inline int spindle_mpg123_set(mpg123_handle *handle, enum mpg123_parms name, long value) {
    return mpg123_param(handle, name, value, 0);
}

static inline long spindle_mpg123_state(mpg123_handle *handle, enum mpg123_state name) {
    long value = 0;
    mpg123_getstate(handle, name, &value, NULL);
    return value;
}
