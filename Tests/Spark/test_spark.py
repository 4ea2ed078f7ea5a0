#!/usr/bin/env python3
"""Counts days on a real Spark cluster that loses an executor and a worker, and compares every byte.

Starts a standalone master and two workers on loopback, counts two days of generated logs
(Benchmarks/play_logs.py) through pipelines/spark/count_plays.py and compares the partitions with
those of `spindle plays`. While the second day is read,

* an executor is killed after its program has made its partial, before Spark knows: the task runs
  twice and both results are there;
* a worker is killed with all that it runs, in the midst of a program: the task is lost, and the
  other worker does it again;
* another one comes in its place, and is killed in the phase of the listeners.

Then it is seen to fail where it must: a program that fails each time, and no logs at
all; and what was there stays. Needs a python3 with pyspark (`make
test-spark` makes one) and Java 17. Nothing that it starts outlives it.
"""

import argparse
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT / "Benchmarks")]
import cluster  # noqa: E402
import play_logs  # noqa: E402

DRIVER = ROOT / "pipelines/spark/count_plays.py"
DAYS = ("2026-11-18", "2026-11-19")

# Stands in for the program: runs it, and stops where the test wants to kill. `hold-WHAT` in the
# test's folder names what is held, once: the first attempt that takes it by renaming waits.
PROGRAM = """#!/bin/sh
# What its executor's end would take along goes on: an attempt that nobody waits for.
trap '' HUP
case " $* " in
*" --phase listeners "*) what=listeners ;;
*" --finish "*) what=finish ;;
*" map "*) what=map ;;
*) what=other ;;
esac
echo "$what $$ $*" >> '{folder}/journal'
[ ! -e '{folder}/fail-'"$what" ] || exit 3
held=
mv '{folder}/hold-before-'"$what" '{folder}/held-'$$ 2>/dev/null && held=before
if [ "$held" = before ]; then
    echo "$what $$" > '{folder}/waiting'
    while [ ! -e '{folder}/go' ]; do sleep 0.1; done
fi
'{program}' "$@" || exit $?
mv '{folder}/hold-after-'"$what" '{folder}/held-'$$ 2>/dev/null && held=after
if [ "$held" = after ]; then
    echo "$what $$" > '{folder}/waiting'
    while [ ! -e '{folder}/go' ]; do sleep 0.1; done
fi
"""


class Failed(Exception):
    pass


