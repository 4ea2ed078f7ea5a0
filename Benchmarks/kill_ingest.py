#!/usr/bin/env python3
"""Kills `spindle ingest` at random points and looks at what it leaves (`make test-kill`).

Each kill is a SIGKILL of the parent process, into a warehouse that earlier kills have left or a
new one; the sources change between runs. After each: every blob is what its name says, and each
row of the ledger has its blobs. After the next whole run: no temporary file, no worker, and the
ledger of a run that nobody disturbed.

usage: kill_ingest.py [--kills 200] [--seed N] [--spindle .build/release/spindle]
"""

import argparse
import hashlib
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

SAMPLE = pathlib.Path(__file__).resolve().parent.parent / "sample-data/music"
COLUMNS = ("song_id", "head", "tail", "cover")
DATE = "2026-11-19"


def ingest(options, source, warehouse):
    return [options.spindle, "ingest", "--source", source, "--warehouse", warehouse,
            "--date", DATE, "--removal-limit", "100%"]


def rows(ledger):
    """Everything in the ledger but what says when and how often it was looked at."""
    # A copy, so that it is not recovered in the product's stead.
    with tempfile.TemporaryDirectory() as folder:
        for file in ledger.parent.glob("ledger.sqlite*"):
            shutil.copy(file, folder)
        with sqlite3.connect(pathlib.Path(folder) / "ledger.sqlite") as database:
            check = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
            assert check == "ok", f"the ledger: {check}"
            tables = [name for name, in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'meta'")]
            return {table: columns(database, table) for table in sorted(tables)}


def columns(database, table):
    database.row_factory = sqlite3.Row
    database.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
    return sorted((dict(row) for row in database.execute(f"SELECT * FROM {table}")), key=str)


def faults(warehouse):
    held = set()
    for path in (warehouse / "blobs").rglob("*"):
        if path.is_file():
            held.add(path.name)
            if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                yield f"blob {path.name} is not what its name says"
    ledger = warehouse / "ledger.sqlite"
    if not ledger.exists():
        return
    tables = rows(ledger)
    for file in tables.get("files", []):
        for column in COLUMNS:
            if file[column] and file[column] not in held:
                yield f"{file['path']!r}: its {column} {file[column]} is not there"
    for cover in tables.get("covers", []):
        if cover["digest"] not in held:
            yield f"{cover['path']!r}: its cover {cover['digest']} is not there"
    songs = {song["song_id"] for song in tables.get("songs", [])}
    for file in tables.get("files", []):
        if file["state"] == "present" and file["song_id"] not in songs:
            yield f"{file['path']!r}: its song is not there"


def children(parent):
    """Processes that `parent` has started, with the time they began (a number may come again)."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            stat = pathlib.Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if stat[1] == str(parent):
            found.append((int(entry), stat[19]))
    return found


def is_alive(process):
    try:
        stat = pathlib.Path(f"/proc/{process[0]}/stat").read_text().rsplit(")", 1)[1].split()
        return stat[19] == process[1] and stat[0] not in "ZX"
    except OSError:
        return False


def change(source, dice, number):
    """What happens to a library: a file comes, is tagged anew, moves, or goes."""
    files = sorted(path for path in source.rglob("*.mp3") if path.is_file())
    for step in range(dice.randint(1, 6)):
        file = dice.choice(files)
        if not file.exists():
            continue
        kind = dice.randrange(4)
        name = source / f"changed-{number}-{step}.mp3"
        if kind == 0:
            # Audio that nobody has yet, by a frame left out.
            data = file.read_bytes()
            name.write_bytes(data[: len(data) - dice.randint(500, 5000)])
        elif kind == 1:
            tag = f"TAG{'anew %d' % number:<30}".encode().ljust(128, b"\0")
            with open(file, "ab") as out:
                out.write(tag)
        elif kind == 2:
            file.rename(name)
        elif len(files) > 40:
            file.unlink()


def same_as_undisturbed(options, source, warehouse, folder):
    fresh = folder / "undisturbed"
    subprocess.run(ingest(options, source, fresh), check=True, capture_output=True)
    # The disturbed one remembers files that have gone, what they held, and when each was first seen.
    def present(tables):
        files = [{k: v for k, v in file.items() if "seen" not in k and "since" not in k}
                 for file in tables["files"] if file["state"] != "gone"]
        paths = {file["path"] for file in files}
        songs = {file["song_id"] for file in files}
        return (files, [song for song in tables["songs"] if song["song_id"] in songs],
                [cover for cover in tables["covers"] if cover["path"] in paths])
    a, b = present(rows(warehouse / "ledger.sqlite")), present(rows(fresh / "ledger.sqlite"))
    shutil.rmtree(fresh)
    if a != b:
        for left, right in zip(a, b):
            for row in [row for row in left if row not in right][:2]:
                print("disturbed:  ", row, file=sys.stderr)
            for row in [row for row in right if row not in left][:2]:
                print("undisturbed:", row, file=sys.stderr)
    return a == b


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--spindle", default=".build/release/spindle")
    options = parser.parse_args()
    options.spindle = str(pathlib.Path(options.spindle).resolve())
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    print(f"seed {seed} (--seed {seed} repeats the moments)")
    dice = random.Random(seed)
    # Real storage: what a killed process leaves is the same anywhere, and memory is small.
    with tempfile.TemporaryDirectory(prefix="spindle-kill-") as name:
        folder = pathlib.Path(name)
        return run(options, dice, seed, folder)


def run(options, dice, seed, folder):
    source, warehouse = folder / "music", folder / "w"
    shutil.copytree(SAMPLE, source, symlinks=True)
    started = time.monotonic()
    subprocess.run(ingest(options, source, warehouse), check=True, capture_output=True)
    length = time.monotonic() - started
    shutil.rmtree(warehouse)
    killed = tries = workers_seen = whole_runs = 0
    bad = []
    while killed < options.kills and tries < 5 * options.kills:
        tries += 1
        run = subprocess.Popen(ingest(options, source, warehouse),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0, length))
        workers = children(run.pid)
        run.send_signal(signal.SIGKILL)
        if run.wait() != -signal.SIGKILL:
            # Done before: the moments come sooner, and there is something to do again.
            length = max(0.01, 0.95 * length)
            if warehouse.exists() and dice.random() < 0.5:
                shutil.rmtree(warehouse)
            else:
                change(source, dice, tries)
            continue
        killed += 1
        workers_seen += len(workers)
        deadline = time.monotonic() + 5
        while any(map(is_alive, workers)) and time.monotonic() < deadline:
            time.sleep(0.002)
        if any(map(is_alive, workers)):
            bad.append(f"kill {killed}: workers outlive their parent")
        bad += [f"kill {killed}: {fault}" for fault in faults(warehouse)]
        # Some are killed again before they are whole.
        if dice.random() < 0.5:
            done = subprocess.run(ingest(options, source, warehouse), capture_output=True, text=True)
            whole_runs += 1
            if done.returncode != 0:
                bad.append(f"after kill {killed}: {done.stderr}")
            left = [path.name for path in (warehouse / "tmp").iterdir()]
            if left:
                bad.append(f"after kill {killed}: left in tmp: {left}")
            bad += [f"after kill {killed}: {fault}" for fault in faults(warehouse)]
            if not same_as_undisturbed(options, source, warehouse, folder):
                bad.append(f"after kill {killed}: not the ledger of an undisturbed run")
            if dice.random() < 0.5:
                shutil.rmtree(warehouse)
            else:
                change(source, dice, tries)
    print(f"{killed} kills with {workers_seen} workers at work, {whole_runs} whole runs after them: "
          f"{len(bad)} faults")
    for fault in bad[:20]:
        print(fault)
    if killed < options.kills:
        print(f"only {killed} of {options.kills} kills came in time")
    return 1 if bad or killed < options.kills else 0


if __name__ == "__main__":
    sys.exit(main())
