"""Fortnights of plays for the delivery benchmark, and the nights that plan for them.

A fortnight is what play_logs.py makes of it: logs, the requests that edges see, and the true rates
that the plays are drawn from. Its catalogue is written into a ledger directly: ten songs an album,
four albums an artist, a bitrate an album, so that a song has about 6 MB.
"""

import dataclasses
import datetime
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

import numpy as np

import delivery_topology
import ingest_ledger
import play_logs

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPINDLE = pathlib.Path(os.environ.get("SPINDLE", ROOT / ".build/release/spindle"))
LAST_DAY = datetime.date(2026, 11, 19)
BITRATES_KBPS = (128, 192, 256, 320)
GENRES = ("Rock", "Pop", "Hip-Hop", "House", "Techno", "Folk", "Jazz", "Death Metal", "Classical",
          "Punk", "R&B", "Ambient", "Salsa", "Indie Rock", "Trance")
# name: (share of the plays, volatility and skew of play_logs.py)
VARIANTS = {"normal": (1.0, 1, 0.9), "sparse": (0.1, 1, 0.9), "volatile": (1.0, 3, 0.9),
            "concentrated": (1.0, 1, 1.1)}
SCORED_DAYS = 3


def run(*command, quiet=True):
    """Runs a program; returns (CPU seconds, wall seconds, peak anonymous bytes)."""
    started = time.monotonic()
    process = subprocess.Popen([str(word) for word in command],
                               stdout=subprocess.DEVNULL if quiet else None,
                               stderr=subprocess.PIPE, text=True)
    peak = 0

    def watch():
        nonlocal peak
        while process.poll() is None:
            try:
                with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                    for line in status:
                        if line.startswith("RssAnon:"):
                            peak = max(peak, int(line.split()[1]) * 1024)
            except OSError:
                return
            time.sleep(0.02)

    before = os.times()
    watcher = threading.Thread(target=watch)
    watcher.start()
    _, errors = process.communicate()
    watcher.join()
    after = os.times()
    if process.returncode != 0:
        sys.exit(f"error: failed with {process.returncode}: "
                 f"{' '.join(map(str, command))}\n{errors}")
    cpu = (after.children_user + after.children_system
           - before.children_user - before.children_system)
    return cpu, time.monotonic() - started, peak


def knows(stage, option):
    """Whether this program's stage has an option."""
    text = subprocess.run([SPINDLE, stage, "--help"], capture_output=True, text=True, check=True)
    return f"--{option} " in text.stdout + text.stderr


