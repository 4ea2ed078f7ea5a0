-- What plays/date=… must hold, of each day that has anything.
CREATE TABLE expected_counts AS
WITH by_region AS (
  SELECT day, song_id, region, count(*) AS plays, count(*) FILTER (is_stream) AS streams,
    count(*) FILTER (is_chart_stream) AS chart_streams, count(*) FILTER (is_scrobble) AS scrobbles,
    count(DISTINCT user_id) FILTER (is_stream) AS listeners, sum(ms_played) AS played_ms,
    count(*) FILTER (NOT is_stream) AS skips, count(*) FILTER (duration_ms > 0) AS timed_plays,
    count(*) FILTER (duration_ms > 0 AND ms_played * 10 >= duration_ms * 9) AS completed_plays,
    coalesce(sum(least(1000, ms_played * 1000 // greatest(duration_ms, 1)))
      FILTER (duration_ms > 0), 0) AS completion_permille
  FROM plays GROUP BY ALL),
by_song AS (
  SELECT day, song_id, count(DISTINCT user_id) FILTER (is_stream) AS song_listeners
  FROM plays GROUP BY ALL),
by_hour AS (
  SELECT day, song_id, region, string_agg(hour || ':' || streams, ' ' ORDER BY hour) AS hours
  FROM (SELECT day, song_id, region, hour, count(*) AS streams FROM plays WHERE is_stream GROUP BY ALL)
  GROUP BY ALL)
SELECT day, song_id, region, plays, streams, chart_streams, scrobbles, listeners, played_ms, skips,
  timed_plays, completed_plays, completion_permille, song_listeners, coalesce(hours, '') AS hours
FROM by_region JOIN by_song USING (day, song_id) LEFT JOIN by_hour USING (day, song_id, region);

CREATE TABLE expected_exclusions AS
SELECT day, exclusion AS reason, CASE WHEN exclusion = 'address_farm' THEN '' ELSE user_id END AS user_id,
  CASE WHEN exclusion = 'threshold_loop' THEN song_id ELSE '' END AS song_id,
  CASE WHEN exclusion = 'address_farm' THEN address ELSE '' END AS address,
  count(*) AS events, sum(ms_played) AS played_ms
FROM judged WHERE exclusion IS NOT NULL GROUP BY ALL;

CREATE TABLE expected_rejects AS
SELECT log_day AS day, log, line, reason FROM events WHERE reason IS NOT NULL;

-- By the day of the log: lines, rejected, late_out, left_out; by the day of the event the others.
CREATE TABLE expected_accounts AS
WITH told AS (
  SELECT log_day AS day, 'lines' AS name, count(*) AS value FROM events GROUP BY ALL
  UNION ALL SELECT log_day, 'lines', count(*) FROM lines WHERE format = 'header' GROUP BY ALL
  UNION ALL SELECT log_day, 'left_out', count(*) FROM lines WHERE format = 'header' GROUP BY ALL
  UNION ALL SELECT log_day, 'rejected', count(*) FROM events WHERE reason IS NOT NULL GROUP BY ALL
  UNION ALL SELECT log_day, 'rejected ' || reason, count(*) FROM events
    WHERE reason IS NOT NULL GROUP BY ALL
  UNION ALL SELECT log_day, 'late_out', count(*) FROM events
    WHERE reason IS NULL AND event_day < log_day GROUP BY ALL
  UNION ALL SELECT event_day, 'late_in', count(*) FROM events
    WHERE reason IS NULL AND event_day < log_day GROUP BY ALL
  UNION ALL SELECT event_day, 'duplicates', count(*) FROM events WHERE reason IS NULL GROUP BY ALL
  UNION ALL SELECT day, 'duplicates', -count(*) FROM firsts GROUP BY ALL
  UNION ALL SELECT day, 'streams', count(*) FROM plays WHERE is_stream GROUP BY ALL
  UNION ALL SELECT day, 'short', count(*) FROM plays WHERE NOT is_stream GROUP BY ALL
  UNION ALL SELECT day, 'chart_streams', count(*) FROM plays WHERE is_chart_stream GROUP BY ALL
  UNION ALL SELECT day, 'listeners', count(DISTINCT user_id) FROM plays WHERE is_stream GROUP BY ALL
  UNION ALL SELECT day, exclusion, count(*) FROM judged WHERE exclusion IS NOT NULL GROUP BY ALL)
SELECT day, name, sum(value)::BIGINT AS value FROM told GROUP BY ALL HAVING sum(value) <> 0;

-- Pairs of songs that a listener streamed in one sitting: of starts at most half an hour apart, a
-- stream and each of its ten next.
CREATE TABLE expected_coplays AS
WITH starts AS (
  SELECT day, user_id, song_id, ms, coalesce(ms - lag(ms) OVER listener > 1800000, true) AS is_new,
    row_number() OVER listener AS place
  FROM plays WHERE is_stream WINDOW listener AS (PARTITION BY day, user_id ORDER BY ms, event_id)),
sittings AS (
  SELECT *, count(*) FILTER (is_new) OVER (PARTITION BY day, user_id ORDER BY place) AS sitting
  FROM starts)
SELECT day, least(a.song_id, b.song_id) AS song_a, greatest(a.song_id, b.song_id) AS song_b,
  count(DISTINCT user_id) AS listeners
FROM sittings a JOIN sittings b USING (day, user_id, sitting)
WHERE b.place BETWEEN a.place + 1 AND a.place + 10 AND a.song_id <> b.song_id
GROUP BY ALL;
