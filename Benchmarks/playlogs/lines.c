// How a play looks in a log: as four platforms write it, oddly but rightly, and spoilt.
#include "playlogs.h"

#include <stdio.h>
#include <string.h>

const char *const csv_header =
    "ts,event_id,user_id,song_id,region,ms_played,duration_ms,address,platform";
static const char *const platforms[] = {"android", "ios", "web", "desktop"};
static const char *const reasons[] = {"trackdone", "fwdbtn", "endplay"};
static const char hex[] = "0123456789abcdef";

static char *text(char *to, const char *from) {
    size_t count = strlen(from);
    memcpy(to, from, count);
    return to + count;
}

static char *number(char *to, uint64_t value, int digits) {
    char room[20];
    int count = 0;
    do { room[count++] = (char)('0' + value % 10); value /= 10; } while (value || count < digits);
    while (count) *to++ = room[--count];
    return to;
}

static char *hexadecimal(char *to, uint64_t value) {
    for (int shift = 60; shift >= 0; shift -= 4) *to++ = hex[value >> shift & 15];
    return to;
}

// Howard Hinnant's civil_from_days.
void day_text(int day, char out[11]) {
    int z = day + 719468, era = z / 146097, doe = z % 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
    char *to = number(out, (uint64_t)(yoe + era * 400 + (m <= 2)), 4);
    *to++ = '-';
    to = number(to, (uint64_t)m, 2);
    *to++ = '-';
    *number(to, (uint64_t)d, 2) = 0;
}

static char *clock_text(char *to, uint32_t ms, int digits) {
    to = number(to, ms / 3600000, 2);
    *to++ = ':';
    to = number(to, ms / 60000 % 60, 2);
    *to++ = ':';
    to = number(to, ms / 1000 % 60, 2);
    if (digits) *to++ = '.', to = number(to, ms % 1000, 3);
    for (int more = 3; more < digits; more++) *to++ = '0';
    return to;
}

static char *moment(char *to, int day, uint32_t ms) {
    static int last_day = -1;
    static char last[11];
    if (day != last_day) day_text(last_day = day, last);
    memcpy(to, last, 10);
    to[10] = 'T';
    to = clock_text(to + 11, ms, 3);
    *to++ = 'Z';
    return to;
}

void song_text(uint32_t song, char out[65]) {
    char *to = out;
    for (uint64_t part = 0; part < 4; part++) to = hexadecimal(to, seeded(song, 0x50 + part));
    *to = 0;
}

static char *song_id(char *to, uint32_t song) {
    for (uint64_t part = 0; part < 4; part++) to = hexadecimal(to, seeded(song, 0x50 + part));
    return to;
}

static char *user(char *to, uint32_t listener) { return number(text(to, "u-"), listener, 7); }

static char *address(char *to, int32_t value) {
    to = text(to, "10.");
    to = number(to, (uint64_t)value >> 16 & 255, 1);
    *to++ = '.';
    to = number(to, (uint64_t)value >> 8 & 255, 1);
    *to++ = '.';
    return number(to, (uint64_t)value & 255, 1);
}

static const char *reason(const Event *event) {
    return reasons[event->played_ms == event->duration_ms ? 0 : event->played_ms < 30000 ? 1 : 2];
}

// A field of JSON: its key and, for texts, the opening quote come from `key`.
#define KEY(name) to = text(to, name)
#define QUOTE *to++ = '"'

