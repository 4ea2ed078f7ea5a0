#!/usr/bin/env python3
"""Makes play logs of any size, fast, by a seed, with all that is wrong with logs in the world.

  play_logs.py --out DIR                                     50 million plays of one day, 15 GB
  play_logs.py --out DIR --days 14 --events 5000000 --songs 100000 --listeners 200000

DIR/plays/date=…/REGION-000.ndjson: eight regions that live by their own clocks; sessions of
albums, playlists and single songs; new songs on Fridays, viral songs, songs that come and go, and
weekdays of their own. Among them: plays that are delivered again in the same file, in another
(REGION-again) and on later days (REGION-late-N), some with other figures; late plays; lines that
are odd and right; lines that are spoilt in every way; and machines (loops at the threshold, farms
behind one address, impossible hours), each with a case just within its rule and one just beyond.

DIR/truth.json says what must come out: a line for each file, day and exclusion, and each spoilt
line's place and reason. DIR/releases.json announces the releases of the last week and the next.

With --traces also what an edge sees and what no forecast can know better: DIR/trace/DAY-REGION.bin,
each event once and in time, two 32-bit numbers: the song's number, and milliseconds of the day, with
the highest bit set for a stream; DIR/rates/DAY-REGION.bin, for each song the plays that were to be
expected, as 32-bit floats; DIR/songs.tsv, for each number the song id and its length.

The generator is written in C (playlogs/) and compiled with clang or cc when it is needed. The same
options give the same bytes with the same compressor, whatever the number of processes.
"""

import argparse
import collections
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ROOT / "Benchmarks/playlogs"
PROGRAM = ROOT / ".build/playlogs/generate"
REGIONS = ("eu-west", "us-east", "sa-east", "ap-northeast", "eu-central", "us-west", "ap-south",
           "af-south")
EPOCH = datetime.date(1970, 1, 1)


def compiled():
    """The generator, compiled when its sources are newer."""
    sources = sorted(SOURCES.iterdir())
    if PROGRAM.exists() and PROGRAM.stat().st_mtime >= max(s.stat().st_mtime for s in sources):
        return PROGRAM
    compiler = next((name for name in ("clang", "cc", "gcc") if shutil.which(name)), None)
    if not compiler:
        sys.exit("error: there is no C compiler\nhint: apt-get install gcc")
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    new = PROGRAM.with_suffix(f".{os.getpid()}")
    # Without contraction the same sums come out on every machine.
    subprocess.run(
        [compiler, "-O2", "-Wall", "-D_GNU_SOURCE", "-ffp-contract=off", "-o", new,
         *[s for s in sources if s.suffix == ".c"], "-lm"], check=True)
    new.replace(PROGRAM)
    return PROGRAM


