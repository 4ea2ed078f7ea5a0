"""Placements judged from outside: instances as files, an independent recount, and HiGHS.

A pattern is a set of regions with enough failure domains; with eight regions of a domain each and
three copies there are 219. A plan gives each song a pattern, and costs what docs/formats/delivery.md
says: transfer, latency, storage and moves of the plan's day.
"""

import hashlib
import itertools
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time

import numpy as np

import delivery_nights
import delivery_topology

DATE = "2026-11-19"


class Instance:
    """What a placement depends on, in arrays: songs by id, regions as the topology sorts them."""

    def __init__(self, topology, ids, sizes, streams, previous=None):
        """streams: a row a song, a column a region in the order of the topology's file."""
        order = sorted(range(len(ids)), key=ids.__getitem__)
        self.topology = topology
        self.ids = [ids[song] for song in order]
        self.sizes = np.asarray(sizes, dtype=np.int64)[order]
        regions = topology["regions"]
        columns = sorted(range(len(regions)), key=lambda index: regions[index]["id"])
        self.regions = [regions[index] for index in columns]
        self.names = [region["id"] for region in self.regions]
        self.streams = np.asarray(streams, dtype=np.float64)[order][:, columns]
        self.capacities = np.array([region["capacity_bytes"] for region in self.regions])
        domains = sorted({region["failure_domain"] for region in self.regions})
        self.domains = np.array([domains.index(r["failure_domain"]) for r in self.regions])
        # A bit a region; 0 for what is new.
        self.previous = np.zeros(len(ids), int) if previous is None else previous
        self.gigabytes = self.sizes / 1e9
        self._price()

    def _price(self):
        count = len(self.names)
        prices = self.topology["prices"]
        serving = np.zeros((count, count))
        for index in range(count):
            serving[index, index] = 2 * prices["latency_usd_per_gb_ms"]
        for link in self.topology["links"]:
            a, b = self.names.index(link["from"]), self.names.index(link["to"])
            serving[a, b] = (link["transfer_usd_per_gb"]
                             + link["latency_ms"] * prices["latency_usd_per_gb_ms"])
        self.serving = serving
        self.patterns = np.array(
            [bits for bits in range(1, 1 << count)
             if len({self.domains[r] for r in range(count) if bits >> r & 1})
             >= self.topology["replicas"]])
        self.holds = (self.patterns[:, None] >> np.arange(count) & 1).astype(bool)
        # For a GB: from the cheapest holder to each region's listeners, and storage of a day.
        self.pattern_serving = np.where(self.holds[:, :, None], serving[None], np.inf).min(axis=1)
        storage = np.array([region["storage_usd_per_gb_month"] / 30 for region in self.regions])
        self.pattern_storage = self.holds @ storage

    def costs(self, songs=slice(None)):
        """USD by song and pattern."""
        added = np.bitwise_count(self.patterns[None, :] & ~self.previous[songs, None])
        a_gigabyte = (self.streams[songs] @ self.pattern_serving.T + self.pattern_storage
                      + self.topology["prices"]["move_usd_per_gb"] * added)
        return a_gigabyte * self.gigabytes[songs, None]

    def cost(self, sets, streams=None):
        """USD of a whole plan: a pattern's bits for each song; with other streams than planned."""
        streams = self.streams if streams is None else streams
        row = np.searchsorted(self.patterns, sets)
        serving = (streams * self.pattern_serving[row]).sum(axis=1)
        moved = np.bitwise_count(sets & ~self.previous)
        return float((self.gigabytes * (
            serving + self.pattern_storage[row]
            + self.topology["prices"]["move_usd_per_gb"] * moved)).sum())

    def used(self, sets):
        return (self.sizes[:, None] * (sets[:, None] >> np.arange(len(self.names)) & 1)).sum(axis=0)

    def dual_bound(self, prices_usd_per_gb):
        """No plan costs less, whatever prices (none negative) a GB has in each region."""
        prices = np.maximum(0, np.asarray(prices_usd_per_gb))
        bound = -float(prices @ (self.capacities / 1e9))
        for start in range(0, len(self.ids), 20_000):
            songs = slice(start, start + 20_000)
            priced = self.costs(songs) + self.gigabytes[songs, None] * (self.holds @ prices)
            bound += float(priced.min(axis=1).sum())
        return bound

    # MARK: As files

    def write(self, folder):
        """A warehouse in which `spindle place` finds catalogue and demand."""
        shutil.rmtree(folder, ignore_errors=True)
        ranks = np.argsort(np.argsort(-self.streams.sum(axis=1), kind="stable")) + 1
        def lines(file):
            file.write("song_id\tregion\texpected_streams\n")
            for song, streams in zip(self.ids, self.streams):
                for name, expected in zip(self.names, streams):
                    if expected >= 0.00005:
                        file.write(f"{song}\t{name}\t{expected:.4f}\n")
        songs = zip(map(int, ranks), self.ids, map(int, self.sizes))
        write_warehouse(folder, self.topology, songs, lines)

    def read(self, folder):
        """The patterns of the songs by the manifest in `folder`, all that it claims recounted."""
        lines = subprocess.run(["zstd", "-dc", folder / "placement.ndjson.zst"], check=True,
                               capture_output=True).stdout.splitlines()
        header = json.loads(lines[0])
        index = {song: number for number, song in enumerate(self.ids)}
        bit = {name: 1 << number for number, name in enumerate(self.names)}
        sets = np.zeros(len(self.ids), int)
        faults = []
        for line in lines[1:]:
            record = json.loads(line)
            song = index.get(record["song_id"])
            if song is None or sets[song]:
                faults.append(f"{record['song_id']}: unknown or twice")
                continue
            sets[song] = sum(bit[name] for name in record["regions"])
            previous = int(self.previous[song])
            if record["size_bytes"] != self.sizes[song]:
                faults.append(f"{record['song_id']}: {record['size_bytes']} bytes")
            if sum(bit[name] for name in record["added"]) != sets[song] & ~previous:
                faults.append(f"{record['song_id']}: added {record['added']}")
            if sum(bit[name] for name in record["removed"]) != previous & ~sets[song]:
                faults.append(f"{record['song_id']}: removed {record['removed']}")
        known = np.isin(sets, self.patterns)
        if not known.all():
            faults.append(f"{int((~known).sum())} songs without copies in enough domains")
        for name, used, capacity in zip(self.names, self.used(sets), self.capacities):
            if used > capacity:
                faults.append(f"{name}: {used} bytes of {capacity}")
        claimed = header["expected_cost_usd"]
        if known.all() and abs(self.cost(sets) - claimed) > 1e-5 * claimed + 1e-5:
            faults.append(f"costs {self.cost(sets):.6f}, the manifest says {claimed:.6f}")
        return sets, faults

    def place(self, folder):
        """Runs `spindle place` there: (patterns, summary, faults, (CPU s, wall s, peak bytes))."""
        figures = delivery_nights.run(
            delivery_nights.SPINDLE, "place", "--topology", folder / "topology.json",
            "--warehouse", folder, "--date", DATE, "--quiet")
        placed = folder / f"placement/date={DATE}"
        summary = json.loads((placed / "placement.summary.json").read_text())
        sets, faults = self.read(placed)
        return sets, summary, faults, figures


