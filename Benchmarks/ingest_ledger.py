"""Fills a warehouse's ledger directly with songs that were never read, for measuring what follows.

The columns that are not set here are those of a song that `spindle ingest` has just recorded, so
that a new column does not end the benchmark.
"""

import json
import shutil
import sqlite3
import subprocess
import sys

import ingest_library
from ingest_library import ROOT


def fill(spindle, work, warehouse, songs, date):
    """Makes a warehouse with `songs` songs, their plays counted and their popularity known."""
    library = work / f"songs-{songs}"
    if not (library / "topology.json").exists():
        shutil.rmtree(library, ignore_errors=True)
        _run(sys.executable, ROOT / "sample-data/generate.py", "library", "--songs", songs,
             "--events", max(20_000, songs // 5), "--files", "no", "--out", library)
    one = ingest_library.make_tiny(work / "tiny-1", 1)
    common = ["--warehouse", warehouse, "--date", date, "--quiet"]
    _run(spindle, "ingest", "--source", one, *common)
    database = sqlite3.connect(warehouse / "ledger.sqlite")
    with database:
        song, file = _template(database, "songs"), _template(database, "files")
        database.execute("DELETE FROM songs")
        database.execute("DELETE FROM files")
        with open(library / "songs.ndjson", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                _insert(database, song, file, json.loads(line), number)
        database.execute("UPDATE meta SET value = ? WHERE key = 'content_digest'", (f"{songs:064x}",))
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    _run(spindle, "plays", "--logs", library / "plays", *common)
    _run(spindle, "popularity", *common)


def _insert(database, song, file, made, number):
    song.update(song_id=made["song_id"], size_bytes=4_000_000 + number % 100_000,
                duration_ms=made["nominal_duration_ms"])
    tags = {"title": [made["title"]], "artists": made["artists"], "album": [made["album"]],
            "album_artists": [made["album_artist"]], "genres": made["genres"],
            "track": [made["track"].split("/")[0]], "recording_date": [made["date"]],
            "release_date": [made["date"]], "isrc": [made["isrc"]]}
    file.update(path=made["paths"][0], song_id=made["song_id"], inode=number + 1, cover=None,
                tags=json.dumps(tags, ensure_ascii=False))
    for table, row in (("songs", song), ("files", file)):
        database.execute(f"INSERT INTO {table}({','.join(row)}) VALUES({','.join('?' * len(row))})",
                         list(row.values()))


def _template(database, table):
    """The one row of a table, without its generated columns."""
    names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    return dict(zip(names, database.execute(f"SELECT {','.join(names)} FROM {table}").fetchone()))


def _run(*command):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