def generate(out, events=50_000_000, songs=1_000_000, listeners=5_000_000, days=1,
             last_day="2026-11-19", regions=8, seed=1, format="ndjson", compress="none", level=0,
             jobs=None, late=0.015, again=0.008, spoiled=0.0005, odd=0.001, machines=True,
             key_order="mixed", same_again=False, traces=False, volatility=1.0, skew=0.9):
    """Writes the logs and returns what truth.json says."""
    out = pathlib.Path(out)
    first = datetime.date.fromisoformat(last_day) - datetime.timedelta(days=days - 1)
    if events > 20 * listeners * days:
        raise ValueError("more than 20 plays a listener and day: some would look like machines")
    if songs < 1000 or not 1 <= regions <= len(REGIONS) or days < 1:
        raise ValueError("at least 1000 songs and a day, and 1 to 8 regions")
    if listeners + days * regions * 20_000 >= 10_000_000:
        raise ValueError("listeners + 20,000 for each day and region must be below 10,000,000")
    if not 0 < volatility <= 10:
        raise ValueError("a volatility above 0, at most 10")
    if not 0 < skew <= 2 or abs(skew - 1) < 0.01:
        raise ValueError("a skew above 0, at most 2, and not 1")
    for name in ("plays", ".truth", *(("trace", "rates") if traces else ())):
        shutil.rmtree(out / name, ignore_errors=True)
        (out / name).mkdir(parents=True)
    settings = [out, events, songs, listeners, days, (first - EPOCH).days, regions, seed, format,
                compress, level or {"gz": 6, "zst": 3}.get(compress, 0),
                jobs or os.cpu_count(), late, again, spoiled, odd,
                ("m" if machines else "-") + ("1" if key_order == "one" else "") + ("=" if same_again else "") + ("t" if traces else ""),
                volatility, skew]
    subprocess.run([compiled(), *map(str, settings)], check=True)
    truth = gathered(out, {
        "events": events, "songs": songs, "listeners": listeners, "days": days,
        "last_day": last_day, "regions": regions, "seed": seed, "format": format})
    (out / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")
    (out / "releases.json").write_text(json.dumps({
        "format": "spindle-releases", "version": 1, "releases": [
            {"song_id": song, "date": day, "title": f"Song {number}",
             "artists": [f"Artist {int(number) // 40}"]}
            for day, song, number in rows(out / ".truth/releases.tsv")]}, indent=1) + "\n")
    shutil.rmtree(out / ".truth")
    return truth


def rows(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n").split("\t")


def gathered(out, settings):
    """Sums up what the generator's processes wrote down."""
    files, spoiled, excluded = {}, [], []
    by_event_day, by_log_day = collections.defaultdict(dict), collections.defaultdict(dict)

    def add(day, name, value):
        day[name] = day.get(name, 0) + int(value)

    for path in sorted((out / ".truth").glob("*-*-*-*.tsv")):
        for kind, *fields in rows(path):
            if kind == "file":
                files[fields[0]] = int(fields[1])
            elif kind in ("joined", "empty"):
                # A record with a line feed in quotes is two lines of the file and one of the
                # accounts, an empty line none.
                add(by_log_day[fields[0][5:15]], "uncounted", 1)
            elif kind == "spoiled":
                name, line, what, reason = fields
                spoiled.append({"file": name, "line": int(line), "kind": what, "reason": reason})
                add(by_log_day[name[5:15]].setdefault("rejected_by_reason", {}), reason, 1)
            elif kind == "late":
                add(by_event_day[fields[0]], "late_in", fields[2])
                add(by_log_day[fields[1]], "late_out", fields[2])
            elif kind == "excluded":
                excluded.append(dict(zip(
                    ("date", "reason", "user_id", "song_id", "address", "events"),
                    [*fields[:5], int(fields[5])])))
            elif kind == "events":
                day = by_event_day[fields[0]]
                for name, value in zip(("streams", "short", "duplicates", "address_farm",
                                        "impossible_hours", "threshold_loop"), fields[2:]):
                    add(day, name, value)
                add(day.setdefault("streams_by_region", {}), fields[1], fields[2])
    for name, lines in files.items():
        add(by_log_day[name[5:15]], "lines", lines)
    for day in by_log_day.values():
        day["lines"] -= day.pop("uncounted", 0)
        day["rejected"] = sum(day.get("rejected_by_reason", {}).values())
    excluded.sort(key=lambda e: (e["date"], e["reason"], e["user_id"], e["song_id"], e["address"]))
    spoiled.sort(key=lambda s: (s["file"], s["line"]))
    return {"format": "spindle-play-logs-truth", "version": 1, "settings": settings,
            "by_event_day": dict(sorted(by_event_day.items())),
            "by_log_day": dict(sorted(by_log_day.items())),
            "excluded": excluded, "files": dict(sorted(files.items())), "spoiled": spoiled}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=pathlib.Path, metavar="DIR")
    parser.add_argument("--events", type=int, default=50_000_000, metavar="N",
                        help="people's plays in all; repeats and machines come on top")
    parser.add_argument("--songs", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--listeners", type=int, default=5_000_000, metavar="N")
    parser.add_argument("--days", type=int, default=1, metavar="N")
    parser.add_argument("--last-day", default="2026-11-19", metavar="YYYY-MM-DD")
    parser.add_argument("--regions", type=int, default=8, metavar="N", help="1 to 8")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--format", choices=("ndjson", "csv"), default="ndjson")
    parser.add_argument("--compress", choices=("none", "gz", "zst"), default="none")
    parser.add_argument("--level", type=int, default=0, metavar="N",
                        help="of compression (gz 6, zst 3)")
    parser.add_argument("--key-order", choices=("mixed", "one"), default="mixed",
                        help="mixed: each of four platforms writes JSON's keys in its own order")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes (one a core)")
    parser.add_argument("--late", type=float, default=0.015, metavar="SHARE",
                        help="of plays whose log is of a later one of the days")
    parser.add_argument("--again", type=float, default=0.008, metavar="SHARE",
                        help="of plays that are delivered twice")
    parser.add_argument("--same-again", action="store_true",
                        help="nothing is delivered again with other figures")
    parser.add_argument("--spoiled", type=float, default=0.0005, metavar="SHARE",
                        help="spoilt lines for each play; not 0: of each kind one at least")
    parser.add_argument("--odd", type=float, default=0.001, metavar="SHARE",
                        help="of plays with escapes, further keys, other zones and the like")
    parser.add_argument("--volatility", type=float, default=1, metavar="X",
                        help="how many times the viral songs, the share of plays that goes to them "
                        "and to new ones, and the speed at which songs come and go")
    parser.add_argument("--skew", type=float, default=0.9, metavar="X",
                        help="the exponent of Zipf's law by which songs are chosen")
    parser.add_argument("--traces", action="store_true",
                        help="write DIR/trace, DIR/rates and DIR/songs.tsv, too")
    parser.add_argument("--no-machines", dest="machines", action="store_false")
    options = parser.parse_args()
    try:
        truth = generate(**vars(options))
    except ValueError as problem:
        parser.error(str(problem))
    lines = sum(truth["files"].values())
    print(f"{lines:,} lines in {len(truth['files'])} files, {len(truth['spoiled']):,} of them spoilt")


if __name__ == "__main__":
    main()