def write_warehouse(folder, topology, songs, write_demand):
    """songs: (rank, id, bytes) by rank or not; write_demand fills an open text file."""
    catalog, popularity = (folder / f"{kind}/date={DATE}" for kind in ("catalog", "popularity"))
    for made in (catalog, popularity, folder / "tmp"):
        made.mkdir(parents=True)
    (folder / "warehouse.json").write_text('{"format":"spindle-warehouse","version":1}\n')
    (folder / "topology.json").write_text(json.dumps(topology))
    for name in ("catalog.sqlite", "search.sqlite"):
        database = sqlite3.connect(catalog / name)
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                               "PRAGMA user_version = 3")
        if name == "catalog.sqlite":
            database.execute("CREATE TABLE songs(rank INTEGER PRIMARY KEY, song_id TEXT, "
                             "size_bytes INTEGER)")
            database.executemany("INSERT INTO songs VALUES(?, ?, ?)", songs)
        database.commit()
        database.close()
    with subprocess.Popen(["zstd", "-q", "-1", "-f", "-o", popularity / "demand.tsv.zst"],
                          stdin=subprocess.PIPE, text=True) as packer:
        write_demand(packer.stdin)
        packer.stdin.close()
    record(catalog, "index", ("catalog.sqlite", "search.sqlite"))
    record(popularity, "popularity", ("demand.tsv.zst",))