@dataclasses.dataclass
class Fortnight:
    """One seed of one variant, in a folder of its own."""

    work: pathlib.Path
    songs: int
    events: int  # in all days together
    days: int
    seed: int
    variant: str
    regions: int = 8
    room: float = delivery_topology.ROOM

    def __post_init__(self):
        self.folder = self.work / f"{self.variant}-{self.seed}"
        self.first_day = LAST_DAY - datetime.timedelta(days=self.days - 1)
        self.region_names = play_logs.REGIONS[:self.regions]
        self.warehouse = self.folder / "warehouse"
        # Days from here on are not looked at: all are, unless earlier ones are tuned on.
        self.last_scored = self.days

    def day(self, index):
        return self.first_day + datetime.timedelta(days=index)

    @property
    def scored(self):
        return range(self.last_scored - SCORED_DAYS, self.last_scored)

    @property
    def title(self):
        return (f"{self.variant}, seed {self.seed}: {self.songs:,} songs of "
                f"{self.catalog_bytes / self.songs / 1e6:.1f} MB, {self.regions} regions, "
                f"{int(self.events * VARIANTS[self.variant][0]):,} plays in {self.days} days")

    # MARK: What happened

    def generate(self):
        made = self.folder / "truth.json"
        if not made.exists():
            share, volatility, skew = VARIANTS[self.variant]
            events = int(self.events * share)
            play_logs.generate(
                self.folder, events=events, songs=self.songs,
                listeners=max(1000, int(events / self.days / 5)), days=self.days,
                last_day=LAST_DAY.isoformat(), regions=self.regions, seed=self.seed,
                compress="zst", level=1, machines=False, traces=True, volatility=volatility, skew=skew,
                jobs=int(os.environ.get("JOBS", 2)))
        ids, durations = [], []
        with open(self.folder / "songs.tsv", encoding="ascii") as lines:
            for line in lines:
                song, duration = line.split("\t")
                ids.append(song)
                durations.append(int(duration))
        self.ids = ids
        self.number = {song: number for number, song in enumerate(ids)}
        durations = np.array(durations, dtype=np.int64)
        self.durations = np.where(durations > 0, durations, 210_000)
        albums = np.arange(self.songs) // 10
        kbps = np.array(BITRATES_KBPS)[(albums * 2654435761 >> 16) % len(BITRATES_KBPS)]
        self.kbps = kbps
        self.sizes = self.durations * kbps // 8
        self.catalog_bytes = int(self.sizes.sum())

    def requests(self, day, region):
        """Song numbers in the order of time, and whether each is a stream."""
        words = np.fromfile(self.folder / f"trace/{self.day(day)}-{region}.bin", dtype="<u4")
        words = words.reshape(-1, 2)
        ms = words[:, 1] & 0x7fffffff
        order = np.argsort(ms, kind="stable")
        return words[order, 0], (words[order, 1] >> 31).astype(bool)

    def true_rates(self, day, region):
        return np.fromfile(self.folder / f"rates/{self.day(day)}-{region}.bin", dtype="<f4")

    # MARK: The catalogue

    def ledger(self):
        """A warehouse with the songs in its ledger."""
        self.warehouse.mkdir(parents=True)
        date = self.day(0).isoformat()
        run(SPINDLE, "ingest", "--source", ROOT / "sample-data/music", "--warehouse",
            self.warehouse, "--date", date, "--quiet")
        database = sqlite3.connect(self.warehouse / "ledger.sqlite")
        with database:
            song = ingest_ledger._template(database, "songs")
            file = ingest_ledger._template(database, "files")
            for table in ("songs", "files", "covers"):
                database.execute(f"DELETE FROM {table}")
            for table, rows in (("songs", self._songs(song)), ("files", self._files(file))):
                names = song if table == "songs" else file
                database.executemany(
                    f"INSERT INTO {table}({','.join(names)}) "
                    f"VALUES({','.join('?' * len(names))})", rows)
            database.execute("UPDATE meta SET value = ? WHERE key = 'content_digest'",
                             (f"{self.seed * 1_000_000_007 + self.songs:064x}",))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()

    def _songs(self, template):
        for number, song in enumerate(self.ids):
            template.update(song_id=song, size_bytes=int(self.sizes[number]),
                            duration_ms=int(self.durations[number]),
                            bitrate_kbps=int(self.kbps[number]))
            yield list(template.values())

    def _files(self, template):
        for number, song in enumerate(self.ids):
            album, artist = number // 10, number // 40
            tags = {"title": [f"Song {number}"], "artists": [f"Artist {artist}"],
                    "album": [f"Album {album}"], "album_artists": [f"Artist {artist}"],
                    "genres": [GENRES[artist % len(GENRES)]], "track": [str(number % 10 + 1)]}
            template.update(path=f"{artist}/{album}/{number}.mp3", song_id=song, inode=number + 1,
                            size_bytes=int(self.sizes[number]), cover=None, cover_type=None,
                            tags=json.dumps(tags, separators=(",", ":")))
            yield list(template.values())

    # MARK: The nights

    def count(self, first_night):
        """Counts and indexes from `first_night` to the last night but one; costs by night, stage.

        A night sees the logs up to its day and nothing of what comes after.
        """
        logs = self.folder / "logs"
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir()
        costs = {}
        for night in range(first_night, self.last_scored - 1):
            for day in range(night + 1):
                link = logs / f"date={self.day(day)}"
                if not link.exists():
                    link.symlink_to(self.folder / f"plays/date={self.day(day)}")
            for stage, *arguments in (
                    ("plays", "--logs", logs),
                    ("popularity", "--releases", self.folder / "releases.json"), ("index",)):
                costs[f"{night} {stage}"] = self.stage(night, stage, *arguments)
        return costs

    def plan(self, name, first_night, fill, pinned_share, edges=delivery_topology.EDGE_SHARES,
             options=(), placed_by=None):
        """Places, prefetches and publishes each of those nights, in a warehouse of its own.

        `placed_by`: another plan of the same topologies, whose placements are taken over.
        """
        planned = self.planned(name)
        shutil.rmtree(planned, ignore_errors=True)
        planned.mkdir()
        for name in ("warehouse.json", "ledger.sqlite"):
            shutil.copy(self.warehouse / name, planned)
        for part in ("catalog", "popularity"):
            subprocess.run(["cp", "-al", self.warehouse / part, planned], check=True)
        costs = {}
        for night in range(first_night, self.last_scored - 1):
            topology = self.topology(night, first_night, fill, pinned_share, edges)
            if placed_by:
                subprocess.run(
                    ["cp", "-al", "--parents", f"placement/date={self.day(night)}", planned],
                    cwd=self.planned(placed_by), check=True)
            for stage, *arguments in (
                    *(() if placed_by else (("place", "--topology", topology),)),
                    ("prefetch", "--topology", topology, *options), ("publish", "--keep", "99")):
                costs[f"{night} {stage}"] = self.stage(night, stage, *arguments, warehouse=planned)
        return costs

    def planned(self, name):
        return self.folder / f"planned-{name}"

    def topology(self, night, first_night, fill, pinned_share, edges):
        path = self.folder / f"topology-{self.day(night)}.json"
        # The first night fills an empty edge.
        path.write_text(json.dumps(delivery_topology.topology(
            self.catalog_bytes, edges, 1.0 if night == first_night else fill, pinned_share,
            self.region_names, self.room)))
        return path

    def stage(self, night, stage, *arguments, warehouse=None):
        return run(SPINDLE, stage, *arguments, "--warehouse", warehouse or self.warehouse,
                   "--date", self.day(night).isoformat(), "--quiet")

    def read_forecasts(self, nights):
        self.forecasts = {night: self.forecast(night) for night in nights}

    def forecast(self, night):
        """What the night expects of the day after it: streams by region and song number."""
        streams = {region: np.zeros(self.songs, dtype=np.float32) for region in self.region_names}
        path = self.warehouse / f"popularity/date={self.day(night)}/demand.tsv.zst"
        process = subprocess.Popen(["zstd", "-dc", path], stdout=subprocess.PIPE, text=True)
        next(process.stdout)
        for line in process.stdout:
            song, region, expected, _ = line.split("\t", 3)
            if song in self.number:
                streams[region][self.number[song]] = float(expected)
        if process.wait() != 0:
            sys.exit(f"error: {path} cannot be read")
        return streams
