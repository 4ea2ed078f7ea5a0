"""Replays what edges see: caches of libCacheSim, static sets, and what the prefetch manifests say.

A request is a play, skipped ones included, each event once. Every cache sees the whole fortnight
and is scored on its last three days.
"""

import ctypes
import json
import multiprocessing
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

import delivery_topology
from delivery_nights import ROOT

SOURCES = ROOT / "Benchmarks/edges"
LIBRARY = ROOT / ".build/edges/seeded_lfu.so"
SIMPLE = ("LRU", "ARC", "W-TinyLFU", "S3-FIFO", "SIEVE", "GDSF")
LEARNED, LEARNED_BYTES, BOUND = "3L-Cache", "3L-Cache for bytes", "BeladySize"
LEARNED_POLICIES = (LEARNED, LEARNED_BYTES)
PEERS = (*SIMPLE, LEARNED, LEARNED_BYTES, BOUND)
YESTERDAY, PERFECT = "yesterday's top", "perfect rates"
PINNED, PINNED_BYTES = "pinned + S3-FIFO", "pinned for bytes + S3-FIFO"
FORECAST, SEEDED, SEEDED_MORE = "forecast's top", "seeded LFU", "seeded LFU, 6 x forecast"
# How many of today's plays a forecast of one play is worth, before the day has begun.
WEIGHTS = {SEEDED: 2.0, SEEDED_MORE: 6.0}
REQUEST = np.dtype([("time", "<u4"), ("object", "<u8"), ("size", "<u4"), ("next", "<i8")])
# libCacheSim keeps sizes in 32 bits and some caches count in them: in KiB nothing overflows.
UNIT = 1024


def compiled():
    source = SOURCES / "seeded_lfu.c"
    if not LIBRARY.exists() or LIBRARY.stat().st_mtime < source.stat().st_mtime:
        compiler = next((name for name in ("clang", "cc", "gcc") if shutil.which(name)), None)
        if not compiler:
            sys.exit("error: there is no C compiler\nhint: apt-get install gcc")
        LIBRARY.parent.mkdir(parents=True, exist_ok=True)
        new = LIBRARY.with_suffix(f".{os.getpid()}")
        subprocess.run([compiler, "-O2", "-Wall", "-shared", "-fPIC", "-ffp-contract=off", "-o", new,
                        source], check=True)
        new.replace(LIBRARY)
    return ctypes.CDLL(str(LIBRARY))


