// Makes play logs of any size by a seed: who listens to what on which day.
//
// A task is one region's day. It depends on the seed and its own numbers alone, so that the number
// of processes changes no byte. What each line is to become is written down beside the logs, as
// OUT/.truth/DAY-REGION.tsv, which play_logs.py sums up.
#include "playlogs.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

Options options;
const char *const region_names[] = {"eu-west", "us-east", "sa-east", "ap-northeast", "eu-central",
    "us-west", "ap-south", "af-south"};
static const int offsets[] = {0, -5, -3, 9, 1, -8, 5, 2};
static const int hour_weights[] = {14, 8, 5, 3, 3, 5, 12, 26, 38, 36, 34, 36, 44, 42, 40, 42, 50, 62,
    74, 84, 90, 82, 58, 32};
// Monday to Sunday; 1 January 1970 was a Thursday.
static const double weekday_weights[] = {0.92, 0.90, 0.94, 0.98, 1.12, 1.28, 1.18};
static int weekday(int day) { return (day + 3) % 7; }

void fail(const char *what) {
    perror(what);
    exit(1);
}

// MARK: Files

typedef struct {
    char path[4096];
    const char *name;  // within OUT/plays
    int descriptor;
    FILE *pipe;
    char *buffer;
    size_t used, room;
    uint64_t lines, events;
} Log;

static void flush(Log *log) {
    for (size_t done = 0; done < log->used;) {
        ssize_t count = write(log->descriptor, log->buffer + done, log->used - done);
        if (count < 0) fail(log->path);
        done += (size_t)count;
    }
    log->used = 0;
}

static char *room_in(Log *log) {
    if (log->used > 1 << 20) flush(log);
    return log->buffer + log->used;
}

static void end_line(Log *log, char *end) {
    *end++ = '\n';
    log->used = (size_t)(end - log->buffer);
    log->lines++;
}

