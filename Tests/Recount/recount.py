#!/usr/bin/env python3
"""Counts play logs a second time, by SQL in DuckDB over the raw lines, and compares every number.

Runs `spindle` over the sample's logs and over generated days with everything that can be wrong with
logs (Benchmarks/play_logs.py), as NDJSON, gzip, zstd and CSV. Then recounts by events.sql,
counts.sql and charts.sql, which share nothing with Spindle but the rules in docs/formats: the counts
of each song, region and day, what was excluded, where each line went and why, co-plays, and the
charts. The generated days are also held against the truth that was written while they were made.

Needs a python3 with the module duckdb (`make test-recount` makes one). Ends with 1 on a difference.
"""

import argparse
import csv
import datetime
import gzip
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import duckdb

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "Benchmarks"))
import play_logs  # noqa: E402

NIGHT = "2026-11-19"
LATE_DAYS = 7
HEADER = "ts,event_id,user_id,song_id,region,ms_played,duration_ms,address,platform"


# The raw lines

def content(path):
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dcq", path], check=True, capture_output=True).stdout
    return data


def lines_of(logs, path):
    """A row for each line of a log, or each record of a table."""
    name = str(path.relative_to(logs))
    day = name.split("date=")[1][:10]
    lines = content(path).split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    is_table = lines[0].decode("utf-8", "replace").rstrip("\r") == HEADER
    index = 0
    while index < len(lines):
        start, line = index, lines[index].rstrip(b"\r")
        index += 1
        row = {"log": name, "log_day": day, "line": start + 1, "bytes": len(line), "is_utf8": True,
               "text": None, "fields": None, "format": "csv" if is_table else "ndjson"}
        try:
            text = line.decode()
        except UnicodeDecodeError:
            text, row["is_utf8"] = None, False
        if not is_table:
            row["text"] = text if row["bytes"] <= 65_536 else None
        elif text == HEADER:
            row["format"] = "header"
        elif text is not None and row["bytes"] <= 65_536:
            row["fields"] = cut(text)
            # A quote that goes on: with the next line, where that makes a record of the two.
            if row["fields"] is None and index < len(lines):
                both = cut(text + "\n" + lines[index].decode("utf-8", "replace"))
                if both is not None and len(both) == 9:
                    row["fields"], index = both, index + 1
        yield row


def cut(text):
    """A record's fields; None where its quotes are not closed or stand in the way."""
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else None


def load(connection, logs, work):
    table = work / "lines.ndjson"
    with open(table, "w", encoding="utf-8") as file:
        for path in sorted(logs.rglob("*")):
            if path.is_file():
                for row in lines_of(logs, path):
                    file.write(json.dumps(row) + "\n")
    connection.execute(f"""CREATE TABLE lines AS SELECT * FROM read_json('{table}',
      format = 'newline_delimited', maximum_object_size = 33554432, columns = {{log: 'VARCHAR',
      log_day: 'DATE', line: 'BIGINT', bytes: 'BIGINT', is_utf8: 'BOOLEAN', text: 'VARCHAR',
      fields: 'VARCHAR[]', format: 'VARCHAR'}})""")
    table.unlink()


# What Spindle says

class Comparison:
    def __init__(self, connection, name):
        self.connection, self.name, self.differences, self.compared = connection, name, 0, 0

    def tables(self, what, ours, expected, key):
        """Compares two tables by their keys, in all columns of the expected one."""
        columns = [row[0] for row in self.connection.execute(f"DESCRIBE {expected}").fetchall()]
        joined = " AND ".join(f"o.{part} IS NOT DISTINCT FROM e.{part}" for part in key)
        differs = " OR ".join(f"o.{c} IS DISTINCT FROM e.{c}" for c in columns)
        named = ", ".join(f"o.{c} AS ours_{c}, e.{c} AS recount_{c}" for c in columns)
        rows = self.connection.execute(
            f"SELECT {named} FROM {ours} o FULL JOIN {expected} e ON {joined} WHERE {differs}")
        names, found = [c[0] for c in rows.description], rows.fetchall()
        count = self.connection.execute(f"SELECT count(*) FROM {expected}").fetchone()[0]
        self.compared += count
        print(f"  {what:<11} {count:8,} rows of {len(columns)} columns, {len(found)} differ", flush=True)
        self.differences += len(found)
        for row in found[:5]:
            row = dict(zip(names, row))
            which = ", ".join(
                str(row[f"recount_{part}"] if row[f"recount_{part}"] is not None else row[f"ours_{part}"])
                for part in key)
            parts = [f"{c} {row[f'ours_{c}']} ≠ {row[f'recount_{c}']}" for c in columns
                     if row[f"ours_{c}"] != row[f"recount_{c}"]]
            print(f"    {which}: {'; '.join(parts)[:300]}")


