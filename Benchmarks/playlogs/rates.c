// The plays that a region's day is drawn from: for each song how many are to be expected, exactly.
//
// OUT/rates/DAY-REGION.bin, a float for each song by number. They sum to the day's plays; what a
// session loses at midnight is left out.
#include "playlogs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// How likely `rank_of` gives a rank: it cuts x^(1 / (1 - skew)) - 10 off, x even between two bounds.
static double chance_of_rank(uint32_t rank) {
    return (pow(rank + 11.0, 1 - options.skew) - pow(rank + 10.0, 1 - options.skew)) / (zipf_high - zipf_low);
}

static bool is_unreleased(const Taste *taste, uint32_t song) {
    return taste->unreleased[song >> 3] >> (song & 7) & 1;
}

void write_rates(const Taste *taste, uint64_t plays) {
    uint32_t songs = options.songs;
    double *picked = calloc(songs, sizeof *picked), *played = calloc(songs, sizeof *played);
    float *rates = malloc(songs * sizeof *rates);
    if (!picked || !played || !rates) fail("rates");
    uint64_t all = seeded(0, 0x47), own = seeded((uint64_t)taste->region + 1, 0x47);
    // Another song in the session, and one after it: the chance that there is an index-th.
    double another[SESSION_SONGS], session_songs = 0;
    for (int index = 0; index < SESSION_SONGS; index++)
        session_songs += another[index] = index ? another[index - 1] * ANOTHER_SONG : 1;

    for (uint32_t rank = 0; rank < songs; rank++) {
        double chance = chance_of_rank(rank);
        picked[permuted(rank, all)] += (1 - OWN_TASTE) * chance;
        picked[permuted(rank, own)] += OWN_TASTE * chance;
    }
    double sum = 0, hot_share = HOT_SHARE * options.volatility;
    for (uint32_t song = 0; song < songs; song++)
        sum += picked[song] *= is_unreleased(taste, song) ? 0 : liking(song, taste->day);
    for (uint32_t song = 0; song < songs; song++) picked[song] *= (1 - hot_share) / sum;
    double hot_sum = taste->hot_sums[taste->hot_count - 1];
    for (int index = 0; index < taste->hot_count; index++)
        picked[taste->hot[index]] += hot_share / hot_sum * (taste->hot_sums[index] - (index ? taste->hot_sums[index - 1] : 0));

    for (uint32_t song = 0; song < songs; song++) {
        played[song] += picked[song] * (1 - ALBUM_SESSIONS - PLAYLIST_SESSIONS) * session_songs;
        // An album's session goes on to the album's end, or to its first song that is not out.
        for (uint32_t other = song; other < songs; other++) {
            int index = (int)(other - song);
            if (index == SESSION_SONGS || (index && (other % SONGS_AN_ALBUM == 0 || is_unreleased(taste, other)))) break;
            played[other] += picked[song] * ALBUM_SESSIONS * another[index];
        }
    }
    for (uint32_t playlist = 0; playlist <= (songs - 1) / RANKS_A_PLAYLIST; playlist++) {
        double chance = 0;
        for (uint32_t rank = playlist * RANKS_A_PLAYLIST; rank < songs && rank < (playlist + 1) * RANKS_A_PLAYLIST; rank++)
            chance += chance_of_rank(rank);
        for (int place = 0; place < PLAYLIST_PLACES + SESSION_SONGS - 1; place++) {
            double here = 0;
            for (int first = 0; first < PLAYLIST_PLACES; first++)
                if (place >= first && place - first < SESSION_SONGS) here += another[place - first] / PLAYLIST_PLACES;
            uint32_t song = playlist_song(playlist, (uint32_t)place);
            if (!is_unreleased(taste, song)) played[song] += PLAYLIST_SESSIONS * chance * here;
        }
    }
    sum = 0;
    for (uint32_t song = 0; song < songs; song++) sum += played[song];
    for (uint32_t song = 0; song < songs; song++) rates[song] = (float)(played[song] * (double)plays / sum);

    char path[4096], date[11];
    day_text(taste->day, date);
    snprintf(path, sizeof path, "%s/rates/%s-%s.bin", options.out, date, region_names[taste->region]);
    FILE *file = fopen(path, "w");
    if (!file || fwrite(rates, sizeof *rates, songs, file) != songs || fclose(file)) fail(path);
    free(picked);
    free(played);
    free(rates);
}
