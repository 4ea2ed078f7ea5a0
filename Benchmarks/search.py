#!/usr/bin/env python3
"""How well and how fast search finds, beside plain FTS5 and tantivy in the same run.

Makes (once, in --work) a library of --songs songs (search_library.py), fills a warehouse's ledger
with it, runs spindle index, and gives FTS5 (bm25, prefix 1 2 3) and, where PYTHON_PEERS names a
Python that has it, tantivy the same folded texts. Then it draws known items by Zipf's law, makes
a query of each class of each, and prints how often the item is first and among the first ten, and
the latencies in milliseconds. Each engine is asked by --clients processes at once; the first pass
over the queries warms the page cache and is not counted. An engine is given --seconds for a pass;
where that is too short for all queries, the number that it answered is printed. At last one
client asks Spindle for all of them in turn, and for what nobody should type.

An item counts as found when the song itself, or one of the same title and artist, is there.
"""

import argparse
import array
import concurrent.futures
import json
import mmap
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import unicodedata

import search_library

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATE = "2026-11-19"
CLASSES = ("exact", "as typed", "accents dropped", "one typo", "CJK infix", "artist and title",
           "letter by letter", "stop word", "one letter", "two letters")
# Of these the success says nothing: nobody could tell which of many songs is meant.
TIMED = ("letter by letter", "stop word", "one letter", "two letters")
GOALS = {"exact": 99.3, "as typed": 97, "accents dropped": 98, "one typo": 96, "CJK infix": 100}


# Texts for the peers: folded as well as Spindle's, so that what is compared is search.

PLAIN = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "ł": "l", "đ": "d", "ı": "i", "œ": "oe",
                       "’": "'"})


def fold(text):
    text = unicodedata.normalize("NFKD", text).casefold().translate(PLAIN)
    return unicodedata.normalize("NFC", "".join(c for c in text if not 0x300 <= ord(c) <= 0x36f))


def is_unspaced(letter):
    code = ord(letter)
    return 0xe00 <= code < 0xf00 or 0x3040 <= code < 0x3100 or 0x3400 <= code < 0xa000 or 0xac00 <= code < 0xd7b0


def spaced(text):
    """With blanks around each character of a script without spaces: infixes are phrases."""
    text = fold(text).replace("'", "")
    return re.sub(r"\s+", " ", "".join(f" {c} " if is_unspaced(c) else c for c in text)).strip()


class Library:
    """The songs of a file, parsed when they are asked for: ten million do not fit into memory."""

    def __init__(self, path):
        self.path = path
        self.ends = array.array("q", [0])
        with open(path, "rb") as file:
            for line in file:
                self.ends.append(self.ends[-1] + len(line))
            self.text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __len__(self):
        return len(self.ends) - 1

    def __getitem__(self, number):
        return json.loads(self.text[self.ends[number]:self.ends[number + 1]])

    def __iter__(self):
        with open(self.path, "rb") as lines:
            yield from map(json.loads, lines)


# Queries

def known_items(songs, count, seed):
    """Numbers of songs, drawn by Zipf's law over their ranks."""
    choose = random.Random(seed)
    items = []
    while len(items) < count:
        number = int(len(songs) ** choose.random()) - 1
        items.append(number)
    return items


def words(text):
    return [word for word in re.split(r"[\s()\-–,]+", text) if word]


