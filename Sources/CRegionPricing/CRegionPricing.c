#include "CRegionPricing.h"

#pragma STDC FP_CONTRACT OFF

// Four registers of eight lanes make a block; without AVX2 the compiler halves them.
typedef float lanes __attribute__((vector_size(32), aligned(4)));
typedef int32_t masks __attribute__((vector_size(32)));

#if defined(__x86_64__)
#define SPINDLE_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define SPINDLE_CLONES
#endif

// Where the mask is set `yes`, elsewhere `no`: C has no such choice of vectors.
#define chosen(mask, yes, no) ((lanes)(((mask) & (masks)(yes)) | (~(mask) & (masks)(no))))

SPINDLE_CLONES
void spindle_cheapest_sets(const spindle_pricing_songs *songs, const spindle_pricing_table *table,
                           size_t begin, size_t end, const uint32_t *list, size_t first,
                           size_t count, uint16_t *sets, float *prices) {
    const size_t stride = table->stride;
    const masks step = {0, 1, 2, 3, 4, 5, 6, 7};
    for (size_t turn = 0; turn < count; turn++) {
        const size_t song = list ? list[turn] : first + turn;
        const uint32_t from = songs->offsets[song], to = songs->offsets[song + 1];
        const float *base = table->bases + songs->rows[song] * stride;
        lanes best = {0};
        best += __builtin_inff();
        masks places = {0};
        places += (int32_t)begin;
        for (size_t set = begin; set < end; set += SPINDLE_PRICING_BLOCK) {
            lanes a = *(const lanes *)(base + set);
            lanes b = *(const lanes *)(base + set + 8);
            lanes c = *(const lanes *)(base + set + 16);
            lanes d = *(const lanes *)(base + set + 24);
            for (uint32_t entry = from; entry < to; entry++) {
                const float *row = table->serving + songs->regions[entry] * stride + set;
                const float streams = songs->streams[entry];
                a += streams * *(const lanes *)row;
                b += streams * *(const lanes *)(row + 8);
                c += streams * *(const lanes *)(row + 16);
                d += streams * *(const lanes *)(row + 24);
            }
            // Strictly less, so that a lane keeps the first of equal sets.
            masks here = step + (int32_t)set;
            masks less = a < best;
            best = chosen(less, a, best);
            places = (less & here) | (~less & places);
            here += 8;
            less = b < best;
            best = chosen(less, b, best);
            places = (less & here) | (~less & places);
            here += 8;
            less = c < best;
            best = chosen(less, c, best);
            places = (less & here) | (~less & places);
            here += 8;
            less = d < best;
            best = chosen(less, d, best);
            places = (less & here) | (~less & places);
        }
        int lane = 0;
        for (int other = 1; other < 8; other++) {
            if (best[other] < best[lane]
                || (best[other] == best[lane] && places[other] < places[lane])) {
                lane = other;
            }
        }
        sets[turn] = (uint16_t)places[lane];
        prices[turn] = best[lane];
    }
}

SPINDLE_CLONES
void spindle_set_prices(const spindle_pricing_songs *songs, const spindle_pricing_table *table,
                        size_t song, float *prices) {
    const size_t stride = table->stride;
    const uint32_t from = songs->offsets[song], to = songs->offsets[song + 1];
    const float *base = table->bases + songs->rows[song] * stride;
    for (size_t set = 0; set < stride; set += 8) {
        lanes sum = *(const lanes *)(base + set);
        for (uint32_t entry = from; entry < to; entry++) {
            const float *row = table->serving + songs->regions[entry] * stride + set;
            sum += songs->streams[entry] * *(const lanes *)row;
        }
        *(lanes *)(prices + set) = sum;
    }
}

void spindle_fill_bases(const double *keeping, size_t regions, const uint32_t *sets,
                        const float *penalties, size_t stride, float *bases) {
    double sums[1 << 11];
    sums[0] = 0;
    // Every set's sum is that of the set without its first region, and that region's.
    for (uint32_t bits = 1; bits < 1u << regions; bits++) {
        sums[bits] = sums[bits & (bits - 1)] + keeping[__builtin_ctz(bits)];
    }
    for (size_t set = 0; set < stride; set++) {
        bases[set] = (float)sums[sets[set]] + penalties[set];
    }
}
