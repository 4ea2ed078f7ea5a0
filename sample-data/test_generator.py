"""Tests of the sample data: run `python3 -m unittest` in this folder.

The play logs are counted again here by a second, simple implementation that
shares no code with the generator, and compared with plays-truth.json.
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from generator import cover, id3, mpeg, playlog, render, sample_logs  # noqa: E402

MEGABYTE = 1_000_000
HAS_ZSTD = shutil.which("zstd") is not None


def read_json(name):
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def songs():
    lines = (ROOT / "songs.ndjson").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def unpacked(name, data):
    if name.endswith(".gz"):
        return gzip.decompress(data)
    if name.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq"], input=data,
                              stdout=subprocess.PIPE, check=True).stdout
    return data


def committed_files():
    """Every file of sample-data that belongs in git."""
    for path in sorted(ROOT.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


class MusicTests(unittest.TestCase):
    def test_each_song_id_is_the_hash_of_the_audio_between_the_tags(self):
        for song in songs():
            for path in song["paths"]:
                data = (ROOT / path).read_bytes()
                start = 0
                if data[:3] == b"ID3":
                    size = data[6:10]
                    start = 10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3])
                end = len(data) - 128 if data[-128:-125] == b"TAG" else len(data)
                audio = data[start:end]
                with self.subTest(path):
                    self.assertEqual(song["song_id"], hashlib.sha256(audio).hexdigest())
                    self.assertEqual(song["audio_bytes"], len(audio))

    def test_the_ground_truth_is_what_the_files_say(self):
        plan = read_json("music.json")
        self.assertEqual(render.songs_ndjson(ROOT, plan),
                         (ROOT / "songs.ndjson").read_text(encoding="utf-8"))

    def test_every_file_of_the_plan_is_there_and_no_other(self):
        planned = {"music/" + entry["path"] for entry in read_json("music.json")["files"]}
        present = {path.relative_to(ROOT).as_posix() for path in committed_files()
                   if path.relative_to(ROOT).parts[0] == "music"}
        self.assertEqual(planned, present)

    def test_the_library_is_as_varied_as_the_readme_says(self):
        library = songs()
        self.assertGreaterEqual(len(library), 24)
        self.assertEqual({"CBR", "VBR", "ABR"}, {song["bitrate_mode"] for song in library})
        self.assertEqual({1, 2}, {song["channels"] for song in library})
        self.assertLessEqual({22050, 32000, 44100}, {song["sample_rate"] for song in library})
        self.assertTrue(any(song["compilation"] for song in library))
        self.assertTrue(any(len(song["artists"]) > 1 for song in library))
        self.assertTrue(any(song["has_cover"] for song in library))
        self.assertTrue(any(song["duration_ms"] < 30_000 for song in library))
        self.assertTrue(any(not (song["title"] or "x").isascii() for song in library))

    def test_id3v1_v2_3_and_v2_4_occur(self):
        kinds = Counter()
        for path in (ROOT / "music").rglob("*.mp3"):
            data = path.read_bytes()
            if data[:3] == b"ID3":
                kinds[f"v2.{data[3]}"] += 1
            if data[-128:-125] == b"TAG":
                kinds["v1"] += 1
        self.assertEqual({"v2.3", "v2.4", "v1"}, set(kinds))

    def test_the_same_audio_under_other_tags_is_one_song(self):
        shared = [song for song in songs() if len(song["paths"]) > 1]
        self.assertEqual(1, len(shared))
        self.assertIn("music/Troublesome/same-audio-other-tags.mp3", shared[0]["paths"])

    def test_the_truncated_file_ends_inside_a_frame(self):
        data = (ROOT / "music/Troublesome/truncated.mp3").read_bytes()
        start, end = mpeg.audio_range(data)
        self.assertEqual(7, mpeg.measure(data[start:end]).trailing_bytes)

    def test_whole_songs_have_no_bytes_behind_their_last_frame(self):
        for song in songs():
            data = (ROOT / song["paths"][0]).read_bytes()
            start, end = mpeg.audio_range(data)
            with self.subTest(song["paths"][0]):
                self.assertEqual(0, mpeg.measure(data[start:end]).trailing_bytes)

    @unittest.skipUnless(os.environ.get("SPINDLE_RENDER"), "set SPINDLE_RENDER=1 to render again")
    def test_rendering_again_gives_the_same_bytes(self):
        plan = read_json("music.json")
        with tempfile.TemporaryDirectory() as scratch:
            for entry in plan["files"]:
                made = render.file_bytes(ROOT, entry, plan["encodings"], Path(scratch))
                with self.subTest(entry["path"]):
                    self.assertEqual(made, (ROOT / "music" / entry["path"]).read_bytes())


class SizeTests(unittest.TestCase):
    def test_everything_is_under_12_megabytes(self):
        self.assertLess(sum(path.stat().st_size for path in committed_files()), 12 * MEGABYTE)

    def test_music_and_logs_keep_within_their_shares(self):
        def size(folder):
            return sum(path.stat().st_size for path in (ROOT / folder).rglob("*") if path.is_file())
        self.assertLessEqual(size("music"), 9.5 * MEGABYTE)
        self.assertLessEqual(size("plays"), 1.8 * MEGABYTE)


class Recount:
    """Counts the committed logs the plain way: one pass, every rule spelt out."""

    def __init__(self):
        self.lines = self.empty = self.duplicates = self.late = self.short = 0
        self.malformed, self.streams, self.listens = Counter(), Counter(), Counter()
        self.plays = Counter()  # (day, song), streams or not
        seen = set()
        for folder in sorted((ROOT / "plays").iterdir()):
            log_day = date.fromisoformat(folder.name[len("date="):])
            for path in sorted(folder.iterdir()):
                for line in unpacked(path.name, path.read_bytes()).split(b"\n")[:-1]:
                    if not line:
                        self.empty += 1
                        continue
                    self.lines += 1
                    event, fault = self.read(line, log_day)
                    if fault:
                        self.malformed[fault] += 1
                    elif event["event_id"] in seen:
                        self.duplicates += 1
                    else:
                        seen.add(event["event_id"])
                        self.count(event, log_day)

    def count(self, event, log_day):
        day = event["ts"][:10]
        self.late += day != log_day.isoformat()
        self.plays[day, event["song_id"]] += 1
        played, duration = event["ms_played"], event["duration_ms"]
        if played >= 30_000 or (duration < 30_000 and played >= duration):
            self.streams[day, event["region"], event["song_id"]] += 1
            self.listens[day, event["user_id"]] += 1
        else:
            self.short += 1

    @staticmethod
    def read(line, log_day):
        """Returns (event, None) or (None, why the line is malformed)."""
        if b"\0" in line:
            return None, "nul_bytes"
        try:
            event = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError:
            return None, "invalid_utf8"
        except json.JSONDecodeError:
            return None, "cut_json"
        if "song_id" not in event:
            return None, "missing_song_id"
        if event["song_id"] == "":
            return None, "empty_song_id"
        if len(event["song_id"].encode()) > 64:
            return None, "long_song_id"
        if not isinstance(event["ms_played"], int):
            return None, "text_ms_played"
        if event["ms_played"] < 0:
            return None, "negative_ms_played"
        try:
            day = date.fromisoformat(event["ts"][:10])
            if len(event["ts"]) != 24 or event["ts"][10] != "T" or event["ts"][23] != "Z":
                raise ValueError
        except ValueError:
            return None, "bad_ts"
        if day > log_day:
            return None, "far_future_ts"
        if day < log_day - timedelta(days=3):
            return None, "ancient_ts"
        return event, None


@unittest.skipUnless(HAS_ZSTD, "one log is packed with zstd")
class LogTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.recount = Recount()
        cls.truth = read_json("plays-truth.json")

    def test_the_generator_makes_the_committed_files(self):
        made = sample_logs.files(ROOT)
        for name, data in made.items():
            with self.subTest(name):
                # Unpacked: other versions of zlib and zstd pack other bytes.
                self.assertEqual(unpacked(name, data), unpacked(name, (ROOT / name).read_bytes()))
        present = {path.relative_to(ROOT).as_posix() for path in (ROOT / "plays").rglob("*")
                   if path.is_file()}
        self.assertEqual(present, {name for name in made if name.startswith("plays/")})

    def test_a_second_count_agrees_with_the_truth(self):
        totals, recount = self.truth["totals"], self.recount
        self.assertEqual(totals["lines"], recount.lines)
        self.assertEqual(totals["empty_lines"], recount.empty)
        self.assertEqual(totals["malformed"], dict(sorted(recount.malformed.items())))
        self.assertEqual(totals["duplicates"], recount.duplicates)
        self.assertEqual(totals["late"], recount.late)
        self.assertEqual(totals["short"], recount.short)
        self.assertEqual(totals["streams"], sum(recount.streams.values()))

    def test_every_stream_is_where_the_truth_has_it(self):
        text = "".join(f"{day}\t{region}\t{song}\t{count}\n"
                       for (day, region, song), count in sorted(self.recount.streams.items()))
        self.assertEqual(self.truth["totals"]["digest"], hashlib.sha256(text.encode()).hexdigest())
        for day, told in self.truth["by_event_day"].items():
            counted = sum(count for key, count in self.recount.streams.items() if key[0] == day)
            with self.subTest(day):
                self.assertEqual(told["streams"], counted)

    def test_counts_add_up(self):
        totals = self.truth["totals"]
        self.assertEqual(totals["lines"], totals["events"] + totals["duplicates"]
                         + sum(totals["malformed"].values()))
        self.assertEqual(totals["events"], totals["streams"] + totals["short"])

    def test_the_bot_stands_out(self):
        bot = self.truth["bot"]
        busiest = self.recount.listens.most_common(len(bot["days"]))
        self.assertEqual({(day, bot["user_id"]) for day in bot["days"]},
                         {key for key, _ in busiest})
        others = max(count for (_, user), count in self.recount.listens.items()
                     if user != bot["user_id"])
        self.assertGreater(busiest[-1][1], 4 * others)

    def test_releases_have_no_plays_before_their_day(self):
        for release in read_json("releases.json")["releases"]:
            days = [day for day, song in self.recount.plays if song == release["song_id"]]
            with self.subTest(release["title"]):
                self.assertTrue(all(day >= release["date"] for day in days))

    def test_punk_is_european(self):
        punk = {song["song_id"] for song in songs() if "Punk" in song["genres"]}
        played = Counter()
        for (_, region, song), count in self.recount.streams.items():
            if song in punk:
                played[region] += count
        self.assertGreater(played["eu-west"], 3 * sum(played.values()) / 4)


class TopologyTests(unittest.TestCase):
    def test_three_copies_fit_and_four_do_not(self):
        library = sum(song["audio_bytes"] for song in songs())
        capacity = sum(region["capacity_bytes"] for region in read_json("topology.json")["regions"])
        self.assertTrue(3.2 * library < capacity < 3.6 * library)

    def test_every_ordered_pair_of_regions_has_a_link(self):
        topology = read_json("topology.json")
        names = [region["id"] for region in topology["regions"]]
        pairs = {(link["from"], link["to"]) for link in topology["links"]}
        self.assertEqual(pairs, {(one, other) for one in names for other in names if one != other})
        self.assertEqual(set(names), {edge["region"] for edge in topology["edges"]})


class PartsTests(unittest.TestCase):
    def test_the_audio_range_leaves_out_every_kind_of_tag(self):
        audio = mpeg.silent_audio(b"unique", 12)
        ape = b"APETAGEX" + (2000).to_bytes(4, "little") + (32).to_bytes(4, "little") + bytes(16)
        lyrics = b"LYRICSBEGIN" + b"000011" + b"LYRICS200"
        tags = {"title": "Tide", "artists": ["A", "B"]}
        for head, tail in ((b"", b""), (id3.v2(tags), b""), (id3.v2(tags, 3) * 2, id3.v1(tags)),
                           (b"", ape), (b"", ape + id3.v1(tags)), (b"", lyrics + id3.v1(tags))):
            start, end = mpeg.audio_range(head + audio + tail)
            self.assertEqual((head + audio + tail)[start:end], audio)

    def test_silent_audio_is_whole_valid_frames(self):
        found = mpeg.measure(mpeg.silent_audio(b"x" * 200, 12))
        self.assertEqual((12, 0, 44100, 1), (found.frames, found.trailing_bytes,
                                             found.sample_rate, found.channels))

    def test_a_play_counts_from_thirty_seconds_or_to_the_end_of_a_short_song(self):
        for played, duration, counts in ((29_999, 40_000, False), (30_000, 40_000, True),
                                         (19_600, 19_600, True), (19_599, 19_600, False)):
            self.assertEqual(counts, playlog.is_stream(played, duration))

    def test_covers_are_decided_by_the_album(self):
        self.assertEqual(cover.png("A"), cover.png("A"))
        self.assertNotEqual(cover.png("A"), cover.png("B"))


class BenchmarkTests(unittest.TestCase):
    def make(self, folder, *more):
        subprocess.run(
            [sys.executable, str(ROOT / "generate.py"), "library", "--songs", "230", "--events",
             "3000", "--days", "2", "--regions", "5", "--seed", "7", "--out", folder, *more],
            check=True, stdout=subprocess.DEVNULL)
        return {path.relative_to(folder).as_posix(): path.read_bytes()
                for path in Path(folder).rglob("*") if path.is_file()}

    def test_the_number_of_processes_changes_no_byte(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as three:
            self.assertEqual(self.make(one, "--jobs", "1"), self.make(three, "--jobs", "3"))

    def test_song_ids_agree_with_the_files_and_with_a_library_without_files(self):
        with tempfile.TemporaryDirectory() as full, tempfile.TemporaryDirectory() as bare:
            made, listed = self.make(full), self.make(bare, "--files", "no")
            self.assertEqual(made["songs.ndjson"], listed["songs.ndjson"])
            library = [json.loads(line) for line in made["songs.ndjson"].splitlines()]
            self.assertEqual(230, len({song["song_id"] for song in library}))
            for song in library:
                data = made[song["paths"][0]]
                start, end = mpeg.audio_range(data)
                self.assertEqual(song["song_id"], mpeg.song_id(data))
                self.assertEqual(song["duration_ms"], mpeg.measure(data[start:end]).duration_ms)

    def test_the_logs_hold_the_events_asked_for(self):
        with tempfile.TemporaryDirectory() as folder:
            made = self.make(folder, "--files", "no")
            events = set()
            for name, data in made.items():
                if name.startswith("plays/"):
                    for line in gzip.decompress(data).splitlines():
                        try:
                            events.add(json.loads(line)["event_id"])
                        except ValueError:
                            pass
            self.assertEqual(3000, len(events))
            topology = json.loads(made["topology.json"])
            self.assertEqual(5, len(topology["regions"]))
            self.assertEqual(20, len(topology["links"]))


if __name__ == "__main__":
    unittest.main()
