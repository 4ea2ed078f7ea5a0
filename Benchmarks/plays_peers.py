#!/usr/bin/env python3
"""A day's plays counted by other engines, with all of Spindle's rules; plays.py runs it.

  plays_peers.py ENGINE SOURCE DAY OUT FILE…   ENGINE: duckdb, polars, chdb; SOURCE: ndjson, csv, parquet
  plays_peers.py duckdb to-parquet DAY OUT FILE…
  plays_peers.py ENGINE ids-ndjson|ids-csv DAY OUT FILE…   the ids of all events that it takes

Each query is the fastest form that was found for its engine: listeners are not counted as
DISTINCT but are the groups of (listener, song, region), and only listeners with more than ten
streams of a song are sorted by time. The results are Spindle's columns without sketches and
co-plays, which the engines are spared.
"""

import os
import sys

THREADS = int(os.environ.get("THREADS", "2"))

EVENTS = """event_id VARCHAR, ts VARCHAR, user_id VARCHAR, song_id VARCHAR, region VARCHAR,
  ms_played BIGINT, duration_ms BIGINT, address VARCHAR"""

# Every field there, a moment of the day, lengths that can be.
VALID = """length(event_id) BETWEEN 1 AND 64 AND length(user_id) BETWEEN 1 AND 64
  AND length(song_id) BETWEEN 1 AND 64 AND length(region) BETWEEN 1 AND 64 AND region <> '*'
  AND ms_played BETWEEN 0 AND 604800000 AND duration_ms BETWEEN 0 AND 604800000"""

STREAM = "(ms_played >= 30000 OR duration_ms BETWEEN 1 AND 29999 AND ms_played >= duration_ms)"
THRESHOLD = "(ms_played BETWEEN 30000 AND 34999)"
SCROBBLE = "(duration_ms > 30000 AND (ms_played >= 240000 OR ms_played * 2 >= duration_ms))"

# Columns for the hours are four times as fast as groups.
HOURS = ", ".join(f"count(*) FILTER (hour = {hour}) AS h{hour}" for hour in range(24))
HOURS_AS_TEXT = ", ".join(f"CASE WHEN h{hour} > 0 THEN '{hour}:' || h{hour} END" for hour in range(24))

