#!/usr/bin/env python3
"""How long a night takes beside what it cannot be faster than, and beside a peer.

Makes a library of SONGS and EVENTS (sample-data/generate.py), runs the stages on it and prints for
each the CPU seconds, wall seconds and peak memory, as ratios to floors measured in the same run:

  ingest, first time   cp -r of the same files, and openssl dgst -sha256 of each
  ingest, unchanged    find -printf over the same tree
  plays                gzip -dc of the same logs into wc -l; DuckDB counting the same, if there is
                       a python3 with the module duckdb (PYTHON_DUCKDB=…)

and, with the library four times as large, the cost per song and per event again. Machines are
noisy: believe CPU seconds and ratios.
"""

import argparse
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPINDLE = ROOT / ".build/release/spindle"

DUCKDB = """
import duckdb, sys
print(duckdb.sql(f'''
  WITH events AS (
    SELECT event_id, CAST(ts AS TIMESTAMP) AS ts, user_id, song_id, region, ms_played, duration_ms
    FROM read_json('{sys.argv[1]}/plays/*/*.ndjson.gz', format = 'newline_delimited',
      ignore_errors = true, columns = {{event_id: 'VARCHAR', ts: 'VARCHAR', user_id: 'VARCHAR',
      song_id: 'VARCHAR', region: 'VARCHAR', ms_played: 'BIGINT', duration_ms: 'BIGINT'}})
    WHERE event_id IS NOT NULL AND song_id IS NOT NULL AND TRY_CAST(ts AS TIMESTAMP) IS NOT NULL),
  firsts AS (SELECT DISTINCT ON (event_id) * FROM events)
  SELECT count(*), sum(streams) FROM (
    SELECT CAST(ts AS DATE), song_id, region, count(*) AS plays,
      count(*) FILTER (ms_played >= 30000 OR (duration_ms BETWEEN 1 AND 29999
        AND ms_played >= duration_ms)) AS streams, count(DISTINCT user_id) AS listeners
    FROM firsts GROUP BY ALL)''').fetchall())
"""


def measure(command, **options):
    """Runs a command; returns (cpu_s, wall_s, peak_mb)."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"error: failed: {command}")
    return (usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss / 1024)


def shell(text, *arguments):
    # A pipeline's processes are children of the shell, whose usage counts them once reaped.
    return measure(["bash", "-c", text, "bash", *map(str, arguments)])


class Table:
    def row(self, name, figures, floor=None, floor_name=""):
        cpu, wall, peak = figures
        line = f"{name:<34} {cpu:9.2f} {wall:9.2f} {peak:9.0f}"
        if floor:
            line += f"   {cpu / max(floor[0], 0.01):6.2f} x CPU of {floor_name}"
        print(line, flush=True)


def night(work, songs, events, duckdb, table):
    library = work / f"library-{songs}"
    subprocess.run(
        [sys.executable, ROOT / "sample-data/generate.py", "library", "--songs", str(songs),
         "--events", str(events), "--out", str(library)], check=True, stdout=subprocess.DEVNULL)
    warehouse = work / f"warehouse-{songs}"
    common = ["--warehouse", str(warehouse), "--date", "2026-11-19", "--quiet"]

    def stage(name, *options):
        return measure([str(SPINDLE), name, *options, *common])

    music, logs, topology = library / "music", library / "plays", library / "topology.json"
    print(f"\n{songs:,} songs, {events:,} events")
    print(f"{'':<34} {'CPU s':>9} {'wall s':>9} {'peak MB':>9}")

    shell('find "$1" -type f -exec cat {} + > /dev/null', music)  # the page cache is warm
    copy = shell('cp -r "$1" "$2" && sync "$2"', music, work / "copy")
    shutil.rmtree(work / "copy")
    digest = shell('find "$1" -type f -print0 | xargs -0 openssl dgst -sha256 > /dev/null', music)
    floor = (copy[0] + digest[0], copy[1] + digest[1], max(copy[2], digest[2]))
    table.row("floor: cp, openssl dgst", floor)
    first = stage("ingest", "--source", str(music))
    table.row("ingest, first time", first, floor, "cp and openssl")
    walk = shell('find "$1" -printf "%p %s %T@ %i\\n" > /dev/null', music)
    table.row("floor: find -printf", walk)
    table.row("ingest, unchanged", stage("ingest", "--source", str(music)), walk, "find")

    unpack = shell('cat "$1"/*/*.gz | gzip -dc | wc -l', logs)
    table.row("floor: gzip -dc, wc -l", unpack)
    plays = stage("plays", "--logs", str(logs))
    table.row("plays", plays, unpack, "gzip and wc")
    if duckdb:
        peer = measure([duckdb, "-c", DUCKDB, str(library)])
        table.row("peer: DuckDB, the same counts", peer)
        print(f"{'':<34} plays takes {plays[0] / peer[0]:.2f} of its CPU, "
              f"{plays[2] / peer[2]:.2f} of its memory")
    popularity = stage("popularity")
    table.row("popularity", popularity)
    index = stage("index")
    table.row("index", index)
    place = stage("place", "--topology", str(topology))
    table.row("place", place)
    prefetch = stage("prefetch", "--topology", str(topology))
    table.row("prefetch", prefetch)
    publish = stage("publish")
    table.row("publish", publish)
    shutil.rmtree(library)
    shutil.rmtree(warehouse)
    return {
        "ingest": first[0] / songs, "plays": plays[0] / events, "popularity": popularity[0] / songs,
        "index": index[0] / songs, "place": place[0] / songs, "prefetch": prefetch[0] / songs,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--songs", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--work", help="a folder for the library (default: a temporary one)")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    work = pathlib.Path(tempfile.mkdtemp(prefix="spindle-bench-", dir=arguments.work))
    table = Table()
    duckdb = os.environ.get("PYTHON_DUCKDB")
    try:
        small = night(work, arguments.songs, arguments.events, duckdb, table)
        large = night(work, 4 * arguments.songs, 4 * arguments.events, duckdb, table)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print("\ncost per song or event at four times the size, as a ratio (1.00 is linear):")
    print("  " + ", ".join(f"{name} {large[name] / small[name]:.2f}" for name in small))


if __name__ == "__main__":
    main()
