#!/usr/bin/env python3
"""Makes Spindle's sample data and, for benchmarks, libraries of any size.

  generate.py render                 scores -> music/ and songs.ndjson
  generate.py logs                   songs.ndjson -> plays/, truth, releases, topology
  generate.py library --songs 100000 --events 5000000 --out DIR

The same arguments, and for `render` the same versions of the tools that
install-tools.sh names, give the same bytes. Python 3.9 or newer, no packages.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from generator import benchmark, render, sample_logs  # noqa: E402


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)

    rendering = commands.add_parser("render", help="render the scores to tagged MP3 files")
    rendering.add_argument("--only", metavar="TEXT", help="only files whose path contains TEXT")
    commands.add_parser("logs", help="write the sample's play logs, truth, releases, topology")

    library = commands.add_parser("library", help="write a benchmark library of any size")
    library.add_argument("--songs", type=int, default=100_000, metavar="N")
    library.add_argument("--events", type=int, default=5_000_000, metavar="N",
                         help="play events over all days and regions")
    library.add_argument("--days", type=int, default=14, metavar="N")
    library.add_argument("--regions", type=int, default=4, metavar="N", help="1 to 64")
    library.add_argument("--first-day", default="2026-11-06", metavar="YYYY-MM-DD")
    library.add_argument("--seed", type=int, default=1, metavar="S",
                         help="the same seed and sizes give the same bytes")
    library.add_argument("--files", choices=("yes", "no"), default="yes",
                         help="no: metadata and logs only, with the same song ids")
    library.add_argument("--jobs", type=int, default=None, metavar="N",
                         help="processes (default: one a core); changes no byte")
    library.add_argument("--out", type=Path, required=True, metavar="DIR")

    arguments = parser.parse_args()
    if arguments.command == "render":
        render.render(ROOT, arguments.only)
    elif arguments.command == "logs":
        sample_logs.write(ROOT)
    else:
        try:
            benchmark.write(arguments)
        except ValueError as problem:
            library.error(str(problem))


if __name__ == "__main__":
    main()
