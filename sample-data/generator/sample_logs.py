"""Writes the sample's fourteen days of play logs, with their faults and the truth.

Reads songs.ndjson; makes plays/date=…/, plays-truth.json, releases.json and
topology.json. The truth is noted while the lines are made, not read from them.
"""

import gzip
import hashlib
import io
import json
import shutil
import subprocess
from collections import Counter, defaultdict
from random import Random

from . import playlog, topology

SEED = 20261119
FIRST_DAY, DAYS = "2026-11-06", 14
LISTENERS_A_REGION = 350
EVENTS_A_DAY = {"eu-west": 520, "us-east": 460, "sa-east": 380, "ap-northeast": 420}

# How much a region plays a genre, against 1 for what is not named.
TASTE = {
    "eu-west": {"Punk": 5.0, "Metal": 1.5, "Celtic": 2.5, "Classical": 1.4, "Choral": 1.6},
    "us-east": {"Bluegrass": 4.5, "Jazz": 4.0, "Ragtime": 3.5, "Gospel": 3.0, "Punk": 0.5},
    "sa-east": {"Samba": 6.0, "Latin": 4.0, "Choro": 5.0, "Punk": 0.25, "Celtic": 0.4},
    "ap-northeast": {"邦楽": 5.0, "唱歌": 4.5, "民歌": 3.5, "민요": 4.0, "Punk": 0.2,
                     "Classical": 1.8},
}
# The day's new song: a first rush that fades by a quarter a day.
RELEASE_RUSH, RELEASE_DECAY = 7.0, 0.75

BOT_REGION, BOT_USER, BOT_SCORE = "us-east", "u-us-000350", "amazing-grace"
BOT_DAYS = ("2026-11-11", "2026-11-12", "2026-11-13", "2026-11-14")
BOT_PLAYED_MS, BOT_EVERY_MS = 31_000, 300_000

LATE_SHARE, DUPLICATE_SHARE, MALFORMED_SHARE, EXTRA_KEYS_SHARE = 0.015, 0.008, 0.005, 0.08

# (day, region) whose log is not one gzip member.
FORMS = {
    ("2026-11-08", "ap-northeast"): "plain",
    ("2026-11-10", "sa-east"): "plain",
    ("2026-11-16", "sa-east"): "plain",
    ("2026-11-12", "us-east"): "zstd",
    ("2026-11-14", "eu-west"): "members",
    ("2026-11-15", "eu-west"): "two files",
}

_EXTRAS = (
    '"app":{"version":"7.2.1","build":4410,"flags":["gapless","hi\\"fi"]}',
    '"city":"S\\u00e3o Paulo"',
    '"device":"Wohnzimmer \\u2013 K\\u00fcche"',
    '"referrer":"https:\\/\\/player.example\\/mix?id=7"',
    '"context":{"kind":"playlist","title":"夜の散歩","position":{"index":12,"shuffled":true}}',
    '"note":"said \\"once more\\""',
    '"experiment":null',
)

MALFORMED_KINDS = (
    "cut_json", "missing_song_id", "negative_ms_played", "text_ms_played", "bad_ts",
    "invalid_utf8", "empty_song_id", "long_song_id", "nul_bytes",
)


class Truth:
    """What was put into the logs, counted as it is put in."""

    def __init__(self):
        self.logs = defaultdict(Counter)  # by the day the log was written
        self.malformed = defaultdict(Counter)
        self.played = defaultdict(Counter)  # by the day of the event
        self.streams = Counter()  # (day, region, song_id)
        self.bot_streams = Counter()  # day
        self.unknown = Counter()  # day, events of songs that the catalogue lacks

    def valid(self, log_day, day, region, song, played, duration, user, known):
        self.logs[log_day]["events"] += 1
        self.played[day]["events"] += 1
        if day != log_day:
            self.logs[log_day]["late"] += 1
            self.played[day]["came_late"] += 1
        if not known:
            self.unknown[day] += 1
        if not playlog.is_stream(played, duration):
            self.played[day]["short"] += 1
            return
        self.streams[day, region, song] += 1
        if user == BOT_USER:
            self.bot_streams[day] += 1