class Queries:
    def __init__(self, songs, count, seed=3):
        self.songs = songs
        self.choose = random.Random(seed)
        # Hashes of the titles, those of several songs at last; and the texts without spaces.
        once, self.repeated, unspaced = set(), set(), []
        for song in songs:
            title = hash(fold(song["title"]))
            (self.repeated if title in once else once).add(title)
            if any(map(is_unspaced, song["title"] + song["album"] + song["artists"][0])):
                unspaced += [song["title"], *song["artists"], song["album"]]
        # What more songs have than a page shows cannot be found on it by anybody.
        self.unspaced = "\n".join(unspaced)
        self.by_class = {name: [] for name in CLASSES}
        number = 0
        while any(len(self.by_class[name]) < count for name in CLASSES):
            number += 1
            if number > 400:
                break
            for item in known_items(songs, count, seed * 1000 + number):
                self.add(item, count)

    def is_unique(self, song):
        return hash(fold(song["title"])) not in self.repeated

    def full(self, song):
        """What somebody types who knows the song: its title, and the artist where others have it."""
        title = song["title"]
        return title if self.is_unique(song) else f"{title} {song['artists'][0]}"

    def add(self, item, count):
        song = self.songs[item]
        choose = self.choose
        unspaced = any(map(is_unspaced, song["title"]))

        def put(name, text):
            if text and len(self.by_class[name]) < count:
                self.by_class[name].append((text, item))

        full = self.full(song)
        put("exact", full)
        # All that is on the screen one after the other, of one song after the other.
        for end in range(1, len(full) + 1):
            put("letter by letter", full[:end])
        if not unspaced:
            last = words(full)[-1:]
            if last and len(last[0]) >= 2:
                # Within the last word: what is on the screen while it is being typed.
                put("as typed", full[:len(full) - choose.randint(1, len(last[0]) - 1)])
            plain = "".join(c for c in unicodedata.normalize("NFKD", full)
                            if not unicodedata.combining(c)).translate(PLAIN).lower()
            if plain != full.lower():
                put("accents dropped", plain)
            put("one typo", self.typo(full))
            put("artist and title", f"{words(song['artists'][0])[-1]} {' '.join(words(song['title'])[:2])}"
                if self.is_unique(song) else None)
        elif len(song["title"]) >= 4:
            length = choose.randint(2, min(5, len(song["title"]) - 1))
            start = choose.randint(0, len(song["title"]) - length)
            infix = song["title"][start:start + length]
            if all(map(is_unspaced, infix)) and len(self.by_class["CJK infix"]) < count and self.unspaced.count(infix) <= 10:
                put("CJK infix", infix)
        put("stop word", choose.choice(["the", "love", "of", "de", "la", "you", "me", "night"]))
        letters = [c for c in fold(song["title"]) if c.isalpha() and not is_unspaced(c)]
        if len(letters) >= 2:
            put("one letter", letters[0])
            put("two letters", letters[0] + letters[1])

    def typo(self, text):
        """One edit, or a swap of neighbours, in a word of four letters or more."""
        choose = self.choose
        spots = [match for match in re.finditer(r"[^\W\d_]{4,}", text)]
        if not spots:
            return None
        spot = choose.choice(spots)
        word = spot.group()
        at = choose.randrange(len(word) - 1)
        kind = choose.randrange(4)
        letter = choose.choice("abcdefghijklmnopqrstuvwxyz")
        changed = (word[:at] + word[at + 1:], word[:at] + letter + word[at:],
                   word[:at] + letter + word[at + 1:],
                   word[:at] + word[at + 1] + word[at] + word[at + 2:])[kind]
        return None if changed == word else text[:spot.start()] + changed + text[spot.end():]


# What the index would have to work for: many frequent words, short beginnings, long phrases,
# filters beside them, many typos at once; and what is no query at all.
HOSTILE = [
    "", "   ", "a" * 10_000, "love " * 2000, " ".join(f"w{n}" for n in range(2000)),
    "!?.,;:()[]{}\"'-_/\\" * 20, '"' * 299, "a b c d e f g h i j k l m n o p",
    "the of in love me you my a to i night heart and on your it",
    "the of in love me you my a to i night heart and on your it ", "the of in love me you my a ",
    '"the of in"', '"of the"', '"the love of the"', '"' + "the love " * 20 + '"', "-the -love", "-a",
    "love -the", "the -love -of -in -me -you -a -my -i", "a genre:rock", "a year:1990..1999",
    "a genre:rock year:1990..1999 label:records", " ".join(["genre:rock"] * 16),
    "-genre:rock -genre:pop -genre:jazz -genre:folk the", "-label:records the", "-label:music",
    "label:records", "year:1000..2999", "the love qu", "of the zu", "the of zy", "the love xyl",
    "misunderstandng hexamteer chrysanthemms loneliniess heartbraker summertme nightmar forevr "
    "remembr tomorow yesterdy beautful dangeros somethng everythng nothngs",
    "lvoe nihgt haert summmer dreem waterr lightt streat foreverr tonigth peoplee moonn riverr",
    "lvoe nihgt haert", "の", "愛夢夜花空君雨桜月星海風涙春恋" * 20,
    "愛 夢 夜 花 空 君 雨 桜 月 星 海 風 涙 春 恋", "の 夜", "artist:a", "artist:th", "title:the ",
    "title:a artist:b album:c", "album:the artist:the title:the ", "😀😀😀", "ㅅㅏㄹ", "ก",
    "a" + "\u0301" * 299, "\ufdfa" * 300, 'NEAR(a b) OR title:* AND "x" NOT ^y {a b}: c*',
    "'; DROP TABLE songs; --", "a\0b", "-".join("abcdefghijklmnop"), "/".join(["the", "love"] * 60),
    "'".join("l" * 150), ".".join("abcdefghijklmnopqrstuvwxyz" * 5), "the " * 16, "th " * 15 + "th",
    "s", "s t", "s t l", "ba ca da ma sa ta", "soul night", "night soul the",
]


