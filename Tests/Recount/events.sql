-- From the lines of the logs to the plays of each day, by docs/formats/playlogs.md and popularity.md
-- alone. `lines` has each line of each log: log (path), log_day, line, bytes, text (NULL where the
-- line is not UTF-8 or longer than 64 KiB), is_utf8, format; `settings` the limits.

-- Half a surrogate pair and NUL are no characters of an id; DuckDB's JSON would refuse the line or
-- cut the text, so they are made a control character that it keeps.
CREATE MACRO readable(text) AS regexp_replace(regexp_replace(regexp_replace(text,
  '\\u([dD][89abAB]..)\\u([dD][c-fC-F]..)', '\\U\1\2', 'g'),
  '\\u([dD][89a-fA-F]..|0000)', '\\u0001', 'g'),
  '\\U(....)(....)', '\\u\1\\u\2', 'g');

-- DuckDB takes a comma before a closing bracket; RFC 8259 does not.
CREATE MACRO has_loose_comma(text) AS regexp_matches(
  regexp_replace(text, '"(\\.|[^"\\])*"', '""', 'g'), ',\s*[}\]]');

CREATE MACRO is_id(text) AS octet_length(encode(text)) BETWEEN 1 AND 64
  AND NOT regexp_matches(text, '[\x00-\x1f\x7f]');

-- RFC 3339 with a zone.
CREATE MACRO moment(ts) AS CASE WHEN regexp_full_match(ts,
  '\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)')
  THEN epoch_ms(TRY_CAST(regexp_replace(ts, '(\.\d{3})\d+', '\1') AS TIMESTAMPTZ)) END;

CREATE TABLE parsed AS
WITH object AS (
  SELECT *, CASE WHEN is_utf8 AND json_valid(readable(text)) AND NOT has_loose_comma(text)
      -- Deeper than any reader should have to go.
      AND NOT contains(text, repeat('[', 64))
    THEN readable(text)::JSON END AS json
  FROM lines WHERE format = 'ndjson' AND bytes > 0),
fields AS (
  SELECT log, log_day, line, bytes, is_utf8, json_type(json) = 'OBJECT' AS is_object,
    [json_type(json, '$.' || name) FOR name IN
      ['event_id', 'ts', 'user_id', 'song_id', 'region', 'ms_played', 'duration_ms']] AS types,
    [json_type(json, '$.' || name) FOR name IN ['reason_end', 'platform', 'address']] AS more,
    json ->> '$.event_id' AS event_id, json ->> '$.ts' AS ts, json ->> '$.user_id' AS user_id,
    json ->> '$.song_id' AS song_id, json ->> '$.region' AS region,
    TRY_CAST(json ->> '$.ms_played' AS BIGINT) AS ms_played,
    TRY_CAST(json ->> '$.duration_ms' AS BIGINT) AS duration_ms,
    coalesce(json ->> '$.address', '') AS address
  FROM object)
SELECT log, log_day, line, event_id, moment(ts) AS ms, user_id, song_id, region, ms_played,
  duration_ms, address,
  CASE
    WHEN bytes > 65536 THEN 'too_long'
    WHEN NOT is_utf8 THEN 'not_utf8'
    WHEN is_object IS DISTINCT FROM true THEN 'not_json'
    WHEN len(list_filter(types, lambda t: t IS NULL OR t = 'NULL')) > 0 THEN 'missing_field'
    WHEN len(list_filter(types[1:5], lambda t: t <> 'VARCHAR')) > 0
      OR len(list_filter(types[6:7], lambda t: t NOT IN ('BIGINT', 'UBIGINT'))) > 0
      OR len(list_filter(more, lambda t: t NOT IN ('VARCHAR', 'NULL'))) > 0 THEN 'wrong_type'
    WHEN NOT (is_id(event_id) AND is_id(user_id) AND is_id(song_id) AND is_id(region))
      OR region = '*' OR address <> '' AND NOT is_id(address) THEN 'bad_id'
    WHEN moment(ts) IS NULL THEN 'bad_timestamp'
    WHEN ms_played NOT BETWEEN 0 AND 604800000 OR duration_ms NOT BETWEEN 0 AND 604800000
      THEN 'out_of_range'
  END AS reason
FROM fields;

