// What the generator's parts share: an event, its text, and files that know what they hold.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DAY_MS = 86400000, MAXIMUM_LATE_DAYS = 7, LINE_ROOM = 16 << 20 };

enum Format { NDJSON, CSV };
enum Packing { PLAIN, GZIP, ZSTD };
// What is to become of an event; the order is that of `fate_names`.
enum Fate { COUNTS, ADDRESS_FARM, IMPOSSIBLE_HOURS, THRESHOLD_LOOP, FATES };

typedef struct {
    uint64_t id;
    uint32_t time_ms, played_ms, duration_ms;
    uint32_t listener, song;
    int32_t address;  // -1 for none
    uint8_t fate, platform;
} Event;

typedef struct {
    uint64_t events;
    uint32_t songs, listeners;
    int days, first_day;  // first_day in days since 1970
    int regions, workers, level;
    uint64_t seed;
    double late, again, spoiled, odd;
    double volatility, skew;
    bool machines, one_order, same_again, traces;
    enum Format format;
    enum Packing packing;
    const char *out;
} Options;

extern Options options;
extern const char *const region_names[];

// Chance: splitmix64, so that any part can be made without those before it.
typedef struct { uint64_t state; } Chance;

static inline uint64_t mix64(uint64_t z) {
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
static inline uint64_t bits(Chance *c) { return mix64(c->state += 0x9e3779b97f4a7c15u); }
static inline double unit(Chance *c) { return (double)(bits(c) >> 11) * 0x1p-53; }
static inline uint32_t below(Chance *c, uint32_t limit) { return (uint32_t)((bits(c) >> 32) * limit >> 32); }
static inline uint64_t seeded(uint64_t a, uint64_t b) { return mix64(mix64(a ^ options.seed * 0x9e3779b97f4a7c15u) + b * 0xd1b54a32d192ed03u); }

// Lines (lines.c): all return the end of what they wrote, without a line feed.
void day_text(int day, char out[11]);
void song_text(uint32_t song, char out[65]);
char *write_line(char *to, const Event *event, int day, int region);
char *write_odd_line(char *to, const Event *event, int day, int region, Chance *chance, bool *has_second_line);
extern const char *const csv_header;
// A line that must be set aside, of the kind `number`.
typedef struct { const char *kind, *reason; bool json, csv; } Spoiling;
extern const Spoiling spoilings[];
extern const int spoiling_count;
char *write_spoiled_line(char *to, int number, const Event *event, int day, int region, Chance *chance);

// Who listens to what (generate.c).
enum { SONGS_AN_ALBUM = 10, RELEASE_DAYS = 11, SESSION_SONGS = 30, RANKS_A_PLAYLIST = 50, PLAYLIST_PLACES = 10 };
#define HOT_SHARE 0.04
#define OWN_TASTE 0.3
#define ANOTHER_SONG 0.82
#define ALBUM_SESSIONS 0.2
#define PLAYLIST_SESSIONS 0.3
extern double zipf_low, zipf_high;
typedef struct {
    int day, region;
    Chance chance;
    // What is new or viral today, and the running sums of its weights.
    uint32_t hot[4096];
    double hot_sums[4096];
    int hot_count;
    uint8_t *unreleased;  // a bit a song
} Taste;

void fail(const char *what);
uint32_t rank_of(double u);
uint32_t permuted(uint32_t rank, uint64_t key);
uint32_t duration_of(uint32_t song);
double liking(uint32_t song, int day);
uint32_t playlist_song(uint32_t playlist, uint32_t place);

// What is to be expected (rates.c): writes the plays of each song on a region's day.
void write_rates(const Taste *taste, uint64_t plays);
