#!/usr/bin/env python3
"""How many of the tag values on which four readers agree `spindle tags --json --frames` gives too.

  tag_agreement.py [--cache FILE] [--disagreements FILE] [--json FILE] DIR…

Reads every *.mp3 below DIR with mutagen, tinytag, ffprobe, TagLib and spindle. A value is agreed
when each reader that gives one gives the same, and at least four (three, two) give one. Fields:
title, artists, album, genres, year, track, duration (within 1 %), whether there is a cover, and the
sizes of the covers. "duration held" leaves out what a file is too short to hold at 8 kbit/s: test files
are often cut behind a header that still tells the old length, and the sum counts it in place of
"duration". Fair means: text in NFC with single spaces; lists compared whatever separates
their values, and a reader that gives the first value only agrees with the list; genres by number or
by any of their names; of a repaired text the original counts as well. Files that ffprobe knows as
something else than MP3 are left out and counted.

Needs mutagen and tinytag (PYTHON_PEERS=/path/to/venv/bin/python), ffprobe, g++ and TagLib's headers.
Each reader runs in processes of its own, with limits on time and memory. --cache keeps what the
four have read, so that only spindle runs again. --disagreements lists by how many readers agree,
field, file, their value and ours; at its end, with 0, what only spindle gives, and its errors.
"""

import argparse
import collections
import hashlib
import json
import os
import pathlib
import re
import resource
import select
import statistics
import subprocess
import sys
import tempfile
import threading
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIELDS = ("title", "artists", "album", "genres", "year", "track", "duration", "duration held",
          "cover", "cover sizes")
# The lowest bit rate of Layer III but free format (MPEG-2 and 2.5), in bits a millisecond.
LEAST_KBPS = 8
PEERS = ("mutagen", "tinytag", "ffprobe", "taglib")
SECONDS_A_FILE = 20
MEMORY_BYTES = 4 << 30


# Readers. Each gives lists of text for the tags, numbers for the others, and nothing for no value.

def read_mutagen(path):
    import mutagen
    from mutagen import apev2, id3, mp3
    values = {}
    try:
        values["duration"] = mp3.MP3(path).info.length * 1000
    except (mutagen.MutagenError, OSError):
        pass
    try:
        tags = id3.ID3(path)
    except mutagen.MutagenError:
        try:
            ape = apev2.APEv2(path)
        except mutagen.MutagenError:
            return values
        for field, key in (("title", "Title"), ("artists", "Artist"), ("album", "Album"),
                           ("genres", "Genre"), ("year", "Year"), ("track", "Track")):
            if key in ape and ape[key].kind == apev2.TEXT:
                values[field] = list(ape[key])
        values["pictures"] = [len(value.value.split(b"\0", 1)[-1]) for key, value in ape.items()
                              if key.lower().startswith("cover art") and value.kind == apev2.BINARY]
        return values
    for field, key in (("title", "TIT2"), ("artists", "TPE1"), ("album", "TALB"), ("track", "TRCK"),
                       ("year", "TDRC")):
        if key in tags:
            values[field] = [str(text) for text in tags[key].text]
    if "TCON" in tags:
        values["genres"] = list(tags["TCON"].genres)
    values["pictures"] = [len(frame.data) for frame in tags.getall("APIC")]
    return values


def read_tinytag(path):
    import tinytag
    tag = tinytag.TinyTag.get(path, image=True)
    values = {}
    for field, name in (("title", "title"), ("artists", "artist"), ("album", "album"),
                        ("genres", "genre"), ("year", "year"), ("track", "track")):
        first = getattr(tag, name)
        if first is not None:
            values[field] = [str(first), *map(str, tag.other.get(name, []))]
    if tag.duration is not None:
        values["duration"] = tag.duration * 1000
    images = [image for group in tag.images.as_dict().values() for image in group]
    values["pictures"] = [len(image.data) for image in images]
    return values