def read_tables(connection, warehouse):
    """The partitions' files as tables with the day in front."""
    days = sorted((warehouse / "plays").glob("date=*"))

    def union(name, file, types):
        parts = []
        for day in days:
            columns = ", ".join(f"'{column}': '{kind}'" for column, kind in types.items())
            parts.append(f"""SELECT DATE '{day.name[5:]}' AS day, * FROM read_csv('{day / file}',
              delim = '\t', quote = '', escape = '', header = true, auto_detect = false, nullstr = '\\N',
              columns = {{{columns}}})""")
        connection.execute(f"CREATE TABLE {name} AS {' UNION ALL '.join(parts)}")
        for day in days:
            header = subprocess.run(["zstd", "-dcq", day / file], capture_output=True).stdout.split(b"\n")[0]
            if header.decode() != "\t".join(types):
                sys.exit(f"error: {day / file} has other columns than are recounted:\n  {header.decode()}")

    counts = dict.fromkeys(
        "song_id region plays streams chart_streams scrobbles listeners played_ms skips timed_plays "
        "completed_plays completion_permille song_listeners hours".split(), "BIGINT")
    counts.update(song_id="VARCHAR", region="VARCHAR", hours="VARCHAR")
    union("counts", "counts.tsv.zst", counts)
    union("exclusions", "exclusions.tsv.zst", {
        "reason": "VARCHAR", "user_id": "VARCHAR", "song_id": "VARCHAR", "address": "VARCHAR",
        "events": "BIGINT", "played_ms": "BIGINT"})
    union("coplays", "coplays.tsv.zst",
          {"song_a": "VARCHAR", "song_b": "VARCHAR", "listeners": "BIGINT"})
    connection.execute("CREATE TABLE accounts (day DATE, name VARCHAR, value BIGINT)")
    connection.execute("CREATE TABLE rejects (day DATE, log VARCHAR, line BIGINT, reason VARCHAR)")
    for day in days:
        counts = json.loads((day / "artefact.json").read_text())["counts"]
        for part in ("rejected", "left_out"):
            by_reason = counts.pop(f"{part}_by_reason", {})
            if part == "rejected":
                counts.update({f"rejected {reason}": value for reason, value in by_reason.items()})
        rows = [(day.name[5:], name, value) for name, value in counts.items()
                if value and name != "unresolved"]
        connection.executemany("INSERT INTO accounts VALUES (?, ?, ?)", rows)
        rows = []
        with open(day / "rejects.ndjson", encoding="utf-8") as file:
            for text in file:
                reject = json.loads(text)
                log = "date=" + reject["file"].split("date=", 1)[1]
                rows.append((day.name[5:], log, reject["line"], reject["reason"]))
        if rows:
            connection.executemany("INSERT INTO rejects VALUES (?, ?, ?, ?)", rows)


def check_order(comparison, warehouse):
    """The counts are sorted by bytes and belong together as docs/formats/popularity.md says."""
    for day in sorted((warehouse / "plays").glob("date=*")):
        for file, width in (("counts", 2), ("coplays", 2), ("exclusions", 4)):
            text = subprocess.run(["zstd", "-dcq", day / f"{file}.tsv.zst"], check=True,
                                  capture_output=True).stdout.split(b"\n")[1:-1]
            keys = [line.split(b"\t")[:width] for line in text]
            if keys != sorted(keys):
                print(f"  {day.name}/{file}.tsv.zst is not sorted")
                comparison.differences += 1


def script(connection, name, **settings):
    text = (HERE / name).read_text(encoding="utf-8")
    for key, value in settings.items():
        text = text.replace(f"${key}", f"'{value}'")
    for statement in connection.extract_statements(text):
        connection.execute(statement)


def recount(name, logs, warehouse, work, songs=None):
    """- Returns: how many numbers differ."""
    print(name, flush=True)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET threads = 2")
    connection.execute(f"CREATE TABLE settings AS SELECT {LATE_DAYS} AS late_days")
    load(connection, logs, work)
    script(connection, "events.sql")
    script(connection, "counts.sql")
    read_tables(connection, warehouse)
    comparison = Comparison(connection, name)
    comparison.tables("counts", "counts", "expected_counts", ("day", "song_id", "region"))
    comparison.tables("exclusions", "exclusions", "expected_exclusions",
                      ("day", "reason", "user_id", "song_id", "address"))
    comparison.tables("rejects", "rejects", "expected_rejects", ("day", "log", "line"))
    comparison.tables("accounts", "accounts", "expected_accounts", ("day", "name"))
    comparison.tables("coplays", "coplays", "expected_coplays", ("day", "song_a", "song_b"))
    check_order(comparison, warehouse)
    charts = warehouse / "popularity" / f"date={NIGHT}" / "charts.ndjson"
    if charts.exists():
        connection.execute("CREATE TABLE songs (song_id VARCHAR, genre VARCHAR)")
        if songs:
            connection.executemany("INSERT INTO songs VALUES (?, ?)", songs)
        script(connection, "charts.sql", night=NIGHT)
        connection.execute(f"""CREATE TABLE charts AS SELECT * FROM read_json('{charts}', columns = {{
          period: 'VARCHAR', chart: 'VARCHAR', key: 'VARCHAR', position: 'BIGINT', song_id: 'VARCHAR',
          points: 'BIGINT', streams: 'BIGINT', listeners: 'BIGINT', listener_days: 'BIGINT',
          previous_position: 'BIGINT', peak_position: 'BIGINT', periods: 'BIGINT'}})""")
        # A week's listeners come from sketches; those of a day are exact.
        connection.execute("""UPDATE charts SET listeners = e.listeners FROM expected_charts e
          WHERE charts.period = 'weekly' AND e.period = 'weekly' AND charts.chart = e.chart
            AND charts.key = e.key AND charts.song_id = e.song_id
            AND abs(charts.listeners - e.listeners) <= greatest(1, 0.02 * e.listeners)""")
        comparison.tables("charts", "charts", "expected_charts", ("period", "chart", "key", "position"))
    if comparison.compared == 0:
        print("  nothing was compared")
        return 1
    return comparison.differences


