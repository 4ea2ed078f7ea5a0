#!/usr/bin/env python3
"""Counts a day of play logs on a Spark cluster: the same program, the same bytes as on one machine.

  spark-submit --master spark://HOST:7077 pipelines/spark/count_plays.py --spindle PROGRAM \\
      --logs /shared/logs --date 2026-11-19 --work /shared/work --warehouse /shared/warehouse \\
      [-- --rules scrobble --chart-cap 5 …]

Logs, work folder and warehouse lie on storage that all machines see under the same paths. A task
reads a log, or a range of a large plain one (`spindle plays map`); then four phases share the
counting out by hashes (`spindle plays merge --phase …`), and a last task writes the day into the
warehouse. docs/formats/plays-partials.md describes these; pipelines/spark/README.md this driver.
What stands behind -- goes to all tasks: options that say how logs are read and counted.
"""

import argparse
import datetime
import os
import pathlib
import re
import shutil
import sys
import uuid

from pyspark import SparkContext

HERE = pathlib.Path(__file__).resolve().parent
PHASES = ("events", "addresses", "listeners", "songs")
# gzip and zstd, which cannot be read from the middle.
PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
DAY = re.compile(r"(?=(\d{4})-(\d\d)-(\d\d)|(\d{4})(\d\d)(\d\d))")


def day_of(path):
    """The last day in a path, as docs/formats/playlogs.md has it."""
    for match in reversed(list(DAY.finditer(str(path)))):
        try:
            return datetime.date(*(int(part) for part in match.groups() if part))
        except ValueError:
            pass
    return None


def logs_of(roots, day):
    """The day's logs, hidden ones left out, in the order of their paths."""
    found = set()
    for root in (pathlib.Path(os.path.abspath(root)) for root in roots):
        if not root.exists():
            sys.exit(f"error: {root} is not there")
        for path in root.rglob("*") if root.is_dir() else [root]:
            if path.is_file() and not any(p.startswith(".") for p in path.relative_to(root).parts):
                found.add(path)
    return sorted(path for path in found if day_of(path) == day)


def map_tasks(logs, split_bytes, is_together):
    """The arguments of each map: small logs together, large plain ones in ranges of bytes."""
    if is_together:
        return [[part for log in logs for part in ("--logs", str(log))]] if logs else []
    tasks, small, size = [], [], 0
    for log in logs:
        count = log.stat().st_size
        with open(log, "rb") as file:
            is_packed = file.read(4).startswith(PACKED)
        if count > split_bytes and not is_packed and log.name.endswith(".ndjson"):
            ends = list(range(0, count, split_bytes))
            # What is appended meanwhile belongs to the last range.
            tasks += [["--logs", str(log), "--range", f"{first}-{last - 1}"]
                      for first, last in zip(ends, ends[1:] + [1 << 60])]
            continue
        if small and size + count > split_bytes:
            tasks.append(small)
            small, size = [], 0
        small += ["--logs", str(log)]
        size += count
    return tasks + ([small] if small else [])


class Job:
    """One day's count, in a folder of its own."""

    def __init__(self, context, folder):
        self.context, self.folder = context, folder
        # Of the executors' environment nothing goes to the program.
        self.environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"}

    def run(self, tasks):
        """Runs (place, arguments) as tasks; their answers, in that order."""
        lines = [[place, *arguments] for place, arguments in tasks]
        if any("\n" in text for line in lines for text in line):
            raise ValueError("there is a line feed in a path")
        # A partition a task. Without checkCode Spark takes a program that failed for one that is done.
        answers = (self.context.parallelize(lines, len(lines)).flatMap(lambda line: line)
                   .pipe("sh attempt.sh", env=self.environment, checkCode=True).collect())
        if len(answers) != len(tasks):
            raise RuntimeError(f"{len(tasks)} tasks gave {len(answers)} answers")
        return answers

    def map(self, tasks):
        """Makes the partials. What attempts have left beside stays out of the count."""
        attempts, partials = self.folder / "attempts", self.folder / "partials"
        attempts.mkdir(parents=True)
        partials.mkdir()
        made = self.run([(str(attempts / f"{number:05d}"), task) for number, task in enumerate(tasks)])
        for number, result in enumerate(made):
            os.rename(result, partials / f"{number:05d}")

    def phase(self, name, tasks, more):
        self.run([("-", ["merge", "--job", str(self.folder), "--phase", name, "--bucket", str(number),
                         "--buckets", str(tasks), *more]) for number in range(tasks)])

    def finish(self, warehouse, more):
        self.run([("-", ["merge", "--job", str(self.folder), "--finish", "--warehouse", warehouse,
                         *more])])


def main():
    arguments = sys.argv[1:]
    end = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spindle", required=True, metavar="PROGRAM", help="executors get a copy")
    parser.add_argument("--logs", required=True, action="append", metavar="PATH")
    parser.add_argument("--date", required=True, type=datetime.date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--work", required=True, metavar="DIR", help="a folder for what is in the making")
    parser.add_argument("--warehouse", required=True, metavar="DIR")
    parser.add_argument("--split", type=int, default=256 << 20, metavar="BYTES",
                        help="of a log for a task (256 MiB)")
    parser.add_argument("--together", action="store_true",
                        help="read all logs in one task, as access logs must be")
    parser.add_argument("--buckets", type=int, metavar="N",
                        help="tasks of a phase, 1 to 64 (the cluster's cores, at least 4)")
    options = parser.parse_args(arguments[:end])
    more = arguments[end + 1:]

    warehouse = os.path.abspath(options.warehouse)
    logs = logs_of(options.logs, options.date)
    tasks = map_tasks(logs, options.split, options.together)
    if not tasks:
        sys.exit(f"error: there are no logs of {options.date}")
    folder = pathlib.Path(os.path.abspath(options.work)) / f"plays-{options.date}-{uuid.uuid4()}"
    context = SparkContext(appName=f"spindle plays {options.date}")
    try:
        context.addFile(options.spindle)
        context.addFile(str(HERE / "attempt.sh"))
        buckets = options.buckets or min(64, max(4, context.defaultParallelism))
        job = Job(context, folder)
        day = ["--date", str(options.date)]
        late = ["map", "--late", *day, "--warehouse", warehouse, *more]
        job.map([["map", *task, *day, *more] for task in tasks] + [late])
        for phase in PHASES:
            job.phase(phase, buckets, more)
        job.finish(warehouse, more)
    finally:
        context.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"counted {options.date}: {len(logs)} logs in {len(tasks)} tasks")


if __name__ == "__main__":
    main()