static char *json(char *to, const Event *e, int day, int region, int order) {
    const char *separated = order == 2 ? " " : "";
#define ID KEY("\"event_id\":"), to = text(to, separated), QUOTE, to = hexadecimal(to, e->id), QUOTE
#define TS KEY("\"ts\":"), to = text(to, separated), QUOTE, to = moment(to, day, e->time_ms), QUOTE
#define USER KEY("\"user_id\":"), to = text(to, separated), QUOTE, to = user(to, e->listener), QUOTE
#define SONG KEY("\"song_id\":"), to = text(to, separated), QUOTE, to = song_id(to, e->song), QUOTE
#define REGION KEY("\"region\":"), to = text(to, separated), QUOTE, to = text(to, region_names[region]), QUOTE
#define PLAYED KEY("\"ms_played\":"), to = text(to, separated), to = number(to, e->played_ms, 1)
#define DURATION KEY("\"duration_ms\":"), to = text(to, separated), to = number(to, e->duration_ms, 1)
#define REASON KEY("\"reason_end\":"), to = text(to, separated), QUOTE, to = text(to, reason(e)), QUOTE
#define PLATFORM KEY("\"platform\":"), to = text(to, separated), QUOTE, to = text(to, platforms[e->platform]), QUOTE
#define COMMA *to++ = ',', to = text(to, separated)
#define ADDRESS \
    if (e->address >= 0) { COMMA; KEY("\"address\":"); to = text(to, separated); QUOTE; to = address(to, e->address); QUOTE; }
    *to++ = '{';
    switch (order) {
    case 0: ID; COMMA; TS; COMMA; USER; COMMA; SONG; COMMA; REGION; COMMA; PLAYED; COMMA; DURATION; COMMA; REASON; COMMA; PLATFORM; ADDRESS; break;
    case 1: PLATFORM; COMMA; REGION; COMMA; USER; ADDRESS; COMMA; SONG; COMMA; DURATION; COMMA; PLAYED; COMMA; REASON; COMMA; TS; COMMA; ID; break;
    case 2: TS; COMMA; ID; COMMA; SONG; COMMA; USER; ADDRESS; COMMA; PLAYED; COMMA; DURATION; COMMA; REGION; COMMA; PLATFORM; COMMA; REASON; break;
    default: DURATION; COMMA; ID; COMMA; PLAYED; COMMA; PLATFORM; COMMA; REASON; COMMA; REGION; COMMA; SONG; COMMA; TS; COMMA; USER; ADDRESS; break;
    }
    *to++ = '}';
    return to;
}

static char *csv(char *to, const Event *e, int day, int region) {
    to = moment(to, day, e->time_ms);
    *to++ = ',';
    to = hexadecimal(to, e->id);
    *to++ = ',';
    to = user(to, e->listener);
    *to++ = ',';
    to = song_id(to, e->song);
    *to++ = ',';
    to = text(to, region_names[region]);
    *to++ = ',';
    to = number(to, e->played_ms, 1);
    *to++ = ',';
    to = number(to, e->duration_ms, 1);
    *to++ = ',';
    if (e->address >= 0) to = address(to, e->address);
    *to++ = ',';
    return text(to, platforms[e->platform]);
}

char *write_line(char *to, const Event *event, int day, int region) {
    if (options.format == CSV) return csv(to, event, day, region);
    return json(to, event, day, region, options.one_order ? 0 : event->platform);
}

// Replaces the first `from` in the line that ends at `end`; returns the new end.
static char *replace(char *line, char *end, const char *from, const char *with) {
    char *at = memmem(line, (size_t)(end - line), from, strlen(from));
    if (!at) return end;
    char *rest = at + strlen(from);
    memmove(at + strlen(with), rest, (size_t)(end - rest));
    memcpy(at, with, strlen(with));
    return end + strlen(with) - strlen(from);
}

// Sets the value of a key of a line in the first order, quotes and all.
static char *set(char *line, char *end, const char *key, const char *value) {
    char *at = memmem(line, (size_t)(end - line), key, strlen(key));
    at += strlen(key);
    char *rest = at;
    bool quoted = *rest == '"';
    if (quoted) rest = memchr(rest + 1, '"', (size_t)(end - rest - 1)), rest++;
    else while (*rest != ',' && *rest != '}') rest++;
    memmove(at + strlen(value), rest, (size_t)(end - rest));
    memcpy(at, value, strlen(value));
    return end + (long)strlen(value) - (rest - at);
}

char *write_odd_line(char *to, const Event *e, int day, int region, Chance *chance, bool *has_second_line) {
    *has_second_line = false;
    char room[160], *line = to, *end;
    uint32_t kind = below(chance, 10);
    if (options.format == CSV) {
        end = csv(to, e, day, region);
        switch (kind) {
        case 0: *end++ = '\r'; return end;
        case 1: {
            char with[16];
            *user(text(room, ","), e->listener) = 0;
            snprintf(with, sizeof with, ",\"%s\"", room + 1);
            return replace(line, end, room, with);
        }
        case 2: end -= strlen(platforms[e->platform]);
            *has_second_line = true;
            return text(end, "\"line\nfeed, comma and \"\"quote\"\"\"");
        default: return end;
        }
    }
    end = json(to, e, day, region, 0);
    switch (kind) {
    case 0: return replace(line, end, "\"region\"", "\"app\":{\"version\":\"7.2\",\"flags\":[\"gapless\",\"hi\\\"fi\",{}]},\"region\"");
    case 1: return replace(line, end, "\"user_id\":\"u-", "\"user_id\":\"\\u0075\\u002d");
    case 2: return replace(line, end, "\"song_id\"", "\"song\\u005fid\"");
    case 3: *end++ = '\r'; return end;
    case 4: return replace(line, end, "{", " { \t");
    case 5: {  // The same moment by a clock an hour ahead, over midnight too.
        uint32_t ahead = e->time_ms + 3600000;
        char *stop = room;
        *stop++ = '"';
        day_text(day + (ahead >= DAY_MS), stop);
        stop += 10;
        *stop++ = 'T';
        stop = clock_text(stop, ahead % DAY_MS, 3);
        *text(stop, "+01:00\"") = 0;
        return set(line, end, "\"ts\":", room);
    }
    case 6: {  // Nanoseconds.
        char *stop = room;
        *stop++ = '"';
        day_text(day, stop);
        stop += 10;
        *stop++ = 'T';
        stop = clock_text(stop, e->time_ms, 9);
        *text(stop, "Z\"") = 0;
        return set(line, end, "\"ts\":", room);
    }
    case 7: return e->address < 0 ? replace(line, end, "\"ts\"", "\"address\":null,\"ts\"") : end;
    case 8: return e->address < 0 ? replace(line, end, "\"ts\"", "\"address\":\"\",\"ts\"") : end;
    default: return set(line, end, "\"reason_end\":", "\"schlu\\u00df \\ud83c\\udfb5 Ende\"");
    }
}