def write(root):
    """Makes the logs and all that goes with them."""
    plays = root / "plays"
    shutil.rmtree(plays, ignore_errors=True)
    for name, data in files(root).items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def files(root):
    """Returns {path: bytes} of everything that this module makes."""
    songs = [json.loads(text) for text in
             (root / "songs.ndjson").read_text(encoding="utf-8").splitlines()]
    lines, truth = _lines(songs)
    made = {}
    for (day, region), log in sorted(lines.items()):
        for name, data in _pack(log, region, FORMS.get((day, region), "gzip")):
            made[f"plays/date={day}/{name}"] = data
    made["plays-truth.json"] = _json(_truth_document(truth, made))
    made["releases.json"] = _json(_releases(songs))
    library_bytes = sum(song["audio_bytes"] for song in songs)
    made["topology.json"] = _json(topology.sample(library_bytes))
    return made


def _lines(songs):
    """Returns ({(log day, region): [line bytes]}, Truth)."""
    random = Random(f"{SEED}/events")
    truth = Truth()
    lines = defaultdict(list)  # (log day, region): [(moment, line)]
    log_days = playlog.days(FIRST_DAY, DAYS)
    offsets = {row[0]: row[7] for row in topology.REGIONS}
    released = {song["song_id"]: song["date"] for song in songs
                if len(song["date"] or "") == 10 and song["date"] >= FIRST_DAY}

    def write_line(log_day, region, moment, data):
        lines[log_day, region].append((moment, data))
        truth.logs[log_day]["lines"] += 1

    # From three days before, so that the first logs have late events too.
    for number, day in enumerate(playlog.days("2026-11-03", DAYS + 3)):
        for region, mean in EVENTS_A_DAY.items():
            hours = playlog.hour_sums(offsets[region])
            song_sums = playlog.cumulative(
                [_weight(index, song, region, day, released) for index, song in enumerate(songs)])
            user_sums = playlog.cumulative(
                [(rank + 8) ** -0.8 for rank in range(LISTENERS_A_REGION - 1)])
            count = int(mean * playlog.WEEKDAYS[(number + 1) % 7] * (0.96 + 0.08 * random.random()))
            for _ in range(count):
                moment = playlog.time_of_day_ms(random, hours)
                late = random.random() < LATE_SHARE
                log_day = day
                if late:
                    first = max(number + 1, 3)
                    latest = min(number + 3, DAYS + 2)
                    if first > latest:
                        late = False
                    else:
                        log_day = log_days[first + int(random.random() * (latest - first + 1)) - 3]
                if day < FIRST_DAY and not late:
                    continue
                song = songs[playlog.pick(random, song_sums)]
                song_id, duration, known = song["song_id"], song["duration_ms"], True
                if random.random() < 0.001:
                    song_id, duration, known = f"{random.getrandbits(256):064x}", 200_000, False
                played, reason = playlog.listening(random, duration)
                if random.random() < 0.004:
                    # The boundary itself: a stream from 30 000 ms, not at 29 999.
                    played = 29_999 + int(random.random() * 2)
                    played, reason = min(played, duration), "fwdbtn"
                user = f"u-{region[:2]}-{1 + playlog.pick(random, user_sums):06d}"
                platform = playlog.platform(random)
                extra = ""
                if random.random() < EXTRA_KEYS_SHARE:
                    extra = _EXTRAS[int(random.random() * len(_EXTRAS))]
                ts = playlog.timestamp(day, moment)
                data = playlog.line(playlog.event_id(random), ts, user, song_id, region, played,
                                    duration, reason, platform, extra).encode()
                write_line(log_day, region, (ts, data), data)
                truth.valid(log_day, day, region, song_id, played, duration, user, known)
                _maybe_duplicate(random, log_days, log_day, region, ts, data, write_line, truth)

    _bot(songs, write_line, truth)
    _faults(songs, log_days, write_line, truth)
    ordered = {}
    for key, log in lines.items():
        # A log is written in the order of arrival: a late or repeated line stands
        # among those of its hour, whatever day its ts names.
        log.sort(key=lambda item: (item[0][0][11:], item[0]))
        ordered[key] = [data for _, data in log]
    for day, region in (("2026-11-09", "eu-west"), ("2026-11-17", "us-east")):
        ordered[day, region].insert(40, b"")
        truth.logs[day]["empty_lines"] += 1
    return ordered, truth


