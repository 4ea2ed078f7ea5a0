#!/usr/bin/env python3
"""What reading, storing and cataloguing music costs beside its floors and peers.

Makes (once, in --work) 2,000 songs of about 4 MB with tags of all kinds (ingest_library.py) and
100,000 tiny ones, and prints CPU seconds (user and system, children included), wall seconds and
peak memory of

  tags         spindle tags --json; TagLib's FileRef in C++; mutagen, tinytag, eyeD3; on a sample
               ffprobe; beet import -A -C -q
  first        spindle ingest with one and two workers; cp -r with sync, and openssl dgst -sha256
  unchanged    spindle ingest once more; find -printf over the same tree
  memory       peaks of ingest at 2,000 large and --tiny files
  index        spindle index at 10,000, 100,000 and 1,000,000 songs, the ledger filled directly

Each is run --repeat times, in turns, and each ratio is taken within a turn: median (least to most).
Machines are noisy: one turn goes ahead uncounted, and what writes starts from the same state of the
file system and of free memory (settle). The page cache is warm. CPU comes from getrusage(RUSAGE_CHILDREN), orphans
included. Peak memory is that of all processes of a command together, sampled from /proc every 10 ms:
anonymous memory (RssAnon), and all resident pages (VmRSS, where file pages count that are shared).

PYTHON_PEERS=/path/to/venv/bin/python names a Python with mutagen, tinytag, eyeD3 and beets.
"""

import argparse
import ctypes
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import ingest_library

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARTS = ("tags", "first", "unchanged", "memory", "index")
DATE = "2026-11-19"

MUTAGEN = """
import sys, mutagen
for path in open(sys.argv[1], encoding="utf-8"):
    file = mutagen.File(path.rstrip("\\n"))
    if file is not None and file.tags is not None:
        for key in file.tags.keys(): str(file.tags[key]) if "APIC" not in key else None
"""
TINYTAG = """
import sys, tinytag
for path in open(sys.argv[1], encoding="utf-8"):
    tinytag.TinyTag.get(path.rstrip("\\n")).as_dict()
"""
EYED3 = """
import sys, eyed3
eyed3.log.setLevel("ERROR")
for path in open(sys.argv[1], encoding="utf-8"):
    file = eyed3.load(path.rstrip("\\n"))
    if file is not None and file.tag is not None:
        file.tag.title, file.tag.artist, file.tag.album, file.tag.genre, file.tag.track_num
"""


class Figures:
    """CPU, wall and memory of one command."""

    def __init__(self, cpu_s, wall_s, anonymous_mb, resident_mb):
        self.cpu_s, self.wall_s = cpu_s, wall_s
        self.anonymous_mb, self.resident_mb = anonymous_mb, resident_mb

    def __add__(self, other):
        return Figures(self.cpu_s + other.cpu_s, self.wall_s + other.wall_s,
                       max(self.anonymous_mb, other.anonymous_mb),
                       max(self.resident_mb, other.resident_mb))