class Score:
    """Hits of a policy on the scored days, in requests and bytes."""

    def __init__(self, requests, hits, bytes, hit_bytes, fill=0, seconds=0.0):
        self.requests, self.hits, self.bytes, self.hit_bytes = requests, hits, bytes, hit_bytes
        self.fill = fill  # bytes fetched in the nights before the scored days
        self.seconds = seconds
        self.gap_percent = None  # of the plans, as they state it; the widest
        self.faults = []  # what a plan says and is not so

    def __iadd__(self, other):
        for name in ("requests", "hits", "bytes", "hit_bytes", "fill", "seconds", "faults"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.gap_percent = max((gap for gap in (self.gap_percent, other.gap_percent)
                                if gap is not None), default=None)
        return self

    @property
    def misses(self):
        return 1 - self.hits / self.requests

    @property
    def byte_misses(self):
        return 1 - self.hit_bytes / self.bytes


def region_peers(fortnight, region, shares, policies):
    """What libCacheSim makes of a region's edges: {(share, policy): Score}.

    Kept in the fortnight's folder, as no plan changes it.
    """
    kept = fortnight.folder / "peers"
    kept.mkdir(exist_ok=True)
    scores, wanted = {}, []
    for share in shares:
        for policy in policies:
            # On the smallest edges they learn for an hour what no goal asks for.
            if policy in LEARNED_POLICIES and share < 0.005:
                continue
            path = kept / f"{region} {share:g} {policy}.json"
            if path.exists():
                scores[share, policy] = Score(**json.loads(path.read_text()))
            else:
                wanted.append((share, policy, path))
    if not wanted:
        return scores
    days = [fortnight.requests(day, region)[0] for day in range(fortnight.last_scored)]
    first_scored = fortnight.scored[0]
    scored = np.concatenate(days[first_scored:])
    size = int(fortnight.sizes[scored].sum())
    with tempfile.TemporaryDirectory(prefix="spindle-edges-", dir=fortnight.folder) as folder:
        trace = pathlib.Path(folder) / "trace"
        starts = write_trace(trace, days, fortnight.sizes)
        for share, policy, path in wanted:
            began = time.process_time()
            misses, byte_misses = replayed(
                policy, int(share * fortnight.catalog_bytes), trace, starts, first_scored)
            score = scores[share, policy] = Score(
                len(scored), (1 - misses) * len(scored), size, (1 - byte_misses) * size,
                seconds=time.process_time() - began)
            new = path.with_suffix(".new")
            new.write_text(json.dumps({
                name: getattr(score, name) for name in
                ("requests", "hits", "bytes", "hit_bytes", "seconds")}))
            new.replace(path)
    return scores


def region_plans(fortnight, plan, region, shares, first_night, fill):
    """What pinned songs and sets make of a region's edges: {(share, policy): Score}."""
    days = [fortnight.requests(day, region)[0] for day in range(fortnight.last_scored)]
    scored = np.concatenate(days[fortnight.scored[0]:])
    size = int(fortnight.sizes[scored].sum())
    scores = {}

    def score(hits, hit_bytes, fill_bytes=0):
        return Score(len(scored), float(hits), size, float(hit_bytes), int(fill_bytes))

    with tempfile.TemporaryDirectory(prefix="spindle-edges-", dir=fortnight.folder) as folder:
        ours(fortnight, plan, region, shares, first_night, days, score, scores, fill,
             pathlib.Path(folder) / "rest")
    static(fortnight, region, shares, days, score, scores)
    return scores


# MARK: libCacheSim

def write_trace(path, days, sizes):
    """libCacheSim's oracleGeneral; returns where each day starts."""
    songs = np.concatenate(days)
    rows = np.zeros(len(songs), dtype=REQUEST)
    rows["object"] = songs + 1
    rows["size"] = np.maximum(1, -(-sizes[songs] // UNIT))
    order = np.argsort(songs, kind="stable")
    following = np.full(len(songs), np.iinfo(np.int64).max, dtype=np.int64)
    same = songs[order[1:]] == songs[order[:-1]]
    following[order[:-1][same]] = order[1:][same]
    rows["next"] = following
    rows["time"] = np.arange(len(songs)) // 1000
    rows.tofile(path)
    return np.concatenate([[0], np.cumsum([len(day) for day in days])])


def cache(policy, capacity):
    import libcachesim
    names = {"W-TinyLFU": "WTinyLFU", "S3-FIFO": "S3FIFO", "SIEVE": "Sieve",
             LEARNED: "ThreeLCache", LEARNED_BYTES: "ThreeLCache"}
    options = {LEARNED: {"objective": "object-miss-ratio"},
               LEARNED_BYTES: {"objective": "byte-miss-ratio"}}.get(policy, {})
    return getattr(libcachesim, names.get(policy, policy))(
        cache_size=capacity // UNIT, hashpower=20, **options)


def replayed(policy, capacity, trace, starts, first_scored):
    """Misses in requests and bytes from the day `first_scored` on."""
    import libcachesim
    reader = libcachesim.TraceReader(
        str(trace), libcachesim.TraceType.ORACLE_GENERAL_TRACE,
        libcachesim.ReaderInitParam(ignore_obj_size=False))
    simulated = cache(policy, capacity)
    before, last = int(starts[first_scored]), int(starts[-1])
    simulated.process_trace(reader, 0, before)
    return simulated.process_trace(reader, before, last - before)


# MARK: Static sets

def top(values, sizes, capacity, held=None):
    """Songs by value a byte while they fit; what is held stays where there is room left."""
    order = np.argsort(-(values / sizes), kind="stable")
    order = order[values[order] > 0]
    chosen = np.zeros(len(sizes), dtype=bool)
    # Whole songs: what comes after one that does not fit may still do.
    ends = np.cumsum(sizes[order])
    count = int(np.searchsorted(ends, capacity, side="right"))
    chosen[order[:count]] = True
    left = capacity - (int(ends[count - 1]) if count else 0)
    rest = order[count:count + 200]
    if held is not None:
        kept = np.nonzero(held & ~chosen)[0]
        rest = np.concatenate([rest, kept])
    for song in rest:
        if not chosen[song] and sizes[song] <= left:
            chosen[song] = True
            left -= sizes[song]
    return chosen


def static(fortnight, region, shares, days, score, scores):
    sizes = fortnight.sizes
    counts = [np.bincount(day, minlength=fortnight.songs).astype(float) for day in days]
    for share in shares:
        capacity = int(share * fortnight.catalog_bytes)
        sums, last = {}, {}
        # The day before the scored ones says what is there already.
        for day in range(fortnight.scored[0] - 1, fortnight.last_scored):
            worths = {YESTERDAY: counts[day - 1], PERFECT: fortnight.true_rates(day, region),
                      FORECAST: fortnight.forecasts[day - 1][region]}
            for name, worth in worths.items():
                chosen = top(worth.astype(float), sizes, capacity, last.get(name))
                if day in fortnight.scored:
                    sums.setdefault(name, [0, 0, 0])
                    sums[name][0] += counts[day][chosen].sum()
                    sums[name][1] += (counts[day] * sizes)[chosen].sum()
                    sums[name][2] += sizes[chosen & ~last[name]].sum()
                last[name] = chosen
        for name, (hits, hit_bytes, fill) in sums.items():
            scores[share, name] = score(hits, hit_bytes, fill)


# MARK: The manifests

def read_manifest(fortnight, plan, night, edge, before):
    """The header, the songs that the edge holds after the night, by number, and what is wrong.

    `before`: what it held; None on the first night.
    """
    path = fortnight.planned(plan) / f"prefetch/date={fortnight.day(night)}/{edge}.ndjson.zst"
    lines = subprocess.run(["zstd", "-dc", path], check=True, capture_output=True).stdout
    lines = lines.splitlines()
    header = json.loads(lines[0])
    held = np.zeros(fortnight.songs, dtype=bool) if before is None else before.copy()
    faults, fetched, kept = [], 0, np.zeros(fortnight.songs, dtype=bool)
    used = int(fortnight.sizes[held].sum())
    for line in lines[1:]:
        step = json.loads(line)
        song, action = fortnight.number[step["song_id"]], step["action"]
        size = int(fortnight.sizes[song])
        if step["size_bytes"] != size or (action == "fetch") == held[song] or kept[song]:
            faults.append(f"{path}: {line.decode()}")
        if action == "fetch":
            fetched += size
            used += size
        elif action == "evict":
            used -= size
        if action != "hold" and used > header["pinned_bytes"] and action == "fetch":
            faults.append(f"{path}: over {header['pinned_bytes']} bytes at {line.decode()}")
        held[song] = action != "evict"
        kept[song] = True
    if (held & ~kept).any():
        faults.append(f"{path}: {int((held & ~kept).sum())} songs held before are not decided")
    if fetched > header["fill_budget_bytes"] or fetched != header["fill_bytes"]:
        faults.append(f"{path}: fetches {fetched} bytes, {header['fill_budget_bytes']} allowed, "
                      f"{header['fill_bytes']} stated")
    return header, held, faults


def ours(fortnight, plan, region, shares, first_night, days, score, scores, fill, rest):
    sizes, library = fortnight.sizes, compiled()
    for share in shares:
        capacity = int(share * fortnight.catalog_bytes)
        edge = delivery_topology.edge_id(region, share)
        plans, held, faults, gaps = {}, None, [], []
        for night in range(first_night, fortnight.last_scored - 1):
            header, held, found = read_manifest(fortnight, plan, night, edge, held)
            plans[night + 1] = header, held
            faults += found
            gaps.append(header.get("gap_percent"))
        # What is not pinned goes to an ordinary cache of the rest.
        remaining = []
        hits = hit_bytes = fetched = 0
        for day, requests in enumerate(days):
            if day not in plans:
                remaining.append(requests)
                continue
            header, held = plans[day]
            pinned = held[requests]
            remaining.append(requests[~pinned])
            if day >= fortnight.scored[0]:
                hits += int(pinned.sum())
                hit_bytes += int(sizes[requests[pinned]].sum())
                fetched += header["fill_bytes"]
        starts = write_trace(rest, remaining, sizes)
        room = capacity - header["pinned_bytes"]
        scored_rest = np.concatenate(remaining[fortnight.scored[0]:])
        if room > UNIT * 100 and len(scored_rest):
            misses, byte_misses = replayed("S3-FIFO", room, rest, starts, fortnight.scored[0])
            more = ((1 - misses) * len(scored_rest),
                    (1 - byte_misses) * int(sizes[scored_rest].sum()))
        else:
            more = (0, 0)
        scores[share, PINNED] = score(hits + more[0], hit_bytes + more[1], fetched)
        scores[share, PINNED].faults = faults
        scores[share, PINNED].gap_percent = None if None in gaps else max(gaps)
        for name, weight in WEIGHTS.items():
            scores[share, name] = seeded(fortnight, region, capacity, int(fill * capacity), days,
                                         first_night + 1, weight, library, score)


def seeded(fortnight, region, capacity, fill, days, first_day, weight, library, score):
    replayed_days = days[first_day:]
    starts = np.concatenate([[0], np.cumsum([len(day) for day in replayed_days])])
    requests = np.concatenate(replayed_days).astype(np.uint32)
    forecasts = np.concatenate([fortnight.forecasts[day - 1][region]
                                for day in range(first_day, fortnight.last_scored)]).astype(np.float32)
    count = len(replayed_days)
    hits, hit_bytes, filled = (np.zeros(count, dtype=np.int64) for _ in range(3))
    starts = starts.astype(np.int64)
    sizes = fortnight.sizes.astype(np.int64)

    def pointer(array):
        return ctypes.c_void_p(array.ctypes.data)

    library.replay_seeded_lfu(
        ctypes.c_uint32(fortnight.songs), pointer(sizes), ctypes.c_int64(capacity),
        ctypes.c_int64(fill), ctypes.c_int(count), pointer(starts), pointer(requests),
        pointer(forecasts), ctypes.c_double(weight), pointer(hits), pointer(hit_bytes),
        pointer(filled))
    at = fortnight.scored[0] - first_day
    return score(hits[at:].sum(), hit_bytes[at:].sum(), filled[at:].sum())


# MARK: All regions

def _work(arguments):
    function, *arguments = arguments
    return function(*arguments)


def peers(fortnight, shares, regions, policies=PEERS, jobs=2):
    """{(share, policy): Score}, the regions' edges together."""
    return _together(jobs, [(region_peers, fortnight, region, shares, policies)
                            for region in regions])


def plans(fortnight, plan, shares, regions, first_night, fill, jobs=2):
    """The same for a plan's manifests, forecasts and sets."""
    compiled()
    fortnight.read_forecasts(range(first_night, fortnight.last_scored - 1))
    return _together(jobs, [(region_plans, fortnight, plan, region, shares, first_night, fill)
                            for region in regions])


def _together(jobs, tasks):
    results = {}
    with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        for found in pool.imap(_work, tasks, chunksize=1):
            for key, value in found.items():
                if key in results:
                    results[key] += value
                else:
                    results[key] = value
    return results