class SparkTest:
    def __init__(self, program, python, work):
        self.program, self.work = program, work
        self.logs, self.local, self.spark = work / "logs", work / "local", work / "spark"
        self.stub = work / "stub"
        self.stub.mkdir(parents=True)
        wrapper = self.stub / "spindle"
        wrapper.write_text(PROGRAM.format(folder=self.stub, program=program))
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
        self.python = python
        self.cluster = None

    def open(self):
        self.cluster = cluster.Cluster(self.work / "cluster", self.python)

    def close(self):
        (self.stub / "go").touch()
        if self.cluster:
            self.cluster.close()

    # What is run

    def start(self, day, *more, logs=None, warehouse=None):
        log = open(self.work / "driver.log", "a", encoding="utf-8")
        return subprocess.Popen(
            [self.cluster.home / "bin/spark-submit", "--master", self.cluster.url,
             "--conf", "spark.ui.enabled=false", "--conf", "spark.executor.memory=512m",
             "--conf", "spark.executor.cores=1", "--conf", "spark.driver.memory=512m",
             DRIVER, "--spindle", self.stub / "spindle", "--logs", logs or self.logs / "plays",
             "--date", day, "--work", self.work / "shared", "--warehouse", warehouse or self.spark,
             "--split", str(4 << 20), "--buckets", "3", "--", "--threads", "1", *more],
            env=self.cluster.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True)

    def ended(self, driver, seconds=240):
        try:
            return driver.wait(seconds)
        except subprocess.TimeoutExpired:
            cluster.kill_session(driver.pid)
            raise Failed(f"the job did not end in {seconds} s") from None

    def hold(self, where, what):
        (self.stub / "waiting").unlink(missing_ok=True)
        (self.stub / "go").unlink(missing_ok=True)
        (self.stub / f"hold-{where}-{what}").touch()

    def held(self, driver):
        """Waits until an attempt stands; its process id and the number of its worker."""
        end = time.monotonic() + 120
        while not (self.stub / "waiting").exists():
            if driver.poll() is not None or time.monotonic() > end:
                raise Failed("no attempt came to where it was to be held")
            time.sleep(0.05)
        time.sleep(0.1)
        pid = int((self.stub / "waiting").read_text().split()[1])
        session = os.getsid(pid)
        worker = next(n for n, w in enumerate(self.cluster.workers) if w.pid == session)
        return pid, worker

    def attempts(self):
        return (self.stub / "journal").read_text().splitlines()

    # What is compared

    def partition(self, warehouse, day):
        folder = warehouse / "plays" / f"date={day}"
        return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}

    def check_equal(self, day):
        ours, theirs = self.partition(self.local, day), self.partition(self.spark, day)
        if not ours or set(ours) != set(theirs):
            raise Failed(f"{day}: other files: {sorted(ours)} and {sorted(theirs)}")
        differ = [name for name in ours if ours[name] != theirs[name]]
        if differ:
            raise Failed(f"{day}: other bytes in {differ}")
        say(f"  {day}: {len(ours)} files, {sum(map(len, ours.values())):,} bytes, the same")

    # The test

    def run(self):
        truth = play_logs.generate(self.logs, events=60_000, songs=2000, listeners=4000, days=2, seed=5,
                                   spoiled=0.005, odd=0.01, late=0.05, again=0.03)
        # Of every packing: those are read whole, the plain ones in ranges.
        for name, command in (("us-east-000.ndjson", ["gzip", "-n"]), ("sa-east-000.ndjson", ["zstd", "-q", "--rm"])):
            for path in self.logs.glob(f"plays/*/{name}"):
                subprocess.run([*command, path], check=True)
        subprocess.run([self.program, "plays", "--logs", self.logs / "plays", "--date", DAYS[1],
                        "--warehouse", self.local, "--quiet"], check=True)
        say("a cluster of two workers")
        self.open()
        self.counts_with_losses()
        self.fails_when_it_must()
        return truth

    def counts_with_losses(self):
        say("the later day, with an executor killed after its program has ended")
        self.hold("after", "map")
        driver = self.start(DAYS[1])
        pid, worker = self.held(driver)
        self.cluster.kill_executor(worker)
        # The orphan has its result and only waits; the task runs again meanwhile.
        self.cluster.wait(lambda: len(self.attempts()) > 1 or driver.poll() is not None,
                          "the lost task does not run again")
        (self.stub / "go").touch()
        if self.ended(driver) != 0:
            raise Failed("the job failed with an executor killed")
        self.check_equal(DAYS[1])
        twice = [line.split(" ", 2)[2] for line in self.attempts() if line.startswith("map ")]
        arguments = [line.rsplit(" --to ", 1)[0] for line in twice]
        if len(arguments) == len(set(arguments)):
            raise Failed("no task ran twice")

        say("the earlier day, with a worker killed while its program runs, and one more among the listeners")
        self.hold("before", "map")
        (self.stub / "journal").unlink()
        driver = self.start(DAYS[0])
        pid, worker = self.held(driver)
        self.cluster.kill_worker(worker)
        self.cluster.workers[worker] = self.cluster.add_worker(worker + 2)
        (self.stub / "hold-before-listeners").touch()
        (self.stub / "waiting").unlink()
        pid, worker = self.held(driver)
        self.cluster.kill_worker(worker)
        if self.ended(driver) != 0:
            raise Failed("the job failed with a worker killed")
        self.check_equal(DAYS[0])
        self.check_equal(DAYS[1])
        left = list((self.work / "shared").iterdir())
        if left:
            raise Failed(f"partials were left behind: {left}")
        self.cluster.workers.append(self.cluster.add_worker(9))

    def fails_when_it_must(self):
        before = self.partition(self.spark, DAYS[1])
        say("a program that fails each time")
        (self.stub / "fail-listeners").touch()
        if self.ended(self.start(DAYS[1])) == 0:
            raise Failed("a job whose program failed ended with 0")
        (self.stub / "fail-listeners").unlink()
        tries = sum(line.startswith("listeners ") for line in self.attempts())
        if tries < 4:
            raise Failed(f"a task was tried {tries} times")
        say("a day without logs")
        if self.ended(self.start("2026-11-30")) == 0:
            raise Failed("a day without logs was counted")
        if self.partition(self.spark, DAYS[1]) != before:
            raise Failed("a job that failed has changed a day")


def say(text):
    print(text, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spindle", default=str(ROOT / ".build/release/spindle"), metavar="PROGRAM")
    parser.add_argument("--python", default=sys.executable, help="a python3 with pyspark")
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="spindle-spark-"))
    test = SparkTest(os.path.abspath(options.spindle), os.path.abspath(options.python), work)
    # So that what was started ends also when this is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    try:
        test.run()
    except (Failed, TimeoutError) as problem:
        for log in (work / "driver.log", test.stub / "journal"):
            if log.exists():
                print(f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-60:], sep="\n")
        print(f"error: {problem}")
        sys.exit(1)
    finally:
        test.close()
        shutil.rmtree(work, ignore_errors=True)
    say(f"the same bytes whatever was lost ({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
