#include "CChecksum.h"

#include <pthread.h>
#include <string.h>

// tables[k][b]: the CRC of byte b with k zero bytes behind it.
static uint16_t tables[8][256];
static uint16_t mpeg_table[256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void make_tables(void) {
    for (unsigned byte = 0; byte < 256; byte++) {
        uint16_t crc = (uint16_t)byte;
        uint16_t mpeg = (uint16_t)(byte << 8);
        for (int bit = 0; bit < 8; bit++) {
            crc = (uint16_t)(crc >> 1 ^ (crc & 1 ? 0xa001 : 0));
            mpeg = (uint16_t)(mpeg << 1 ^ (mpeg & 0x8000 ? 0x8005 : 0));
        }
        tables[0][byte] = crc;
        mpeg_table[byte] = mpeg;
    }
    for (int k = 1; k < 8; k++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint16_t crc = tables[k - 1][byte];
            tables[k][byte] = (uint16_t)(crc >> 8 ^ tables[0][crc & 0xff]);
        }
    }
}

uint16_t spindle_crc16_arc_by_table(uint16_t crc, const void *bytes, size_t count) {
    pthread_once(&tables_once, make_tables);
    const uint8_t *next = bytes;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        word ^= crc;
        crc = tables[7][word & 0xff] ^ tables[6][word >> 8 & 0xff] ^ tables[5][word >> 16 & 0xff]
            ^ tables[4][word >> 24 & 0xff] ^ tables[3][word >> 32 & 0xff]
            ^ tables[2][word >> 40 & 0xff] ^ tables[1][word >> 48 & 0xff] ^ tables[0][word >> 56];
    }
    for (; count > 0; count--, next++) {
        crc = (uint16_t)(crc >> 8 ^ tables[0][(crc ^ *next) & 0xff]);
    }
    return crc;
}

uint16_t spindle_crc16_mpeg(uint16_t crc, const uint8_t *bytes, size_t count) {
    pthread_once(&tables_once, make_tables);
    for (; count >= 8; count -= 8, bytes++) {
        crc = (uint16_t)(crc << 8 ^ mpeg_table[crc >> 8 ^ *bytes]);
    }
    for (size_t bit = 0; bit < count; bit++) {
        bool differs = (crc >> 15 ^ *bytes >> (7 - bit)) & 1;
        crc = (uint16_t)(crc << 1 ^ (differs ? 0x8005 : 0));
    }
    return crc;
}

#if defined(__x86_64__)

#include <immintrin.h>

bool spindle_can_fold(void) {
    return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse2");
}

// Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Intel 2009.
// A block of 128 bits stands D bits before another one: multiplied by x^D mod P it may be added to
// it. The low word holds the higher powers and needs x^(64+D-1), the high word x^(D-1); one less
// each, as the product of reflected words comes out shifted by one. Constants: x^n mod
// x^16+x^15+x^2+1, reflected in 64 bits.
__attribute__((target("pclmul,sse2"))) static inline __m128i fold(
    __m128i block, __m128i onto, __m128i constants) {
    __m128i low = _mm_clmulepi64_si128(block, constants, 0x00);
    __m128i high = _mm_clmulepi64_si128(block, constants, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), onto);
}

