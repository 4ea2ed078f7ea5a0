// A cache that knows a forecast: least frequently used, from what is expected onward.
//
// score = (2 x plays expected today + plays so far today) / bytes. The cache is a heap of what it
// holds, lowest score first. On a miss the song comes in when its score is above that of each song
// that has to go for it; else nothing changes. At midnight all scores are made anew, and the songs
// with the highest that are missing are fetched against the lowest, within the night's budget.
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t songs, count;
    uint32_t *heap, *place;  // place: index + 1 in the heap, 0 when not held
    double *score;
    const int64_t *sizes;
    int64_t used, capacity;
} Cache;

static void put(Cache *c, uint32_t at, uint32_t song) {
    c->heap[at] = song;
    c->place[song] = at + 1;
}

static void sift_up(Cache *c, uint32_t at) {
    uint32_t song = c->heap[at];
    while (at && c->score[c->heap[(at - 1) / 2]] > c->score[song]) {
        put(c, at, c->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(c, at, song);
}

static void sift_down(Cache *c, uint32_t at) {
    uint32_t song = c->heap[at];
    for (uint32_t child; (child = 2 * at + 1) < c->count; at = child) {
        if (child + 1 < c->count && c->score[c->heap[child + 1]] < c->score[c->heap[child]]) child++;
        if (c->score[c->heap[child]] >= c->score[song]) break;
        put(c, at, c->heap[child]);
    }
    put(c, at, song);
}

static void insert(Cache *c, uint32_t song) {
    c->used += c->sizes[song];
    put(c, c->count, song);
    sift_up(c, c->count++);
}

static uint32_t pop(Cache *c) {
    uint32_t song = c->heap[0];
    c->place[song] = 0;
    c->used -= c->sizes[song];
    if (--c->count) {
        put(c, 0, c->heap[c->count]);
        sift_down(c, 0);
    }
    return song;
}

// Lets a song in if its score is above that of each that has to go; victims that stay return.
static bool admit(Cache *c, uint32_t song, uint32_t *victims) {
    if (c->sizes[song] > c->capacity) return false;
    uint32_t count = 0;
    while (c->used + c->sizes[song] > c->capacity) {
        if (c->score[c->heap[0]] >= c->score[song]) {
            while (count) insert(c, victims[--count]);
            return false;
        }
        victims[count++] = pop(c);
    }
    insert(c, song);
    return true;
}

static const double *compared;
static int by_score(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (compared[x] != compared[y]) return compared[x] > compared[y] ? -1 : 1;
    return x < y ? -1 : x > y;
}

// Replays `days` days whose requests are requests[day_starts[d]..day_starts[d + 1]]; forecasts has a
// row of `songs` for each day. Returns by day the hits, the bytes hit and the bytes fetched at night.
void replay_seeded_lfu(uint32_t songs, const int64_t *sizes, int64_t capacity, int64_t fill, int days,
    const int64_t *day_starts, const uint32_t *requests, const float *forecasts, double weight,
    int64_t *hits, int64_t *hit_bytes, int64_t *filled) {
    Cache c = {.songs = songs, .sizes = sizes, .capacity = capacity};
    c.heap = malloc(songs * sizeof *c.heap);
    c.place = calloc(songs, sizeof *c.place);
    c.score = malloc(songs * sizeof *c.score);
    uint32_t *plays = malloc(songs * sizeof *plays), *order = malloc(songs * sizeof *order);
    uint32_t *victims = malloc(songs * sizeof *victims);
    for (int day = 0; day < days; day++) {
        const float *expected = forecasts + (size_t)day * songs;
        memset(plays, 0, songs * sizeof *plays);
        for (uint32_t song = 0; song < songs; song++) {
            c.score[song] = weight * expected[song] / (double)sizes[song];
            order[song] = song;
        }
        for (uint32_t at = c.count / 2; at-- > 0;) sift_down(&c, at);
        compared = c.score;
        qsort(order, songs, sizeof *order, by_score);
        int64_t budget = day == 0 ? capacity : fill;
        hits[day] = hit_bytes[day] = filled[day] = 0;
        for (uint32_t index = 0; index < songs && c.score[order[index]] > 0; index++) {
            uint32_t song = order[index];
            if (c.place[song] || filled[day] + sizes[song] > budget) continue;
            // Below the lowest that is held, and no room: so are all that follow.
            if (c.count && c.score[c.heap[0]] >= c.score[song] && c.used + sizes[song] > capacity) break;
            if (admit(&c, song, victims)) filled[day] += sizes[song];
        }
        for (int64_t index = day_starts[day]; index < day_starts[day + 1]; index++) {
            uint32_t song = requests[index];
            plays[song]++;
            c.score[song] = (weight * expected[song] + plays[song]) / (double)sizes[song];
            if (c.place[song]) {
                hits[day]++;
                hit_bytes[day] += sizes[song];
                sift_down(&c, c.place[song] - 1);
            } else {
                admit(&c, song, victims);
            }
        }
    }
    free(c.heap), free(c.place), free(c.score), free(plays), free(order), free(victims);
}
