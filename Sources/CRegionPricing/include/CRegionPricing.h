#pragma once

#include <stddef.h>
#include <stdint.h>

// Prices of a song for every set of regions, and the cheapest: the inner loop of placement. Eight
// sums at a time where the processor has AVX2, which Swift's SIMD types would need unsafe flags
// for. Each sum is made in the order of the song's entries without fused steps, so that every
// processor gives the same bits.

/// A set's place in a table is a multiple of this many sets: rows are padded to it.
#define SPINDLE_PRICING_BLOCK 32

/// What `spindle_cheapest_sets` reads of the songs, by song.
typedef struct {
    /// `offsets[song]` to `offsets[song + 1]` are the song's entries.
    const uint32_t *offsets;
    /// By entry: the listeners' region, and their streams.
    const uint8_t *regions;
    const float *streams;
    /// The row of `bases` that the song's prices begin with.
    const uint32_t *rows;
} spindle_pricing_songs;

typedef struct {
    /// Row by row, `stride` prices each: keeping and moving; infinite for a set that is not allowed.
    const float *bases;
    /// By listeners' region, `stride` prices each: serving one stream.
    const float *serving;
    /// Sets in a row, a multiple of `SPINDLE_PRICING_BLOCK`.
    size_t stride;
} spindle_pricing_table;

/// For each of `count` songs, beginning with `first`, or those that `list` names (not NULL), the
/// cheapest set from `begin` to `end` of the table, the first on a tie, and its price.
/// - begin, end: multiples of `SPINDLE_PRICING_BLOCK`, one block at least.
void spindle_cheapest_sets(const spindle_pricing_songs *songs, const spindle_pricing_table *table,
                           size_t begin, size_t end, const uint32_t *list, size_t first,
                           size_t count, uint16_t *sets, float *prices);

/// All prices of one song.
void spindle_set_prices(const spindle_pricing_songs *songs, const spindle_pricing_table *table,
                        size_t song, float *prices);

/// Fills a row: of each set the sum of what keeping a GB in its regions costs, and its penalty.
/// - keeping: by region, `regions` of them, 11 at most.
/// - sets: `stride` sets of regions, bit by bit.
/// - penalties: by set; infinite for one that is not allowed.
void spindle_fill_bases(const double *keeping, size_t regions, const uint32_t *sets,
                        const float *penalties, size_t stride, float *bases);