class MemoryWatch(threading.Thread):
    """Samples the memory of a process and all its descendants."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.anonymous_kb, self.resident_kb = pid, 0, 0
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(0.01):
            anonymous = resident = 0
            waiting = [self.pid]
            while waiting:
                pid = waiting.pop()
                try:
                    for task in os.listdir(f"/proc/{pid}/task"):
                        with open(f"/proc/{pid}/task/{task}/children") as children:
                            waiting += children.read().split()
                    with open(f"/proc/{pid}/status") as status:
                        for line in status:
                            if line.startswith("RssAnon:"):
                                anonymous += int(line.split()[1])
                            elif line.startswith("VmRSS:"):
                                resident += int(line.split()[1])
                except OSError:
                    continue  # it has ended meanwhile
            self.anonymous_kb = max(self.anonymous_kb, anonymous)
            self.resident_kb = max(self.resident_kb, resident)


def measure(command, stdin=None, watch=False, fine=(0,), **options):
    """Runs a command to its end; its figures, or an exit with its message."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with tempfile.TemporaryFile() as talk:
        process = subprocess.Popen(
            [str(word) for word in command], stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=talk, **options)
        memory = MemoryWatch(process.pid)
        if watch:
            memory.start()
        _, status = os.waitpid(process.pid, 0)
        wall = time.monotonic() - started
        memory.done.set()
        process.returncode = os.waitstatus_to_exitcode(status)
        # Helper processes that outlived it are ours now (PR_SET_CHILD_SUBREAPER).
        while True:
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                break
        if process.returncode not in fine:
            talk.seek(0)
            sys.exit(f"error: {' '.join(map(str, command))[:300]}: exit {process.returncode}\n"
                     + talk.read().decode(errors="replace")[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if watch:
        memory.join()
    return Figures(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall,
                   memory.anonymous_kb / 1024, memory.resident_kb / 1024)


class Report:
    """Rows of figures, and ratios against goals."""

    def __init__(self):
        self.rows, self.ratios = {}, {}

    def add(self, name, figures):
        self.rows.setdefault(name, []).append(figures)

    def row(self, name, per=None, unit=""):
        runs = self.rows[name]
        cpu = [figures.cpu_s for figures in runs]
        line = f"  {name:<44} {statistics.median(cpu):9.2f} {min(cpu):9.2f} {max(cpu):9.2f}" \
               f" {statistics.median(f.wall_s for f in runs):9.2f}"
        peaks = max(f.anonymous_mb for f in runs), max(f.resident_mb for f in runs)
        line += f" {peaks[0]:8.0f} {peaks[1]:8.0f}" if peaks[1] else " " * 18
        if per:
            line += f"   {1e6 * statistics.median(cpu) / per:.0f} µs {unit}"
        print(line, flush=True)

    def ratio(self, name, one, other, goal=None, scale=1.0, wall=False):
        """`one` over `other`, turn by turn; `scale` brings a sample to the whole."""
        pick = (lambda f: f.wall_s) if wall else (lambda f: f.cpu_s)
        values = [pick(a) / max(pick(b) * scale, 1e-3)
                  for a, b in zip(self.rows[one], self.rows[other])]
        middle = statistics.median(values)
        self.ratios[name] = {"median": middle, "min": min(values), "max": max(values), "goal": goal}
        verdict = "" if goal is None else \
            f"   goal {goal:g}: {'reached' if middle <= goal else 'MISSED'}"
        print(f"  {name:<58} {middle:7.3f} ({min(values):.3f} to {max(values):.3f}){verdict}",
              flush=True)

    def json(self):
        return {"rows": {name: [vars(f) for f in runs] for name, runs in self.rows.items()},
                "ratios": self.ratios}


def heading(text):
    print(f"\n{text}\n  {'':<44} {'CPU s':>9} {'least':>9} {'most':>9} {'wall s':>9} "
          f"{'anon MB':>8} {'RSS MB':>8}", flush=True)


class Bench:
    def __init__(self, arguments, work):
        self.spindle, self.work, self.repeat = arguments.spindle, work, arguments.repeat
        self.songs, self.tiny, self.report = arguments.songs, arguments.tiny, Report()
        self.index_songs = arguments.index_songs
        self.python = os.environ.get("PYTHON_PEERS", sys.executable)
        self.music = ingest_library.make(work / "library", self.songs)
        self.files = sorted(str(path) for path in self.music.rglob("*.mp3"))
        self.bytes = sum(os.path.getsize(path) for path in self.files)
        self.list = work / "files.txt"
        self.list.write_text("".join(f"{path}\n" for path in self.files), encoding="utf-8")
        print(f"{len(self.files):,} files, {self.bytes / 1e6:,.0f} MB in {self.music}")

    def turns(self, steps):
        """Runs all steps in turns; the first turn does not count."""
        for turn in range(self.repeat + 1):
            for name, step in steps:
                figures = step()
                if turn or self.repeat == 0:
                    self.report.add(name, figures)

    def has(self, module):
        found = subprocess.run([self.python, "-c", f"import {module}"], capture_output=True)
        if found.returncode:
            print(f"  {module} is not installed in {self.python}: left out (PYTHON_PEERS=…)")
        return found.returncode == 0

    def warm(self):
        for path in self.files:
            with open(path, "rb") as file:
                while file.read(1 << 20):
                    pass

    def ingest(self, source, warehouse, *options, watch=False, fresh=True):
        if fresh:
            remove(warehouse)
            settle(self.bytes if source == self.music else 1 << 30)
        return measure([self.spindle, "ingest", "--source", source, "--warehouse", warehouse,
                        "--date", DATE, "--quiet", *options], watch=watch)

    # Tags

    def tags(self):
        report, work, count = self.report, self.work, len(self.files)
        heading(f"tags of {count:,} files")
        self.warm()
        loop = work / "taglib_loop"
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "taglib"], check=True,
                               capture_output=True, text=True).stdout.split()
        subprocess.run(["g++", "-std=c++20", "-O2", ROOT / "Benchmarks/taglib_loop.cpp", "-o", loop,
                        *flags], check=True)

        def taglib(*options):
            with open(self.list, "rb") as names:
                return measure([loop, *options], stdin=names)

        if not self.has_tags():
            return print("  this spindle has no command tags: left out")
        steps = [("TagLib FileRef, tuned malloc", lambda: taglib("tuned")),
                 ("TagLib FileRef", taglib),
                 ("spindle tags --json", lambda: measure(
                     [self.spindle, "tags", "--json", *self.files], fine=(0, 1, 65)))]
        for module, code in (("mutagen", MUTAGEN), ("tinytag", TINYTAG), ("eyed3", EYED3)):
            if self.has(module):
                steps.append((module, lambda code=code: measure(
                    [self.python, "-c", code, self.list])))
        sample = self.files[::max(1, count // 50)]
        if shutil.which("ffprobe"):
            steps.append((f"ffprobe, {len(sample)} files", lambda: measure(
                ["sh", "-c", 'for file; do ffprobe -v quiet -show_format "$file"; done', "sh",
                 *sample])))
        if self.has("beets"):
            steps.append(("beet import -A -C -q", self.beet))
        self.turns(steps)
        for name, _ in steps:
            report.row(name, len(sample) if "files" in name else count, "a file")
        print()
        report.ratio("tags / TagLib FileRef, tuned malloc", "spindle tags --json",
                     "TagLib FileRef, tuned malloc", 1.15)
        report.ratio("tags / TagLib FileRef", "spindle tags --json", "TagLib FileRef", 1.15)
        for peer, goal in (("mutagen", 1 / 5), ("beet import -A -C -q", 1 / 25),
                           ("tinytag", None), ("eyed3", None)):
            if peer in report.rows:
                report.ratio(f"tags / {peer}", "spindle tags --json", peer, goal)
        if f"ffprobe, {len(sample)} files" in report.rows:
            report.ratio("tags / ffprobe", "spindle tags --json", f"ffprobe, {len(sample)} files",
                         scale=count / len(sample))

    def beet(self):
        home = self.work / "beets"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        (home / "config.yaml").write_text(f"directory: {home}/music\nlibrary: {home}/library.db\n")
        return measure([self.python, "-m", "beets", "import", "-A", "-C", "-q", self.music],
                       env={**os.environ, "BEETSDIR": str(home)})

    # Ingest

    def first(self):
        report, work = self.report, self.work
        heading(f"whole ingest, first time, of {self.bytes / 1e6:,.0f} MB")
        self.warm()
        warehouse, copy = work / "warehouse", work / "copy"

        def copied():
            remove(copy)
            settle(self.bytes)
            figures = measure(["sh", "-c", 'cp -r "$1" "$2" && sync -f "$2"', "sh", self.music, copy])
            remove(copy)
            return figures

        def digested():
            with open(self.list, "rb") as names:
                return measure(["xargs", "-d", "\\n", "openssl", "dgst", "-sha256"], stdin=names)

        def taken(*options):
            figures = self.ingest(self.music, warehouse, *options, watch=True)
            remove(warehouse)
            return figures

        workers = self.workers_option()
        steps = [("cp -r and sync", copied), ("openssl dgst -sha256", digested),
                 ("spindle ingest", taken)]
        if workers:
            steps += [("spindle ingest, one worker", lambda: taken(workers, "1")),
                      ("spindle ingest, two workers", lambda: taken(workers, "2"))]
        self.turns(steps)
        report.rows["cp, sync and openssl"] = [
            a + b for a, b in zip(report.rows["cp -r and sync"], report.rows["openssl dgst -sha256"])]
        for name in [name for name, _ in steps] + ["cp, sync and openssl"]:
            report.row(name, len(self.files), "a file")
        print()
        report.ratio("ingest / cp, sync and openssl", "spindle ingest", "cp, sync and openssl", 1.3)
        if workers:
            report.ratio("ingest with two workers / with one, wall", "spindle ingest, two workers",
                         "spindle ingest, one worker", 0.65, wall=True)
        else:
            print("  this spindle has no --workers: two workers against one left out")

    def workers_option(self):
        text = subprocess.run([self.spindle, "ingest", "--help"], capture_output=True, text=True)
        return "--workers" if "--workers" in text.stdout + text.stderr else None

    def has_tags(self):
        return subprocess.run([self.spindle, "tags", "--help"], capture_output=True).returncode == 0

    def unchanged(self):
        for label, music, files in (
                ("large", self.music, len(self.files)),
                ("tiny", ingest_library.make_tiny(self.work / "tiny-100000", 100_000), 100_000)):
            warehouse = self.work / "warehouse"
            heading(f"nothing changed, {files:,} {label} files")
            self.ingest(music, warehouse)
            find, again = f"find -printf, {label}", f"spindle ingest again, {label}"

            def walked():
                # Many turns of a short command, or its start would be most of it.
                return measure(["find", music, "-printf", "%p %s %T@ %C@ %i\\n"])

            self.turns([(find, walked),
                        (again, lambda: self.ingest(music, warehouse, fresh=False, watch=True))])
            self.report.row(find, files, "a file")
            self.report.row(again, files, "a file")
            print()
            self.report.ratio(f"unchanged / find, {files:,} {label} files", again, find, 3)
            remove(warehouse)

    def memory(self):
        heading("memory of ingest")
        warehouse = self.work / "warehouse"
        for label, music in ((f"{len(self.files):,} large files", self.music),
                             (f"{self.tiny:,} tiny files", None)):
            if music is None:
                music = ingest_library.make_tiny(self.work / f"tiny-{self.tiny}", self.tiny)
            for name, fresh in ((f"ingest, {label}", True), (f"again, {label}", False)):
                self.report.add(name, self.ingest(music, warehouse, watch=True, fresh=fresh))
                self.report.row(name)
                peak = self.report.rows[name][-1]
                self.report.ratios[f"peak MB, {name}"] = {
                    "median": peak.anonymous_mb, "resident": peak.resident_mb, "goal": 200}
            remove(warehouse)

    # Index

    def index(self):
        from ingest_ledger import fill
        heading("index, the ledger filled directly")
        costs = {}
        for songs in self.index_songs:
            warehouse = self.work / f"index-{songs}"
            shutil.rmtree(warehouse, ignore_errors=True)
            fill(self.spindle, self.work, warehouse, songs, DATE)
            name = f"spindle index, {songs:,} songs"
            for _ in range(self.repeat if songs <= 100_000 else 1):
                shutil.rmtree(warehouse / "catalog", ignore_errors=True)
                self.report.add(name, measure(
                    [self.spindle, "index", "--warehouse", warehouse, "--date", DATE, "--quiet"],
                    watch=True))
            self.report.row(name, songs, "a song")
            costs[songs] = statistics.median(f.cpu_s for f in self.report.rows[name]) / songs
            shutil.rmtree(warehouse)
        first = self.index_songs[0]
        for songs in self.index_songs[1:]:
            ratio = costs[songs] / costs[first]
            self.report.ratios[f"index, cost a song at {songs} / at {first}"] = {"median": ratio}
            print(f"  cost a song at {songs:,} is {ratio:.2f} times that at {first:,}")


TOUCH = """
import mmap, sys
block = mmap.mmap(-1, int(sys.argv[1]))
for offset in range(0, len(block), 4096): block[offset] = 1
"""


# How long ext4 passes over an inode that was deleted (RECENTCY_MIN in fs/ext4/ialloc.c), and some.
RECENTLY_DELETED_S = 63
removed_s = -RECENTLY_DELETED_S


def remove(folder):
    """Deletes a folder; `settle` waits until that costs nobody anything."""
    global removed_s
    if folder.exists():
        shutil.rmtree(folder)
        # Inodes that are not written back yet count as recent for longer.
        os.sync()
        removed_s = time.monotonic()


def settle(size_bytes):
    """The same start for everything that writes.

    ext4 looks at each inode that was deleted in the last minute, one by one, for each file that is
    made: with a thousand of them that costs some 0.4 ms a file. And free memory that a virtual
    machine has given back to its host, or never had, costs up to four times as much to write to; so
    what is about to be filled is touched first.
    """
    os.sync()
    time.sleep(max(0, removed_s + RECENTLY_DELETED_S - time.monotonic()))
    with open("/proc/meminfo") as lines:
        free = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemFree:"))
    touched = min(int(size_bytes * 1.25), free * 8 // 10) & -4096
    subprocess.run([sys.executable, "-c", TOUCH, str(touched)], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".build/bench-ingest",
                        help="the folder of the libraries; kept (default: .build/bench-ingest)")
    parser.add_argument("--spindle", default=ROOT / ".build/release/spindle")
    parser.add_argument("--songs", type=int, default=2_000)
    parser.add_argument("--tiny", type=int, default=200_000, help="files of the memory's second run")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--index-songs", default="10000,100000,1000000",
                        type=lambda text: [int(number) for number in text.split(",")])
    parser.add_argument("--json", type=pathlib.Path, help="write all figures")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    PR_SET_CHILD_SUBREAPER = 36
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    arguments.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(arguments, arguments.work.resolve())
    for part in PARTS:
        if not arguments.parts or part in arguments.parts:
            getattr(bench, part)()
    if arguments.json:
        arguments.json.write_text(json.dumps(bench.report.json(), indent=1) + "\n")


if __name__ == "__main__":
    main()
