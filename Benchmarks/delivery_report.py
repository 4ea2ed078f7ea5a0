"""Prints what the delivery benchmark found, each figure with its goal beside it."""

from delivery_edges import (FORECAST, LEARNED_POLICIES, PEERS, PERFECT, PINNED, PINNED_BYTES,
                            SEEDED, SEEDED_MORE, SIMPLE, YESTERDAY)

# Of edges: share of the catalogue's bytes to (misses to the best simple policy, to 3L-Cache, share
# of the gap between yesterday's top and the true rates).
EDGE_GOALS = {0.01: (0.93, 0.98, 0.60), 0.05: (0.89, 0.95, 0.80), 0.10: (0.89, 0.94, 0.85)}
BYTES_GOAL, FILL_GOAL = 0.98, 0.15
GAP_PERCENT_GOALS = {2_000: 0.15, 200_000: 0.10}
MIP_GOAL, LP_TIME_GOAL, GREEDY_GOAL, PERFECT_GOAL = 1.0, 0.2, 0.99, 1.04
PREFETCH_GAP_GOAL = 0.01
READ_GOAL = 15.0


def say(text):
    print(text, flush=True)


def beside(value, goal, digits=3, most=True):
    """A figure, its goal, and a mark when it is missed."""
    if value is None:
        return "–"
    text = f"{value:.{digits}f}"
    if goal is None:
        return text
    met = value <= goal if most else value >= goal
    return f"{text} ({'≤' if most else '≥'} {goal:g}){'' if met else ' MISSED'}"


def costs(by_name):
    total = {}
    for name, (cpu, _, peak) in by_name.items():
        stage = name.split(" ")[1]
        spent, most = total.get(stage, (0, 0))
        total[stage] = (spent + cpu, max(most, peak))
    say("  " + ", ".join(f"{stage} {cpu:.1f} CPU s {peak / 1e6:.0f} MB"
                         for stage, (cpu, peak) in total.items()))


# MARK: Edges

def ratios(scores, share, name):
    """What the goals ask of a policy at an edge's size; None where a peer is missing."""
    get = {policy: score for (other, policy), score in scores.items() if other == share}
    ours, top, perfect = get[name], get[YESTERDAY], get[PERFECT]
    simple = [get[peer].misses for peer in SIMPLE if peer in get]
    # 3L-Cache learns for requests or for bytes; each figure is held against the better of the two.
    learned = [get[peer] for peer in LEARNED_POLICIES if peer in get]
    gap = top.misses - perfect.misses
    return {
        "simple": ours.misses / min(simple) if simple else None,
        "learned": ours.misses / min(s.misses for s in learned) if learned else None,
        "learned_bytes": (ours.byte_misses / min(s.byte_misses for s in learned)
                          if learned else None),
        "gap": (top.misses - ours.misses) / gap if gap > 0 else None,
        "fill": ours.fill / top.fill if top.fill else None,
    }


def edges(scores, shares):
    for share in shares:
        say(f"  edges of {100 * share:g} % of the catalogue: misses in requests, in bytes")
        for (other, policy), score in scores.items():
            if other == share:
                fill = f"  fills {score.fill / 1e9:9.2f} GB" if score.fill else ""
                gap = "" if score.gap_percent is None else f"  gap {score.gap_percent:.4f} %"
                say(f"    {policy:<26} {score.misses:.4f}  {score.byte_misses:.4f}{fill}{gap}")
                faults(score.faults, quiet=True)
        if (share, YESTERDAY) not in scores:
            continue
        for name in (PINNED, PINNED_BYTES, SEEDED, SEEDED_MORE, FORECAST, PERFECT):
            if (share, name) in scores:
                say(f"    {name:<26} {edge_row(ratios(scores, share, name), share, name)}")


def edge_row(found, share, name):
    simple, learned, gap = EDGE_GOALS.get(share, (None,) * 3)
    # A plan for bytes is held against the goal for bytes, the others against those for requests.
    aim = {"simple": simple, "learned": learned, "gap": gap, "learned_bytes": None}
    if name == PINNED_BYTES:
        aim = dict.fromkeys(aim) | {"learned_bytes": simple and BYTES_GOAL}
    return "  ".join((
        f"to best simple {beside(found['simple'], aim['simple'])}",
        f"to 3L-Cache {beside(found['learned'], aim['learned'])}",
        f"bytes {beside(found['learned_bytes'], aim['learned_bytes'])}",
        f"gap closed {beside(found['gap'], aim['gap'], most=False)}",
        f"fill {beside(found['fill'], simple and FILL_GOAL)}"))


def tuning(scores, shares, fill, pinned_share):
    for share in shares:
        say(f"  fill {fill:g} pinned {pinned_share:g} edge {100 * share:g} %: " + ", ".join(
            f"{name} {scores[share, name].misses:.4f} (gap {ratios(scores, share, name)['gap']:.3f}, "
            f"fill {ratios(scores, share, name)['fill'] or 0:.3f})"
            for name in (PINNED, SEEDED, FORECAST, YESTERDAY, PERFECT)))


