#!/usr/bin/env python3
"""A day's plays counted by Spark SQL, with all of Spindle's rules; spark.py submits it.

  spark-submit spark_sql.py DAY OUT FILE…

The same work as plays_peers.py has DuckDB do, and no sketches and co-plays either.
"""

import sys

from pyspark.sql import SparkSession

STREAM = "(ms_played >= 30000 OR duration_ms BETWEEN 1 AND 29999 AND ms_played >= duration_ms)"
THRESHOLD = "(ms_played BETWEEN 30000 AND 34999)"
SCROBBLE = "(duration_ms > 30000 AND (ms_played >= 240000 OR ms_played * 2 >= duration_ms))"

STEPS = (
    # Spark forgets what it does not keep: the events are looked at five times.
    ("firsts", True, """SELECT /*+ REPARTITION(user_id) */ * FROM distinct_events"""),
    ("farms", True, f"""SELECT address FROM firsts WHERE address <> '' GROUP BY address
      HAVING 4 * count_if({THRESHOLD}) >= 3 * count(*) AND count(DISTINCT user_id) >= 25"""),
    ("housed", False, """SELECT f.* FROM firsts f LEFT ANTI JOIN farms a ON f.address = a.address"""),
    ("tireless", True, "SELECT user_id FROM housed GROUP BY user_id HAVING sum(ms_played) > 86400000"),
    ("awake", False, "SELECT h.* FROM housed h LEFT ANTI JOIN tireless t ON h.user_id = t.user_id"),
    ("loops", True, f"""SELECT user_id, song_id FROM awake GROUP BY user_id, song_id
      HAVING count(*) >= 30 AND 4 * count_if({THRESHOLD}) >= 3 * count(*)"""),
    ("plays", False, """SELECT a.* FROM awake a LEFT ANTI JOIN loops l
      ON a.user_id = l.user_id AND a.song_id = l.song_id"""),
    ("heard", True, f"""SELECT user_id, song_id, region, count(*) AS plays, count_if({STREAM}) AS streams,
      count_if({SCROBBLE}) AS scrobbles, sum(ms_played) AS played_ms, count_if(duration_ms > 0) AS timed,
      count_if(duration_ms > 0 AND ms_played * 10 >= duration_ms * 9) AS completed,
      sum(if(duration_ms > 0, least(1000, ms_played * 1000 div greatest(duration_ms, 1)), 0)) AS permille
      FROM plays GROUP BY user_id, song_id, region"""),
    ("many", True, """SELECT user_id, song_id FROM heard GROUP BY user_id, song_id
      HAVING sum(streams) > 10"""),
    ("capped", False, f"""SELECT user_id, song_id, region, count(*) AS chart FROM (
      SELECT p.user_id, p.song_id, p.region, row_number() OVER (
        PARTITION BY p.user_id, p.song_id ORDER BY moment, event_id) AS place
      FROM plays p JOIN many m ON p.user_id = m.user_id AND p.song_id = m.song_id WHERE {STREAM})
      WHERE place <= 10 GROUP BY user_id, song_id, region"""),
    ("kept", False, """SELECT h.*, coalesce(c.chart, if(m.user_id IS NULL, h.streams, 0)) AS chart
      FROM heard h LEFT JOIN many m ON h.user_id = m.user_id AND h.song_id = m.song_id
      LEFT JOIN capped c ON h.user_id = c.user_id AND h.song_id = c.song_id AND h.region = c.region"""),
    ("by_region", False, """SELECT song_id, region, sum(plays) AS plays, sum(streams) AS streams,
      sum(chart) AS chart_streams, sum(scrobbles) AS scrobbles, count_if(streams > 0) AS listeners,
      sum(played_ms) AS played_ms, sum(plays - streams) AS skips, sum(timed) AS timed_plays,
      sum(completed) AS completed_plays, sum(permille) AS completion_permille
      FROM kept GROUP BY song_id, region"""),
    ("by_song", False, """SELECT song_id, count(*) AS song_listeners FROM (
      SELECT DISTINCT song_id, user_id FROM heard WHERE streams > 0) GROUP BY song_id"""),
    ("by_hour", False, f"""SELECT song_id, region, concat_ws(' ', {", ".join(
        f"if(h{hour} > 0, concat('{hour}:', h{hour}), NULL)" for hour in range(24))}) AS hours FROM (
      SELECT song_id, region, {", ".join(f"count_if(hour(moment) = {hour}) AS h{hour}" for hour in range(24))}
      FROM plays WHERE {STREAM} GROUP BY song_id, region)"""),
)
RESULT = """SELECT r.*, coalesce(song_listeners, 0) AS song_listeners, coalesce(hours, '') AS hours
  FROM by_region r LEFT JOIN by_song s ON r.song_id = s.song_id
  LEFT JOIN by_hour h ON r.song_id = h.song_id AND r.region = h.region ORDER BY r.song_id, r.region"""


def main(day, out, files):
    spark = SparkSession.builder.appName("spindle-benchmark").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.read.schema(
        "event_id STRING, ts STRING, user_id STRING, song_id STRING, region STRING, "
        "ms_played BIGINT, duration_ms BIGINT, address STRING").json(files).createTempView("events")
    spark.sql(f"""SELECT event_id, user_id, song_id, region, ms_played, duration_ms, address,
        try_to_timestamp(ts) AS moment FROM events WHERE length(event_id) BETWEEN 1 AND 64
        AND length(user_id) BETWEEN 1 AND 64 AND length(song_id) BETWEEN 1 AND 64
        AND length(region) BETWEEN 1 AND 64 AND ms_played BETWEEN 0 AND 604800000
        AND duration_ms BETWEEN 0 AND 604800000""").where(
            f"moment >= '{day}' AND moment < timestamp'{day}' + INTERVAL 1 DAY"
        ).dropDuplicates(["event_id"]).createTempView("distinct_events")
    for name, is_kept, text in STEPS:
        table = spark.sql(text)
        if is_kept:
            table = table.cache()
        table.createTempView(name)
    spark.sql(RESULT).write.option("sep", "\t").option("header", True).option(
        "compression", "gzip").csv(out)
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
