"""Writes benchmark libraries: any number of songs, and their logs, by a seed.

DIR/music/**.mp3, DIR/songs.ndjson, DIR/plays/date=…/*.ndjson.gz,
DIR/topology.json, DIR/releases.json, in the formats of the sample. Work is cut
into parts that depend on the seed and their own number alone, so that the
number of processes changes no byte.
"""

import gzip
import hashlib
import json
import multiprocessing
import os
from bisect import bisect
from random import Random

from . import id3, mpeg, names, playlog, topology

SONGS_A_PART = 2_000
EVENTS_A_FILE = 100_000
SONGS_AN_ALBUM = 10
LATE_SHARE, DUPLICATE_SHARE, MALFORMED_SHARE = 0.01, 0.002, 0.0005

_setup = None  # what every worker process needs; set once before the work starts


class _Setup:
    """The plan of one library; made in each process from the arguments alone."""

    def __init__(self, arguments):
        self.seed, self.songs = arguments.seed, arguments.songs
        self.files = arguments.files == "yes"
        self.out = arguments.out
        self.days = playlog.days(arguments.first_day, arguments.days)
        self.regions = region_rows(arguments.regions)
        self.artists = max(1, self.songs // 40)
        random = Random(f"{self.seed}/taste")
        # Per region and genre, how much more or less it is played there.
        self.taste = [[2.0 ** (4 * random.random() - 2) for _ in names.GENRES]
                      for _ in self.regions]
        self.genre_sums = playlog.cumulative([1 / (rank + 1) for rank in range(len(names.GENRES))])
        self.artist_sums = playlog.cumulative([(rank + 5) ** -0.7 for rank in range(self.artists)])
        self.catalogue = None

    def load_catalogue(self):
        """Reads back the ids, durations and genres that the logs need."""
        if self.catalogue:
            return
        ids, durations, genres = [], [], []
        with open(self.out / "songs.ndjson", encoding="utf-8") as lines:
            for text in lines:
                song = json.loads(text)
                ids.append(song["song_id"])
                durations.append(song["nominal_duration_ms"])
                genres.append(names.GENRES.index(song["genres"][0]))
        announced = set(announced_songs(len(ids)))
        ranks = list(range(1, len(ids) + 1))
        Random(f"{self.seed}/ranks").shuffle(ranks)
        sums = []
        for region in range(len(self.regions)):
            taste = self.taste[region]
            sums.append(playlog.cumulative(
                [0.0 if number in announced else taste[genre] / (rank + 10) ** 0.9
                 for number, (rank, genre) in enumerate(zip(ranks, genres))]))
        self.catalogue = ids, durations, sums


def region_rows(count):
    """The sample's four regions, then generated ones around the world."""
    if not 1 <= count <= 64:
        raise ValueError("--regions must be from 1 to 64")
    rows = list(topology.REGIONS[:count])
    for number in range(len(rows), count):
        latitude = round(-40 + 100 * ((number * 0.618034) % 1), 1)
        longitude = round(-180 + 360 * ((number * 0.414214) % 1), 1)
        rows.append((f"region-{number:02d}", f"Region {number}", f"domain-{number:02d}",
                     latitude, longitude, 0.023 + 0.001 * (number % 9),
                     round(0.02 + 0.01 * (number % 10), 3), round(longitude / 15)))
    return rows


def write(arguments):
    for name in ("songs", "days"):
        if getattr(arguments, name) < 1:
            raise ValueError(f"--{name} must be at least 1")
    if arguments.events < 0:
        raise ValueError("--events must not be negative")
    arguments.out.mkdir(parents=True, exist_ok=True)
    setup = _Setup(arguments)
    parts = range(0, setup.songs, SONGS_A_PART)
    library_bytes = 0
    with multiprocessing.Pool(arguments.jobs, _start, (arguments,)) as pool:
        with open(arguments.out / "songs.ndjson", "w", encoding="utf-8") as songs:
            for text, size in pool.imap(_write_songs, parts):
                songs.write(text)
                library_bytes += size
        report(f"{setup.songs} songs, {library_bytes} bytes of audio")
        events = sum(pool.imap_unordered(_write_log, _log_parts(setup, arguments.events)))
        report(f"{events} log lines over {len(setup.days)} days and {len(setup.regions)} regions")
    _write_json(arguments.out / "topology.json",
                topology.generated(setup.regions, library_bytes, Random(f"{setup.seed}/topology")))
    _write_json(arguments.out / "releases.json", _releases(setup))


def report(text):
    print(text, flush=True)


def _start(arguments):
    global _setup
    _setup = _Setup(arguments)


# Songs

def _write_songs(first):
    """Writes one part of the songs; returns its lines of songs.ndjson and its audio bytes."""
    lines, size = [], 0
    for number in range(first, min(first + SONGS_A_PART, _setup.songs)):
        song, tags, audio = _song(number)
        size += len(audio)
        lines.append(json.dumps(song, ensure_ascii=False) + "\n")
        if _setup.files:
            target = _setup.out / song["paths"][0]
            os.makedirs(target.parent, exist_ok=True)
            with open(target, "wb") as file:
                file.write(id3.v2(tags) + audio)
    return "".join(lines), size


def _song(number):
    """Returns (line of songs.ndjson, tags, audio) of song `number`."""
    setup = _setup
    album_number, place = divmod(number, SONGS_AN_ALBUM)
    album = Random(f"{setup.seed}/album/{album_number}")
    genre = playlog.pick(album, setup.genre_sums)
    artist_number = playlog.pick(album, setup.artist_sums)
    artist = _artist(artist_number)
    album_title = names.title(album)
    year = 1960 + int(67 * album.random() ** 0.5)
    date = (f"{min(year, 2026)}-{1 + int(10 * album.random()):02d}-"
            f"{1 + int(28 * album.random()):02d}")
    tracks = min(SONGS_AN_ALBUM, setup.songs - album_number * SONGS_AN_ALBUM)

    random = Random(f"{setup.seed}/song/{number}")
    title = names.title(random)
    artists = [artist]
    if random.random() < 0.12:
        guest = _artist(playlog.pick(random, setup.artist_sums))
        if guest != artist:
            artists.append(guest)
    genres = [names.GENRES[genre]]
    if random.random() < 0.25:
        second = names.GENRES[playlog.pick(random, setup.genre_sums)]
        if second not in genres:
            genres.append(second)
    nominal_ms = 25_000 + int(180_000 * (random.random() + random.random()))
    frames = 12 + int(random.random() * 24)
    payload = hashlib.sha256(f"{setup.seed}/audio/{number}".encode()).hexdigest().encode()
    audio = mpeg.silent_audio(payload, frames)
    region = setup.regions[artist_number % len(setup.regions)]
    tags = {
        "title": title, "artists": artists, "album": album_title, "album_artist": artist,
        "genres": genres, "track": f"{place + 1}/{tracks}", "date": date,
        "isrc": f"QZSPB{date[2:4]}{number % 100_000:05d}",
    }
    path = (f"music/{region[0]}/{_name(artist)}/{album_number:05d} {_name(album_title)}/"
            f"{place + 1:02d} {_name(title)}.mp3")
    song = {
        "song_id": hashlib.sha256(audio).hexdigest(), "paths": [path], **tags,
        "duration_ms": round(frames * mpeg.SILENT_FRAME_MS),
        "nominal_duration_ms": nominal_ms, "audio_bytes": len(audio),
        "bitrate_mode": "CBR", "channels": 1, "sample_rate": 44100, "has_cover": False,
    }
    return song, tags, audio


def _artist(number):
    return names.artist(Random(f"{_setup.seed}/artist/{number}"), number)


def _name(text):
    """A tag as a file name."""
    return text.replace("/", "-")


# Logs

def _log_parts(setup, events):
    """Shares the events out: [(day number, region number, part, events)]."""
    weights = [
        playlog.WEEKDAYS[playlog.date.fromisoformat(day).weekday()] / (2 + region)
        for day in setup.days for region in range(len(setup.regions))
    ]
    total, done, given, parts = sum(weights), 0.0, 0, []
    for index, weight in enumerate(weights):
        done += weight
        count = round(events * done / total) - given
        given += count
        day, region = divmod(index, len(setup.regions))
        for part in range(0, max(count, 1), EVENTS_A_FILE):
            parts.append((day, region, part // EVENTS_A_FILE, min(EVENTS_A_FILE, count - part)))
    return parts


def _write_log(part):
    """Writes one log file; returns its number of lines."""
    day_number, region_number, part_number, events = part
    _setup.load_catalogue()
    setup = _setup
    ids, durations, all_sums = setup.catalogue
    sums = all_sums[region_number]
    total, last = sums[-1], len(ids) - 1
    row = setup.regions[region_number]
    region = row[0]
    seeded = Random(f"{setup.seed}/log/{day_number}/{region_number}/{part_number}")
    random = seeded.random
    hours = playlog.hour_sums(row[7])
    day = setup.days[day_number]
    yesterday = (playlog.date.fromisoformat(day) - playlog.timedelta(days=1)).isoformat()
    # Ten listeners a hundred daily events, the first of them the keenest.
    listeners = max(20, events // 10)
    user_prefix = f"u-{region}-"

    lines = []
    for _ in range(events):
        index = min(bisect(sums, random() * total), last)
        duration = durations[index]
        played, reason = playlog.listening(seeded, duration)
        user = int(listeners * random() ** 1.6)
        moment = playlog.time_of_day_ms(seeded, hours)
        ts = playlog.timestamp(yesterday if random() < LATE_SHARE else day, moment)
        lines.append((moment, playlog.line(
            f"{seeded.getrandbits(64):016x}", ts, f"{user_prefix}{user:07d}", ids[index], region,
            played, duration, reason, playlog.platform(seeded))))
    for _ in range(int(events * DUPLICATE_SHARE)):
        lines.append(lines[int(random() * events)])
    for _ in range(int(events * MALFORMED_SHARE)):
        moment, line = lines[int(random() * events)]
        lines.append((moment, line[:int(20 + random() * 150)]))
    lines.sort()

    folder = setup.out / "plays" / f"date={day}"
    os.makedirs(folder, exist_ok=True)
    data = "".join([line + "\n" for _, line in lines]).encode()
    with open(folder / f"{region}-{part_number:03d}.ndjson.gz", "wb") as file:
        with gzip.GzipFile("", "wb", compresslevel=3, fileobj=file, mtime=0) as packed:
            packed.write(data)
    return len(lines)


def announced_songs(songs):
    """The numbers of the songs that come out the day after the logs: one in ten thousand."""
    # The last track of an album, so that its artist has earlier songs to judge by.
    return [] if songs < 2 else list(range(min(9, songs - 1), songs, 10_000))


def _releases(setup):
    last = playlog.date.fromisoformat(setup.days[-1])
    after = (last + playlog.timedelta(days=1)).isoformat()
    announced, releases = set(announced_songs(setup.songs)), []
    with open(setup.out / "songs.ndjson", encoding="utf-8") as lines:
        for number, text in enumerate(lines):
            if number in announced:
                song = json.loads(text)
                releases.append({"song_id": song["song_id"], "date": after,
                                 "title": song["title"], "artists": song["artists"]})
    return {"format": "spindle-releases", "version": 1, "releases": releases}


def _write_json(path, document):
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
