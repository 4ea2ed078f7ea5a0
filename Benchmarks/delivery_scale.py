"""Time and memory of `spindle place` at growing sizes, beside a plain read of the same demand."""

import os
import shutil
import subprocess
import sys

import delivery_nights
import delivery_placement
import delivery_report
import delivery_topology
from delivery_nights import ROOT

PROGRAM = ROOT / ".build/edges/large_demand"
SOURCE = ROOT / "Benchmarks/edges/large_demand.c"


def compiled():
    if not PROGRAM.exists() or PROGRAM.stat().st_mtime < SOURCE.stat().st_mtime:
        compiler = next((name for name in ("clang", "cc", "gcc") if shutil.which(name)), None)
        if not compiler:
            sys.exit("error: there is no C compiler\nhint: apt-get install gcc")
        PROGRAM.parent.mkdir(parents=True, exist_ok=True)
        new = PROGRAM.with_suffix(f".{os.getpid()}")
        subprocess.run([compiler, "-O2", "-Wall", "-D_GNU_SOURCE", "-ffp-contract=off", "-o", new,
                        SOURCE, "-lm"], check=True)
        new.replace(PROGRAM)
    return PROGRAM


def made(folder, songs):
    """A warehouse with a catalogue and a demand of so many songs."""
    # Unpacked, the demand of ten million songs has 9 GB; packed and with the catalogue, 4.
    needed = songs * 800
    folder.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder.parent).free
    if free < needed:
        sys.exit(f"error: {songs:,} songs need {needed / 1e9:.0f} GB in {folder.parent}, "
                 f"{free / 1e9:.0f} are free\nhint: fewer with --sizes, or --work DIR")
    total = 0

    def rows():
        nonlocal total
        with subprocess.Popen([compiled(), str(songs), "1", "songs"], stdout=subprocess.PIPE,
                              text=True) as process:
            for line in process.stdout:
                rank, song, size = line.split("\t")
                total += int(size)
                yield rank, song, size

    def demand(file):
        file.flush()
        subprocess.run([compiled(), str(songs), "1", "demand"], stdout=file, check=True)

    shutil.rmtree(folder, ignore_errors=True)
    delivery_placement.write_warehouse(folder, {}, rows(), demand)
    topology = delivery_topology.topology(total)
    (folder / "topology.json").write_text(delivery_placement.json.dumps(topology))
    return folder


def measure(work, sizes, results):
    delivery_report.say("\nspindle place at growing sizes, 8 regions, binding room")
    for songs in sizes:
        folder = made(work / f"large-{songs}", songs)
        demand = folder / f"popularity/date={delivery_placement.DATE}/demand.tsv.zst"
        reading = delivery_nights.run("sh", "-c", f"zstd -dc '{demand}' | wc -l")
        cpu, wall, peak = delivery_nights.run(
            delivery_nights.SPINDLE, "place", "--topology", folder / "topology.json",
            "--warehouse", folder, "--date", delivery_placement.DATE, "--quiet")
        summary = delivery_placement.json.loads(
            (folder / f"placement/date={delivery_placement.DATE}/placement.summary.json").read_text())
        bound, gap, kind = delivery_placement.certificate(summary)
        row = {"songs": songs, "cpu_s": cpu, "wall_s": wall, "peak_bytes": peak,
               "read_cpu_s": reading[0], "to_read": cpu / reading[0], "gap_percent": gap,
               "phases": summary.get("seconds")}
        results.append(row)
        delivery_report.say(
            f"  {songs:>12,} songs: {cpu:8.1f} CPU s ({1e6 * cpu / songs:.2f} us a song), "
            f"{wall:8.1f} s, {peak / 1e6:8.0f} MB anonymous ({peak / songs:.0f} bytes a song); "
            f"zstd -dc | wc -l {reading[0]:.1f} CPU s, "
            f"{delivery_report.beside(row['to_read'], delivery_report.READ_GOAL, 1)}; "
            f"{kind}: gap {gap:.3f} %")
        shutil.rmtree(folder)
    if len(results) > 1:
        first, last = results[-2:]
        slope = (last["cpu_s"] - first["cpu_s"]) / (last["songs"] - first["songs"])
        memory = (last["peak_bytes"] - first["peak_bytes"]) / (last["songs"] - first["songs"])
        delivery_report.say(
            f"  100 million songs, by the last two: {last['cpu_s'] + slope * (1e8 - last['songs']):,.0f}"
            f" CPU s, {(last['peak_bytes'] + memory * (1e8 - last['songs'])) / 1e9:,.1f} GB")