def record(folder, stage, names):
    def digest(path):
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    (folder / "artefact.json").write_text(json.dumps({
        "format": "spindle-artefact", "version": 1, "stage": stage, "date": DATE,
        "tool": "bench", "parameters": {}, "inputs": [],
        "files": [{"path": name, "bytes": (folder / name).stat().st_size,
                   "sha256": digest(folder / name)} for name in names]}))


def proven(instance, summary):
    """The bound at the prices that a summary states, computed here: USD, or None without prices."""
    prices = {limit["of"]: limit.get("saving_usd_per_tb", 0) / 1000
              for limit in summary.get("limits", []) if limit["kind"] == "capacity"}
    if not prices:
        return None
    return instance.dual_bound([prices.get(name, 0) for name in instance.names])


def certificate(summary):
    """(bound in USD, gap in per cent, what kind) as the summary has it."""
    if "certificate" in summary:
        found = summary["certificate"]
        return found["bound_usd"], found["gap_percent"], "certificate"
    found = summary["capacity_free_bound"]
    return found["usd"], found["percent_above_at_most"], "capacity-free bound"


# MARK: Peers

def _model(instance):
    from scipy import sparse
    songs, patterns = len(instance.ids), len(instance.patterns)
    costs = instance.costs()
    capacity = sparse.kron(instance.gigabytes[None, :], instance.holds.T.astype(float), "csr")
    one = sparse.kron(sparse.eye_array(songs), np.ones((1, patterns)), "csr")
    return costs, capacity, instance.capacities / 1e9, one


def linear_program(instance):
    """HiGHS's optimum if songs could be cut: (USD, CPU s of the faster of its two methods, which,
    how many times the CPU's time passed meanwhile)."""
    from scipy.optimize import linprog
    costs, capacity, room, one = _model(instance)
    best, waited = None, 1.0
    for method in ("highs-ds", "highs-ipm"):
        began, started = time.process_time(), time.monotonic()
        solved = linprog(costs.ravel(), A_ub=capacity, b_ub=room, A_eq=one,
                         b_eq=np.ones(len(instance.ids)), method=method)
        spent = time.process_time() - began
        waited = max(waited, (time.monotonic() - started) / spent)
        if solved.status == 0 and (best is None or spent < best[1]):
            best = (float(solved.fun), spent, method)
    return *best, waited


def mixed_integer(instance, seconds):
    """HiGHS's best whole-song plan within so many seconds: USD or None, and the CPU seconds."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    costs, capacity, room, one = _model(instance)
    ones = np.ones(len(instance.ids))
    began = time.process_time()
    solved = milp(costs.ravel(), integrality=np.ones(costs.size), bounds=Bounds(0, 1),
                  constraints=[LinearConstraint(capacity, -np.inf, room),
                               LinearConstraint(one, ones, ones)],
                  options={"time_limit": seconds})
    return (None if solved.x is None else float(solved.fun)), time.process_time() - began


def greedy(instance):
    """Songs by streams, each to its cheapest pattern that leaves room for the rest.

    The better of two: all patterns, and those of the least copies only.
    """
    least = np.bitwise_count(instance.patterns) == instance.topology["replicas"]
    plans = [_greedy(instance, patterns) for patterns in
             (np.arange(len(instance.patterns)), np.nonzero(least)[0])]
    return min((instance.cost(sets) for sets in plans if sets is not None), default=None)


def _greedy(instance, rows):
    replicas, slack = instance.topology["replicas"], int(instance.sizes.max())
    holds, patterns = instance.holds[rows], instance.patterns[rows]
    domains = np.zeros((len(instance.names), instance.domains.max() + 1))
    domains[np.arange(len(instance.names)), instance.domains] = 1
    free = instance.capacities.copy()
    remaining = int(instance.sizes.sum())
    sets = np.zeros(len(instance.ids), int)
    for song in np.argsort(-instance.streams.sum(axis=1), kind="stable"):
        size = instance.sizes[song]
        remaining -= size
        usable = np.maximum(0, free - slack)
        change = np.maximum(0, free - size - slack) - usable
        # McNaughton's wrap-around rule: the rest fits when the domains' shares of it do.
        left = (usable + holds * change) @ domains
        margin = np.minimum(left, remaining).sum(axis=1) - replicas * remaining
        fits = ~(holds & (free < size)).any(axis=1)
        if not fits.any():
            return None
        good = fits & (margin >= 0)
        if good.any():
            cost = instance.costs([song])[0][rows]
            pattern = np.argmin(np.where(good, cost, np.inf))
        else:
            pattern = np.argmax(np.where(fits, margin, -np.inf))
        sets[song] = patterns[pattern]
        free[holds[pattern]] -= size
    return sets


def by_hash(instance):
    """Three copies by rendezvous hashing, each region's weight its capacity, where there is room."""
    free = instance.capacities.copy()
    total = 0.0
    sets = np.zeros(len(instance.ids), int)
    for song, name in enumerate(instance.ids):
        draws = np.frombuffer(hashlib.sha512(name.encode()).digest(), dtype="<u8")
        draws = (draws[:len(free)] + 0.5) / 2.0**64
        taken = set()
        for region in np.argsort(-np.log(draws) / instance.capacities):
            domain = instance.domains[region]
            if domain not in taken and free[region] >= instance.sizes[song]:
                taken.add(domain)
                free[region] -= instance.sizes[song]
                sets[song] |= 1 << int(region)
            if len(taken) == instance.topology["replicas"]:
                break
    return instance.cost(sets)