DUCKDB = f"""
CREATE TEMP TABLE firsts AS
  SELECT DISTINCT ON (event_id) event_id, moment, user_id, song_id, region, ms_played, duration_ms, address
  FROM (SELECT *, TRY_CAST(ts AS TIMESTAMP) AS moment FROM events WHERE {VALID})
  WHERE moment >= $day::TIMESTAMP AND moment < $day::TIMESTAMP + INTERVAL 1 DAY;
CREATE TEMP TABLE farms AS
  SELECT address FROM firsts WHERE address <> '' GROUP BY address
  HAVING 4 * count(*) FILTER ({THRESHOLD}) >= 3 * count(*) AND count(DISTINCT user_id) >= 25;
CREATE TEMP VIEW clean AS SELECT * FROM firsts
  WHERE address IS NULL OR address NOT IN (SELECT address FROM farms);
CREATE TEMP TABLE tireless AS
  SELECT user_id FROM clean GROUP BY user_id HAVING sum(ms_played) > 86400000;
CREATE TEMP TABLE heard AS
  SELECT user_id, song_id, region, count(*) AS plays, count(*) FILTER ({STREAM}) AS streams,
    count(*) FILTER ({SCROBBLE}) AS scrobbles, sum(ms_played) AS played_ms,
    count(*) FILTER ({THRESHOLD}) AS thresholds,
    count(*) FILTER (duration_ms > 0) AS timed,
    count(*) FILTER (duration_ms > 0 AND ms_played * 10 >= duration_ms * 9) AS completed,
    coalesce(sum(least(1000, ms_played * 1000 // greatest(duration_ms, 1))) FILTER (duration_ms > 0), 0) AS permille
  FROM clean WHERE user_id NOT IN (SELECT user_id FROM tireless) GROUP BY ALL;
CREATE TEMP TABLE many AS
  SELECT user_id, song_id, sum(plays) >= 30 AND 4 * sum(thresholds) >= 3 * sum(plays) AS is_loop
  FROM heard GROUP BY user_id, song_id HAVING sum(streams) > 10 OR sum(plays) >= 30;
CREATE TEMP TABLE loops AS SELECT user_id, song_id FROM many WHERE is_loop;
"""
DUCKDB_COUNTS = f"""
COPY (
  WITH capped AS (
    SELECT user_id, song_id, region, count(*) AS chart FROM (
      SELECT c.user_id, c.song_id, c.region, row_number() OVER (
        PARTITION BY c.user_id, c.song_id ORDER BY moment, event_id) AS place
      FROM clean c JOIN many USING (user_id, song_id) WHERE {STREAM} AND NOT is_loop)
    WHERE place <= 10 GROUP BY ALL),
  kept AS (
    SELECT h.*, coalesce(c.chart, CASE WHEN m.user_id IS NULL THEN h.streams ELSE 0 END) AS chart
    FROM heard h LEFT JOIN many m USING (user_id, song_id)
      LEFT JOIN capped c ON c.user_id = h.user_id AND c.song_id = h.song_id AND c.region = h.region
    WHERE m.is_loop IS DISTINCT FROM true),
  by_region AS (
    SELECT song_id, region, sum(plays) AS plays, sum(streams) AS streams, sum(chart) AS chart_streams,
      sum(scrobbles) AS scrobbles, count(*) FILTER (streams > 0) AS listeners,
      sum(played_ms) AS played_ms, sum(plays - streams) AS skips, sum(timed) AS timed_plays,
      sum(completed) AS completed_plays, sum(permille) AS completion_permille
    FROM kept GROUP BY ALL),
  by_song AS (
    SELECT song_id, count(*) AS song_listeners FROM (
      SELECT DISTINCT song_id, user_id FROM kept WHERE streams > 0) GROUP BY ALL),
  by_hour AS (
    SELECT song_id, region, concat_ws(' ', {HOURS_AS_TEXT}) AS hours FROM (
      SELECT song_id, region, {HOURS}
      FROM (SELECT song_id, region, hour(moment) AS hour
        FROM clean ANTI JOIN loops USING (user_id, song_id)
        WHERE {STREAM} AND user_id NOT IN (SELECT user_id FROM tireless))
      GROUP BY ALL))
  SELECT r.* EXCLUDE (song_id, region), r.song_id, r.region,
    coalesce(song_listeners, 0) AS song_listeners, coalesce(hours, '') AS hours
  FROM by_region r LEFT JOIN by_song USING (song_id)
    LEFT JOIN by_hour h ON h.song_id = r.song_id AND h.region = r.region
  ORDER BY r.song_id, r.region
) TO '{{out}}' (FORMAT csv, DELIMITER '\t', HEADER, COMPRESSION zstd)
"""


def duckdb_source(source, files):
    names = "[" + ", ".join("'" + name.replace("'", "''") + "'" for name in files) + "]"
    columns = "{" + ", ".join(
        f"{name}: '{kind}'" for name, kind in (part.split() for part in EVENTS.split(","))) + "}"
    if source == "parquet":
        return f"read_parquet({names})"
    if source == "csv":
        columns = columns.replace("{event_id: 'VARCHAR', ts: 'VARCHAR',", "{ts: 'VARCHAR', event_id: 'VARCHAR',")
        columns = columns[:-1] + ", platform: 'VARCHAR'}"
        return (f"read_csv({names}, header = true, columns = {columns}, auto_detect = false, "
                "delim = ',', quote = '\"', escape = '\"', max_line_size = 33554432, strict_mode = false, ignore_errors = true)")
    return (f"read_json({names}, format = 'newline_delimited', ignore_errors = true, "
            f"maximum_object_size = 33554432, columns = {columns})")