def _weight(index, song, region, day, released):
    """How much a region plays a song on a day: Zipf's law, taste and novelty."""
    # A fixed shuffle of ranks, so that the order of the files says nothing.
    rank = 1 + (index * 11 + 5) % 36
    weight = rank ** -0.7
    genres = song["genres"] or [""]
    weight *= max(TASTE[region].get(genre, 1.0) for genre in genres) if len(genres) == 1 else (
        sum(TASTE[region].get(genre, 1.0) for genre in genres) / len(genres))
    start = released.get(song["song_id"])
    if start:
        if day < start:
            return 0.0
        age = (playlog.date.fromisoformat(day) - playlog.date.fromisoformat(start)).days
        weight *= 1 + RELEASE_RUSH * RELEASE_DECAY ** age
    return weight


def _maybe_duplicate(random, log_days, log_day, region, ts, data, write_line, truth):
    """Repeats a line in the same file, in another region's file or in tomorrow's."""
    if random.random() >= DUPLICATE_SHARE:
        return
    kind = int(random.random() * 3)
    target_day, target_region = log_day, region
    if kind == 1:
        target_region = "us-east" if region == "eu-west" else "eu-west"
    elif kind == 2:
        if log_day == log_days[-1] or not ts.startswith(log_day):
            return  # a late line repeated a day later could be four days late
        target_day = log_days[log_days.index(log_day) + 1]
    write_line(target_day, target_region, (ts, data), data)
    truth.logs[target_day]["duplicates"] += 1


def _bot(songs, write_line, truth):
    """One listener that plays one song every five minutes, day and night."""
    random = Random(f"{SEED}/bot")
    song = next(song for song in songs if song["score"] == BOT_SCORE)
    for day in BOT_DAYS:
        for moment in range(7_000, playlog.DAY_MS, BOT_EVERY_MS):
            ts = playlog.timestamp(day, moment)
            data = playlog.line(playlog.event_id(random), ts, BOT_USER, song["song_id"], BOT_REGION,
                                BOT_PLAYED_MS, song["duration_ms"], "fwdbtn", "web").encode()
            write_line(day, BOT_REGION, (ts, data), data)
            truth.valid(day, day, BOT_REGION, song["song_id"], BOT_PLAYED_MS,
                        song["duration_ms"], BOT_USER, True)


def _faults(songs, log_days, write_line, truth):
    """About one line in two hundred that no reader may count."""
    random = Random(f"{SEED}/faults")
    kinds = MALFORMED_KINDS + ("far_future_ts", "ancient_ts")
    for number, day in enumerate(log_days):
        for region, mean in EVENTS_A_DAY.items():
            for turn in range(max(1, round(mean * MALFORMED_SHARE + 0.2))):
                # In turn rather than by chance, so that every kind occurs.
                kind = kinds[(number * 9 + turn * 4 + len(region)) % len(kinds)]
                ts, data = _fault(random, kind, songs, day, region)
                write_line(day, region, (ts, data), data)
                truth.malformed[day][kind] += 1


def _fault(random, kind, songs, day, region):
    """Returns (moment, line) of an event spoilt in one way."""
    song = songs[int(random.random() * 30)]
    ts = playlog.timestamp(day, int(random.random() * playlog.DAY_MS))
    written = {"far_future_ts": "2206" + ts[4:], "ancient_ts": "1970-01-01" + ts[10:],
               "bad_ts": ts[:10] + " at noon"}.get(kind, ts)
    identity = {"empty_song_id": "", "long_song_id": song["song_id"] * 2}.get(kind, song["song_id"])
    played = {"negative_ms_played": -1 - int(random.random() * 5000),
              "text_ms_played": '"a while"'}.get(kind, song["duration_ms"])
    data = playlog.line(playlog.event_id(random), written, f"u-{region[:2]}-000007", identity,
                        region, played, song["duration_ms"], "trackdone",
                        playlog.platform(random)).encode()
    if kind == "cut_json":
        data = data[:40 + int(random.random() * 150)]
    elif kind == "missing_song_id":
        data = data.replace(b'"song_id"', b'"song"')
    elif kind == "invalid_utf8":
        # Latin-1 where UTF-8 is due.
        data = data.replace(b"trackdone", b"trackdon\xe9")
    elif kind == "nul_bytes":
        # A crash before the data reached the disk leaves zeros in a log.
        data = data[:60] + bytes(48)
    return ts, data