def read_ffprobe(path):
    def probe(*options):
        run = subprocess.run(["ffprobe", "-v", "error", "-of", "json", *options, path],
                             capture_output=True, timeout=SECONDS_A_FILE)
        return json.loads(run.stdout or b"{}")

    found = probe("-show_format", "-show_streams")
    form = found.get("format", {})
    if not form:
        return None
    values = {"format": form.get("format_name", "")}
    if values["format"] != "mp3":
        return values
    tags = {name.lower(): value for name, value in form.get("tags", {}).items()}
    for field, name in (("title", "title"), ("artists", "artist"), ("album", "album"),
                        ("genres", "genre"), ("year", "date"), ("track", "track")):
        if name in tags:
            values[field] = [tags[name]]
    if "duration" in form:
        values["duration"] = float(form["duration"]) * 1000
    pictures = sum(stream.get("codec_type") == "video" for stream in found.get("streams", []))
    if pictures:
        packets = probe("-select_streams", "v", "-show_entries", "packet=size,stream_index",
                        "-read_intervals", f"%+#{pictures}").get("packets", [])
        sizes = {packet["stream_index"]: int(packet["size"]) for packet in packets}
        # A stream that gives no packet is a picture of unknown size.
        values["pictures"] = list(sizes.values()) + [0] * (pictures - len(sizes))
    return values


PYTHON_READERS = {"mutagen": read_mutagen, "tinytag": read_tinytag, "ffprobe": read_ffprobe}


def serve(name):
    """The loop of a reader's process: a path a line in, an object a line out."""
    for line in sys.stdin:
        try:
            values = PYTHON_READERS[name](line.rstrip("\n"))
        except Exception as problem:  # whatever a reader throws is that reader's "no value"
            values = {"error": f"{type(problem).__name__}: {problem}"}
        print(json.dumps(values, ensure_ascii=True), flush=True)


class Reader:
    """A process that answers one line for each path; started again when it dies or stalls."""

    def __init__(self, command):
        self.command, self.process, self.failures = command, None, 0

    def read(self, path):
        if self.process is None:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, preexec_fn=limit)
        try:
            self.process.stdin.write(os.fsencode(path) + b"\n")
            self.process.stdin.flush()
            ready, _, _ = select.select([self.process.stdout], [], [], 2 * SECONDS_A_FILE)
            line = self.process.stdout.readline() if ready else b""
            return json.loads(line)
        except (ValueError, OSError):
            self.process.kill()
            self.process.wait()
            self.process = None
            self.failures += 1
            return {"error": "crashed or stalled"}


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def from_taglib(found):
    """The object of taglib_values.cpp as values of a reader."""
    if not found or "error" in found:
        return found
    values = {"duration": found["duration_ms"], "pictures": found["pictures"]}
    for field, name in (("title", "title"), ("album", "album")):
        if found[name]:
            values[field] = [found[name]]
    values["artists"] = found["artists"] or [found["artist"]]
    values["genres"] = found["genres"] or [found["genre"]]
    values["year"] = [str(found["year"])]
    values["track"] = [str(found["track"])]
    return values


def from_spindle(found):
    tags = found.get("tags") or {}
    values, originals = {}, collections.defaultdict(list)
    for repair in found.get("repairs") or []:
        originals[repair["field"]].append(repair["original"])

    def texts(*names):
        for name in names:
            entries = tags.get(name) or []
            if entries:
                return [str(entry["value"]) for entry in entries], \
                    originals.get(name, [str(entry["value"]) for entry in entries])
        return None, None

    for field, names in (("title", ("title",)), ("artists", ("artists",)), ("album", ("album",)),
                         ("genres", ("genres",)), ("track", ("track",)),
                         ("year", ("recording_date", "release_date", "original_date"))):
        values[field], values[f"{field} as tagged"] = texts(*names)
    audio = found.get("audio") or {}
    # A credit as displayed ("A & B") stands for its artists, and what the header tells for the frames.
    values["artists as tagged"] = texts("artist_credit")[0] or values["artists as tagged"]
    values["duration"] = found.get("duration_ms", audio.get("duration_ms"))
    values["declared"] = found.get("declared_duration_ms", audio.get("declared_duration_ms"))
    values["gapless"] = found.get("gapless_duration_ms", audio.get("gapless_duration_ms"))
    values["pictures"] = [picture["bytes"] for picture in found.get("pictures") or []]
    values["error"] = found.get("error")
    return values