-- Tables have their fields cut by Python's csv, a record a line of `lines`; which columns are what
-- the header says.
INSERT INTO parsed
SELECT log, log_day, line, fields[2], moment(regexp_replace(fields[1], ' ', 'T')), fields[3],
  fields[4], fields[5], TRY_CAST(fields[6] AS BIGINT), TRY_CAST(fields[7] AS BIGINT), fields[8],
  CASE
    WHEN bytes > 65536 THEN 'too_long'
    WHEN NOT is_utf8 THEN 'not_utf8'
    WHEN fields IS NULL THEN 'bad_quotes'
    WHEN len(fields) <> 9 THEN 'column_count'
    WHEN list_contains(fields[1:7], '') THEN 'missing_field'
    WHEN moment(regexp_replace(fields[1], ' ', 'T')) IS NULL THEN 'bad_timestamp'
    WHEN NOT (is_id(fields[2]) AND is_id(fields[3]) AND is_id(fields[4]) AND is_id(fields[5]))
      OR fields[5] = '*' OR fields[8] <> '' AND NOT is_id(fields[8]) THEN 'bad_id'
    WHEN NOT regexp_full_match(fields[6], '-?\d+') OR NOT regexp_full_match(fields[7], '-?\d+')
      THEN 'wrong_type'
    WHEN TRY_CAST(fields[6] AS BIGINT) NOT BETWEEN 0 AND 604800000
      OR TRY_CAST(fields[7] AS BIGINT) NOT BETWEEN 0 AND 604800000 THEN 'out_of_range'
  END
FROM lines WHERE format = 'csv';

CREATE TABLE events AS
SELECT * REPLACE (coalesce(reason, CASE
    WHEN event_day > log_day THEN 'future'
    WHEN event_day < log_day - (SELECT late_days FROM settings) THEN 'too_old' END) AS reason)
FROM (SELECT *, make_date((ms // 86400000)::INTEGER) AS event_day FROM parsed);

-- Of events with one id in one day the earliest, then the one that was heard longest.
CREATE TABLE firsts AS
SELECT event_day AS day, event_id, ms, user_id, song_id, region, ms_played, duration_ms, address,
  (ms // 3600000 % 24)::INTEGER AS hour,
  ms_played >= 30000 OR duration_ms BETWEEN 1 AND 29999 AND ms_played >= duration_ms AS is_stream,
  ms_played >= 30000 AND ms_played < 35000 AS is_threshold,
  duration_ms > 30000 AND (ms_played >= 240000 OR ms_played * 2 >= duration_ms) AS is_scrobble
FROM events WHERE reason IS NULL
QUALIFY row_number() OVER (
  PARTITION BY event_day, event_id ORDER BY ms, ms_played DESC, user_id, song_id, region) = 1;

-- What the rules leave out: farms first, then listeners of more hours than a day has, then loops.
CREATE TABLE farms AS
SELECT day, address FROM firsts WHERE address <> '' GROUP BY ALL
HAVING count(DISTINCT user_id) >= 25 AND 4 * count(*) FILTER (is_threshold) >= 3 * count(*);
CREATE TABLE tireless AS
SELECT day, user_id FROM firsts ANTI JOIN farms USING (day, address) GROUP BY ALL
HAVING sum(ms_played) > 86400000;
CREATE TABLE loops AS
SELECT day, user_id, song_id FROM firsts ANTI JOIN farms USING (day, address)
  ANTI JOIN tireless USING (day, user_id)
GROUP BY ALL HAVING count(*) >= 30 AND 4 * count(*) FILTER (is_threshold) >= 3 * count(*);

CREATE TABLE judged AS
SELECT f.*, CASE WHEN a.address IS NOT NULL THEN 'address_farm'
  WHEN t.user_id IS NOT NULL THEN 'impossible_hours'
  WHEN l.user_id IS NOT NULL THEN 'threshold_loop' END AS exclusion
FROM firsts f LEFT JOIN farms a ON a.day = f.day AND a.address = f.address
  LEFT JOIN tireless t ON t.day = f.day AND t.user_id = f.user_id
  LEFT JOIN loops l ON l.day = f.day AND l.user_id = f.user_id AND l.song_id = f.song_id;

CREATE TABLE plays AS
SELECT *, is_stream AND row_number() OVER (
  PARTITION BY day, user_id, song_id, is_stream ORDER BY ms, event_id) <= 10 AS is_chart_stream
FROM judged WHERE exclusion IS NULL;