# Engines

class Spindle:
    name = "spindle search"

    def __init__(self, program, catalog, work):
        self.program, self.catalog, self.work = program, catalog, work

    def run(self, queries, client, seconds, kind="songs"):
        """A list of (hits as (title, artist), seconds)."""
        file = self.work / f"queries-{client}.txt"
        file.write_text("".join(text.replace("\n", " ") + "\n" for text in queries), encoding="utf-8")
        answer = subprocess.run(
            [self.program, "search", "--catalog", self.catalog, "--queries", file]
            + (["--kind", kind] if kind else []), check=True, capture_output=True).stdout
        found = []
        for line in answer.splitlines():
            row = json.loads(line)
            found.append(([(hit["title"], hit["artist"]) for hit in row["songs"]["hits"]],
                          row["took_us"] / 1e6))
        return found


class FTS5:
    name = "FTS5 bm25"

    def __init__(self, path, songs):
        self.path, self.songs = path, songs

    def query(self, text):
        parts = spaced(text)
        terms = ['"' + part + '"' for part in re.findall(r"\w+", parts)]
        if terms and not is_unspaced(terms[-1][-2]):
            terms[-1] += "*"
        return " ".join(terms)

    def run(self, queries, client, seconds):
        lines = "".join(json.dumps(self.query(text)) + "\n" for text in queries)
        answer = subprocess.run([sys.executable, "-c", FTS5_QUERIES, self.path, str(seconds)],
                                input=lines, text=True, check=True, capture_output=True).stdout
        return [([title_artist(self.songs[row - 1]) for row in rows], took)
                for rows, took in json.loads(answer)]


FTS5_QUERIES = r'''
import json, sqlite3, sys, time
database = sqlite3.connect(f"file:{sys.argv[1]}?immutable=1", uri=True)
database.execute("PRAGMA mmap_size = 10000000000")
out, end = [], time.monotonic() + float(sys.argv[2])
for line in sys.stdin:
    query = json.loads(line)
    start = time.perf_counter()
    rows = database.execute("SELECT rowid FROM s WHERE s MATCH ? ORDER BY rank LIMIT 10",
                            (query,)).fetchall() if query else []
    out.append(([row[0] for row in rows], time.perf_counter() - start))
    if time.monotonic() > end: break
print(json.dumps(out))
'''


TANTIVY = r'''
import json, sys, time, tantivy
path, fuzzy = sys.argv[1], sys.argv[2] == "1"
end = time.monotonic() + float(sys.argv[3])
index = tantivy.Index.open(path)
searcher = index.searcher()
out = []
for line in sys.stdin:
    text = json.loads(line)
    start = time.perf_counter()
    try:
        if fuzzy:
            terms = text.split()
            parts = [(tantivy.Occur.Must, tantivy.Query.boolean_query([
                (tantivy.Occur.Should, tantivy.Query.fuzzy_term_query(index.schema, field, term, distance=1))
                for field in ("title", "artist", "album")])) for term in terms]
            query = tantivy.Query.boolean_query(parts)
        else:
            query = index.parse_query(" ".join(f'"{term}"' for term in text.split()),
                                      ["title", "artist", "album"], conjunction_by_default=True)
        hits = searcher.search(query, 10, count=False).hits
        rows = [searcher.doc(address)["row"][0] for _, address in hits]
    except Exception as error:
        rows = []
    out.append((rows, time.perf_counter() - start))
    if time.monotonic() > end: break
print(json.dumps(out))
'''
TANTIVY_BUILD = r'''
import json, resource, sys, time, tantivy
builder = tantivy.SchemaBuilder()
for name in ("title", "artist", "album"):
    builder.add_text_field(name, tokenizer_name="whitespace")
builder.add_integer_field("row", stored=True)
index = tantivy.Index(builder.build(), path=sys.argv[1])
writer = index.writer(200_000_000, 2)
for number, line in enumerate(open(sys.argv[2], encoding="utf-8")):
    title, artist, album = line.rstrip("\n").split("\t")
    writer.add_document(tantivy.Document(title=title, artist=artist, album=album, row=number + 1))
writer.commit(); writer.wait_merging_threads()
'''