def spindle_values(program, files):
    """Runs `spindle tags --json --frames` over all files; alone over those it gave no line for."""
    answers, crashes = {}, []

    def run(some):
        # A batch that stops early is not the end: what it did not reach is asked for one by one.
        try:
            out = subprocess.run([program, "tags", "--json", "--frames", *some], capture_output=True,
                                 timeout=SECONDS_A_FILE * len(some))
        except subprocess.TimeoutExpired:
            return -9
        for line in out.stdout.splitlines():
            try:
                found = json.loads(line)
                answers[found["path"]] = from_spindle(found)
            except (ValueError, KeyError, TypeError):
                print(f"warning: not understood: {line[:200]!r}", file=sys.stderr)
        return out.returncode

    for start in range(0, len(files), 100):
        some = files[start:start + 100]
        run(some)
        for path in some:
            if path not in answers and (run([path]) < 0 or path not in answers):
                crashes.append(path)
    return answers, crashes


# Fairness

GENRE_NAMES = None


def genre_key(text):
    """A genre by its letters alone; numbers become names, and other names the usual one."""
    global GENRE_NAMES
    if GENRE_NAMES is None:
        names = json.loads((ROOT / "Benchmarks/genre_names.json").read_text())
        GENRE_NAMES = {}
        for number, row in enumerate(names):
            for name in [str(number), *row]:
                GENRE_NAMES[re.sub(r"[^0-9a-z]", "", name.lower())] = letters(row[0])
    key = letters(text)
    return GENRE_NAMES.get(key, key)


def letters(text):
    return "".join(c for c in unicodedata.normalize("NFC", text).casefold() if c.isalnum())


def clean(text):
    shown = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
    return " ".join(unicodedata.normalize("NFC", shown).replace("\ufeff", "").split())


def genres(values):
    out = []
    for value in values:
        # "(4)(17)Rock" (ID3v2.3): numbers in brackets, then a text that refines the last of them.
        numbers = re.match(r"((?:\((?:\d+|RX|CR)\))*)(.*)$", value, re.S)
        out += re.findall(r"\((\w+)\)", numbers[1])
        rest = numbers[2].strip()
        if rest and not (out and genre_key(rest) == genre_key(out[-1])):
            out += [part for part in re.split(r"[\0;]", rest) if part.strip()]
    return [{"RX": "remix", "CR": "cover"}.get(name) or genre_key(name) for name in out]


def number(values):
    found = re.match(r"\s*(\d+)", values[0]) if values else None
    return int(found[1]) if found else 0


def normal(field, values):
    """A reader's value of a field in comparable form; None when it gives none."""
    if field.startswith("duration"):
        duration = values.get("duration") or None
        if field == "duration held" and duration and \
                values.get("size_bytes", 1 << 60) * 8 < LEAST_KBPS * duration:
            return None
        return duration
    if field == "cover":
        return bool(values.get("pictures")) or None
    if field == "cover sizes":
        sizes = sorted(values.get("pictures") or [])
        return tuple(sizes) if sizes and all(sizes) else None
    texts = values.get(field) or []
    if field in ("year", "track"):
        if field == "year":
            found = re.match(r"\D{0,2}(\d{4})", texts[0]) if texts else None
            return int(found[1]) if found and int(found[1]) else None
        return number(texts) or None
    if field == "genres":
        keys = [key for key in genres(texts) if key]
        return (keys[0], "".join(keys)) if keys else None
    texts = [text for text in map(clean, texts) if text]
    if field == "artists":
        keys = [re.sub(r"[\s/;,\\]+", "", text) for text in texts]
        return (keys[0], "".join(keys)) if keys and keys[0] else None
    return (texts[0], " ".join(texts)) if texts else None


