#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#define SPINDLE_INLINE static inline __attribute__((always_inline))

// Sixteen bytes of text at a time: Swift's SIMD types compile to forty times as much for these,
// and its loops over them wait where these go ahead.

/// Of 16 bytes, a bit (the first lowest) for each that is a quote, a backslash, a control character
/// (DEL as well) or not ASCII: those that a string of JSON does not simply go on with.
SPINDLE_INLINE uint32_t spindle_special16(const uint8_t *text) {
#if defined(__SSE2__)
    __m128i bytes = _mm_loadu_si128((const __m128i *)text);
    // As signed numbers, those that are not ASCII are below 32 as well.
    __m128i special = _mm_cmplt_epi8(bytes, _mm_set1_epi8(32));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(127)));
    return (uint32_t)_mm_movemask_epi8(special);
#elif defined(__ARM_NEON)
    int8x16_t bytes = vreinterpretq_s8_u8(vld1q_u8(text));
    uint8x16_t special = vcltq_s8(bytes, vdupq_n_s8(32));
    special = vorrq_u8(special, vceqq_s8(bytes, vdupq_n_s8('"')));
    special = vorrq_u8(special, vceqq_s8(bytes, vdupq_n_s8('\\')));
    special = vorrq_u8(special, vceqq_s8(bytes, vdupq_n_s8(127)));
    const uint8x16_t bits = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t found = vandq_u8(special, bits);
    return vaddv_u8(vget_low_u8(found)) | (uint32_t)vaddv_u8(vget_high_u8(found)) << 8;
#else
    uint32_t special = 0;
    for (int index = 0; index < 16; index++) {
        uint8_t byte = text[index];
        special |= (uint32_t)(byte < 32 || byte >= 127 || byte == '"' || byte == '\\') << index;
    }
    return special;
#endif
}

/// The value of up to seven digits; `*count` is how many stand there (8 also for more). Eight bytes
/// may be read.
SPINDLE_INLINE int64_t spindle_digits7(const uint8_t *text, uint32_t *count) {
    uint64_t word;
    memcpy(&word, text, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    const uint64_t high = 0xf0f0f0f0f0f0f0f0, zeros = 0x3030303030303030;
    // Not zero in the bytes that are no digits; a carry can only come out of one of those.
    uint64_t other = ((word & high) ^ zeros) | (((word + 0x0606060606060606) & high) ^ zeros);
    if (!other) {
        *count = 8;
        return 0;
    }
    uint32_t digits = (uint32_t)__builtin_ctzll(other) >> 3;
    *count = digits;
    if (digits == 0) return 0;
    // Aligned as if zeros stood in front; then pairs, fours and eights are added up.
    word = (word ^ zeros) << (64 - 8 * digits);
    word = word * 10 + (word >> 8);
    word = ((word & 0x000000ff000000ff) * 0x000f424000000064 +
            ((word >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
    return (int64_t)word;
}

/// The milliseconds of `HH:MM:SS.mmmZ`; -1 where that does not stand there (leap seconds aside).
/// Sixteen bytes may be read.
SPINDLE_INLINE int64_t spindle_time_of_day(const uint8_t *text) {
    uint64_t word;
    uint32_t fraction;
    memcpy(&word, text, 8);
    memcpy(&fraction, text + 8, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
    fraction = __builtin_bswap32(fraction);
#endif
    word ^= 0x30303a30303a3030;  // 00:00:00
    fraction ^= 0x3030302e;      // .000
    // Digits are 0 to 9 now, the rest is 0.
    uint64_t wrong = (word | (word + 0x0606000606000606)) & 0xf0f0f0f0f0f0f0f0;
    wrong |= (word & 0x0000ff0000ff0000) | (fraction & 0xff);
    wrong |= (fraction | (fraction + 0x06060600)) & 0xf0f0f0f0;
    word = word * 10 + (word >> 8);
    uint32_t hour = word & 0xff, minute = (word >> 24) & 0xff, second = (word >> 48) & 0xff;
    if (wrong || hour > 23 || minute > 59 || second > 59 || text[12] != 'Z') return -1;
    uint32_t ms = ((fraction >> 8) & 15) * 100 + ((fraction >> 16) & 15) * 10 + (fraction >> 24);
    return ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

/// A number of up to 17 digits without sign; -1 where none stands. 32 bytes may be read.
SPINDLE_INLINE int64_t spindle_number(const uint8_t **text) {
    uint32_t count;
    int64_t value = spindle_digits7(*text, &count);
    if (count == 8) {
        value = 0;
        for (count = 0; count < 18 && (uint8_t)((*text)[count] - '0') < 10; count++) {
            value = value * 10 + ((*text)[count] - '0');
        }
        if (count == 18) return -1;
    }
    if (count == 0 || (count > 1 && **text == '0')) return -1;
    *text += count;
    return value;
}

// MARK: A line by its quotes

enum { spindle_quotes_max = 96 };

/// Where a line of plain text has its quotes.
struct spindle_line_marks {
    /// Up to its first byte that is special and no quote, as its line feed is.
    uint32_t length;
    uint32_t quote_count;
    /// From the line's start; those behind the count are anything.
    uint32_t quotes[spindle_quotes_max + 64 + 4];
};

/// Returns false where there is no end of the line before `end`, or more than 96 quotes; up to 64
/// bytes behind `end` may be read.
bool spindle_mark_line(const uint8_t *line, const uint8_t *end, struct spindle_line_marks *marks);

// MARK: A line by its shape

/// Where a value stands: a text with its count of bytes, or a number with its value.
struct spindle_value {
    const uint8_t *start;
    int64_t number;
};

/// What stands before a value of a line; the last has no value behind it.
struct spindle_segment {
    /// Of its text, and how long that is.
    uint32_t offset, count;
    /// The value's place among all.
    uint16_t value;
    bool is_text;
    /// Above 0: a text is expected to be as long as the last one.
    int8_t confidence;
    uint32_t last_count;
};

/// Reads a line whose parts between values are those of the segments.
///
/// Returns its count of bytes; 0 where it is not such a line, or has a text that is not plain or a
/// number that is none. Up to 64 bytes behind `end`, and 32 behind the texts, may be read.
int64_t spindle_match_line(
    struct spindle_segment *segments, uint32_t count, const uint8_t *texts, const uint8_t *line,
    const uint8_t *end, struct spindle_value *values);
