#!/usr/bin/env python3
"""How good the delivery plans are, beside the goals: on fortnights that play_logs.py makes, and on
instances that HiGHS solves.

  delivery.py --work DIR --songs 20000 --events 2800000 --seeds 1 --variants normal   a small run
  delivery.py --work DIR                                                              all of it

edges       what edges hit on the last three days, with plans made each night before, beside caches
            of libCacheSim that saw all days, yesterday's top, and the true rates
placement   small instances beside HiGHS, greedy and hashing; whole ones by their certificate; what
            the next day cost by the plan, against a plan from the true rates
scale       time and memory of `spindle place` up to 10 million songs

The plays of the last three days are scored once, and nothing is tuned on them: --tune LIST instead
scores the three days before them, by other shares of pins and fill. What no plan changes (logs,
counts, peers) is kept in --work and not made again.
"""

import argparse
import itertools
import json
import pathlib
import resource
import shutil
import sys
import tempfile

import delivery_edges
import delivery_placement
import delivery_report
import delivery_scale
import delivery_topology
import play_logs
from delivery_nights import SCORED_DAYS, VARIANTS, Fortnight, knows

# What tuning on earlier days found (docs/benchmarks/delivery.md).
FILL = 0.06
PINNED_SHARE = 0.99
# Nights that plan before those that are scored, so that yesterday's plan is one of many.
NIGHTS_BEFORE = 1


def prepared(options, variant, seed):
    fortnight = Fortnight(options.work, options.songs, options.events, options.days, seed, variant,
                          room=options.room)
    fortnight.generate()
    delivery_report.say(f"\n{fortnight.title}")
    return fortnight


def counted(options, fortnight):
    """Plays counted and forecast for each night that plans, unless they are there."""
    first_night = fortnight.last_scored - SCORED_DAYS - 1 - NIGHTS_BEFORE
    kept = fortnight.folder / f"counted-{first_night}.json"
    if not kept.exists():
        # Nights that are over may have seen late events of days that this one has yet to count.
        others = [int(path.stem.split("-")[1]) for path in fortnight.folder.glob("counted-*.json")]
        if not others or max(others) > first_night:
            shutil.rmtree(fortnight.warehouse, ignore_errors=True)
            fortnight.ledger()
        kept.write_text(json.dumps(fortnight.count(first_night)))
    delivery_report.costs(json.loads(kept.read_text()))
    return first_night


def planned(options, fortnight, name, first_night, fill, pinned_share, *more, placed_by=None):
    """Places, prefetches and publishes each night, unless that is there."""
    if options.fill_price:
        more += ("--fill-price", options.fill_price)
    if knows("prefetch", "releases"):
        more += ("--releases", fortnight.folder / "releases.json")
    kept = fortnight.folder / f"planned-{name}.json"
    if options.again or not kept.exists():
        kept.write_text(json.dumps(
            fortnight.plan(name, first_night, fill, pinned_share, options.shares, more,
                           placed_by)))
    delivery_report.costs(json.loads(kept.read_text()))


def edges(options, fortnight, results):
    first_night = counted(options, fortnight)
    scores = delivery_edges.peers(
        fortnight, options.shares, options.edge_regions, options.policies, options.jobs)
    for objective in () if options.prepare else options.objectives:
        more = ("--objective", objective) if objective != "requests" else ()
        # Where copies are does not depend on what edges are to do.
        planned(options, fortnight, objective, first_night, options.fill, options.pinned_share,
                *more, placed_by=options.objectives[0] if objective != options.objectives[0]
                else None)
        found = delivery_edges.plans(
            fortnight, objective, options.shares, options.edge_regions, first_night,
            options.fill, options.jobs)
        for (share, name), score in found.items():
            if objective == "requests":
                scores[share, name] = score
            elif name == delivery_edges.PINNED:
                scores[share, delivery_edges.PINNED_BYTES] = score
    results.append({"variant": fortnight.variant, "seed": fortnight.seed, "scores": scores})
    delivery_report.edges(scores, options.shares)
    rows = {f"{share:g} {policy}": vars(score) for (share, policy), score in scores.items()}
    (fortnight.folder / "edges.json").write_text(json.dumps(rows, indent=1))