class Tantivy:
    def __init__(self, python, path, songs, fuzzy=False):
        self.python, self.path, self.songs, self.fuzzy = python, path, songs, fuzzy
        self.name = "tantivy, fuzzy" if fuzzy else "tantivy"

    def run(self, queries, client, seconds):
        lines = "".join(json.dumps(" ".join(re.findall(r"\w+", spaced(text)))) + "\n" for text in queries)
        answer = subprocess.run([self.python, "-c", TANTIVY, self.path, "1" if self.fuzzy else "0",
                                 str(seconds)],
                                input=lines, text=True, check=True, capture_output=True).stdout
        return [([title_artist(self.songs[row - 1]) for row in rows], took)
                for rows, took in json.loads(answer)]


def title_artist(song):
    return song["title"], " ".join(song["artists"])


# Building

def fill(spindle, work, songs):
    """A warehouse whose ledger holds the songs; ids rise, so that they stay in their order."""
    sys.path.insert(0, str(ROOT / "Benchmarks"))
    import ingest_ledger
    import ingest_library
    warehouse = work / "warehouse"
    shutil.rmtree(warehouse, ignore_errors=True)
    one = ingest_library.make_tiny(work / "tiny-1", 1)
    common = ["--warehouse", warehouse, "--date", DATE, "--quiet"]
    run(spindle, "ingest", "--source", one, *common)
    database = sqlite3.connect(warehouse / "ledger.sqlite", isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    song_row, file_row = (ingest_ledger._template(database, table) for table in ("songs", "files"))
    database.execute("BEGIN")
    database.execute("DELETE FROM songs")
    database.execute("DELETE FROM files")
    for number, song in enumerate(songs):
        tags = {"title": [song["title"]], "artists": song["artists"], "artist_sorts": song["sorts"],
                "album": [song["album"]], "album_artists": [song["album_artist"]],
                "genres": [song["genre"]], "release_date": [str(song["year"])],
                "labels": [song["label"]]}
        song_id = f"{number + 1:064x}"
        song_row.update(song_id=song_id, size_bytes=4_000_000, duration_ms=200_000)
        file_row.update(path=f"{number}.mp3", song_id=song_id, inode=number + 1, cover=None,
                        tags=json.dumps(tags, ensure_ascii=False))
        for table, row in (("songs", song_row), ("files", file_row)):
            database.execute(
                f"INSERT INTO {table}({','.join(row)}) VALUES({','.join('?' * len(row))})",
                list(row.values()))
    database.execute("UPDATE meta SET value = ? WHERE key = 'content_digest'", ("0" * 64,))
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    (work / "plays").mkdir(exist_ok=True)
    run(spindle, "plays", "--logs", work / "plays", *common)
    run(spindle, "popularity", *common)
    return warehouse


def run(*command):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)


