"""Compares Spindle's cache policies with libCacheSim's on the same traces.

    .build/cache-venv/bin/python Tests/Caches/compare.py [--probe PROGRAM] [--seed N] [--requests N]

Traces are made from the seed: popularity by Zipf's law, with sizes that are all alike or spread as
songs' are, with objects that come and go, and with objects too large for parts of the cache. Prints
request and byte miss ratios of both for each trace, capacity and policy, and fails where any differs
by more than 0.1 percentage points, or where a policy hits more than the bound allows.

With --speed it compares nothing, and prints how many requests each policy takes in a second of CPU:

    swift build -c release --static-swift-stdlib --product CacheProbe
    python3 Tests/Caches/compare.py --speed --probe .build/release/CacheProbe --requests 2000000
"""
import argparse
import itertools
import os
import random
import struct
import subprocess
import sys
import tempfile

try:
    import libcachesim
except ImportError:  # --speed does without
    libcachesim = None

TOLERANCE = 0.1  # percentage points
# By libCacheSim's names.
POLICIES = {"lru": "LRU", "s3fifo": "S3FIFO", "wtinylfu": "WTinyLFU", "belady": "Belady"}
NEVER = 2**63 - 1


def zipf(rng, objects, exponent, requests):
    weights = list(itertools.accumulate((i + 1) ** -exponent for i in range(objects)))
    return rng.choices(range(objects), cum_weights=weights, k=requests)


def drifting(rng, objects, requests):
    """A third of the popular ones is replaced every so often, as releases replace them."""
    names = list(range(objects))
    unused = itertools.count(objects)
    parts = 12
    trace = []
    for _ in range(parts):
        trace += [names[rank] for rank in zipf(rng, objects, 0.9, requests // parts)]
        for rank in range(0, objects // 10, 3):
            names[rank] = next(unused)
    return trace


def songs(rng):
    """From a jingle to a mix; in units of 4 kB, as libCacheSim's sketch takes 58 bytes a unit."""
    return max(20, min(12_000, round(20 * rng.lognormvariate(4, 0.5))))


def traces(seed, requests):
    rng = random.Random(seed)
    objects = max(100, requests // 40)
    shares = (0.02, 0.05, 0.2)
    yield "equal sizes", zipf(rng, objects, 0.8, requests), lambda: 1000, shares
    yield "songs", zipf(rng, objects, 0.9, requests), lambda: songs(rng), shares
    yield "songs that come and go", drifting(rng, objects, requests), lambda: songs(rng), shares
    yield "one in ten far larger", zipf(rng, objects, 0.7, requests), lambda: (
        songs(rng) * (40 if rng.random() < 0.1 else 1)
    ), shares
    # So few bytes that W-TinyLFU halves its counts, after 32 hits for each of them.
    yield "counts that age", zipf(rng, 300, 0.6, 3 * requests), lambda: rng.choice((4, 6)), (0.5,)


def write(path, trace, sizes):
    """libCacheSim's oracleGeneral: time, object, size, place of the next request."""
    following = {}
    nexts = [NEVER] * len(trace)
    for place in range(len(trace) - 1, -1, -1):
        nexts[place] = following.get(trace[place], NEVER)
        following[trace[place]] = place
    with open(path, "wb") as file:
        for place, name in enumerate(trace):
            file.write(struct.pack("<IQIq", place, name + 1, sizes[name], nexts[place]))


def theirs(path, policy, capacity):
    reader = libcachesim.TraceReader(
        trace=path, trace_type=libcachesim.TraceType.ORACLE_GENERAL_TRACE
    )
    cache = getattr(libcachesim, POLICIES[policy])(cache_size=capacity, hashpower=16)
    return [100 * ratio for ratio in cache.process_trace(reader)]


def ours(probe, path, capacity):
    output = subprocess.run(
        [probe, path, str(capacity), ",".join(POLICIES) + ",bound"],
        check=True, capture_output=True, text=True,
    ).stdout
    ratios = {}
    for line in output.splitlines():
        name, requests, hits, size, hit_bytes, _ = line.split()
        ratios[name] = [100 - 100 * int(hits) / int(requests), 100 - 100 * int(hit_bytes) / int(size)]
    return ratios


def speed(probe, seed, requests):
    rng = random.Random(seed)
    objects = max(100, requests // 10)
    trace = zipf(rng, objects, 0.8, requests)
    sizes = [rng.randrange(3_000_000, 9_000_000) for _ in range(objects)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.bin")
        write(path, trace, sizes)
        for share in (0.01, 0.05):
            names = ",".join(POLICIES) + ",seeded,beladysize,bound"
            output = subprocess.run(
                [probe, path, str(int(sum(sizes) * share)), names],
                check=True, capture_output=True, text=True,
            ).stdout
            for line in output.splitlines():
                name, count, hits, _, _, seconds = line.split()
                rate = int(count) / max(0.001, float(seconds)) / 1e6
                print(f"{share:5.0%} {name:10} {100 * int(hits) / int(count):6.2f} % hits {rate:6.2f} million/s")
    return 0


def main():
    options = argparse.ArgumentParser()
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    options.add_argument("--probe", default=os.path.join(root, ".build/debug/CacheProbe"))
    options.add_argument("--seed", type=int, default=20261119)
    options.add_argument("--requests", type=int, default=60_000)
    options.add_argument("--speed", action="store_true")
    options = options.parse_args()
    if options.speed:
        return speed(options.probe, options.seed, options.requests)
    print(f"seed {options.seed}, {options.requests} requests a trace")
    print(f"{'trace':24} {'capacity':>9} {'policy':9} {'requests missed, %':>22} {'bytes missed, %':>22}")
    failures = compared = 0
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, trace, size, shares in traces(options.seed, options.requests):
            sizes = {}
            for item in trace:
                if item not in sizes:
                    sizes[item] = size()
            path = os.path.join(folder, "trace.bin")
            write(path, trace, sizes)
            total = sum(sizes.values())
            for share in shares:
                capacity = int(total * share)
                own = ours(options.probe, path, capacity)
                for policy in POLICIES:
                    other = theirs(path, policy, capacity)
                    differs = max(abs(a - b) for a, b in zip(own[policy], other))
                    above = any(a < b - 1e-9 for a, b in zip(own[policy], own["bound"]))
                    worst = max(worst, differs)
                    compared += 1
                    bad = differs > TOLERANCE or above
                    failures += bad
                    cells = "  ".join(f"{a:10.4f} {b:10.4f}" for a, b in zip(own[policy], other))
                    print(
                        f"{name:24} {capacity:9} {policy:9} {cells}"
                        + ("  DIFFERS" if differs > TOLERANCE else "")
                        + ("  ABOVE THE BOUND" if above else "")
                    )
    print(f"{compared} compared, largest difference {worst:.4f} percentage points, {failures} bad")
    return 1 if failures or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
