#!/usr/bin/env python3
"""What `spindle index` costs for each song, and how much memory it takes, at growing sizes.

Fills ledgers directly with made-up songs (no files: the stage reads none but covers), gives half of
them a popularity, and runs the stage. Believe CPU seconds; the cost per song should stay the same.
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPINDLE = pathlib.Path(os.environ.get("SPINDLE", ROOT / ".build/release/spindle"))
NIGHT = "2026-11-19"
WORDS = ("love night blue river dream fire heart dance shadow light summer rain city moon wild gold "
         "broken silver road home sky ocean star ghost winter sweet electric velvet paper glass").split()
SYLLABLES = "ka ri mo ne su ta vel dor an is lo mi ra ben tor el fa gu".split()
GENRES = ["Rock", "Pop", "Hip-Hop", "House", "Techno", "Folk", "Jazz", "Death Metal", "Classical",
          "Punk", "R&B", "Ambient", "Salsa", "Indie Rock", "Trance"]


def name(number):
    choose = random.Random(number)
    words = "".join(choose.choice(SYLLABLES) for _ in range(choose.randint(2, 4))).title()
    if number % 3:
        words += " " + "".join(choose.choice(SYLLABLES) for _ in range(2)).title()
    return words


def uuid(text):
    digits = hashlib.md5(text.encode()).hexdigest()
    return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])


def songs(count):
    """Eleven songs an album, twenty an artist; a third with MusicBrainz ids."""
    artists = max(10, count // 20)
    choose = random.Random(5)
    for number in range(count):
        album = number // 11
        artist = album * 2654435761 % artists
        by = name(artist)
        words = random.Random(album)
        title = " ".join(choose.choice(WORDS) for _ in range(choose.randint(1, 4))).title()
        guest = f"{by} feat. {name(choose.randrange(artists))}" if number % 13 == 0 else by
        tags = {"title": [title], "artists": [guest]}
        if number % 3 == 0:
            tags["composers"] = [name(choose.randrange(artists))]
        tags["album"] = [" ".join(words.choice(WORDS) for _ in range(2)).title()
                         + (" é" if album % 9 == 0 else "")]
        if number % 5:
            tags["album_artists"] = [by]
        tags |= {"track": [str(number % 11 + 1)], "track_total": ["11"], "disc": ["1"],
                 "release_date": [f"{1960 + album % 66}-{album % 12 + 1:02d}-{album % 28 + 1:02d}"],
                 "genres": [GENRES[album % 15]], "labels": [f"Label {album % 500}"]}
        if number % 2:
            tags["bpm"] = [str(60 + number % 120)]
        if number % 4 == 0:
            tags["isrcs"] = [f"QZ{number:010d}"]
        if album % 3 == 0:
            tags |= {"musicbrainz_recording_id": [uuid(f"r{number}")],
                     "musicbrainz_album_id": [uuid(f"a{album}")],
                     "musicbrainz_artist_ids": [uuid(f"p{artist}")]}
        tags |= {"replaygain_track_gain": ["-7.03 dB"], "replaygain_track_peak": ["0.988"],
                 "comments": [{"language": "eng", "text": "ripped with care"}]}
        if number % 10 == 0:
            tags["lyrics"] = [{"text": "la la la\n" * 40}]
        path = f"{by}/{tags['album'][0]} {album}/{number % 11 + 1:02d} {title}.mp3"
        yield hashlib.sha256(str(number).encode()).hexdigest(), path, json.dumps(
            tags, ensure_ascii=False, separators=(",", ":"))


def fill(warehouse, base, count):
    """A warehouse with a ledger and a popularity in the form of those in `base`."""
    (warehouse / "tmp").mkdir(parents=True)
    shutil.copy(base / "warehouse.json", warehouse)
    popularity = warehouse / f"popularity/date={NIGHT}"
    shutil.copytree(base / f"popularity/date={NIGHT}", popularity)
    form = sqlite3.connect(f"file:{base}/ledger.sqlite?mode=ro", uri=True)
    ledger = sqlite3.connect(warehouse / "ledger.sqlite")
    ledger.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
    tables = form.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL "
                          "AND name NOT LIKE 'sqlite%' ORDER BY type = 'index'")
    for (sql,) in tables:
        ledger.execute(sql)
    (version,) = form.execute("PRAGMA user_version").fetchone()
    ledger.execute(f"PRAGMA user_version = {version}")
    ledger.execute("INSERT INTO meta VALUES('content_digest', ?)", (f"{count:064x}",))
    ids, rows = [], []

    def flush():
        ledger.executemany(
            "INSERT INTO songs(song_id, size_bytes, duration_ms, bitrate_kbps, sample_rate_hz, "
            "channels, frames, is_vbr) VALUES(?, 4000000, 240000, 128, 44100, 2, 9000, 0)",
            [(row[1],) for row in rows])
        ledger.executemany(
            "INSERT INTO files(source, path, state, size_bytes, modified_ns, changed_ns, inode, "
            "song_id, tags, added, changed) "
            f"VALUES('/m', ?, 'present', 4000100, 1, 1, 1, ?, ?, '{NIGHT}', '{NIGHT}')", rows)
        rows.clear()

    for song, path, tags in songs(count):
        ids.append(song)
        rows.append((path, song, tags))
        if len(rows) == 10_000:
            flush()
    flush()
    ledger.commit()
    ledger.close()
    random.Random(9).shuffle(ids)
    lines = ["region\trank\tsong_id\tscore\tstreams\tchart_streams\tweight\tlisteners\twindow_listeners"
             "\ttrend\tweekly_trend\tskip_rate\tcompletion\tcompleted"]
    half = ids[:count // 2]
    for rank, song in enumerate(half, 1):
        score = 100 - 100 * rank // len(half)
        lines.append(f"*\t{rank}\t{song}\t{score}\t{count - rank}\t{count - rank}\t1.0000\t1\t1\t0.10\t0.0"
                     "\t0.0000\t1.0000\t1.0000")
    subprocess.run(["zstd", "-q", "-f", "-o", popularity / "scores.tsv.zst"],
                   input=("\n".join(lines) + "\n").encode(), check=True)


def measure(command):
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"error: failed: {command}")
    return (usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss / 1024)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--songs", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--work", help="a folder for the ledgers (default: a temporary one)")
    parser.add_argument("--keep", action="store_true", help="leave the warehouses there")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    work = pathlib.Path(tempfile.mkdtemp(prefix="spindle-bench-", dir=arguments.work))
    try:
        base = work / "sample"
        for stage in (["ingest", "--source", str(ROOT / "sample-data/music")],
                      ["plays", "--logs", str(ROOT / "sample-data/plays")], ["popularity"]):
            measure([str(SPINDLE), *stage, "--warehouse", str(base), "--date", NIGHT, "--quiet"])
        print(f"{'songs':>12} {'CPU s':>9} {'wall s':>9} {'peak MB':>9} {'us a song':>10} "
              f"{'bytes a song':>13}")
        for count in arguments.songs:
            warehouse = work / f"warehouse-{count}"
            fill(warehouse, base, count)
            cpu, wall, peak = measure(
                [str(SPINDLE), "index", "--warehouse", str(warehouse), "--date", NIGHT, "--quiet"])
            size = sum(path.stat().st_size for path in (warehouse / f"catalog/date={NIGHT}").iterdir())
            print(f"{count:12,} {cpu:9.2f} {wall:9.2f} {peak:9.0f} {1e6 * cpu / count:10.1f} "
                  f"{size / count:13.0f}", flush=True)
            if not arguments.keep:
                shutil.rmtree(warehouse)
    finally:
        if not arguments.keep:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