# What is run

def spindle(program, *arguments):
    subprocess.run([program, *map(str, arguments), "--quiet"], check=True)


def against_truth(truth, warehouse):
    """Holds the accounts against what the generator meant to write."""
    wrong = 0
    days = {*truth["by_event_day"], *truth["by_log_day"]}
    for day in sorted(days):
        counts = json.loads((warehouse / "plays" / f"date={day}" / "artefact.json").read_text())["counts"]
        wanted = {**truth["by_event_day"].get(day, {}), **truth["by_log_day"].get(day, {})}
        wanted.pop("streams_by_region", None)
        for name, value in wanted.items():
            if counts.get(name, {} if isinstance(value, dict) else 0) != value:
                print(f"  {day} {name}: {counts.get(name)}, by the truth {value}")
                wrong += 1
        table = subprocess.run(["zstd", "-dcq", warehouse / "plays" / f"date={day}" / "exclusions.tsv.zst"],
                               check=True, capture_output=True, text=True).stdout.split("\n")[1:-1]
        ours = sorted(tuple(line.split("\t")[:5]) for line in table)
        meant = sorted((e["reason"], e["user_id"], e["song_id"], e["address"], str(e["events"]))
                       for e in truth["excluded"] if e["date"] == day)
        if ours != meant:
            print(f"  {day}: {len(set(ours) ^ set(meant))} exclusions differ from the truth:"
                  f" {sorted(set(ours) ^ set(meant))[:3]}")
            wrong += 1
    print(f"  truth       {len(days)} days, {wrong} numbers differ")
    return wrong


def sample(program, work):
    warehouse = work / "sample"
    common = ("--warehouse", warehouse, "--date", NIGHT)
    logs = ROOT / "sample-data/plays"
    spindle(program, "ingest", "--source", ROOT / "sample-data/music", *common)
    spindle(program, "plays", "--logs", logs, *common)
    spindle(program, "popularity", *common)
    songs = []
    with open(ROOT / "sample-data/songs.ndjson", encoding="utf-8") as lines:
        for text in lines:
            song = json.loads(text)
            songs += [(song["song_id"], genre) for genre in song["genres"]]
    return recount("the sample's fourteen days", logs, warehouse, work, songs)


GENERATED = (
    ("four days of NDJSON", dict(events=120_000, days=4, songs=3000, listeners=4000, seed=7)),
    ("a day from gzip", dict(events=60_000, songs=2000, listeners=6000, seed=8, compress="gz")),
    ("two days of CSV from zstd", dict(events=60_000, days=2, songs=2000, listeners=4000, seed=9,
                                       format="csv", compress="zst")),
)


def generated(program, work, number):
    name, settings = GENERATED[number]
    out, warehouse = work / f"logs-{number}", work / f"warehouse-{number}"
    truth = play_logs.generate(out, **{"spoiled": 0.005, "odd": 0.01, "late": 0.03, "again": 0.03,
                                       **settings})
    common = ("--warehouse", warehouse, "--date", NIGHT)
    spindle(program, "plays", "--logs", out / "plays", *common)
    (work / "empty").mkdir(exist_ok=True)
    spindle(program, "ingest", "--source", work / "empty", *common)
    spindle(program, "popularity", *common)
    differences = recount(f"{name}, seed {settings['seed']}", out / "plays", warehouse, work)
    return differences + against_truth(truth, warehouse)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spindle", default=str(ROOT / ".build/release/spindle"), metavar="PROGRAM")
    parser.add_argument("--keep", metavar="DIR", type=pathlib.Path, help="a folder for the logs and results")
    options = parser.parse_args()
    work = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="spindle-recount-"))
    work.mkdir(parents=True, exist_ok=True)
    try:
        differences = sample(options.spindle, work)
        for number in range(len(GENERATED)):
            differences += generated(options.spindle, work, number)
    finally:
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    print(f"{differences} differences" if differences else "every number was recounted")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