# MARK: Placement

def instance(row):
    goal = GAP_PERCENT_GOALS.get(row["songs"])
    say(f"  placement of {row['songs']:,} songs: ${row['usd']:.6f}, {row['bound']} "
        f"${row['bound_usd']:.6f}, gap {beside(row['gap_percent'], goal)} %; "
        f"{row['above_lp_percent']:.3f} % above the LP's optimum ${row['lp_usd']:.6f}, "
        f"{100 * (row['usd'] / row['proven_usd'] - 1) if row['proven_usd'] else 0:.3f} % above the "
        f"bound that its prices prove\n"
        f"    CPU {row['cpu_s']:.2f} s, to HiGHS's LP ({row['lp_method']}, {row['lp_cpu_s']:.2f} s) "
        f"{beside(row['to_lp_time'], LP_TIME_GOAL)}; cost to HiGHS's MIP "
        f"({row.get('mip_cpu_s', 0):.0f} CPU s) {beside(row.get('to_mip'), MIP_GOAL, 5)}, to greedy with reserve "
        f"{beside(row['to_greedy'], GREEDY_GOAL, 4)}, to three by hash {beside(row['to_hash'], None)}")
    faults(row["faults"])


def night(row):
    say(f"  night of {row['night']}, {row['songs']:,} songs: planned ${row['planned_usd']:.4f}, "
        f"{row['bound']} ${row['bound_usd']:.4f}, gap "
        f"{beside(row['gap_percent'], GAP_PERCENT_GOALS.get(row['songs']))} %; the next day cost "
        f"{beside(row['to_perfect'], PERFECT_GOAL, 4)} of the perfect-rate plan's")
    faults(row["faults"])


def faults(found, quiet=False):
    for fault in found[:5]:
        say(f"    FAULT {fault}")
    if not found and not quiet:
        say("    recounted from the manifest: no constraint violated, cost as stated")


# MARK: In sum

def summary(results, shares):
    """The table of the goals, over all fortnights; returns how many are missed."""
    missed = 0

    def row(name, values, goal, most=True, digits=3):
        nonlocal missed
        values = [value for value in values if value is not None]
        if not values:
            return
        met = sum(value <= goal if most else value >= goal for value in values)
        missed += len(values) - met
        say(f"| {name} | {min(values):.{digits}f} – {max(values):.{digits}f} | "
            f"{'≤' if most else '≥'} {goal:g} | {met} of {len(values)} |")

    say("\n| figure | from – to | goal | met |\n| --- | --- | --- | --- |")
    for variant in dict.fromkeys(result["variant"] for result in results["edges"]):
        mine = [result["scores"] for result in results["edges"] if result["variant"] == variant]
        for share, (simple, learned, gap) in EDGE_GOALS.items():
            requests, sizes = ([ratios(scores, share, name) for scores in mine
                                if (share, name) in scores] for name in (PINNED, PINNED_BYTES))
            where = f"{variant}, edges of {100 * share:g} %"
            row(f"{where}: misses to best simple policy", [f["simple"] for f in requests], simple)
            row(f"{where}: misses to 3L-Cache", [f["learned"] for f in requests], learned)
            row(f"{where}: byte misses to 3L-Cache, planned for bytes",
                [f["learned_bytes"] for f in sizes], BYTES_GOAL)
            row(f"{where}: of the gap closed", [f["gap"] for f in requests], gap, most=False)
            row(f"{where}: fill to yesterday's top", [f["fill"] for f in requests], FILL_GOAL)
        plans = [score for scores in mine for (_, name), score in scores.items()
                 if name in (PINNED, PINNED_BYTES)]
        row(f"{variant}: prefetch's gap in %", [plan.gap_percent for plan in plans],
            PREFETCH_GAP_GOAL, digits=4)
        row(f"{variant}: prefetch, constraints violated", [len(plan.faults) for plan in plans], 0,
            digits=0)
    for found in results["placement"]:
        where = f"placement, {found['songs']:,} songs"
        if found["songs"] in GAP_PERCENT_GOALS:
            row(f"{where}: gap in %", [found["gap_percent"]], GAP_PERCENT_GOALS[found["songs"]])
        if found["kind"] == "instance":
            row(f"{where}: cost to HiGHS's MIP", [found.get("to_mip")], MIP_GOAL, digits=5)
            row(f"{where}: CPU to HiGHS's LP", [found["to_lp_time"]], LP_TIME_GOAL)
            row(f"{where}: cost to greedy", [found["to_greedy"]], GREEDY_GOAL, digits=4)
        else:
            row(f"{where}: next day to perfect rates", [found["to_perfect"]], PERFECT_GOAL, digits=4)
        row(f"{where}: constraints violated", [len(found["faults"])], 0, digits=0)
    for found in results["scale"]:
        row(f"{found['songs']:,} songs: CPU to reading the demand", [found["to_read"]], READ_GOAL,
            digits=1)
    say(f"{missed} missed")
    return missed
