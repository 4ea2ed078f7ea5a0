// A night of any number of songs, for measuring what planning costs: large_demand SONGS SEED songs
// writes rank, id and bytes of each song by rank, large_demand SONGS SEED demand the file of expected
// streams, by song id, for eight regions.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const regions[] = {"af-south", "ap-northeast", "ap-south", "eu-central", "eu-west",
    "sa-east", "us-east", "us-west"};
static const double shares[] = {0.055, 0.1, 0.06, 0.15, 0.275, 0.12, 0.17, 0.07};

static uint64_t mix64(uint64_t z) {
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double unit(uint64_t a, uint64_t b) { return (double)(mix64(mix64(a) + b * 0x9e3779b97f4a7c15u) >> 11) * 0x1p-53; }

// A permutation of the songs, so that ranks and ids have nothing to do with each other.
static uint32_t permuted(uint32_t rank, uint32_t songs, uint64_t key) {
    int half = 1;
    while (1ull << 2 * half < songs) half++;
    uint32_t mask = (1u << half) - 1;
    do {
        uint32_t left = rank >> half, right = rank & mask;
        for (int round = 0; round < 4; round++) {
            uint32_t next = left ^ ((uint32_t)mix64(key + (uint64_t)round * 0x9e3779b97f4a7c15u + right) & mask);
            left = right;
            right = next;
        }
        rank = left << half | right;
    } while (rank >= songs);
    return rank;
}

static void id_text(uint32_t song, uint32_t songs, char out[65]) {
    // Ascending in the song's number.
    uint64_t step = UINT64_MAX / songs;
    snprintf(out, 65, "%016lx%016lx%016lx%016lx", song * step + mix64(song) % step, mix64(4ull * song + 1),
        mix64(4ull * song + 2), mix64(4ull * song + 3));
}

int main(int count, char **arguments) {
    if (count != 4) {
        fputs("usage: delivery_scale.py calls this program\n", stderr);
        return 64;
    }
    uint32_t songs = (uint32_t)strtoul(arguments[1], 0, 10);
    uint64_t seed = strtoull(arguments[2], 0, 10);
    static char buffer[1 << 20];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    char id[65];
    if (!strcmp(arguments[3], "songs")) {
        for (uint32_t rank = 0; rank < songs; rank++) {
            uint32_t song = permuted(rank, songs, seed);
            id_text(song, songs, id);
            printf("%u\t%s\t%u\n", rank + 1, id, 2000000 + (uint32_t)(8000000 * unit(seed, song)));
        }
        return 0;
    }
    uint32_t *ranks = malloc(songs * sizeof *ranks);
    if (!ranks) return 1;
    for (uint32_t rank = 0; rank < songs; rank++) ranks[permuted(rank, songs, seed)] = rank;
    // Ten streams a song, by Zipf's law; each song has a taste of its own for each region.
    double scale = 10 * songs * 0.1 / (pow(songs + 10.0, 0.1) - pow(10.0, 0.1));
    fputs("song_id\tregion\texpected_streams\texpected_bytes\n", stdout);
    for (uint32_t song = 0; song < songs; song++) {
        id_text(song, songs, id);
        uint32_t bytes = 2000000 + (uint32_t)(8000000 * unit(seed, song));
        double streams = scale / pow(ranks[song] + 10.0, 0.9);
        for (int region = 0; region < 8; region++) {
            double taste = 0.2 + 1.6 * unit(seed + 1 + (uint64_t)region, song);
            double expected = streams * shares[region] * taste;
            printf("%s\t%s\t%.4f\t%.0f\n", id, regions[region], expected, expected * bytes);
        }
    }
    free(ranks);
    return 0;
}