def timed(*command):
    """CPU seconds, seconds by the clock, and peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024


FTS5_BUILD = r'''
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA journal_mode = OFF"); database.execute("PRAGMA synchronous = OFF")
database.execute("CREATE VIRTUAL TABLE s USING fts5(title, artist, album, content='', prefix='1 2 3')")
for setting in ("automerge', 0", "crisismerge', 10000", "hashsize', 4194304"):
    database.execute(f"INSERT INTO s(s, rank) VALUES('{setting})")
database.execute("BEGIN")
database.executemany("INSERT INTO s(rowid, title, artist, album) VALUES(?, ?, ?, ?)",
    ((number + 1, *line.rstrip("\n").split("\t")) for number, line in enumerate(open(sys.argv[2], encoding="utf-8"))))
database.execute("INSERT INTO s(s) VALUES('optimize')")
database.execute("COMMIT")
'''


def build(arguments):
    work = arguments.work / str(arguments.songs)
    work.mkdir(parents=True, exist_ok=True)
    library = work / "songs.ndjson"
    if not library.exists():
        with open(work / "songs.part", "w", encoding="utf-8") as out:
            for song in search_library.songs(arguments.songs):
                out.write(json.dumps(song, ensure_ascii=False) + "\n")
        (work / "songs.part").rename(library)
    texts = work / "texts.tsv"
    warehouse = work / "warehouse"
    filled = warehouse / f"filled-{arguments.songs}"
    if not texts.exists() or not filled.exists():
        # In a process of its own: the peak memory of a child is at least that of its parent.
        run(sys.executable, __file__, "--songs", arguments.songs, "--work", arguments.work,
            "--spindle", arguments.spindle, "--prepare")
    catalog = warehouse / f"catalog/date={DATE}"
    fts = work / "fts5.sqlite"
    tantivy = work / "tantivy" if arguments.python else None
    if arguments.only and not arguments.built:
        build_own(arguments, work, catalog)
    elif not arguments.built:
        build_indexes(arguments, work, texts, catalog, fts, tantivy)
    return Library(library), catalog, fts, tantivy


def build_own(arguments, work, catalog):
    """Runs spindle index; its CPU seconds and peak memory in MB, and of the search its CPU seconds
    and seconds by the clock."""
    warehouse = work / "warehouse"
    shutil.rmtree(warehouse / "catalog", ignore_errors=True)
    cpu, _, peak = timed(arguments.spindle, "index", "--warehouse", warehouse, "--date", DATE, "--quiet")
    record = json.loads((warehouse / f"runs/date={DATE}/index.json").read_text())
    search, clock = (record["counts"][name] / 1000 for name in ("search_cpu_ms", "search_ms"))
    size = (catalog / "search.sqlite").stat().st_size
    print(f"{arguments.songs:,} songs; search.sqlite {size / arguments.songs:.0f} bytes a song (goal 250)\n"
          f"building: spindle index {cpu:.1f} CPU s and {peak:.0f} MB, of it search {search:.1f} CPU s,"
          f" {clock:.1f} s by the clock", flush=True)
    return search, clock


def build_indexes(arguments, work, texts, catalog, fts, tantivy):
    again, clock = build_own(arguments, work, catalog)
    fts.unlink(missing_ok=True)
    fts_cpu, fts_clock, fts_peak = timed(sys.executable, "-c", FTS5_BUILD, fts, texts)
    print(f"          FTS5 {fts_cpu:.1f} CPU s, {fts_clock:.1f} s, {fts_peak:.0f} MB,"
          f" {fts.stat().st_size / arguments.songs:.0f} bytes a song;"
          f" search / FTS5 {again / fts_cpu:.2f} in CPU, {clock / fts_clock:.2f} by the clock (goal 2)")
    if tantivy:
        shutil.rmtree(tantivy, ignore_errors=True)
        tantivy.mkdir()
        tantivy_cpu, _, tantivy_peak = timed(arguments.python, "-c", TANTIVY_BUILD, tantivy, texts)
        tantivy_size = sum(file.stat().st_size for file in tantivy.iterdir())
        print(f"          tantivy {tantivy_cpu:.1f} CPU s and {tantivy_peak:.0f} MB,"
              f" {tantivy_size / arguments.songs:.0f} bytes a song")


def prepare(arguments):
    """The texts for the peers, and the ledger."""
    work = arguments.work / str(arguments.songs)
    songs = Library(work / "songs.ndjson")
    known = {}

    def text(value):
        if value not in known:
            known[value] = re.sub(r"[^\w ]", " ", spaced(value))
        return known[value]
    with open(work / "texts.tsv", "w", encoding="utf-8") as out:
        for song in songs:
            out.write("\t".join((text(song["title"]), " ".join(map(text, song["artists"])),
                                 text(song["album"]))) + "\n")
    fill(arguments.spindle, work, songs)
    (work / "warehouse" / f"filled-{arguments.songs}").touch()


# Judging

def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def judge(engine, queries, songs, clients, seconds):
    """Success at 1 and 10 and latencies of one class."""
    parts = [queries[client::clients] for client in range(clients)]
    texts = [[text for text, _ in part] for part in parts]
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        for _ in range(2):
            answers = list(pool.map(engine.run, texts, range(clients), [seconds] * clients))
    first = ten = 0
    took = []
    missed = []
    for part, answer in zip(parts, answers):
        for (text, item), (hits, seconds) in zip(part, answer):
            took.append(seconds * 1000)
            wanted = (songs[item]["title"], songs[item]["artists"][0])
            same = [hit[0] == wanted[0] and hit[1].startswith(wanted[1]) for hit in hits]
            first += same[:1] == [True]
            ten += any(same[:10])
            if not any(same[:10]):
                missed.append((text, wanted, hits[:2]))
    count = len(took)
    return (count, 100 * first / count, 100 * ten / count, percentile(took, 0.5), percentile(took, 0.95),
            percentile(took, 0.99), max(took)), missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--songs", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=1000, help="of each class")
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=12, help="for a pass over one class")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".build/bench-search")
    parser.add_argument("--spindle", type=pathlib.Path, default=ROOT / ".build/release/spindle")
    parser.add_argument("--missed", type=pathlib.Path, help="write what was not found")
    parser.add_argument("--built", action="store_true", help="ask what the last run has built")
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", help="engines whose name begins so, such as spindle; no other index is built")
    arguments = parser.parse_args()
    if arguments.prepare:
        return prepare(arguments)
    arguments.python = os.environ.get("PYTHON_PEERS")
    songs, catalog, fts, tantivy = build(arguments)
    queries = Queries(songs, arguments.queries)
    engines = [Spindle(arguments.spindle, catalog, arguments.work), FTS5(fts, songs)]
    if tantivy:
        engines += [Tantivy(arguments.python, tantivy, songs),
                    Tantivy(arguments.python, tantivy, songs, fuzzy=True)]
    if arguments.only:
        engines = [engine for engine in engines if engine.name.startswith(arguments.only)]
    print(f"\n{arguments.clients} clients at once; {os.cpu_count()} processors; load {os.getloadavg()[0]:.1f}")
    missed_file = open(arguments.missed, "w", encoding="utf-8") if arguments.missed else None
    for name in CLASSES:
        drawn = queries.by_class[name]
        if not drawn:
            continue
        print(f"\n{name}, {len(drawn)} queries, such as {drawn[0][0]!r}"
              + (f" (goal {GOALS[name]} % at 10)" if name in GOALS else ""))
        print(f"  {'':18}   at 1   at 10   p50 ms   p95 ms   p99 ms   max ms")
        for engine in engines:
            # A fuzzy query is for what is spelled otherwise; a minute of them is enough.
            if engine.name.endswith("fuzzy") and name != "one typo":
                continue
            (count, first, ten, p50, p95, p99, most), missed = judge(
                engine, drawn, songs, arguments.clients, arguments.seconds)
            shown = name not in TIMED
            success = f"{first:6.1f} {ten:7.1f}" if shown else f"{'-':>6} {'-':>7}"
            print(f"  {engine.name:18} {success} {p50:8.3f} {p95:8.3f} {p99:8.3f} {most:8.2f}"
                  + (f"   {count} queries" if count < len(drawn) else ""), flush=True)
            if missed_file and engine.name.startswith("spindle") and shown:
                for row in missed:
                    missed_file.write(json.dumps([name, *row], ensure_ascii=False) + "\n")
    ask_in_turn(engines[0], queries)


def ask_in_turn(spindle, queries):
    """One client, and all three kinds as the daemon looks for them."""
    if not isinstance(spindle, Spindle):
        return
    texts = list(dict.fromkeys(text for drawn in queries.by_class.values() for text, _ in drawn))
    random.Random(5).shuffle(texts)
    print("\none client, songs, albums and artists of each")
    for name, asked in (("different queries", texts), ("what nobody should type", HOSTILE)):
        # Nothing is remembered from one process to the next but what the page cache holds.
        spindle.run(asked, 0, None, kind=None)
        answers = spindle.run(asked, 0, None, kind=None)
        took = [seconds * 1000 for _, seconds in answers]
        print(f"  {len(asked):6} {name}: {1000 * len(took) / sum(took):,.0f} a second;"
              f" p50 {percentile(took, 0.5):.3f}, p95 {percentile(took, 0.95):.3f},"
              f" p99 {percentile(took, 0.99):.3f}, max {max(took):.2f} ms")
    for took, text in sorted(zip(took, asked), reverse=True)[:3]:
        print(f"         {took:6.2f} ms {text[:60]!r}")


if __name__ == "__main__":
    main()