// MARK: Spoilt

#define JSON true, false
#define TABLE false, true
#define BOTH true, true

const Spoiling spoilings[] = {
    {"cut", "not_json", JSON}, {"no JSON at all", "not_json", JSON}, {"array", "not_json", JSON},
    {"bytes behind the object", "not_json", JSON}, {"two objects", "not_json", JSON},
    {"comma before the brace", "not_json", JSON}, {"zeros after a crash", "not_json", JSON},
    {"nested too deep", "not_json", JSON}, {"not UTF-8", "not_utf8", BOTH},
    {"half a surrogate pair as bytes", "not_utf8", BOTH}, {"overlong UTF-8", "not_utf8", BOTH},
    {"no song", "missing_field", JSON}, {"no time", "missing_field", JSON},
    {"no event id", "missing_field", JSON}, {"listener null", "missing_field", JSON},
    {"no region", "missing_field", JSON}, {"no length heard", "missing_field", JSON},
    {"number as text", "wrong_type", JSON}, {"number with decimals", "wrong_type", JSON},
    {"number with exponent", "wrong_type", JSON}, {"true for a number", "wrong_type", JSON},
    {"list for a listener", "wrong_type", JSON}, {"number for a song", "wrong_type", JSON},
    {"empty song", "bad_id", JSON}, {"long song", "bad_id", JSON}, {"NUL in an id", "bad_id", JSON},
    {"half a surrogate pair", "bad_id", JSON}, {"region of all", "bad_id", BOTH},
    {"noon", "bad_timestamp", BOTH}, {"30 February", "bad_timestamp", BOTH},
    {"hour 24", "bad_timestamp", BOTH}, {"time without zone", "bad_timestamp", JSON},
    {"heard less than nothing", "out_of_range", BOTH}, {"heard for ten days", "out_of_range", BOTH},
    {"tomorrow", "future", BOTH}, {"year 2206", "future", JSON}, {"1970", "too_old", JSON},
    {"nine days ago", "too_old", BOTH}, {"70 KB", "too_long", BOTH}, {"10 MB", "too_long", BOTH},
    {"a column too few", "column_count", TABLE}, {"a column too many", "column_count", TABLE},
    {"cut line of a table", "column_count", TABLE}, {"text in a number's column", "wrong_type", TABLE},
    {"listener empty in a table", "missing_field", TABLE},
    {"text behind a quote", "bad_quotes", TABLE}, {"quote that is not closed", "bad_quotes", TABLE},
    {"number with decimals in a table", "wrong_type", TABLE},
};
const int spoiling_count = sizeof spoilings / sizeof *spoilings;