__attribute__((target("pclmul,sse2"))) uint16_t spindle_crc16_arc_by_folding(
    uint16_t crc, const void *bytes, size_t count) {
    if (count < 128) return spindle_crc16_arc_by_table(crc, bytes, count);
    const __m128i by512 = _mm_set_epi64x((long long)0x8101000000000000, (long long)0xc450000000000000);
    const __m128i by128 = _mm_set_epi64x((long long)0xc100000000000000, (long long)0xccd0000000000000);
    const __m128i *next = bytes;
    __m128i a = _mm_xor_si128(_mm_loadu_si128(next), _mm_cvtsi32_si128(crc));
    __m128i b = _mm_loadu_si128(next + 1);
    __m128i c = _mm_loadu_si128(next + 2);
    __m128i d = _mm_loadu_si128(next + 3);
    for (next += 4, count -= 64; count >= 64; next += 4, count -= 64) {
        a = fold(a, _mm_loadu_si128(next), by512);
        b = fold(b, _mm_loadu_si128(next + 1), by512);
        c = fold(c, _mm_loadu_si128(next + 2), by512);
        d = fold(d, _mm_loadu_si128(next + 3), by512);
    }
    a = fold(fold(fold(a, b, by128), c, by128), d, by128);
    for (; count >= 16; next++, count -= 16) a = fold(a, _mm_loadu_si128(next), by128);
    // What is left has the same remainder as all that was folded into it.
    uint8_t folded[16];
    _mm_storeu_si128((__m128i *)folded, a);
    return spindle_crc16_arc_by_table(spindle_crc16_arc_by_table(0, folded, 16), next, count);
}

bool spindle_can_fold_wide(void) {
    return spindle_can_fold() && __builtin_cpu_supports("vpclmulqdq")
        && __builtin_cpu_supports("avx2");
}

__attribute__((target("vpclmulqdq,pclmul,avx2"))) static inline __m256i fold_two(
    __m256i blocks, __m256i onto, __m256i constants) {
    __m256i low = _mm256_clmulepi64_epi128(blocks, constants, 0x00);
    __m256i high = _mm256_clmulepi64_epi128(blocks, constants, 0x11);
    return _mm256_xor_si256(_mm256_xor_si256(low, high), onto);
}

// The same with eight blocks at a time.
__attribute__((target("vpclmulqdq,pclmul,avx2"))) uint16_t spindle_crc16_arc_by_wide_folding(
    uint16_t crc, const void *bytes, size_t count) {
    if (count < 256) return spindle_crc16_arc_by_folding(crc, bytes, count);
    const __m256i by1024 = _mm256_set_epi64x(
        (long long)0xd000000000000000, (long long)0xcdd1000000000000,
        (long long)0xd000000000000000, (long long)0xcdd1000000000000);
    const __m256i *next = bytes;
    __m256i a = _mm256_xor_si256(
        _mm256_loadu_si256(next), _mm256_zextsi128_si256(_mm_cvtsi32_si128(crc)));
    __m256i b = _mm256_loadu_si256(next + 1);
    __m256i c = _mm256_loadu_si256(next + 2);
    __m256i d = _mm256_loadu_si256(next + 3);
    for (next += 4, count -= 128; count >= 128; next += 4, count -= 128) {
        a = fold_two(a, _mm256_loadu_si256(next), by1024);
        b = fold_two(b, _mm256_loadu_si256(next + 1), by1024);
        c = fold_two(c, _mm256_loadu_si256(next + 2), by1024);
        d = fold_two(d, _mm256_loadu_si256(next + 3), by1024);
    }
    // What is left has the same remainder as all that was folded into it.
    __m256i folded[4] = {a, b, c, d};
    return spindle_crc16_arc_by_folding(
        spindle_crc16_arc_by_folding(0, folded, sizeof folded), next, count);
}

#else

bool spindle_can_fold(void) { return false; }

bool spindle_can_fold_wide(void) { return false; }

uint16_t spindle_crc16_arc_by_wide_folding(uint16_t crc, const void *bytes, size_t count) {
    return spindle_crc16_arc_by_table(crc, bytes, count);
}

uint16_t spindle_crc16_arc_by_folding(uint16_t crc, const void *bytes, size_t count) {
    return spindle_crc16_arc_by_table(crc, bytes, count);
}

#endif

uint16_t spindle_crc16_arc(uint16_t crc, const void *bytes, size_t count) {
    if (spindle_can_fold_wide()) return spindle_crc16_arc_by_wide_folding(crc, bytes, count);
    return spindle_can_fold() ? spindle_crc16_arc_by_folding(crc, bytes, count)
                              : spindle_crc16_arc_by_table(crc, bytes, count);
}
