#include "CLineScan.h"

// The same for vectors of two widths; which, the processor says.

#define JOIN(name, width) name##width
#define JOINED(name, width) JOIN(name, width)
#define NAME(name) JOINED(name, WIDTH)

#define WIDTH 16

SPINDLE_INLINE uint32_t special16(const uint8_t *text) { return spindle_special16(text); }

/// Of 64 bytes, a bit for each quote, and one for each other special byte.
SPINDLE_INLINE void marks6416(const uint8_t *text, uint64_t *quotes, uint64_t *others) {
    *quotes = 0;
    *others = 0;
#if defined(__SSE2__)
    for (int part = 0; part < 4; part++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(text + 16 * part));
        __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        __m128i other = _mm_cmplt_epi8(bytes, _mm_set1_epi8(32));
        other = _mm_or_si128(other, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        other = _mm_or_si128(other, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(127)));
        *quotes |= (uint64_t)(uint32_t)_mm_movemask_epi8(quote) << 16 * part;
        *others |= (uint64_t)(uint32_t)_mm_movemask_epi8(other) << 16 * part;
    }
#else
    for (int part = 0; part < 4; part++) {
        for (uint32_t left = spindle_special16(text + 16 * part); left; left &= left - 1) {
            int place = 16 * part + __builtin_ctz(left);
            *(text[place] == '"' ? quotes : others) |= (uint64_t)1 << place;
        }
    }
#endif
}

/// The place of the lowest bit; anything where there is none.
SPINDLE_INLINE uint32_t lowest16(uint64_t bits) {
    return bits ? (uint32_t)__builtin_ctzll(bits) : 0;
}

/// Whether the first `count` bytes are the same.
SPINDLE_INLINE bool same16(const uint8_t *a, const uint8_t *b, uint32_t count) {
#if defined(__SSE2__)
    __m128i same = _mm_cmpeq_epi8(
        _mm_loadu_si128((const __m128i *)a), _mm_loadu_si128((const __m128i *)b));
    return (~(uint32_t)_mm_movemask_epi8(same) & ((1u << count) - 1)) == 0;
#else
    return memcmp(a, b, count) == 0;
#endif
}

#include "lines.h"

#if defined(__x86_64__)
#include <immintrin.h>

#undef WIDTH
#define WIDTH 32

#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,popcnt"))), apply_to = function)

SPINDLE_INLINE uint32_t other32(__m256i bytes) {
    __m256i other = _mm256_cmpgt_epi8(_mm256_set1_epi8(32), bytes);
    other = _mm256_or_si256(other, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\')));
    other = _mm256_or_si256(other, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(127)));
    return (uint32_t)_mm256_movemask_epi8(other);
}

SPINDLE_INLINE uint32_t quote32(__m256i bytes) {
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')));
}

SPINDLE_INLINE uint32_t special32(const uint8_t *text) {
    __m256i bytes = _mm256_loadu_si256((const __m256i *)text);
    return other32(bytes) | quote32(bytes);
}

SPINDLE_INLINE void marks6432(const uint8_t *text, uint64_t *quotes, uint64_t *others) {
    __m256i low = _mm256_loadu_si256((const __m256i *)text);
    __m256i high = _mm256_loadu_si256((const __m256i *)(text + 32));
    *quotes = quote32(low) | (uint64_t)quote32(high) << 32;
    *others = other32(low) | (uint64_t)other32(high) << 32;
}

SPINDLE_INLINE uint32_t lowest32(uint64_t bits) { return (uint32_t)_tzcnt_u64(bits); }

SPINDLE_INLINE bool same32(const uint8_t *a, const uint8_t *b, uint32_t count) {
    __m256i same = _mm256_cmpeq_epi8(
        _mm256_loadu_si256((const __m256i *)a), _mm256_loadu_si256((const __m256i *)b));
    return _bzhi_u32(~(uint32_t)_mm256_movemask_epi8(same), count) == 0;
}

#include "lines.h"

#pragma clang attribute pop

static bool is_wide(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
        && __builtin_cpu_supports("bmi2");
}
#endif

bool spindle_mark_line(const uint8_t *line, const uint8_t *end, struct spindle_line_marks *marks) {
#if defined(__x86_64__)
    if (is_wide()) return mark_line32(line, end, marks);
#endif
    return mark_line16(line, end, marks);
}

int64_t spindle_match_line(
    struct spindle_segment *segments, uint32_t count, const uint8_t *texts, const uint8_t *line,
    const uint8_t *end, struct spindle_value *values) {
#if defined(__x86_64__)
    if (is_wide()) return match_line32(segments, count, texts, line, end, values);
#endif
    return match_line16(segments, count, texts, line, end, values);
}
