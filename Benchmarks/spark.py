#!/usr/bin/env python3
"""What counting a day costs on Spark: Spindle's program piped, beside the same count in Spark SQL.

Starts a standalone master and two workers of one core on loopback, anew for each, and counts EVENTS
plays of a day (play_logs.py) with pipelines/spark/count_plays.py and with spark_sql.py. The CPU
seconds are those of all processes, from the master's start to the end of the last one; a job that
does nothing shows what of it is Spark's own beginning. Both results are compared, row by row.
Needs a python3 with pyspark (`make bench-spark` makes one) and Java 17.
"""

import argparse
import ctypes
import gzip
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "Benchmarks"), str(ROOT / "Tests/Spark")]
import cluster  # noqa: E402
import play_logs  # noqa: E402
import plays  # noqa: E402

DAY = "2026-11-19"
NOTHING = "from pyspark import SparkContext; SparkContext().parallelize(range(2), 2).map(str).collect()"


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measured(name, options, work, application):
    """The CPU seconds of a cluster and of one application on it."""
    before, started = children_seconds(), time.monotonic()
    spark = cluster.Cluster(work / f"cluster-{name}", options.python, memory="4g")
    try:
        ready = time.monotonic()
        with open(work / f"{name}.log", "w", encoding="utf-8") as log:
            code = subprocess.run(
                [spark.home / "bin/spark-submit", "--master", spark.url,
                 "--conf", "spark.ui.enabled=false", "--conf", "spark.executor.cores=1",
                 "--conf", f"spark.executor.memory={options.memory}",
                 "--conf", "spark.sql.shuffle.partitions=8", *map(str, application)],
                env=spark.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log).returncode
        wall = time.monotonic() - ready
    finally:
        spark.close()
    while True:  # those whose parents were ended are ours now
        try:
            os.wait()
        except ChildProcessError:
            break
    if code != 0:
        print((work / f"{name}.log").read_text(errors="replace")[-3000:])
        sys.exit(f"error: {name} failed")
    cpu = children_seconds() - before
    print(f"{name:<24} {cpu:9.1f} CPU s {wall:9.1f} wall s", flush=True)
    return cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=5_000_000, metavar="N")
    parser.add_argument("--spindle", default=str(ROOT / ".build/release/spindle"))
    parser.add_argument("--python", default=sys.executable, help="a python3 with pyspark")
    parser.add_argument("--memory", default="3g", help="of an executor (3g)")
    parser.add_argument("--work", metavar="DIR")
    options = parser.parse_args()
    options.python = os.path.abspath(options.python)
    # What loses its parent becomes ours, so that its seconds are counted: PR_SET_CHILD_SUBREAPER.
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    work = pathlib.Path(tempfile.mkdtemp(prefix="spindle-spark-", dir=options.work))
    try:
        logs = work / "logs"
        truth = play_logs.generate(logs, events=options.events, songs=max(1000, options.events // 50),
                                   listeners=max(1000, options.events // 10), spoiled=0, odd=0,
                                   same_again=True)
        files = sorted((logs / "plays").glob("*/*"))
        print(f"{sum(truth['files'].values()):,} lines, {sum(f.stat().st_size for f in files) / 1e9:.2f} GB",
              flush=True)
        idle = work / "nothing.py"
        idle.write_text(NOTHING)
        base = measured("nothing", options, work, [idle])
        ours = measured("spindle, piped", options, work, [
            ROOT / "pipelines/spark/count_plays.py", "--spindle", options.spindle, "--logs", logs / "plays",
            "--date", DAY, "--work", work / "shared", "--warehouse", work / "warehouse",
            "--", "--threads", "1"])
        theirs = measured("Spark SQL", options, work, [
            ROOT / "Benchmarks/spark_sql.py", DAY, work / "sql", *files])
        print(f"spindle takes {ours / theirs:.3f} of Spark SQL's CPU seconds; without what a job that does"
              f" nothing takes, {(ours - base) / (theirs - base):.3f}")
        table = plays.rows_of(work / "warehouse/plays" / f"date={DAY}" / "counts.tsv.zst")
        joined = work / "sql.tsv"
        with open(joined, "wb") as file:
            header = None
            for part in sorted((work / "sql").glob("part-*")):
                lines = gzip.decompress(part.read_bytes()).split(b"\n", 1)
                file.write(lines[1] if header else b"\n".join(lines))
                header = lines[0]
        same = plays.compared("Spark SQL and spindle", table, joined)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