char *write_spoiled_line(char *to, int kind_number, const Event *e, int day, int region, Chance *chance) {
    const char *kind = spoilings[kind_number].kind;
    bool isCSV = options.format == CSV;
    char *line = to, *end = isCSV ? csv(to, e, day, region) : json(to, e, day, region, 0);
    char room[96], date[11], today[11];
    day_text(day, today);
#define IS(name) !strcmp(kind, name)
#define SET(key, value) return set(line, end, "\"" key "\":", value)
#define DROP(key) return replace(line, end, "\"" key "\":", "\"not_" key "\":")
#define MOMENT(date) do { replace(line, end, today, date); return end; } while (0)
    if (IS("cut")) return line + 20 + below(chance, 150);
    if (IS("no JSON at all")) return text(line, "ERROR 2026 player.c:812: connection reset by peer");
    if (IS("array")) return text(line, "[1,2,3]");
    if (IS("bytes behind the object")) return text(end, " x");
    if (IS("two objects")) return json(end, e, day, region, 1);
    if (IS("comma before the brace")) return text(end - 1, ",}");
    if (IS("zeros after a crash")) return memset(line + 60, 0, 48), line + 108;
    if (IS("nested too deep")) {
        end = text(end - 1, ",\"x\":");
        memset(end, '[', 80);
        memset(end + 80, ']', 80);
        return text(end + 160, "}");
    }
    if (IS("not UTF-8")) return replace(line, end, "u-", "\xe9-");
    if (IS("half a surrogate pair as bytes")) return replace(line, end, "u-", "\xed\xa0\x80-");
    if (IS("overlong UTF-8")) return replace(line, end, "u-", "\xc0\xaf-");
    if (IS("no song")) DROP("song_id");
    if (IS("no time")) DROP("ts");
    if (IS("no event id")) DROP("event_id");
    if (IS("listener null")) SET("user_id", "null");
    if (IS("no region")) DROP("region");
    if (IS("no length heard")) DROP("ms_played");
    if (IS("number as text")) SET("ms_played", "\"60000\"");
    if (IS("number with decimals")) SET("ms_played", "60000.0");
    if (IS("number with exponent")) SET("duration_ms", "6e4");
    if (IS("true for a number")) SET("ms_played", "true");
    if (IS("list for a listener")) SET("user_id", "[\"u-1\"]");
    if (IS("number for a song")) SET("song_id", "812");
    if (IS("empty song")) SET("song_id", "\"\"");
    if (IS("long song")) {
        song_text(e->song, room);
        room[65] = 0;
        memmove(room + 1, room, 64);
        room[0] = 'x';
        return replace(line, end, room + 1, room);
    }
    if (IS("NUL in an id")) SET("song_id", "\"a\\u0000b\"");
    if (IS("half a surrogate pair")) SET("user_id", "\"u-\\ud83c\"");
    if (IS("region of all")) {
        if (!isCSV) SET("region", "\"*\"");
        snprintf(room, sizeof room, ",%s,", region_names[region]);
        return replace(line, end, room, ",*,");
    }
    if (IS("noon")) return replace(line, end, "T", " at ");
    if (IS("30 February")) MOMENT("2026-02-30");
    if (IS("hour 24")) {
        char *at = memmem(line, (size_t)(end - line), today, 10);
        return memcpy(at + 11, "24", 2), end;
    }
    if (IS("time without zone")) {
        char *at = memmem(line, (size_t)(end - line), today, 10);
        memmove(at + 23, at + 24, (size_t)(end - at - 24));
        return end - 1;
    }
    if (IS("heard less than nothing") || IS("heard for ten days")) {
        const char *value = IS("heard for ten days") ? "864000000" : "-1";
        if (!isCSV) SET("ms_played", value);
        snprintf(room, sizeof room, ",%u,%u,", e->played_ms, e->duration_ms);
        char with[96];
        snprintf(with, sizeof with, ",%s,%u,", value, e->duration_ms);
        return replace(line, end, room, with);
    }
    if (IS("tomorrow")) { day_text(day + 1, date); MOMENT(date); }
    if (IS("year 2206")) MOMENT("2206-11-19");
    if (IS("1970")) MOMENT("1970-01-01");
    if (IS("nine days ago")) { day_text(day - 9, date); MOMENT(date); }
    if (IS("70 KB") || IS("10 MB")) {
        size_t count = IS("70 KB") ? 70 << 10 : 10 << 20;
        if (!isCSV) {
            end = text(end - 1, ",\"note\":\"");
            memset(end, 'x', count);
            return text(end + count, "\"}");
        }
        memset(end, 'x', count);
        return end + count;
    }
    if (IS("a column too few")) return end - strlen(platforms[e->platform]) - 1;
    if (IS("a column too many")) return text(end, ",web");
    if (IS("cut line of a table")) return line + 12 + below(chance, 80);
    if (IS("text in a number's column") || IS("number with decimals in a table")) {
        snprintf(room, sizeof room, ",%u,%u,", e->played_ms, e->duration_ms);
        return replace(line, end, room, IS("text in a number's column") ? ",a while,200000," : ",60000.5,200000,");
    }
    if (IS("listener empty in a table")) {
        user(room + 1, e->listener)[0] = 0;
        room[0] = ',';
        return replace(line, end, room, ",");
    }
    if (IS("text behind a quote")) return replace(line, end, ",u-", ",\"u\"-");
    if (IS("quote that is not closed")) return replace(line, end, ",u-", ",\"u-");
    __builtin_trap();  // a kind without its line
}
