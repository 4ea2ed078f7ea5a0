#!/usr/bin/env python3
"""What counting a day's plays costs beside its floors and beside other engines that do the same.

Makes EVENTS plays of one day (play_logs.py: over EVENTS / 50 songs, by EVENTS / 10 listeners, in
8 regions) and counts them with two threads each:

  floors       wc -l over the text; decompressing to nothing
  spindle      plays, from plain NDJSON, .gz and .zst
  DuckDB       the same rules in SQL: repeats removed exactly, farms, impossible hours and loops left
               out, ten chart streams a listener and song, listeners exact; from the same files and
               from Parquet. Sketches and co-plays, which Spindle makes besides, it is spared
  Polars, chDB the same, from NDJSON, where PYTHON_PEERS has them

and compares what came out, row by row. Then a tenth of everything, to see whether ten times the
events cost ten times the time; and small logs with every kind of spoilt line, as NDJSON and CSV,
to see who loses good lines and who counts phantoms.

Memory is the largest anonymous memory (RssAnon) of the processes, looked at fifty times a second.
Machines are noisy: believe CPU seconds and ratios of one run. PYTHON_PEERS is a python3 with the
module duckdb, and polars and chdb if they are to be measured: python3 -m venv V && V/bin/pip
install duckdb polars chdb, then PYTHON_PEERS=V/bin/python.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import play_logs  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
DAY = "2026-11-19"
PEERS = pathlib.Path(__file__).resolve().parent / "plays_peers.py"


class Figures:
    def __init__(self, cpu, wall, peak_mb):
        self.cpu, self.wall, self.peak_mb = cpu, wall, peak_mb


def anonymous_kb(pid):
    """RssAnon of a process and of all below it."""
    total, waiting = 0, [pid]
    while waiting:
        at = waiting.pop()
        try:
            with open(f"/proc/{at}/status") as status:
                for line in status:
                    if line.startswith("RssAnon:"):
                        total += int(line.split()[1])
            for task in os.listdir(f"/proc/{at}/task"):
                with open(f"/proc/{at}/task/{task}/children") as children:
                    waiting += map(int, children.read().split())
        except OSError:
            pass  # it has ended
    return total


def measure(command, check=True, **options):
    """Runs a command; its CPU seconds with all that it started, wall seconds and peak memory."""
    peak, done = 0, threading.Event()
    started = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], **options)

    def watch():
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, anonymous_kb(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - started
    done.set()
    watcher.join()
    if status != 0 and check:
        sys.exit(f"error: failed: {' '.join(map(str, command))[:300]}")
    figures = Figures(usage.ru_utime + usage.ru_stime, wall, peak / 1024)
    figures.failed = status != 0
    return figures


def row(name, figures, peer=None, note=""):
    text = f"{name:<30} {figures.cpu:9.1f} {figures.wall:9.1f} {figures.peak_mb:9.0f}"
    if peer:
        text += (f"   {figures.cpu / peer.cpu:6.3f} {figures.wall / peer.wall:6.3f}"
                 f" {figures.peak_mb / max(peer.peak_mb, 1):6.3f}")
    print(f"{text}   {note}".rstrip(), flush=True)


class Bench:
    def __init__(self, options):
        self.options = options
        self.python = options.peers
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="spindle-plays-", dir=options.work))
        help = subprocess.run([options.spindle, "plays", "--help"], capture_output=True, text=True)
        self.threads = ["--threads", "2"] if "--threads" in help.stdout else []
        self.environment = {**os.environ, "THREADS": "2", "POLARS_MAX_THREADS": "2"}

    def has(self, module):
        return bool(self.python) and subprocess.run(
            [self.python, "-c", f"import {module}"], capture_output=True).returncode == 0

    def spindle(self, logs, name="spindle", more=()):
        warehouse = self.work / f"warehouse-{name}"
        shutil.rmtree(warehouse, ignore_errors=True)
        figures = measure([self.options.spindle, "plays", "--warehouse", warehouse, "--date", DAY,
                           "--logs", logs, "--quiet", *self.threads, *more])
        return figures, warehouse / "plays" / f"date={DAY}"

    def peer(self, engine, source, files, out, check=True):
        return measure([self.python, PEERS, engine, source, DAY, out, *files], check=check,
                       env=self.environment, stderr=None if check else subprocess.DEVNULL)

    def make(self, name, events, **more):
        out = self.work / name
        play_logs.generate(out, events=events, songs=max(1000, events // 50),
                           listeners=max(1000, events // 10), spoiled=0, odd=0, same_again=True,
                           **more)
        return out / "plays", sorted((out / "plays").glob("*/*"))

    def packed(self, name, files, command, ending):
        folder = self.work / name
        for file in files:
            (folder / file.parent.name).mkdir(parents=True, exist_ok=True)
        script = "".join(
            f"{command} < '{file}' > '{folder / file.parent.name / (file.name + ending)}'\n"
            for file in files)
        subprocess.run(["xargs", "-P2", "-d", "\n", "-I{}", "sh", "-c", "{}"], input=script, text=True,
                       check=True)
        return folder, sorted(folder.glob("*/*"))


def rows_of(path):
    """A table as {(song, region): {column: text}}, from text or zstd."""
    command = ["zstd", "-dcq", path] if str(path).endswith(".zst") else ["cat", path]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    header, *lines = text.split("\n")[:-1]
    header = header.split("\t")
    table = {}
    for line in lines:
        # DuckDB writes quotes around an empty text.
        fields = dict(zip(header, line.replace('""', "").split("\t")))
        table[fields.pop("song_id"), fields.pop("region")] = fields
    return table


def compared(name, ours, path):
    """Says whether each row and column that both have is the same."""
    theirs = rows_of(path)
    columns = set(next(iter(ours.values()))) & set(next(iter(theirs.values())))
    if "chdb" in str(path):
        columns.discard("hours")
    wrong = sum(ours.get(key) is None or theirs.get(key) is None
                or any(ours[key][column] != theirs[key][column] for column in columns)
                for key in {*ours, *theirs})
    print(f"  {name}: {len(theirs):,} rows, {len(columns)} columns compared, {wrong} rows differ"
          f" {'' if wrong else '(the same)'}", flush=True)
    return wrong == 0


def speed(bench, events):
    size = events * 300
    needed = size * 2  # text, .gz, .zst, Parquet, and what engines spill
    free = shutil.disk_usage(bench.work).free
    if free < needed:
        sys.exit(f"error: {events:,} events need {needed / 1e9:.0f} GB in {bench.work}, {free / 1e9:.0f} are free\n"
                 "hint: make bench-plays EVENTS=5000000, or WORK=DIR")
    print(f"{events:,} plays, {events // 50:,} songs, {events // 10:,} listeners, 8 regions, two threads", flush=True)
    logs, files = bench.make("logs", events)
    print(f"{sum(file.stat().st_size for file in files) / 1e9:.2f} GB NDJSON\n")
    print(f"{'':<30} {'CPU s':>9} {'wall s':>9} {'anon MB':>9}   ratios to DuckDB: CPU, wall, memory")
    results = {}
    subprocess.run(["cat", *files], stdout=subprocess.DEVNULL, check=True)
    row("floor: wc -l", measure(["wc", "-l", *files], stdout=subprocess.DEVNULL))
    ours, day = bench.spindle(logs)
    table = rows_of(day / "counts.tsv.zst")
    good = True
    peers = {}
    if bench.has("duckdb"):
        peers["ndjson"] = bench.peer("duckdb", "ndjson", files, bench.work / "duckdb.tsv.zst")
        row("DuckDB, NDJSON", peers["ndjson"])
    row("spindle plays, NDJSON", ours, peers.get("ndjson"))
    if peers:
        good &= compared("DuckDB and spindle", table, bench.work / "duckdb.tsv.zst")
    for engine, module in (("Polars", "polars"), ("chDB", "chdb")):
        if bench.has(module):
            out = bench.work / f"{module}.tsv"
            row(f"{engine}, NDJSON", bench.peer(module, "ndjson", files, out), peers.get("ndjson"))
            good &= compared(f"{engine} and spindle", table, out)
            out.unlink()
    if peers:
        parquet = bench.work / "day.parquet"
        bench.peer("duckdb", "to-parquet", files, parquet)
        peers["parquet"] = bench.peer("duckdb", "parquet", [parquet], bench.work / "duckdb.tsv.zst")
        row("DuckDB, Parquet", peers["parquet"], peers["ndjson"])
        print(f"  spindle from text takes {ours.cpu / peers['parquet'].cpu:.3f} of DuckDB's CPU from Parquet,"
              f" {ours.wall / peers['parquet'].wall:.3f} of its wall time")
        parquet.unlink()
    for ending, pack, unpack in ((".gz", "gzip -n -6", "gzip -dc"), (".zst", "zstd -q -3 -c", "zstd -dcq")):
        folder, packed = bench.packed(f"packed{ending}", files, pack, ending)
        row(f"floor: {unpack}, {sum(f.stat().st_size for f in packed) / 1e9:.2f} GB",
            measure([*unpack.split(), *packed], stdout=subprocess.DEVNULL))
        if ending == ".gz" and shutil.which("igzip"):
            row("floor: igzip -dc", measure(["igzip", "-dc", *packed], stdout=subprocess.DEVNULL))
        figures, day = bench.spindle(folder, f"packed{ending}")
        peer = None
        if peers:
            peer = bench.peer("duckdb", "ndjson", packed, bench.work / "duckdb.tsv.zst")
            row(f"DuckDB, {ending}", peer)
        row(f"spindle plays, {ending}", figures, peer)
        same = rows_of(day / "counts.tsv.zst") == table
        print(f"  the same counts as from plain text: {same}")
        good &= same
        shutil.rmtree(folder)
    shutil.rmtree(logs.parent)
    tenth, _ = bench.make("tenth", events // 10)
    small, _ = bench.spindle(tenth, "tenth")
    shutil.rmtree(tenth.parent)
    row("spindle plays, a tenth", small)
    print(f"  ten times the events cost {ours.cpu / small.cpu:.2f} times the CPU seconds, "
          f"{ours.wall / small.wall:.2f} times the wall time")
    return good


def truth_ids(out, truth):
    """Ids of the lines that are right, read off the text by pattern: not one line is parsed."""
    spoiled = {(one["file"], one["line"]) for one in truth["spoiled"]}
    pattern = {"ndjson": re.compile(rb'"event_id": ?"([0-9a-f]{16})"'),
               "csv": re.compile(rb"^[0-9TZ:.-]{24},([0-9a-f]{16}),")}[truth["settings"]["format"]]
    ids = []
    for name in truth["files"]:
        with open(out / "plays" / name, "rb") as file:
            for number, line in enumerate(file, 1):
                if (name, number) not in spoiled and (match := pattern.search(line)):
                    ids.append(match[1].decode())
    return ids


def spoilt(bench, events):
    """Who takes what, of lines that are spoilt and right."""
    good = True
    print("\nSpoilt lines: right lines lost, phantoms counted")
    for format in ("ndjson", "csv"):
        out = bench.work / f"spoilt-{format}"
        truth = play_logs.generate(out, events=events, songs=5000, listeners=max(1000, events // 10),
                                   spoiled=0.002, odd=0.01, machines=False, format=format)
        wanted = truth_ids(out, truth)
        files = [out / "plays" / name for name in truth["files"]]
        print(f"{format}: {sum(truth['files'].values()):,} lines, {len(wanted):,} right,"
              f" {len(truth['spoiled'])} spoilt in {len({s['kind'] for s in truth['spoiled']})} ways")
        figures, day = bench.spindle(out / "plays", f"spoilt-{format}")
        counts = json.loads((day / "artefact.json").read_text())["counts"]
        taken = counts["streams"] + counts["short"] + counts["duplicates"]
        places = set()
        with open(day / "rejects.ndjson", encoding="utf-8") as rejects:
            for line in rejects:
                reject = json.loads(line)
                places.add((reject["file"].split("/plays/")[-1], reject["line"], reject["reason"]))
        told = {(one["file"], one["line"], one["reason"]) for one in truth["spoiled"]}
        lost, phantoms = max(0, len(wanted) - taken), max(0, taken - len(wanted))
        print(f"  spindle   lost {lost:6}, phantoms {phantoms:6}; each spoilt line told by place and reason:"
              f" {places == told}")
        good &= places == told and taken == len(wanted)
        for engine in ("duckdb", "polars", "chdb"):
            if not bench.has(engine):
                continue
            path = bench.work / "ids"
            # All files at once, as one would ask; and each for itself, where that fails.
            figures = bench.peer(engine, f"ids-{format}", files, path, check=False)
            if figures.failed:
                print(f"  {engine:<9} gives up")
                continue
            got = path.read_text().split()
            wanted_counts, got_counts = tally(wanted), tally(got)
            lost = sum(max(0, n - got_counts.get(key, 0)) for key, n in wanted_counts.items())
            phantoms = sum(max(0, n - wanted_counts.get(key, 0)) for key, n in got_counts.items())
            print(f"  {engine:<9} lost {lost:6}, phantoms {phantoms:6}")
        shutil.rmtree(out)
    return good


def tally(names):
    counts = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=50_000_000, metavar="N")
    parser.add_argument("--spindle", default=str(ROOT / ".build/release/spindle"))
    parser.add_argument("--work", metavar="DIR", help="where there is room (default: the temporary folder)")
    parser.add_argument("--peers", default=os.environ.get("PYTHON_PEERS", ""), metavar="PYTHON")
    parser.add_argument("--only", choices=("speed", "spoilt"))
    options = parser.parse_args()
    bench = Bench(options)
    if not bench.has("duckdb"):
        print("DuckDB is not there: PYTHON_PEERS=python3 with the module duckdb adds it", flush=True)
    good = True
    try:
        if options.only != "spoilt":
            good &= speed(bench, options.events)
        if options.only != "speed":
            good &= spoilt(bench, min(200_000, options.events))
    finally:
        shutil.rmtree(bench.work, ignore_errors=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