def duckdb(source, day, out, files):
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}; SET preserve_insertion_order = false")
    # Half of the machine's: with its default of four fifths the machine swaps its page cache to death.
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    connection.execute(f"SET memory_limit = '{memory // 1_000_000}MB'")
    connection.execute(f"SET temp_directory = '{os.path.dirname(out)}/duckdb-spill'")
    if source == "to-parquet":
        connection.execute(
            f"COPY (SELECT * FROM {duckdb_source('ndjson', files)}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)")
        return
    is_ids = source.startswith("ids-")
    connection.execute(f"CREATE TEMP VIEW events AS SELECT * FROM {duckdb_source(source[4:] if is_ids else source, files)}")
    if is_ids:
        rows = connection.execute(
            f"SELECT event_id FROM (SELECT *, TRY_CAST(ts AS TIMESTAMP) AS moment FROM events WHERE {VALID}) "
            "WHERE moment >= $day::TIMESTAMP AND moment < $day::TIMESTAMP + INTERVAL 1 DAY", {"day": day}).fetchall()
        write_ids(out, (row[0] for row in rows))
        return
    for statement in DUCKDB.replace("$day", f"'{day}'").split(";\n"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(DUCKDB_COUNTS.replace("{out}", out))


def write_ids(out, ids):
    with open(out, "w", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in ids)


def polars(source, day, out, files):
    import polars as pl

    schema = {name: pl.Int64 if kind == "BIGINT" else pl.String
              for name, kind in (part.split() for part in EVENTS.split(","))}
    is_ids = source.startswith("ids-")
    if source.endswith("csv"):
        names = ["ts", "event_id", *[n for n in schema if n not in ("ts", "event_id")], "platform"]
        events = pl.scan_csv(files, schema={name: schema.get(name, pl.String) for name in names},
                             ignore_errors=True, truncate_ragged_lines=True, encoding="utf8-lossy")
    elif source == "parquet":
        events = pl.scan_parquet(files)
    else:
        events = pl.scan_ndjson(files, schema=schema, ignore_errors=True)
    text = [pl.col(name).str.len_bytes().is_between(1, 64) for name in ("event_id", "user_id", "song_id", "region")]
    number = [pl.col(name).is_between(0, 604_800_000) for name in ("ms_played", "duration_ms")]
    events = events.filter(*text, *number, pl.col("region") != "*").with_columns(
        moment=pl.col("ts").str.to_datetime("%+", time_zone="UTC", strict=False))
    start = pl.lit(day).str.to_datetime("%Y-%m-%d", time_zone="UTC")
    events = events.filter(pl.col("moment") >= start, pl.col("moment") < start + pl.duration(days=1))
    if is_ids:
        write_ids(out, events.select("event_id").collect(engine="streaming")["event_id"])
        return
    firsts = events.drop("ts").unique("event_id", keep="any").collect(engine="streaming").lazy()
    played, duration = pl.col("ms_played"), pl.col("duration_ms")
    stream = (played >= 30_000) | (duration.is_between(1, 29_999) & (played >= duration))
    threshold = played.is_between(30_000, 34_999)
    farms = firsts.filter(pl.col("address") != "").group_by("address").agg(
        threshold.sum().alias("t"), pl.len().alias("n"), pl.col("user_id").n_unique().alias("u")
    ).filter(pl.col("t") * 4 >= pl.col("n") * 3, pl.col("u") >= 25)
    clean = firsts.join(farms, on="address", how="anti")
    tireless = clean.group_by("user_id").agg(played.sum()).filter(played > 86_400_000)
    clean = clean.join(tireless, on="user_id", how="anti")
    loops = clean.group_by("user_id", "song_id").agg(
        pl.len().alias("n"), threshold.sum().alias("t")
    ).filter(pl.col("n") >= 30, pl.col("t") * 4 >= pl.col("n") * 3)
    clean = clean.join(loops, on=["user_id", "song_id"], how="anti").collect(engine="streaming").lazy()
    scrobble = (duration > 30_000) & ((played >= 240_000) | (played * 2 >= duration))
    rows = clean.group_by("song_id", "region").agg(
        pl.len().alias("plays"), stream.sum().alias("streams"), scrobble.sum().alias("scrobbles"),
        pl.col("user_id").filter(stream).n_unique().alias("listeners"), played.sum().alias("played_ms"),
        (~stream).sum().alias("skips"), (duration > 0).sum().alias("timed_plays"),
        ((duration > 0) & (played * 10 >= duration * 9)).sum().alias("completed_plays"),
        pl.min_horizontal(pl.lit(1000), played * 1000 // duration).filter(duration > 0).sum().alias("completion_permille"),
        pl.col("moment").dt.hour().filter(stream).value_counts().alias("hours"))
    charts = clean.filter(stream).sort("moment", "event_id").with_columns(
        place=pl.int_range(pl.len()).over("user_id", "song_id")).filter(pl.col("place") < 10
    ).group_by("song_id", "region").agg(pl.len().alias("chart_streams"))
    songs = clean.filter(stream).group_by("song_id").agg(pl.col("user_id").n_unique().alias("song_listeners"))
    result = rows.join(charts, on=["song_id", "region"], how="left").join(songs, on="song_id", how="left")
    result = result.sort("song_id", "region").collect(engine="streaming")
    result.drop("hours").with_columns(pl.col("chart_streams", "song_listeners").fill_null(0)).write_csv(out, separator="\t")


CHDB_FILE = "file('{names}', '{format}', 'event_id Nullable(String), ts Nullable(String), user_id Nullable(String), song_id Nullable(String), region Nullable(String), ms_played Nullable(Int64), duration_ms Nullable(Int64), address Nullable(String)')"


def chdb(source, day, out, files):
    import chdb as engine

    is_ids = source.startswith("ids-")
    # All lie in one folder; braces would be taken for a pattern otherwise.
    folder, names = os.path.dirname(files[0]), [os.path.basename(name) for name in files]
    pattern = folder + "/{" + ",".join(names) + "}" if len(names) > 1 else files[0]
    format = {"csv": "CSVWithNames", "parquet": "Parquet"}.get(source[4:] if is_ids else source, "JSONEachRow")
    table = CHDB_FILE.format(names=pattern, format=format)
    settings = (f"SETTINGS max_threads = {THREADS}, input_format_allow_errors_ratio = 1, "
                "input_format_skip_unknown_fields = 1, max_bytes_before_external_group_by = 0")
    valid = VALID + f" AND moment >= toDateTime64('{day}', 3, 'UTC') AND moment < toDateTime64('{day}', 3, 'UTC') + INTERVAL 1 DAY"
    events = (f"SELECT *, parseDateTime64BestEffortOrNull(ts, 3, 'UTC') AS moment FROM {table} WHERE {valid}")
    if is_ids:
        text = str(engine.query(f"SELECT event_id FROM ({events}) {settings}", "TabSeparated"))
        write_ids(out, text.split("\n")[:-1])
        return
    session = engine.session.Session()
    for statement in (
        f"""CREATE TABLE firsts ENGINE = Memory AS SELECT any(moment) AS moment, any(assumeNotNull(user_id)) AS user_id,
          any(assumeNotNull(song_id)) AS song_id, any(assumeNotNull(region)) AS region, any(assumeNotNull(ms_played)) AS ms_played,
          any(assumeNotNull(duration_ms)) AS duration_ms, any(coalesce(address, '')) AS address, assumeNotNull(event_id) AS event_id
          FROM ({events}) GROUP BY event_id {settings}""",
        f"""CREATE TABLE farms ENGINE = Memory AS SELECT address FROM firsts WHERE address <> '' GROUP BY address
          HAVING 4 * countIf({THRESHOLD}) >= 3 * count() AND uniqExact(user_id) >= 25 {settings}""",
        f"""CREATE TABLE tireless ENGINE = Memory AS SELECT user_id FROM firsts WHERE address NOT IN farms
          GROUP BY user_id HAVING sum(ms_played) > 86400000 {settings}""",
        f"""CREATE TABLE loops ENGINE = Memory AS SELECT user_id, song_id FROM firsts WHERE address NOT IN farms AND user_id NOT IN tireless
          GROUP BY user_id, song_id HAVING count() >= 30 AND 4 * countIf({THRESHOLD}) >= 3 * count() {settings}""",
    ):
        session.query(statement)
    clean = "firsts WHERE address NOT IN farms AND user_id NOT IN tireless AND (user_id, song_id) NOT IN loops"
    session.query(f"""
      SELECT r.* EXCEPT (song_id, region), r.song_id AS song_id, r.region AS region, c.chart_streams AS chart_streams, s.song_listeners AS song_listeners FROM (
        SELECT song_id, region, count() AS plays, countIf({STREAM}) AS streams, countIf({SCROBBLE}) AS scrobbles,
          uniqExactIf(user_id, {STREAM}) AS listeners, sum(ms_played) AS played_ms, countIf(NOT {STREAM}) AS skips,
          countIf(duration_ms > 0) AS timed_plays, countIf(duration_ms > 0 AND ms_played * 10 >= duration_ms * 9) AS completed_plays,
          sumIf(least(1000, intDiv(ms_played * 1000, greatest(duration_ms, 1))), duration_ms > 0) AS completion_permille,
          sumMapIf([toHour(moment)], [1], {STREAM}) AS hours
        FROM {clean} GROUP BY song_id, region) r
      LEFT JOIN (SELECT song_id, region, sum(n) AS chart_streams FROM (
          SELECT song_id, region, count() AS n FROM (
            SELECT song_id, region FROM {clean} AND {STREAM} ORDER BY moment, event_id LIMIT 10 BY user_id, song_id)
          GROUP BY song_id, region) GROUP BY song_id, region) c USING (song_id, region)
      LEFT JOIN (SELECT song_id, uniqExact(user_id) AS song_listeners FROM {clean} AND {STREAM} GROUP BY song_id) s USING (song_id)
      ORDER BY song_id, region INTO OUTFILE '{out}' FORMAT TabSeparatedWithNames {settings}""")


if __name__ == "__main__":
    engine, source, day, out, *files = sys.argv[1:]
    {"duckdb": duckdb, "polars": polars, "chdb": chdb}[engine](source, day, out, files)
