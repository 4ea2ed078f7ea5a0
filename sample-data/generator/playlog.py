"""Play events: who plays what, when and how long, and how a log line looks.

Used by the small sample logs and by the benchmark logs alike. All chance comes
from `random.Random.random` and `getrandbits`, whose sequences Python promises
to keep for a seed, so that the same seed gives the same bytes.
"""

from bisect import bisect
from datetime import date, datetime, timedelta, timezone
from itertools import accumulate

MINIMUM_PLAYED_MS = 30_000
DAY_MS = 86_400_000

# Listening by local hour of the day: quiet nights, full evenings.
_HOURS = (14, 8, 5, 3, 3, 5, 12, 26, 38, 36, 34, 36, 44, 42, 40, 42, 50, 62, 74, 84, 90, 82, 58, 32)
# Monday to Sunday.
WEEKDAYS = (0.92, 0.90, 0.94, 0.98, 1.12, 1.28, 1.18)

_PLATFORMS = ("android", "ios", "web", "desktop")
_PLATFORM_SHARES = (0.40, 0.72, 0.90, 1.0)


def is_stream(ms_played, duration_ms):
    """Whether a play counts: 30 seconds, or all of a song shorter than that."""
    return ms_played >= MINIMUM_PLAYED_MS or ms_played >= duration_ms


def cumulative(weights):
    return list(accumulate(weights))


def pick(random, sums):
    """Returns an index with a probability in proportion to its weight."""
    return min(bisect(sums, random.random() * sums[-1]), len(sums) - 1)


def hour_sums(utc_offset_hours):
    """Cumulative weights of the UTC hours for a region that lives by its own clock."""
    return cumulative([_HOURS[(hour + utc_offset_hours) % 24] for hour in range(24)])


def time_of_day_ms(random, hours):
    """A moment of the UTC day, in milliseconds since midnight."""
    return pick(random, hours) * 3_600_000 + int(random.random() * 3_600_000)


def timestamp(day, ms):
    """RFC 3339 in UTC with milliseconds."""
    seconds, milliseconds = divmod(ms, 1000)
    return (f"{day}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:"
            f"{seconds % 60:02d}.{milliseconds:03d}Z")


def parse_timestamp(text):
    """Returns (day, milliseconds since midnight) of a `timestamp`."""
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return moment.date().isoformat(), (moment - midnight) // timedelta(milliseconds=1)


def days(first, count):
    start = date.fromisoformat(first)
    return [(start + timedelta(days=index)).isoformat() for index in range(count)]


def listening(random, duration_ms):
    """Draws (ms_played, reason_end): 18 % skips, most songs to the end."""
    chance = random.random()
    if chance < 0.18:
        longest = min(MINIMUM_PLAYED_MS, duration_ms) - 1
        # Squared: most skips come in the first seconds.
        return 400 + int(random.random() ** 2 * (longest - 400)), "fwdbtn"
    if chance < 0.86 or duration_ms <= MINIMUM_PLAYED_MS:
        return duration_ms, "trackdone"
    played = MINIMUM_PLAYED_MS + int(random.random() * (duration_ms - MINIMUM_PLAYED_MS))
    return played, ("endplay", "logout", "fwdbtn")[int(random.random() * 3)]


def platform(random):
    return _PLATFORMS[bisect(_PLATFORM_SHARES, random.random())]


def event_id(random):
    return f"{random.getrandbits(64):016x}"


def line(event_id, ts, user, song, region, played, duration, reason, platform, extra=""):
    """One log line without its newline; each platform writes its keys in its own order.

    `extra` is raw JSON such as `"app":{"build":4410}`, put where that client puts it.
    """
    if platform == "android":
        more = f",{extra}" if extra else ""
        return (f'{{"event_id":"{event_id}","ts":"{ts}","user_id":"{user}","song_id":"{song}",'
                f'"region":"{region}","ms_played":{played},"duration_ms":{duration},'
                f'"reason_end":"{reason}","platform":"android"{more}}}')
    if platform == "ios":
        more = f"{extra}," if extra else ""
        return (f'{{"platform":"ios",{more}"region":"{region}","user_id":"{user}",'
                f'"song_id":"{song}","duration_ms":{duration},"ms_played":{played},'
                f'"reason_end":"{reason}","ts":"{ts}","event_id":"{event_id}"}}')
    if platform == "web":
        more = f", {extra}" if extra else ""
        return (f'{{"ts": "{ts}", "event_id": "{event_id}", "song_id": "{song}", '
                f'"user_id": "{user}", "ms_played": {played}, "duration_ms": {duration}, '
                f'"region": "{region}", "platform": "web", "reason_end": "{reason}"{more}}}')
    more = f"{extra}," if extra else ""
    return (f'{{{more}"duration_ms":{duration},"event_id":"{event_id}","ms_played":{played},'
            f'"platform":"desktop","reason_end":"{reason}","region":"{region}",'
            f'"song_id":"{song}","ts":"{ts}","user_id":"{user}"}}')
