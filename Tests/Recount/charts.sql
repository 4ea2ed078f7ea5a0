-- Charts of the night ($night), from the plays: daily ones, and weekly ones of seven days.
-- `songs` has song_id and genre, a row each.
CREATE TABLE chart_plays AS
SELECT p.*, chart, key FROM plays p, LATERAL (
  SELECT 'overall' AS chart, '*' AS key UNION ALL SELECT 'region', p.region
  UNION ALL SELECT 'genre', genre FROM songs s WHERE s.song_id = p.song_id)
WHERE is_chart_stream;

CREATE TABLE chart_days AS
SELECT chart, key, day, song_id, count(*) AS streams, count(DISTINCT user_id) AS listeners
FROM chart_plays GROUP BY ALL;

-- One listener can have had ten of a day's chart streams at most, and each other one has one.
CREATE MACRO most_of_one(streams, listeners) AS
  greatest(0, least(10, streams - greatest(0, listeners - 1)));
CREATE MACRO points(streams, most) AS least(streams, 2 * (streams - most));

CREATE TABLE expected_charts AS
WITH logged AS (SELECT DISTINCT log_day AS day FROM lines),
-- Of a day without logs, and of a week of such days, there is no chart.
periods AS (
  SELECT 'daily' AS period, 1 AS days, day AS ends FROM logged
  UNION ALL SELECT 'weekly', 7, ends FROM (
    SELECT $night::DATE - (7 * week)::INTEGER AS ends FROM range(4) w(week))
  WHERE EXISTS (FROM logged WHERE day > ends - 7 AND day <= ends)),
before AS (
  SELECT period, max(ends) AS ends FROM periods WHERE ends < $night::DATE GROUP BY ALL),
weeks AS (
  SELECT period, ends, chart, key, song_id, count(DISTINCT user_id) AS listeners
  FROM chart_plays JOIN periods ON day > ends - days AND day <= ends GROUP BY ALL),
sums AS (
  SELECT period, ends, chart, key, song_id, sum(streams) AS streams,
    sum(d.listeners) AS listener_days, sum(most_of_one(streams, d.listeners)) AS most
  FROM chart_days d JOIN periods ON day > ends - days AND day <= ends GROUP BY ALL),
counted AS (
  SELECT *, points(streams, least(most, streams - (listeners - 1))) AS points
  FROM sums JOIN weeks USING (period, ends, chart, key, song_id) WHERE listeners >= 3),
placed AS (
  SELECT *, row_number() OVER (PARTITION BY period, ends, chart, key
    ORDER BY points DESC, streams DESC, listener_days DESC, song_id) AS position
  FROM counted WHERE points > 0
  QUALIFY position <= 100),
standings AS (
  SELECT period, chart, key, song_id, min(position) AS peak_position, count(*) AS periods
  FROM placed GROUP BY ALL)
SELECT n.period, n.chart, n.key, n.position, n.song_id, n.points, n.streams, n.listeners,
  n.listener_days, b.position AS previous_position, s.peak_position, s.periods
FROM placed n JOIN standings s USING (period, chart, key, song_id)
  LEFT JOIN before USING (period)
  LEFT JOIN placed b ON b.period = n.period AND b.chart = n.chart AND b.key = n.key
    AND b.song_id = n.song_id AND b.ends = before.ends
WHERE n.ends = $night::DATE;