def same(field, one, other):
    if field.startswith("duration"):
        return abs(one - other) <= 0.01 * max(one, other)
    if isinstance(one, tuple) and field != "cover sizes":
        # (first, all): whole lists are equal, or one reader gives the first value only.
        return one[1] == other[1] or one[0] == other[1] or one[1] == other[0]
    return one == other


def agreed(field, given):
    """The value on which all readers that give one agree, or None."""
    values = list(given.values())
    if field.startswith("duration"):
        middle = statistics.median(values)
        return middle if all(same(field, value, middle) for value in values) else None
    fullest = max(values, key=lambda value: len(value[1])) if isinstance(values[0], tuple) \
        and field != "cover sizes" else values[0]
    return fullest if all(same(field, value, fullest) for value in values) else None


def gives(field, values, expected):
    """Whether spindle's values have the agreed one."""
    own = normal(field, values)
    if own is not None and same(field, own, expected):
        return True
    if field.startswith("duration"):
        return any(values.get(name) and same(field, values[name], expected)
                   for name in ("gapless", "declared"))
    original = normal(field, {field: values.get(f"{field} as tagged")})
    return field not in ("cover", "cover sizes") and original is not None \
        and same(field, original, expected)


# The run

def peers_values(files, cache_path):
    cache = {}
    if cache_path and os.path.exists(cache_path):
        with open(cache_path, encoding="utf-8") as lines:
            for line in lines:
                digest, name, values = json.loads(line)
                cache[digest, name] = values
    digests = {path: hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest() for path in files}
    python = os.environ.get("PYTHON_PEERS", sys.executable)
    results = {name: {} for name in PEERS}
    failures = collections.Counter()
    lock = threading.Lock()
    with tempfile.TemporaryDirectory() as scratch:
        taglib = f"{scratch}/taglib_values"
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "taglib"], check=True,
                               capture_output=True, text=True).stdout.split()
        subprocess.run(["g++", "-std=c++20", "-O2", ROOT / "Benchmarks/taglib_values.cpp", "-o",
                        taglib, *flags], check=True)
        for name in ("mutagen", "tinytag"):
            subprocess.run([python, "-c", f"import {name}"], check=True)

        def work(name):
            reader = Reader([taglib] if name == "taglib"
                            else [python, __file__, "--serve", name])
            for path in files:
                values = cache.get((digests[path], name))
                if values is None:
                    values = reader.read(path)
                    if name == "taglib":
                        values = from_taglib(values)
                    values = values or {}
                    if cache_path:
                        with lock, open(cache_path, "a", encoding="utf-8") as out:
                            out.write(json.dumps([digests[path], name, values]) + "\n")
                results[name][path] = values
            failures[name] = reader.failures

        threads = [threading.Thread(target=work, args=(name,)) for name in PEERS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return results, failures


def main():
    if sys.argv[1:2] == ["--serve"]:
        return serve(sys.argv[2])
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="+", metavar="DIR")
    parser.add_argument("--spindle", default=str(ROOT / ".build/release/spindle"))
    parser.add_argument("--cache", metavar="FILE", help="keep what the four readers read")
    parser.add_argument("--disagreements", metavar="FILE", help="write each one, tab-separated")
    parser.add_argument("--json", metavar="FILE", help="write the figures")
    arguments = parser.parse_args()
    files = sorted(str(path) for folder in arguments.folders
                   for path in pathlib.Path(folder).rglob("*")
                   if path.suffix.lower() == ".mp3" and path.is_file())
    peers, failures = peers_values(files, arguments.cache)
    other = [path for path in files
             if peers["ffprobe"][path].get("format", "mp3") != "mp3"]
    counted = [path for path in files if path not in set(other)]
    ours, crashes = spindle_values(arguments.spindle, counted)
    for path in counted:
        for name in PEERS:
            peers[name][path]["size_bytes"] = os.path.getsize(path)
    normals = {name: {path: {field: normal(field, peers[name][path]) for field in FIELDS}
                      for path in counted} for name in PEERS}

    print(f"{len(files)} files, {len(other)} of them not MP3 to ffprobe; crashes and stalls: "
          + ", ".join(f"{name} {failures[name]}" for name in PEERS)
          + f", spindle {len(crashes)}")
    shares, wrong = {}, []
    for least in (4, 3, 2):
        shares[least] = {}
        for field in FIELDS:
            right = total = 0
            for path in counted:
                given = {name: normals[name][path][field] for name in PEERS
                         if normals[name][path][field] is not None}
                if len(given) < least or (expected := agreed(field, given)) is None:
                    continue
                total += 1
                values = ours.get(path, {})
                if gives(field, values, expected):
                    right += 1
                elif least == 2:
                    wrong.append((len(given), field, path, expected, normal(field, values)))
            shares[least][field] = (right, total)
    # How each reader does on what the three others agree on, for comparison.
    context = {name: {} for name in PEERS}
    for name in PEERS:
        for field in FIELDS:
            right = total = 0
            for path in counted:
                given = {peer: normals[peer][path][field] for peer in PEERS
                         if peer != name and normals[peer][path][field] is not None}
                if len(given) < 3 or (expected := agreed(field, given)) is None:
                    continue
                total += 1
                own = normals[name][path][field]
                right += own is not None and same(field, own, expected)
            context[name][field] = (right, total)

    def percent(pair):
        return f"{100 * pair[0] / pair[1]:.2f} % of {pair[1]}" if pair[1] else "none"

    print(f"\n{'given by spindle too':<14} {'all four agree':>18} {'three or more':>18} "
          f"{'two or more':>18}")
    for field in FIELDS:
        print(f"{field:<20} " + " ".join(f"{percent(shares[least][field]):>18}"
                                         for least in (4, 3, 2)))
    sums = {least: tuple(map(sum, zip(*(shares[least][field] for field in FIELDS if field != "duration"))))
            for least in shares}
    print(f"{'all fields':<20} " + " ".join(f"{percent(sums[least]):>18}" for least in (4, 3, 2)))
    print("\neach reader on what the other three agree on")
    for field in FIELDS:
        print(f"{field:<14} " + ", ".join(f"{name} {percent(context[name][field])}"
                                          for name in PEERS))
    extra = [(field, path, normal(field, ours[path])) for path in ours for field in FIELDS
             if field != "duration held" and normal(field, ours[path]) is not None
             and all(normals[name][path][field] is None for name in PEERS)]
    errors = {path: ours[path]["error"] for path in ours if ours[path]["error"]}
    print(f"\nspindle says of {len(errors)} files what is wrong with them; "
          f"{len(extra)} values are its alone")
    if arguments.disagreements:
        with open(arguments.disagreements, "w", encoding="utf-8") as out:
            for row in sorted(wrong, key=lambda row: (-row[0], row[1], row[2])):
                out.write("\t".join(map(str, row)) + "\n")
            for row in extra:
                out.write("\t".join(["0", *map(str, row), "only spindle"]) + "\n")
            for path, error in sorted(errors.items()):
                out.write(f"0\terror\t{path}\t{error}\n")
            for path in crashes:
                out.write(f"0\tno answer\t{path}\n")
    if arguments.json:
        figures = {"files": len(files), "not_mp3": len(other), "crashes": len(crashes),
                   "shares": {str(least): shares[least] for least in shares},
                   "sums": {str(least): sums[least] for least in sums}, "readers": context}
        pathlib.Path(arguments.json).write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