static void open_log(Log *log, int day, const char *name) {
    static const char *endings[] = {"", ".gz", ".zst"};
    char date[11], command[5000];
    day_text(day, date);
    snprintf(log->path, sizeof log->path, "%s/plays/date=%s", options.out, date);
    mkdir(log->path, 0777);
    snprintf(log->path, sizeof log->path, "%s/plays/date=%s/%s.%s%s", options.out, date, name,
        options.format == CSV ? "csv" : "ndjson", endings[options.packing]);
    log->name = log->path + strlen(options.out) + strlen("/plays/");
    if (options.packing == PLAIN) {
        log->descriptor = open(log->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (log->descriptor < 0) fail(log->path);
    } else {
        snprintf(command, sizeof command, options.packing == GZIP ? "gzip -n -%d > '%s'" : "zstd -q -%d -f -o '%s'",
            options.level, log->path);
        if (!(log->pipe = popen(command, "we"))) fail(command);
        log->descriptor = fileno(log->pipe);
    }
    if (!log->buffer) log->buffer = malloc(log->room = LINE_ROOM + (2 << 20));
    log->lines = log->events = log->used = 0;
    if (options.format == CSV) {
        char *end = stpcpy(log->buffer, csv_header);
        end_line(log, end);
    }
}

static void close_log(Log *log, FILE *truth) {
    if (!log->name) return;
    flush(log);
    if (log->pipe ? pclose(log->pipe) != 0 : close(log->descriptor) != 0) fail(log->path);
    fprintf(truth, "file\t%s\t%lu\n", log->name, log->lines);
    log->name = NULL;
    log->pipe = NULL;
}

// MARK: Songs

double zipf_low, zipf_high;

// A rank by Zipf's law, flattened over the first ten.
uint32_t rank_of(double u) {
    double x = zipf_low + u * (zipf_high - zipf_low), x2 = x * x, x4 = x2 * x2;
    // The usual exponent, without a call of pow.
    uint32_t rank = (uint32_t)((options.skew == 0.9 ? x4 * x4 * x2 : pow(x, 1 / (1 - options.skew))) - 10);
    return rank < options.songs ? rank : options.songs - 1;
}

// A permutation of the songs: four rounds of Feistel over the next power of four, walked along.
uint32_t permuted(uint32_t rank, uint64_t key) {
    int half = 1;
    while (1ull << 2 * half < options.songs) half++;
    uint32_t mask = (1u << half) - 1;
    do {
        uint32_t left = rank >> half, right = rank & mask;
        for (int round = 0; round < 4; round++) {
            uint32_t next = left ^ ((uint32_t)mix64(key + round * 0x9e3779b97f4a7c15u + right) & mask);
            left = right;
            right = next;
        }
        rank = left << half | right;
    } while (rank >= options.songs);
    return rank;
}

uint32_t duration_of(uint32_t song) {
    Chance c = {seeded(song, 0x44)};
    double kind = unit(&c);
    if (kind < 0.010) return 8000 + below(&c, 22000);  // jingles and interludes
    if (kind < 0.012) return 30000;
    if (kind < 0.014) return 30001;
    if (kind < 0.020) return 0;  // not known
    return 35000 + (uint32_t)(180000 * (unit(&c) + unit(&c)));
}

// Fridays' new songs are the last tracks of albums; no song comes out twice.
static int releases_on(int day) { return weekday(day) == 4 ? 3 + (int)(options.songs / 5000) : 0; }
static uint32_t release(int day, int index) {
    uint32_t albums = options.songs / SONGS_AN_ALBUM;
    uint32_t album = (uint32_t)(((uint64_t)(day / 7 % 8) * 2654435761u + (uint64_t)index * 8 + (uint64_t)(day / 7 % 8)) % (albums ? albums : 1));
    return album * SONGS_AN_ALBUM + SONGS_AN_ALBUM - 1;
}
// The day on which a song came out, if that is near; else 0.
static int release_day(uint32_t song) {
    if (song % SONGS_AN_ALBUM != SONGS_AN_ALBUM - 1) return 0;
    for (int day = options.first_day - RELEASE_DAYS; day <= options.first_day + options.days + 7; day++)
        for (int index = 0; index < releases_on(day); index++)
            if (release(day, index) == song) return day;
    return 0;
}

// How much a song is liked on a day, against its most: it comes and goes, and has its weekdays.
double liking(uint32_t song, int day) {
    uint64_t hash = seeded(song, 0x4c);
    double phase = (double)(hash & 0xffff) / 65536 + (double)day * options.volatility / (20 + (double)(hash >> 16 & 63));
    double wave = fabs(2 * (phase - floor(phase)) - 1);
    bool weekend = weekday(day) >= 4;
    double season = (hash >> 24 & 3) == 0 ? (weekend ? 1 : 0.5) : (hash >> 24 & 3) == 1 ? (weekend ? 0.6 : 1) : 0.9;
    return (0.4 + 0.6 * wave) * season;
}

static void prepare(Taste *taste, int day, int region) {
    taste->day = day;
    taste->region = region;
    taste->hot_count = 0;
    double sum = 0;
    taste->unreleased = calloc(options.songs / 8 + 1, 1);
    for (int other = options.first_day - RELEASE_DAYS; other <= options.first_day + options.days + 7; other++) {
        for (int index = 0; index < releases_on(other) && taste->hot_count < 2048; index++) {
            uint32_t song = release(other, index);
            if (other > day) taste->unreleased[song >> 3] |= (uint8_t)(1 << (song & 7));
            else if (day - other < RELEASE_DAYS) {
                taste->hot[taste->hot_count] = song;
                sum += pow(0.75, day - other) / (1 + index % 40);
                taste->hot_sums[taste->hot_count++] = sum;
            }
        }
    }
    // A viral song rises for two days out of the tail and falls by a quarter a day.
    int virals = (int)((1 + options.songs / 100000) * options.volatility);
    for (int start = day - 12; start <= day; start++) {
        for (int index = 0; index < virals; index++) {
            Chance c = {seeded((uint64_t)start << 20 | (uint64_t)index, 0x56)};
            taste->hot[taste->hot_count] = permuted(options.songs / 2 + below(&c, options.songs - options.songs / 2), seeded(0, 0x47));
            int home = (int)below(&c, (uint32_t)options.regions), age = day - start;
            double weight = age < 2 ? 0.3 + 0.7 * age : pow(0.75, age - 2);
            sum += 2 * weight * (home == region ? 1 : 0.15) * unit(&c);
            taste->hot_sums[taste->hot_count++] = sum;
        }
    }
}

static uint32_t pick(Taste *taste) {
    Chance *c = &taste->chance;
    if (unit(c) < HOT_SHARE * options.volatility) {
        double at = unit(c) * taste->hot_sums[taste->hot_count - 1];
        int index = 0;
        while (index < taste->hot_count - 1 && taste->hot_sums[index] <= at) index++;
        return taste->hot[index];
    }
    while (true) {
        double u = unit(c);
        // Three in ten go by the region's own ranks.
        bool own = unit(c) < OWN_TASTE;
        uint32_t song = permuted(rank_of(u), own ? seeded((uint64_t)taste->region + 1, 0x47) : seeded(0, 0x47));
        if (taste->unreleased[song >> 3] >> (song & 7) & 1) continue;
        if (unit(c) < liking(song, taste->day)) return song;
    }
}

// MARK: A region's day

typedef struct {
    int day, region, index;
    uint64_t made, next_id;
    Event *waiting;
    size_t count, room;
    Taste taste;
    Chance chance, faults;
    Log log, again, late[MAXIMUM_LATE_DAYS];
    int part, spoiling;
    bool had_longest;
    uint64_t fates[FATES], shorts, duplicates, late_out[MAXIMUM_LATE_DAYS + 1];
    FILE *truth, *trace;
    char *line;
} Task;

static void add(Task *task, Event event) {
    if (task->count == task->room) {
        task->room = task->room ? task->room * 2 : 1 << 16;
        task->waiting = realloc(task->waiting, task->room * sizeof *task->waiting);
        if (!task->waiting) fail("events");
    }
    // mix64 gives each number another one, so that no two events are alike.
    event.id = mix64(mix64(options.seed) ^ ((uint64_t)task->index << 40 | task->next_id++));
    task->waiting[task->count++] = event;
}

static double region_share(int region) {
    double sum = 0;
    for (int other = 0; other < options.regions; other++) sum += 1.0 / (2 + other);
    return 1.0 / (2 + region) / sum;
}

static int32_t address_of(uint32_t listener) {
    // One listener in fifty is behind a campus' or an office's address, with hundreds of others;
    // the others share one with their household. Below 2^22; machines have what is above.
    if (listener % 50 == 7) return (int32_t)(0x300000 + listener / 50 % (1 + options.listeners / 20000));
    return (int32_t)(listener / 3 % 0x300000);
}

static uint32_t listener_of(Task *task) {
    Chance *c = &task->chance;
    int home = task->region;
    if (unit(c) < 0.01) home = (int)below(c, (uint32_t)options.regions);  // on a journey
    double before = 0;
    for (int other = 0; other < home; other++) before += region_share(other);
    double u = unit(c), share = region_share(home);
    double place = 0.15 * u + 0.85 * u * u * sqrt(u);
    uint32_t listener = (uint32_t)((before + share * place) * options.listeners);
    return listener < options.listeners ? listener : options.listeners - 1;
}

static void listen(Chance *c, Event *event) {
    uint32_t duration = event->duration_ms = duration_of(event->song);
    uint32_t whole = duration ? duration : 60000 + below(c, 200000);
    double chance = unit(c);
    if (chance < 0.18) {
        uint32_t longest = whole < 30000 ? whole : 30000;
        double u = unit(c);
        event->played_ms = 400 + (uint32_t)(u * u * (longest - 401));
    } else if (chance < 0.86 || whole <= 30000) {
        event->played_ms = whole;
    } else if (chance < 0.865) {
        event->played_ms = 29999 + below(c, 2);
    } else {
        event->played_ms = 30000 + (uint32_t)(unit(c) * (whole - 30000));
    }
}

uint32_t playlist_song(uint32_t playlist, uint32_t place) {
    Chance list = {seeded((uint64_t)playlist << 16 | place, 0x70)};
    return permuted(rank_of(unit(&list)), seeded(0, 0x47));
}

// Some songs of one listener, one after the other: an album's, a playlist's, or as they come.
static void session(Task *task, uint32_t start) {
    Chance *c = &task->chance;
    uint32_t listener = listener_of(task), first = pick(&task->taste);
    double kind = unit(c);
    int songs = 1;
    while (songs < SESSION_SONGS && unit(c) < ANOTHER_SONG) songs++;
    uint8_t platform = (uint8_t)below(c, 4);
    // Telephones are behind their provider's addresses, which say nothing.
    int32_t address = platform < 2 ? -1 : address_of(listener);
    uint32_t playlist = rank_of(unit(c)) / RANKS_A_PLAYLIST, place = below(c, PLAYLIST_PLACES);
    for (int index = 0; index < songs && start < DAY_MS; index++) {
        Event event = {.time_ms = start, .listener = listener, .address = address, .platform = platform};
        if (kind < ALBUM_SESSIONS) {
            event.song = first + (uint32_t)index;
            if (index && event.song % SONGS_AN_ALBUM == 0) break;
            if (event.song >= options.songs || task->taste.unreleased[event.song >> 3] >> (event.song & 7) & 1) break;
        } else if (kind < ALBUM_SESSIONS + PLAYLIST_SESSIONS) {
            event.song = playlist_song(playlist, place + (uint32_t)index);
            if (task->taste.unreleased[event.song >> 3] >> (event.song & 7) & 1) continue;
        } else {
            event.song = index ? pick(&task->taste) : first;
        }
        listen(c, &event);
        add(task, event);
        task->made++;
        start += event.played_ms + below(c, 3000);
    }
}

// MARK: Machines, and people at the rules' edges

static uint32_t machine(Task *task) {
    static uint32_t used;
    static int last = -1;
    if (last != task->index) last = task->index, used = 0;
    return options.listeners + (uint32_t)task->index * 20000 + used++;
}

static void told(Task *task, const char *reason, int64_t listener, int64_t song, int64_t address, uint64_t events) {
    char id[65] = "", date[11];
    if (song >= 0) song_text((uint32_t)song, id);
    day_text(task->day, date);
    fprintf(task->truth, "excluded\t%s\t%s\t", date, reason);
    if (listener >= 0) fprintf(task->truth, "u-%07ld", (long)listener);
    fprintf(task->truth, "\t%s\t", id);
    if (address >= 0) fprintf(task->truth, "10.%ld.%ld.%ld", (long)address >> 16 & 255, (long)address >> 8 & 255, (long)address & 255);
    fprintf(task->truth, "\t%lu\n", events);
}

static uint32_t long_song(Chance *c) {
    while (true) {
        uint32_t song = below(c, options.songs);
        if (duration_of(song) > 90000 && !release_day(song)) return song;
    }
}

// So many plays of one song by one listener, of which some are left as soon as they count.
static void loop(Task *task, int plays, int thresholds) {
    Chance *c = &task->chance;
    uint32_t listener = machine(task), song = long_song(c), duration = duration_of(song);
    bool isLoop = plays >= 30 && thresholds * 4 >= plays * 3;
    for (int index = 0; index < plays; index++) {
        uint32_t played = index < thresholds ? 30000 + below(c, 5000) : index % 2 ? duration : 35000;
        add(task, (Event){.time_ms = 7000 + (uint32_t)index * 290000, .listener = listener, .song = song, .address = -1,
            .played_ms = played, .duration_ms = duration, .fate = isLoop ? THRESHOLD_LOOP : COUNTS, .platform = 2});
    }
    if (isLoop) told(task, "threshold_loop", listener, song, -1, (uint64_t)plays);
    // What else it plays counts.
    for (int index = 0; index < 3; index++) {
        Event event = {.time_ms = 80000000 + (uint32_t)index * 400000, .listener = listener, .song = long_song(c), .address = -1};
        if (event.song == song) continue;
        listen(c, &event);
        add(task, event);
    }
}

// Listeners behind one address, each with so many plays, in all so many at the threshold.
static void farm(Task *task, int listeners, int plays, int thresholds) {
    Chance *c = &task->chance;
    static int32_t used;
    static int last = -1;
    if (last != task->index) last = task->index, used = 0;
    int32_t address = 0x400000 + task->index * 1024 + used++;
    bool isFarm = listeners >= 25 && thresholds * 4 >= listeners * plays * 3;
    uint32_t songs[5];
    for (int index = 0; index < 5; index++) songs[index] = long_song(c);
    int left = listeners * plays;
    for (int index = 0; index < listeners; index++) {
        uint32_t listener = machine(task);
        for (int play = 0; play < plays; play++, left--) {
            uint32_t song = songs[play % 5];
            bool threshold = thresholds > 0 && (int)below(c, (uint32_t)left) < thresholds;
            thresholds -= threshold;
            add(task, (Event){.time_ms = (uint32_t)(play * (86000000 / plays)) + below(c, 300000), .listener = listener,
                .song = song, .address = address, .played_ms = threshold ? 30000 + below(c, 5000) : 40000 + below(c, 40000),
                .duration_ms = duration_of(song), .fate = isFarm ? ADDRESS_FARM : COUNTS, .platform = 3});
        }
        // At home it is a listener like others.
        if (index % 5 == 0) {
            Event event = {.time_ms = 40000000 + below(c, 1000000), .listener = listener, .song = pick(&task->taste), .address = -1};
            listen(c, &event);
            add(task, event);
        }
    }
    if (isFarm) told(task, "address_farm", -1, -1, address, (uint64_t)(listeners * plays));
}

// A listener of so much in a day.
static void hours(Task *task, uint32_t total_ms) {
    Chance *c = &task->chance;
    uint32_t listener = machine(task), left = total_ms;
    int plays = (int)(total_ms / 216000);
    for (int index = 0; index < plays; index++) {
        uint32_t song = long_song(c), played = index == plays - 1 ? left : 216000;
        left -= played;
        add(task, (Event){.time_ms = (uint32_t)index * (86000000u / (uint32_t)plays), .listener = listener, .song = song,
            .address = -1, .played_ms = played, .duration_ms = duration_of(song),
            .fate = total_ms > DAY_MS ? IMPOSSIBLE_HOURS : COUNTS, .platform = 0});
    }
    if (total_ms > DAY_MS) told(task, "impossible_hours", listener, -1, -1, (uint64_t)plays);
}

static void machines(Task *task) {
    uint32_t each = options.listeners / (uint32_t)options.regions;
    for (uint32_t index = 0; index <= each / 100000; index++) loop(task, 288, 288 - (int)below(&task->chance, 60));
    for (uint32_t index = 0; index <= each / 800000; index++) farm(task, 30 + (int)below(&task->chance, 100), 20, 1 << 20);
    for (uint32_t index = 0; index <= each / 200000; index++) hours(task, DAY_MS + 1000000 + below(&task->chance, 40000000));
    if (task->region != task->day % options.regions) return;
    // A day's edges, in one of its regions: just within and just beyond each rule.
    loop(task, 40, 0);
    loop(task, 30, 23);
    loop(task, 30, 22);
    loop(task, 29, 29);
    farm(task, 24, 10, 240);
    farm(task, 25, 4, 75);
    farm(task, 25, 4, 74);
    hours(task, DAY_MS);
    hours(task, DAY_MS + 1);
}

// MARK: Written

static Log *late_log(Task *task, int days) {
    Log *log = &task->late[days - 1];
    if (!log->name) {
        char name[64];
        snprintf(name, sizeof name, "%s-late-%d", region_names[task->region], days);
        open_log(log, task->day + days, name);
    }
    return log;
}

static void put(Task *task, Log *log, const Event *event) {
    end_line(log, write_line(room_in(log), event, task->day, task->region));
}

static void repeat(Task *task, Event event) {
    Chance *c = &task->faults;
    task->duplicates++;
    // One in eight was sent again with other figures: later, or cut short. The first stays.
    if (below(c, 8) == 0 && !options.same_again) {
        if (event.played_ms > 1000 && below(c, 2)) event.played_ms -= 1000;
        else if (event.time_ms < DAY_MS - 5000) event.time_ms += 1 + below(c, 4000);
    }
    int last = options.first_day + options.days - 1, later = 1 + (int)below(c, 3);
    uint32_t kind = below(c, 10);
    if (kind < 3) {
        put(task, &task->log, &event);
    } else if (kind < 7 || task->day + later > last) {
        if (!task->again.name) {
            char name[64];
            snprintf(name, sizeof name, "%s-again", region_names[task->region]);
            open_log(&task->again, task->day, name);
        }
        put(task, &task->again, &event);
    } else {
        put(task, late_log(task, later), &event);
        task->late_out[later]++;
    }
}

static void spoil(Task *task, const Event *event) {
    const Spoiling *spoiling;
    int kind;
    do {
        kind = task->spoiling++ % spoiling_count;
        spoiling = &spoilings[kind];
    } while (!(options.format == CSV ? spoiling->csv : spoiling->json)
        || (!strcmp(spoiling->kind, "10 MB") && task->had_longest));
    if (!strcmp(spoiling->kind, "10 MB")) task->had_longest = true;
    Event other = *event;
    other.id ^= 1;
    other.played_ms = 60000;
    Log *log = &task->log;
    end_line(log, write_spoiled_line(room_in(log), kind, &other, task->day, task->region, &task->faults));
    fprintf(task->truth, "spoiled\t%s\t%lu\t%s\t%s\n", log->name, log->lines, spoiling->kind, spoiling->reason);
}

static void empty_line(Task *task) {
    end_line(&task->log, room_in(&task->log));
    fprintf(task->truth, "empty\t%s\t%lu\n", task->log.name, task->log.lines);
}

enum { EVENTS_A_FILE = 2000000 };

static void emit(Task *task, const Event *event) {
    Chance *c = &task->faults;
    if (!task->log.name || task->log.events >= EVENTS_A_FILE) {
        char name[64];
        close_log(&task->log, task->truth);
        snprintf(name, sizeof name, "%s-%03d", region_names[task->region], task->part++);
        open_log(&task->log, task->day, name);
    }
    bool is_stream = event->played_ms >= 30000
        || (event->duration_ms > 0 && event->duration_ms < 30000 && event->played_ms >= event->duration_ms);
    if (event->fate != COUNTS) task->fates[event->fate]++;
    else if (is_stream) task->fates[COUNTS]++;
    else task->shorts++;
    if (task->trace) {
        uint32_t request[2] = {event->song, event->time_ms | (uint32_t)(is_stream && event->fate == COUNTS) << 31};
        if (fwrite(request, sizeof request, 1, task->trace) != 1) fail("trace");
    }
    double chance = unit(c);
    int last = options.first_day + options.days - 1;
    if (chance < options.late) {
        int days = below(c, 20) ? 1 + (int)below(c, 3) : MAXIMUM_LATE_DAYS;
        if (task->day + days <= last) {
            put(task, late_log(task, days), event);
            task->late_out[days]++;
            return;
        }
    }
    Log *log = &task->log;
    log->events++;
    if (chance > 1 - options.odd) {
        bool two;
        end_line(log, write_odd_line(room_in(log), event, task->day, task->region, c, &two));
        if (two) log->lines++, fprintf(task->truth, "joined\t%s\t%lu\n", log->name, log->lines - 1);
    } else {
        put(task, log, event);
    }
    if (unit(c) < options.again) repeat(task, *event);
    if (options.spoiled > 0 && (unit(c) < options.spoiled || (task->spoiling - task->region < spoiling_count && log->events % 8 == 7)))
        spoil(task, event);
    if (options.format == NDJSON && options.odd > 0 && below(c, 200000) == 0) empty_line(task);
}

static int by_time(const void *a, const void *b) {
    const Event *x = a, *y = b;
    if (x->time_ms != y->time_ms) return x->time_ms < y->time_ms ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void run(int index) {
    Task *task = calloc(1, sizeof *task);
    task->index = index;
    task->region = index % options.regions;
    task->day = options.first_day + index / options.regions;
    task->chance.state = seeded((uint64_t)index, 1);
    task->faults.state = seeded((uint64_t)index, 2);
    task->taste.chance.state = seeded((uint64_t)index, 3);
    // Small logs have every kind all the same, as each region begins elsewhere.
    task->spoiling = task->region;
    prepare(&task->taste, task->day, task->region);
    char path[4096], date[11];
    day_text(task->day, date);
    snprintf(path, sizeof path, "%s/.truth/%s-%d.tsv", options.out, date, task->region);
    if (!(task->truth = fopen(path, "w"))) fail(path);
    if (options.traces) {
        snprintf(path, sizeof path, "%s/trace/%s-%s.bin", options.out, date, region_names[task->region]);
        if (!(task->trace = fopen(path, "w"))) fail(path);
    }
    double sum = 0, mine = weekday_weights[weekday(task->day)];
    for (int day = 0; day < options.days; day++) sum += weekday_weights[weekday(options.first_day + day)];
    uint64_t quota = (uint64_t)((double)options.events * mine / sum * region_share(task->region));
    if (options.machines) machines(task);
    if (options.traces) write_rates(&task->taste, quota);
    double hour_sum = 0, done = 0;
    for (int hour = 0; hour < 24; hour++) hour_sum += hour_weights[hour];
    for (int hour = 0; hour < 24; hour++) {
        done += hour_weights[(hour + offsets[task->region] + 24) % 24];
        uint64_t target = (uint64_t)((double)quota * done / hour_sum);
        while (task->made < target) session(task, (uint32_t)hour * 3600000u + below(&task->chance, 3600000));
        qsort(task->waiting, task->count, sizeof *task->waiting, by_time);
        uint32_t end = (uint32_t)(hour + 1) * 3600000u;
        size_t ready = 0;
        while (ready < task->count && task->waiting[ready].time_ms < end) emit(task, &task->waiting[ready++]);
        memmove(task->waiting, task->waiting + ready, (task->count - ready) * sizeof *task->waiting);
        task->count -= ready;
    }
    close_log(&task->log, task->truth);
    close_log(&task->again, task->truth);
    for (int days = 1; days <= MAXIMUM_LATE_DAYS; days++) {
        close_log(&task->late[days - 1], task->truth);
        if (!task->late_out[days]) continue;
        char logged[11];
        day_text(task->day + days, logged);
        fprintf(task->truth, "late\t%s\t%s\t%lu\n", date, logged, task->late_out[days]);
    }
    fprintf(task->truth, "events\t%s\t%s\t%lu\t%lu\t%lu\t%lu\t%lu\t%lu\n", date, region_names[task->region],
        task->fates[COUNTS], task->shorts, task->duplicates, task->fates[ADDRESS_FARM],
        task->fates[IMPOSSIBLE_HOURS], task->fates[THRESHOLD_LOOP]);
    if (fclose(task->truth) || (task->trace && fclose(task->trace))) fail(path);
}

static void list_songs(void) {
    char path[4096], id[65];
    snprintf(path, sizeof path, "%s/songs.tsv", options.out);
    FILE *file = fopen(path, "w");
    if (!file) fail(path);
    for (uint32_t song = 0; song < options.songs; song++) {
        song_text(song, id);
        fprintf(file, "%s\t%u\n", id, duration_of(song));
    }
    if (fclose(file)) fail(path);
}

static void list_releases(void) {
    char path[4096], date[11], id[65];
    snprintf(path, sizeof path, "%s/.truth/releases.tsv", options.out);
    FILE *file = fopen(path, "w");
    if (!file) fail(path);
    for (int day = options.first_day; day <= options.first_day + options.days + 7; day++) {
        for (int index = 0; index < releases_on(day); index++) {
            day_text(day, date);
            song_text(release(day, index), id);
            fprintf(file, "%s\t%s\t%u\n", date, id, release(day, index));
        }
    }
    if (fclose(file)) fail(path);
}

int main(int count, char **arguments) {
    if (count != 20) {
        fputs("usage: play_logs.py calls this program\n", stderr);
        return 64;
    }
    char **next = arguments + 1;
    options.out = *next++;
    options.events = strtoull(*next++, 0, 10);
    options.songs = (uint32_t)strtoul(*next++, 0, 10);
    options.listeners = (uint32_t)strtoul(*next++, 0, 10);
    options.days = atoi(*next++);
    options.first_day = atoi(*next++);
    options.regions = atoi(*next++);
    options.seed = strtoull(*next++, 0, 10);
    options.format = !strcmp(*next++, "csv") ? CSV : NDJSON;
    options.packing = !strcmp(*next, "gz") ? GZIP : !strcmp(*next, "zst") ? ZSTD : PLAIN;
    next++;
    options.level = atoi(*next++);
    options.workers = atoi(*next++);
    options.late = atof(*next++);
    options.again = atof(*next++);
    options.spoiled = atof(*next++);
    options.odd = atof(*next++);
    options.machines = strchr(*next, 'm');
    options.one_order = strchr(*next, '1');
    options.same_again = strchr(*next, '=');
    options.traces = strchr(*next++, 't');
    options.volatility = atof(*next++);
    options.skew = atof(*next++);
    double power = options.skew == 0.9 ? 0.1 : 1 - options.skew;
    zipf_low = pow(10, power);
    zipf_high = pow(options.songs + 10.0, power);
    list_releases();
    if (options.traces) list_songs();
    // The large regions first, so that no process waits for the last one.
    int tasks = options.days * options.regions, failed = 0, running = 0;
    for (int number = 0; number < tasks || running;) {
        if (number < tasks && running < options.workers) {
            int index = number % options.days * options.regions + number / options.days;
            number++;
            pid_t child = fork();
            if (child < 0) fail("fork");
            if (child == 0) {
                run(index);
                _exit(0);
            }
            running++;
        } else {
            int status;
            if (wait(&status) < 0) fail("wait");
            failed |= status;
            running--;
        }
    }
    return failed != 0;
}