def _pack(log, region, form):
    """Returns [(file name, bytes)] of one region's log of a day."""
    def joined(part):
        return b"".join(data + b"\n" for data in part)

    half = len(log) // 2
    if form == "plain":
        return [(f"{region}.ndjson", joined(log))]
    if form == "zstd":
        return [(f"{region}.ndjson.zst", _zstd(joined(log)))]
    if form == "members":
        return [(f"{region}.ndjson.gz", _gzip(joined(log[:half])) + _gzip(joined(log[half:])))]
    if form == "two files":
        return [(f"{region}-00.ndjson.gz", _gzip(joined(log[:half]))),
                (f"{region}-01.ndjson.gz", _gzip(joined(log[half:])))]
    return [(f"{region}.ndjson.gz", _gzip(joined(log)))]


def _gzip(data):
    out = io.BytesIO()
    # No name and no time in the header, so that the same lines give the same bytes.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=out, mtime=0) as packed:
        packed.write(data)
    return out.getvalue()


def _zstd(data):
    return subprocess.run(["zstd", "-19", "-q", "-c", "--single-thread"], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


def _releases(songs):
    announced = [song for song in songs if (song["date"] or "") >= "2026-11-13"]
    return {
        "format": "spindle-releases", "version": 1,
        "releases": [
            {"song_id": song["song_id"], "date": song["date"], "title": song["title"],
             "artists": song["artists"]}
            for song in sorted(announced, key=lambda song: song["date"])
        ],
    }


def stream_lines(streams):
    """The canonical listing that the digest in plays-truth.json covers."""
    return [f"{day}\t{region}\t{song}\t{count}\n"
            for (day, region, song), count in sorted(streams.items())]


def digest(streams):
    return hashlib.sha256("".join(stream_lines(streams)).encode()).hexdigest()


def _truth_document(truth, made):
    by_log_day = {}
    for day in sorted(truth.logs):
        counted = truth.logs[day]
        by_log_day[day] = {
            "files": sum(name.startswith(f"plays/date={day}/") for name in made),
            "lines": counted["lines"],
            "empty_lines": counted["empty_lines"],
            "events": counted["events"],
            "duplicates": counted["duplicates"],
            "late": counted["late"],
            "malformed": dict(sorted(truth.malformed[day].items())),
        }
    by_event_day = {}
    for day in sorted(truth.played):
        regions, songs = Counter(), set()
        for (stream_day, region, song), count in truth.streams.items():
            if stream_day == day:
                regions[region] += count
                songs.add(song)
        by_event_day[day] = {
            "events": truth.played[day]["events"],
            "came_late": truth.played[day]["came_late"],
            "short": truth.played[day]["short"],
            "streams": sum(regions.values()),
            "streams_by_region": dict(sorted(regions.items())),
            "songs": len(songs),
            "unknown_song_events": truth.unknown[day],
            "bot_streams": truth.bot_streams[day],
            "digest": digest({key: count for key, count in truth.streams.items() if key[0] == day}),
        }
    by_song = defaultdict(Counter)
    for (_, region, song), count in truth.streams.items():
        by_song[song][region] += count
    malformed = Counter()
    for counted in truth.malformed.values():
        malformed.update(counted)
    return {
        "format": "spindle-sample-truth", "version": 1, "seed": SEED,
        "totals": {
            "lines": sum(day["lines"] for day in by_log_day.values()),
            "empty_lines": sum(day["empty_lines"] for day in by_log_day.values()),
            "events": sum(day["events"] for day in by_log_day.values()),
            "duplicates": sum(day["duplicates"] for day in by_log_day.values()),
            "late": sum(day["late"] for day in by_log_day.values()),
            "malformed": dict(sorted(malformed.items())),
            "short": sum(day["short"] for day in by_event_day.values()),
            "streams": sum(truth.streams.values()),
            "unknown_song_events": sum(truth.unknown.values()),
            "bot_streams": sum(truth.bot_streams.values()),
            "digest": digest(truth.streams),
        },
        "bot": {"user_id": BOT_USER, "region": BOT_REGION, "days": list(BOT_DAYS)},
        "by_log_day": by_log_day,
        "by_event_day": by_event_day,
        "streams_by_song": {song: dict(sorted(counts.items()))
                            for song, counts in sorted(by_song.items())},
    }


def _json(document):
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