# MARK: Comparisons

def compare(fortnight, night, count, room, mip_seconds):
    """A sample of a night's songs, by all planners; returns a row of figures."""
    streams = np.stack([fortnight.forecasts[night][name] for name in fortnight.region_names], axis=1)
    chosen = sample(streams, count)
    sizes = fortnight.sizes[chosen]
    topology = delivery_topology.topology(int(sizes.sum()), regions=fortnight.region_names, room=room)
    # As many digits as the demand file has.
    instance = Instance(topology, [fortnight.ids[song] for song in chosen], sizes,
                        np.round(streams[chosen].astype(float), 4))
    folder = fortnight.folder / f"instance-{count}"
    instance.write(folder)
    sets, summary, faults, (cpu, wall, peak) = instance.place(folder)
    ours = instance.cost(sets)
    bound, gap, kind = certificate(summary)
    optimum, highs_cpu, method, waited = linear_program(instance)
    row = {"kind": "instance", "songs": count, "usd": ours, "bound_usd": bound, "gap_percent": gap, "bound": kind,
           "cpu_s": cpu, "peak_mb": peak / 1e6, "faults": faults, "lp_usd": optimum,
           "lp_cpu_s": highs_cpu, "lp_method": method, "above_lp_percent": 100 * (ours / optimum - 1),
           "to_lp_time": cpu / highs_cpu}
    # The summary has six decimals.
    if bound > optimum * (1 + 1e-6) + 1e-6:
        faults.append(f"the bound {bound:.6f} is above the LP's optimum {optimum:.6f}")
    row["proven_usd"] = proven(instance, summary)
    if mip_seconds:
        # Its limit is of time that passes; on a busy machine it gets as much of the CPU.
        best, row["mip_cpu_s"] = mixed_integer(instance, mip_seconds * waited)
        row["mip_usd"] = best
        row["to_mip"] = ours / best if best else None
    reserve = greedy(instance)
    row["to_greedy"] = ours / reserve if reserve else None
    row["to_hash"] = ours / by_hash(instance)
    return row


def sample(streams, count):
    """Songs for a small instance: evenly along the order by streams."""
    order = np.argsort(-streams.sum(axis=1), kind="stable")
    order = order[:int((streams.sum(axis=1) > 0).sum())]
    return order[np.linspace(0, len(order) - 1, count).astype(int)]


def instance_of(fortnight, plan, night, topology, streams):
    """A night's whole instance, after the placement of the night before."""
    previous = np.zeros(fortnight.songs, int)
    before = fortnight.planned(plan) / f"placement/date={fortnight.day(night - 1)}"
    order = sorted(range(fortnight.songs), key=fortnight.ids.__getitem__)
    if before.exists():
        names = sorted(region["id"] for region in topology["regions"])
        bit = {name: 1 << number for number, name in enumerate(names)}
        lines = subprocess.run(["zstd", "-dc", before / "placement.ndjson.zst"], check=True,
                               capture_output=True).stdout.splitlines()
        by_number = np.zeros(fortnight.songs, int)
        for line in lines[1:]:
            record = json.loads(line)
            by_number[fortnight.number[record["song_id"]]] = sum(
                bit[name] for name in record["regions"])
        previous = by_number[order]
    return Instance(topology, fortnight.ids, fortnight.sizes, streams, previous), order


