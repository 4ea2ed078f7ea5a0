#!/usr/bin/env python3
"""Counts one day of plays out of logs of every format, and recounts them without Spindle.

Makes EVENTS plays of a day and writes them as each format has them, with spoilt, repeated and
foreign lines between them; counts each with `spindle plays` and compares every row with a count of
Python's own csv and json. Prints the megabytes per CPU second of each. Ends with 1 where a row differs.
"""

import argparse
import collections
import csv
import io
import json
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DAY = "2026-11-19"
MIDNIGHT = 1_795_046_400
FIELDS = (
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) "
    "cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header "
    "cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher "
    "x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port "
    "time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start "
    "sc-range-end"
).split()


class Play:
    def __init__(self, random, songs, users):
        self.second = random.randrange(86_400)
        self.user = f"u{random.randrange(users)}"
        number = min(int(random.paretovariate(0.7)), len(songs) - 1)
        self.song, self.artist, self.title = songs[number]
        self.ms = random.randrange(250_000)

    @property
    def clock(self):
        return f"{self.second // 3600:02}:{self.second // 60 % 60:02}:{self.second % 60:02}"

    @property
    def ts(self):
        return f"{DAY}T{self.clock}Z"


# Each gives the texts of a file, with (key, listener, song, ms) where one is a play, SPOILT where it
# must be set aside, and None where it is neither.
SPOILT = ()


def own(plays, _):
    for play in plays:
        key = f"{play.user} {play.ts} {play.song}"
        yield json.dumps({
            "event_id": f"{hash(key) & 0xFFFFFFFFFFFFFFFF:x}", "ts": play.ts, "user_id": play.user,
            "song_id": play.song, "region": "eu", "ms_played": play.ms, "duration_ms": 250_000,
        }) + "\n", (key, play.user, play.song, play.ms)


def separated(delimiter):
    def write(plays, random):
        header = delimiter.join(["ts", "user_id", "song_id", "ms_played", "title"]) + "\n"
        yield header, None
        for play in plays:
            text = io.StringIO()
            title = random.choice(["plain", "a, comma", 'a "quote"', "two\nlines"])
            csv.writer(text, delimiter=delimiter, lineterminator="\n").writerow(
                [play.ts, play.user, play.song, play.ms, title])
            yield text.getvalue(), (
                f"{play.user} {play.ts} {play.song}", play.user, play.song, play.ms)
            chance = random.random()
            if chance < 0.01:
                yield header, None
            elif chance < 0.02:
                yield delimiter.join([play.ts, play.user, '"' + play.song, "60000"]) + "\n", SPOILT
    return write


def listenbrainz(plays, _):
    for play in plays:
        name = f"?{play.artist} / {play.title}"
        yield json.dumps({
            "listened_at": MIDNIGHT + play.second, "user_name": play.user, "recording_msid": "x",
            "track_metadata": {"artist_name": play.artist, "track_name": play.title,
                "additional_info": {"duration_ms": 200_000, "tags": [{"a": "}{"}]}},
        }) + "\n", (f"{play.user} {play.ts} {name}", play.user, name, 200_000)


def spotify(plays, random):
    yield "[\n", None
    for play in plays:
        name = f"?{play.artist} / {play.title}"
        text = json.dumps({
            "ts": play.ts, "username": play.user, "ms_played": play.ms, "conn_country": "eu",
            "master_metadata_track_name": play.title,
            "master_metadata_album_artist_name": play.artist, "spotify_track_uri": "spotify:track:x",
            "episode_name": None, "skipped": False,
        }, ensure_ascii=random.random() < 0.5, indent=random.choice([None, 2]))
        yield text + ",\n", (f"{play.user} {play.ts} {name}", play.user, name, play.ms)
        if random.random() < 0.01:
            # A spoilt object ends at the first sign of another, so there is none in its title.
            yield text.replace("},{", "")[:-9] + '"},\n', SPOILT
    yield "{}]\n", SPOILT


def lastfm(plays, _):
    for play in plays:
        name = f"?{play.artist} / {play.title}"
        yield f"{play.user}\t{play.ts}\t\t{play.artist}\t\t{play.title}\n", (
            f"{play.user} {play.ts} {name}", play.user, name, 30_000)


def requests(line):
    """A session's key has no time: its ranges are united below."""
    def write(plays, random):
        if line is cloudfront:
            yield "#Version: 1.0\n#Fields: " + " ".join(FIELDS) + "\n", None
        for play in plays:
            start = random.randrange(30) * 50_000
            method, status, agent = "GET", 206, "Firefox/148.0"
            chance = random.random()
            if chance < 0.02:
                method = "HEAD"
            elif chance < 0.04:
                status = 404
            elif chance < 0.06:
                agent = "Googlebot/2.1"
            isHeard = chance >= 0.06
            yield line(play, start, start + play.ms, method, status, agent), (
                f"{play.user} {play.song}", play.user, play.song, (start, start + play.ms + 1)
            ) if isHeard else None
    return write


