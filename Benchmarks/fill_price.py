#!/usr/bin/env python3
"""What a price of filling edges costs in hits and saves in fetches (docs/formats/delivery.md).

Makes a fortnight of play logs, lets spindle count it and forecast its last days, and replays for each
region an edge that holds songs by expected hits a byte, changed from night to night at several prices
of filling, beside an edge that holds yesterday's top. Needs numpy and zstd; song sizes are drawn
(log-normal around 5.5 MB). The selection is the relaxation's: whole songs in order of worth a byte.
"""

import argparse
import pathlib
import subprocess
import sys

import numpy

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARES = (0.001, 0.01, 0.05, 0.1)
PRICES = (0, 0.1, 0.25, 0.5, 0.75, 1.0)


def run(*words):
    subprocess.run([str(word) for word in words], check=True)


def day(number):
    return f"2026-11-{number:02}"


class Demand:
    """Columns of packed tables as a vector for each region."""

    def __init__(self, warehouse):
        self.warehouse = warehouse
        self.songs = {}
        self.regions = {}

    def read(self, path, column):
        text = subprocess.run(["zstd", "-dc", path], capture_output=True, text=True, check=True)
        lines = text.stdout.split("\n")
        place = lines[0].split("\t").index(column)
        rows = {}
        for line in lines[1:-1]:
            fields = line.split("\t")
            song = self.songs.setdefault(fields[0], len(self.songs))
            region = self.regions.setdefault(fields[1], len(self.regions))
            rows.setdefault(region, []).append((song, float(fields[place])))
        return rows

    def expected(self, night):
        return self.read(self.warehouse / f"popularity/date={day(night)}/demand.tsv.zst",
                         "expected_streams")

    def heard(self, number):
        return self.read(self.warehouse / f"plays/date={day(number)}/counts.tsv.zst", "streams")

    def vector(self, rows, region):
        vector = numpy.zeros(len(self.songs))
        for song, value in rows.get(region, []):
            vector[song] = value
        return vector


def fill(worth, sizes, room):
    """The best songs by worth a byte that fit, and the worth a byte of the first that does not."""
    order = numpy.argsort(-worth, kind="stable")
    order = order[worth[order] > 0]
    count = numpy.searchsorted(numpy.cumsum(sizes[order]), room, side="right")
    chosen = numpy.zeros(len(sizes), bool)
    chosen[order[:count]] = True
    return chosen, worth[order[count]] if count < len(order) else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".build/fill-price")
    parser.add_argument("--songs", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--regions", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spindle", type=pathlib.Path, default=ROOT / ".build/release/spindle")
    options = parser.parse_args()
    logs = options.work / "logs"
    warehouse = options.work / "warehouse"
    nights = range(12, 19)
    if not logs.exists():
        run(sys.executable, ROOT / "Benchmarks/play_logs.py", "--out", logs, "--days", 14,
            "--events", options.events, "--songs", options.songs, "--listeners",
            2 * options.songs, "--regions", options.regions, "--seed", options.seed,
            "--no-machines")
    run(options.spindle, "plays", "--warehouse", warehouse, "--logs", logs / "plays", "--date",
        day(19), "--quiet")
    for night in nights:
        run(options.spindle, "popularity", "--warehouse", warehouse, "--date", day(night),
            "--releases", logs / "releases.json", "--quiet")

    demand = Demand(warehouse)
    expected = {night: demand.expected(night) for night in nights}
    heard = {number: demand.heard(number) for number in range(nights[0], nights[-1] + 2)}
    draw = numpy.random.default_rng(5)
    sizes = numpy.clip(draw.lognormal(numpy.log(5.5e6), 0.45, len(demand.songs)), 5e5, 4e7)
    for share in SHARES:
        room = sizes.sum() * share
        hits = {}
        for region in range(len(demand.regions)):
            held = {}
            for night in nights:
                came = demand.vector(heard[night + 1], region)
                forecast = demand.vector(expected[night], region) / sizes
                margin = fill(forecast, sizes, room)[1]
                plans = {"yesterday": demand.vector(heard[night], region) / sizes}
                for price in PRICES:
                    there = held.get(price, numpy.zeros(len(sizes), bool))
                    plans[price] = forecast - price * margin * ~there
                for name, worth in plans.items():
                    chosen = fill(worth, sizes, room)[0]
                    if name in held:
                        sums = hits.setdefault(name, numpy.zeros(3))
                        sums += (came[chosen].sum(), came.sum(), sizes[chosen & ~held[name]].sum())
                    held[name] = chosen
        print(f"edge of {100 * share:g} % of the catalogue: hit ratio, fetched against yesterday")
        for name, (answered, asked, fetched) in hits.items():
            print(f"  {name!s:10} {answered / asked:.4f} {fetched / hits['yesterday'][2]:.3f}")


if __name__ == "__main__":
    main()