def realised(fortnight, plan, night):
    """What the day after a night costs by its plan, against one that knows the true rates.

    Both plan from the same yesterday; the second is made by the same program from other demand.
    """
    topology = json.loads((fortnight.folder / f"topology-{fortnight.day(night)}.json").read_text())
    columns = fortnight.region_names
    forecast = fortnight.forecasts[night]
    streams = np.stack([forecast[name] for name in columns], axis=1)
    instance, order = instance_of(fortnight, plan, night, topology, streams)
    date = fortnight.day(night)
    sets, faults = instance.read(fortnight.planned(plan) / f"placement/date={date}")
    summary = json.loads((fortnight.planned(plan) / f"placement/date={date}/placement.summary.json")
                         .read_text())

    real, rates = np.zeros_like(streams, dtype=float), np.zeros_like(streams, dtype=float)
    for column, name in enumerate(columns):
        songs, is_stream = fortnight.requests(night + 1, name)
        real[:, column] = np.bincount(songs[is_stream], minlength=fortnight.songs)
        # Not every play is a stream; which are hardly depends on the song.
        rates[:, column] = fortnight.true_rates(night + 1, name) * is_stream.mean()
    sort = sorted(range(len(columns)), key=lambda index: columns[index])
    real = real[order][:, sort]

    perfect = plan_with(fortnight, plan, night, topology, rates)
    instance_perfect, _ = instance_of(fortnight, plan, night, topology, rates)
    perfect_sets, perfect_faults = instance_perfect.read(perfect / f"placement/date={date}")
    shutil.rmtree(perfect)
    ours_usd, perfect_usd = instance.cost(sets, real), instance.cost(perfect_sets, real)
    bound, gap, kind = certificate(summary)
    proof = proven(instance, summary)
    # Stated with six decimals, at prices with six.
    if proof is not None and bound > proof * (1 + 1e-4) + 1e-6:
        faults.append(f"the bound {bound:.6f} is not reached by its prices: {proof:.6f}")
    return {"kind": "night", "night": str(date), "songs": fortnight.songs, "usd": ours_usd, "perfect_usd": perfect_usd,
            "to_perfect": ours_usd / perfect_usd, "bound": kind, "gap_percent": gap,
            "planned_usd": instance.cost(sets), "bound_usd": bound, "proven_usd": proof,
            "faults": faults + perfect_faults}


def plan_with(fortnight, plan, night, topology, streams):
    """The night's placement with other demand, in a copy of the warehouse; returns the copy."""
    copy = fortnight.folder / "perfect"
    shutil.rmtree(copy, ignore_errors=True)
    date = fortnight.day(night)
    copy.mkdir()
    for name in ("catalog", "popularity", "placement", "snapshots"):
        subprocess.run(["cp", "-al", fortnight.planned(plan) / name, copy], check=True)
    shutil.copy(fortnight.warehouse / "warehouse.json", copy)
    (copy / "tmp").mkdir()
    popularity = copy / f"popularity/date={date}"
    made = json.loads((popularity / "artefact.json").read_text())
    for name in ("demand.tsv.zst", "artefact.json"):
        (popularity / name).unlink()  # a link to the warehouse's own
    order = sorted(range(fortnight.songs), key=fortnight.ids.__getitem__)
    columns = sorted(range(len(fortnight.region_names)), key=fortnight.region_names.__getitem__)
    with subprocess.Popen(["zstd", "-q", "-1", "-o", popularity / "demand.tsv.zst"],
                          stdin=subprocess.PIPE, text=True) as packer:
        packer.stdin.write("song_id\tregion\texpected_streams\n")
        for song in order:
            for column in columns:
                if streams[song, column] >= 0.00005:
                    packer.stdin.write(f"{fortnight.ids[song]}\t{fortnight.region_names[column]}"
                                       f"\t{streams[song, column]:.4f}\n")
        packer.stdin.close()
    for file in made["files"]:
        if file["path"] == "demand.tsv.zst":
            file["bytes"] = (popularity / "demand.tsv.zst").stat().st_size
            file["sha256"] = hashlib.sha256(
                (popularity / "demand.tsv.zst").read_bytes()).hexdigest()
    (popularity / "artefact.json").write_text(json.dumps(made))
    topology_path = copy / "topology.json"
    topology_path.write_text(json.dumps(topology))
    shutil.rmtree(copy / f"placement/date={date}")
    fortnight.stage(night, "place", "--topology", topology_path, warehouse=copy)
    return copy