def cloudfront(play, start, end, method, status, agent):
    values = {
        "date": DAY, "time": play.clock, "x-edge-location": "FRA56-P1",
        "sc-bytes": str(end - start + 500), "c-ip": play.user, "cs-method": method,
        "cs-uri-stem": f"/audio/{play.song}.mp3", "sc-status": str(status),
        "cs(User-Agent)": agent, "sc-content-len": str(end - start + 1),
        "sc-range-start": str(start), "sc-range-end": str(end),
    }
    return "\t".join(values.get(field, "-") for field in FIELDS) + "\n"


def combined(play, start, end, method, status, agent):
    return (
        f"{play.user} - - [19/Nov/2026:{play.clock} +0000] "
        f'"{method} /audio/{play.song}.mp3 HTTP/1.1" {status} {end - start + 1} "-" "{agent}" '
        f'"bytes {start}-{end}/9999999"\n')


def json_access(play, start, end, method, status, agent):
    return json.dumps({
        "time_iso8601": f"{DAY}T{play.clock}+00:00", "remote_addr": play.user,
        "request": f"{method} /audio/{play.song}.mp3 HTTP/1.1", "status": status,
        "body_bytes_sent": end - start + 1, "http_user_agent": agent,
        "sent_http_content_range": f"bytes {start}-{end}/9999999",
    }) + "\n"


FORMATS = {
    "spindle": own, "csv": separated(","), "tsv": separated("\t"), "listenbrainz": listenbrainz,
    "spotify": spotify, "lastfm": lastfm, "cloudfront": requests(cloudfront),
    "combined": requests(combined), "json-access": requests(json_access),
}


def expected(plays, is_access):
    """By song: plays, streams, milliseconds, listeners; as docs/formats/popularity.md has it."""
    events = {}
    ranges = collections.defaultdict(list)
    for key, user, song, ms in plays:
        if is_access:
            ranges[key].append(ms)
            ms = 0
        events.setdefault(key, (user, song, ms))
    for key, sent in ranges.items():
        total, reached = 0, 0
        for start, end in sorted(sent):
            total += max(0, end - max(start, reached))
            reached = max(reached, end)
        events[key] = (*events[key][:2], total * 8 // 128)
    heard = collections.Counter()
    for user, _, ms in events.values():
        heard[user] += ms
    rows = collections.defaultdict(lambda: [0, 0, 0, set()])
    for user, song, ms in events.values():
        if heard[user] > 86_400_000:
            continue
        row = rows[song]
        row[0] += 1
        row[2] += ms
        if ms >= 30_000:
            row[1] += 1
            row[3].add(user)
    return {song: (row[0], row[1], row[2], len(row[3])) for song, row in rows.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spindle", default=str(ROOT / ".build/release/spindle"))
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="spindle-formats-"))
    failed = False
    try:
        for name, write in FORMATS.items():
            generator = random.Random(options.seed)
            songs = [
                (f"{generator.getrandbits(256):064x}", f"Ärtist {i % 700}", f'T{i} {{"}},{{"}}')
                for i in range(max(100, options.events // 50))]
            plays = [
                Play(generator, songs, max(50, options.events // 20))
                for _ in range(options.events)]
            plays += generator.sample(plays, len(plays) // 100)
            log = folder / "logs" / DAY / "log"
            log.parent.mkdir(parents=True, exist_ok=True)
            told, spoilt = [], 0
            with open(log, "w", encoding="utf-8", newline="") as file:
                for text, play in write(plays, generator):
                    file.write(text)
                    if play:
                        told.append(play)
                    spoilt += play == SPOILT
            warehouse = folder / "warehouse"
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(
                [options.spindle, "plays", "--warehouse", warehouse, "--date", DAY, "--logs",
                 folder / "logs", "--region", "eu", "--bitrate", "128", "--quiet"],
                check=True, stderr=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            counts = subprocess.run(
                ["zstd", "-dc", warehouse / "plays" / f"date={DAY}" / "counts.tsv.zst"],
                check=True, capture_output=True, text=True).stdout.split("\n")[1:-1]
            found = {}
            for line in counts:
                song, _, *numbers = line.split("\t")
                count, streams, _, listeners, ms = map(int, numbers[:5])
                found[song] = (count, streams, ms, listeners)
            wanted = expected(told, name in ("cloudfront", "combined", "json-access"))
            wrong = sum(found.get(song) != wanted.get(song) for song in {*found, *wanted})
            record = json.loads(
                (warehouse / "plays" / f"date={DAY}" / "artefact.json").read_text())
            rejected = record["counts"]["rejected"]
            failed |= wrong > 0 or rejected != spoilt
            megabytes = log.stat().st_size / 1e6
            print(f"{name:13} {megabytes:7.1f} MB {megabytes / cpu:7.0f} MB/CPU s"
                  f" {len(found):7} rows, {wrong} differ; {rejected} of {spoilt} spoilt lines"
                  " set aside", flush=True)
            shutil.rmtree(warehouse)
            log.unlink()
    finally:
        shutil.rmtree(folder)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