def tune(options, fortnight):
    """Scores the three days before the last three by other shares; what is best goes above."""
    fortnight.last_scored = options.days - SCORED_DAYS
    first_night = counted(options, fortnight)
    for fill, pinned_share in itertools.product(options.tune_fill, options.tune_pinned):
        name = f"tune-{fill:g}-{pinned_share:g}-{(options.fill_price or 'default').rstrip('%')}"
        planned(options, fortnight, name, first_night, fill, pinned_share)
        scores = delivery_edges.plans(fortnight, name, options.shares, options.edge_regions,
                                      first_night, fill, options.jobs)
        delivery_report.tuning(scores, options.shares, fill, pinned_share)


def placements(options, fortnight, results):
    first_night = counted(options, fortnight)
    nights = range(first_night + NIGHTS_BEFORE, fortnight.last_scored - 1)
    fortnight.read_forecasts(nights)
    last = nights[-1]
    for count in options.instances:
        row = delivery_placement.compare(
            fortnight, last, count, options.room, options.mip_seconds)
        results.append(row)
        delivery_report.instance(row)
    planned(options, fortnight, "requests", first_night, options.fill, options.pinned_share)
    for night in nights:
        row = delivery_placement.realised(fortnight, "requests", night)
        results.append(row)
        delivery_report.night(row)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=("edges", "placement", "scale"),
                        default=["edges", "placement", "scale"])
    parser.add_argument("--songs", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=28_000_000, help="plays in all days")
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS),
                        default=list(VARIANTS))
    parser.add_argument("--shares", type=float, nargs="+", metavar="SHARE",
                        default=list(delivery_topology.EDGE_SHARES),
                        help="of the catalogue's bytes, an edge each in every region")
    parser.add_argument("--edge-regions", nargs="+", default=list(play_logs.REGIONS),
                        choices=play_logs.REGIONS, metavar="REGION",
                        help="whose edges are replayed (default: all eight)")
    parser.add_argument("--policies", nargs="+", default=list(delivery_edges.PEERS),
                        choices=delivery_edges.PEERS, help="of libCacheSim's")
    parser.add_argument("--objectives", nargs="+", default=["requests", "bytes"],
                        choices=("requests", "bytes"), help="of `spindle prefetch`")
    parser.add_argument("--prepare", action="store_true",
                        help="edges: only what no plan changes, into --work")
    parser.add_argument("--fill", type=float, default=FILL, help="of an edge's capacity, a night")
    parser.add_argument("--pinned-share", type=float, default=PINNED_SHARE)
    parser.add_argument("--fill-price", help="of `spindle prefetch` (default: its own)")
    parser.add_argument("--tune-fill", type=float, nargs="+", metavar="FILL")
    parser.add_argument("--tune-pinned", type=float, nargs="+", metavar="SHARE",
                        default=[PINNED_SHARE])
    parser.add_argument("--room", type=float, default=delivery_topology.ROOM,
                        help="of all regions, in times three copies of everything")
    parser.add_argument("--instances", type=int, nargs="+", default=[200, 2000], metavar="SONGS")
    parser.add_argument("--mip-seconds", type=float, default=40)
    parser.add_argument("--sizes", type=int, nargs="+", metavar="SONGS",
                        default=[1_000_000, 3_000_000, 10_000_000])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--again", action="store_true",
                        help="plan again though --work has plans: the program has changed")
    parser.add_argument("--work", type=pathlib.Path, help="a folder (default: a temporary one)")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kept = options.work
    options.work = kept or pathlib.Path(tempfile.mkdtemp(prefix="spindle-delivery-"))
    results = {"edges": [], "placement": [], "scale": []}
    try:
        for variant, seed in itertools.product(options.variants, options.seeds):
            if not {"edges", "placement"} & set(options.only):
                break
            fortnight = prepared(options, variant, seed)
            if options.tune_fill:
                tune(options, fortnight)
                continue
            if "edges" in options.only:
                edges(options, fortnight, results["edges"])
            # Placement does not depend on how plays are spread over days; one seed tells.
            if "placement" in options.only and (variant, seed) == (
                    options.variants[0], options.seeds[0]):
                placements(options, fortnight, results["placement"])
        if "scale" in options.only and not options.tune_fill:
            delivery_scale.measure(options.work, options.sizes, results["scale"])
        missed = delivery_report.summary(results, options.shares)
    finally:
        if not kept:
            shutil.rmtree(options.work, ignore_errors=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
