"""Makes the music library that ingest.py measures on: songs of about 4 MB, real frames, odd tags.

The audio is encoded once from tunes of sample-data/music (nine encodings: CBR, VBR and ABR, MPEG-1
and 2, with and without LAME header and frame CRCs). A song strings pieces of one encoding together,
cut between frames, in an order of its own, and gets a header frame with its own frame count, size,
seek table and music CRC: 2,000 different songs that decode and that an integrity check passes.
Tags come in all kinds and versions, covers are valid images of 20 to 500 kB, one an album.
The same arguments and the same LAME give the same bytes.
"""

import array
import base64
import json
import multiprocessing
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import wave
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "sample-data"))

from generator import cover as drawing  # noqa: E402
from generator import id3, mpeg, names  # noqa: E402

SONGS_AN_ALBUM = 10
FRAMES_A_PIECE = 64

# name, LAME's arguments, stereo; the rate and mode of LAME's own header follow from them.
ENCODINGS = (
    ("cbr-128", "-b 128 -m j --resample 44.1", True),
    ("cbr-192-48k", "-b 192 -m s --resample 48", True),
    ("cbr-320", "-b 320 -m j --resample 44.1", True),
    ("vbr-0", "-V 0 --resample 44.1", True),
    ("vbr-2", "-V 2 --resample 44.1", True),
    ("vbr-5-no-header", "-V 5 -t --resample 44.1", True),
    ("abr-192", "--abr 192 --resample 44.1", True),
    ("cbr-160-protected", "-b 160 -p --resample 44.1", True),
    ("cbr-80-mpeg2", "-b 80 --resample 22.05", False),
)

# (share of albums, ID3v2 version or none, unsynchronised, APEv2, ID3v1)
TAG_KINDS = (
    (0.36, 3, False, False, False),
    (0.20, 3, False, False, True),
    (0.20, 4, False, False, False),
    (0.05, 4, True, False, False),
    (0.03, 3, True, False, True),
    (0.05, 2, False, False, False),
    (0.06, 4, False, True, True),
    (0.02, None, False, True, False),
    (0.02, None, False, False, True),
    (0.01, None, False, False, False),
)

SCRIPTS = (
    ("Тихая вода", "Белый пароход", "Вечерний поезд", "Снег над рекой"),
    ("夜の電車", "春の雨", "遠い花火", "月とクジラ"),
    ("城市之光", "秋天的信", "海边的房间", "南山南"),
    ("밤의 노래", "푸른 기차", "겨울 편지"),
    ("ليل طويل", "رسالة البحر", "طريق القمر"),
    ("Νύχτα στο λιμάνι", "Το μικρό καράβι"),
    ("चाँद की रात", "नदी के पार"),
    ("Füße im Schnee", "Señorita Añeja", "Cœur d’été", "Smørbrød & Øl", "Żółta łódź"),
)

# A JPEG of 8 x 8 grey dots; comments behind its first marker bring it to size.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAgAAAQABAAD//gAQTGF2YzU5LjM3LjEwMAD/2wBDAAgEBAQEBAUFBQUFBQYGBgYGBgYGBgYG"
    "BgYHBwcICAgHBwcGBgcHCAgICAkJCQgICAgJCQoKCgwMCwsODg4RERT/xABKAAEAAAAAAAAAAAAAAAAAAAAAAQEA"
    "AAAAAAAAAAAAAAAAAAAAEAEAAAAAAAAAAAAAAAAAAAAAEQEAAAAAAAAAAAAAAAAAAAAA/8AAEQgACAAIAwESAAIS"
    "AAMSAP/aAAwDAQACEQMRAD8AAA//2Q==")


def make(folder, songs, seed=1, size_bytes=4_000_000):
    """Makes the library in `folder` unless it is there as asked; returns its music folder."""
    folder = pathlib.Path(folder)
    stamp = {"songs": songs, "seed": seed, "size_bytes": size_bytes,
             "source": zlib.crc32(pathlib.Path(__file__).read_bytes())}
    done = folder / "library.json"
    if done.exists() and json.loads(done.read_text()) == stamp:
        return folder / "music"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "music").mkdir(parents=True)
    pools = encode_all()
    albums = range((songs + SONGS_AN_ALBUM - 1) // SONGS_AN_ALBUM)
    with multiprocessing.Pool(None, _start, (pools, folder, songs, seed, size_bytes)) as workers:
        for _ in workers.imap_unordered(_write_album, albums):
            pass
    done.write_text(json.dumps(stamp))
    return folder / "music"


def make_tiny(folder, files, seed=1):
    """Makes `files` MP3s of some 2 kB, each with audio of its own, 100 a folder."""
    folder = pathlib.Path(folder)
    done = folder / "library.json"
    stamp = {"files": files, "seed": seed, "source": zlib.crc32(pathlib.Path(__file__).read_bytes())}
    if done.exists() and json.loads(done.read_text()) == stamp:
        return folder / "music"
    shutil.rmtree(folder, ignore_errors=True)
    for number in range(files):
        place = folder / "music" / f"{number // 10_000:03d}" / f"{number // 100:05d}"
        if number % 100 == 0:
            place.mkdir(parents=True)
        tags = {"title": f"Song {number}", "artists": [f"Artist {number // 400}"],
                "album": f"Album {number // 10}", "track": str(number % 10 + 1), "date": "2001"}
        audio = mpeg.silent_audio(f"{seed}/{number}".encode(), 16)
        with open(place / f"{number:07d}.mp3", "wb") as file:
            file.write(id3.v2(tags, 3 + number % 2) + audio)
    done.write_text(json.dumps(stamp))
    return folder / "music"


# Audio

class Pool:
    """One encoding cut into pieces of whole frames."""

    def __init__(self, name, data):
        self.name = name
        frames, offset = [], 0
        while (frame := mpeg.frame_at(data, offset)) and offset + frame.size <= len(data):
            frames.append(frame)
            offset += frame.size
        first = data[:frames[0].size]
        self.header = b""
        if b"LAME" in first[:200] and (b"Xing" in first[:64] or b"Info" in first[:64]):
            self.header = first
            frames = frames[1:]
        self.pieces = []
        for start in range(0, len(frames) - FRAMES_A_PIECE, FRAMES_A_PIECE):
            begin, end = frames[start].offset, frames[start + FRAMES_A_PIECE].offset
            piece = data[begin:end]
            self.pieces.append((piece, crc16(piece) if self.header else 0))
        self.operators = {}

    def song(self, chance, size_bytes):
        """Returns the audio of a song, with a header frame that fits it."""
        chosen, total, crc = [], 0, 0
        ends = []
        while total < size_bytes:
            piece, piece_crc = self.pieces[int(chance.random() * len(self.pieces))]
            chosen.append(piece)
            total += len(piece)
            ends.append(total)
            if self.header:
                crc = self._advanced(crc, len(piece)) ^ piece_crc
        if not self.header:
            return b"".join(chosen)
        return self._header(len(chosen) * FRAMES_A_PIECE, total, ends, crc) + b"".join(chosen)

    def _header(self, frames, audio_bytes, ends, crc):
        # https://gabriel.mp3-tech.org/mp3infotag.html: flags 0x0F, frames, bytes, seek table, quality.
        header = bytearray(self.header)
        at = max(header.find(b"Xing"), header.find(b"Info"))
        whole = audio_bytes + len(header)
        struct.pack_into(">II", header, at + 8, frames, whole)
        table = bytearray(100)
        for percent in range(1, 100):
            piece, part = divmod(percent * len(ends) / 100, 1)
            before = ends[int(piece) - 1] if piece >= 1 else 0
            here = before + part * (ends[min(int(piece), len(ends) - 1)] - before)
            table[percent] = min(255, int(256 * here / whole))
        header[at + 16:at + 116] = table
        # LAME's part begins behind the quality: 28 bytes to the music's length, its CRC, the tag's CRC.
        lame = at + 120
        struct.pack_into(">IH", header, lame + 28, whole, crc)
        struct.pack_into(">H", header, lame + 34, crc16(header[:lame + 34]))
        return bytes(header)

    def _advanced(self, crc, count):
        """The CRC as it stands after `count` zero bytes: a linear map, kept per length."""
        columns = self.operators.get(count)
        if columns is None:
            columns = self.operators[count] = _zeros(count)
        result = 0
        for bit in range(16):
            if crc >> bit & 1:
                result ^= columns[bit]
        return result


def _crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return table


CRC_TABLE = _crc_table()


def crc16(data, crc=0):
    """CRC-16/ARC, as LAME computes it over the music and over its header."""
    table = CRC_TABLE
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    return crc


def _apply(columns, value):
    result = 0
    for bit in range(16):
        if value >> bit & 1:
            result ^= columns[bit]
    return result


def _zeros(count):
    """The columns of the map that `count` zero bytes make of a CRC, by squaring."""
    result = [1 << bit for bit in range(16)]
    power = [crc16(b"\0", 1 << bit) for bit in range(16)]
    while count:
        if count & 1:
            result = [_apply(power, column) for column in result]
        power = [_apply(power, column) for column in power]
        count >>= 1
    return result


def encode_all():
    if not shutil.which("lame"):
        sys.exit("error: lame is missing\nhint: apt-get install lame")
    tunes = sorted(
        path for path in (ROOT / "sample-data/music").rglob("*.mp3")
        if "Troublesome" not in path.parts)
    pools = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, (name, options, stereo) in enumerate(ENCODINGS):
            left, right = tunes[3 * number % len(tunes)], tunes[(3 * number + 1) % len(tunes)]
            wav, mp3 = f"{scratch}/{name}.wav", f"{scratch}/{name}.mp3"
            _mix(left, right if stereo else None, wav)
            subprocess.run(["lame", "--quiet", *options.split(), wav, mp3], check=True)
            pools.append(Pool(name, pathlib.Path(mp3).read_bytes()))
    return pools


def _mix(left, right, target):
    """Decodes one tune to a channel each, 40 seconds."""
    channels, rate = [], 0
    for tune in filter(None, (left, right)):
        subprocess.run(["lame", "--quiet", "--decode", tune, target], check=True)
        with wave.open(target) as file:
            rate = rate or file.getframerate()
            samples = array.array("h", file.readframes(file.getnframes()))
            if file.getnchannels() == 2:
                samples = samples[::2]
        samples = samples[:40 * rate]
        while len(samples) < 40 * rate:
            samples.extend(samples[:40 * rate - len(samples)])
        channels.append(samples)
    mixed = channels[0]
    if len(channels) == 2:
        mixed = array.array("h", bytes(4 * len(channels[0])))
        mixed[::2], mixed[1::2] = channels
    with wave.open(target, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(mixed.tobytes())


# Songs

_setup = None


def _start(*arguments):
    global _setup
    _setup = arguments


def _write_album(number):
    pools, folder, songs, seed, size_bytes = _setup
    chance = random.Random(f"{seed}/album/{number}")
    artist, album = names.artist(chance, number // 3), names.title(chance)
    script = SCRIPTS[number % len(SCRIPTS)] if number % 3 == 0 else None
    if script:
        album = script[int(chance.random() * len(script))]
    kind, threshold = TAG_KINDS[-1], chance.random()
    for row in TAG_KINDS:
        if threshold < row[0]:
            kind = row
            break
        threshold -= row[0]
    art = _cover(chance) if chance.random() < 0.75 else b""
    year, genre = 1960 + int(66 * chance.random()), names.GENRES[number % len(names.GENRES)]
    place = folder / "music" / f"{artist}".replace("/", "-") / f"{number:04d} {album}".replace("/", "-")
    place.mkdir(parents=True)
    last = min(SONGS_AN_ALBUM, songs - number * SONGS_AN_ALBUM)
    pool = pools[number % len(pools)]
    for track in range(1, last + 1):
        own = random.Random(f"{seed}/song/{number}/{track}")
        title = names.title(own)
        if script:
            title = f"{script[track % len(script)]} {track}"
        tags = {
            "title": title, "artists": [artist], "album": album, "album_artist": artist,
            "genres": [genre], "track": f"{track}/{last}", "disc": "1/1",
            "date": f"{year}-{1 + track:02d}-{1 + track:02d}", "composer": names.artist(own, track),
            "isrc": f"QZSPB{year % 100:02d}{number * 10 + track:05d}",
            "comment": "made for a benchmark", "bpm": str(80 + track),
            "lyrics": "\n".join(names.title(own) for _ in range(40)) if track % 4 == 0 else "",
            "user": {
                "MusicBrainz Album Id": _uuid(chance if track == 1 else own),
                "MusicBrainz Release Track Id": _uuid(own),
                "replaygain_track_gain": f"{-4 - own.random():.2f} dB",
                "replaygain_track_peak": f"{own.random():.6f}",
            },
        }
        if own.random() < 0.1:
            tags["artists"].append(names.artist(own, track + 7))
        audio = pool.song(own, int(size_bytes * (0.8 + 0.4 * own.random())))
        head, tail = _tags(tags, kind, art, own)
        with open(place / f"{track:02d} {title}.mp3".replace("/", "-"), "wb") as file:
            file.write(head)
            file.write(audio)
            file.write(tail)


def _uuid(chance):
    text = f"{chance.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _cover(chance):
    """A valid PNG or JPEG brought to 20 to 500 kB by chunks that viewers skip."""
    size = int(20_000 * 25 ** chance.random())
    if chance.random() < 0.2:
        image = drawing.png(f"{int(chance.random() * 8)}")
        filling = chance.randbytes(max(size - len(image), 16))
        # A chunk by a private, ancillary name goes before IEND, the last 12 bytes.
        chunk = struct.pack(">I", len(filling)) + b"spDl" + filling
        chunk += struct.pack(">I", zlib.crc32(chunk[4:]))
        return image[:-12] + chunk + image[-12:]
    comments = []
    while size > 0:
        part = chance.randbytes(min(size, 65_533))
        comments.append(b"\xff\xfe" + struct.pack(">H", len(part) + 2) + part)
        size -= len(part)
    return JPEG[:2] + b"".join(comments) + JPEG[2:]


# Tags

def _tags(tags, kind, art, chance):
    """Returns the bytes before and behind the audio."""
    _, version, unsynchronised, ape, v1 = kind
    head = tail = b""
    if version:
        head = _id3v2(tags, version, art, unsynchronised, chance)
    if ape:
        tail += _ape(tags, b"" if version else art)
    if v1:
        tail += id3.v1(tags)
    return head, tail


NAMES_V2 = {"TIT2": "TT2", "TPE1": "TP1", "TALB": "TAL", "TPE2": "TP2", "TRCK": "TRK",
            "TPOS": "TPA", "TCON": "TCO", "TCOM": "TCM", "TSRC": "TRC", "TBPM": "TBP",
            "TYER": "TYE", "TDAT": "TDA", "TXXX": "TXX", "COMM": "COM", "USLT": "ULT",
            "APIC": "PIC"}


def _id3v2(tags, version, art, unsynchronised, chance):
    def text(value):
        try:
            return b"\0", value.encode("latin-1"), b"\0"
        except UnicodeEncodeError:
            if version == 4:
                return b"\3", value.encode(), b"\0"
            return b"\1", b"\xff\xfe" + value.encode("utf-16-le"), b"\0\0"

    def simple(value):
        encoding, data, _ = text(value)
        return encoding + data

    separator = "\0" if version == 4 else "/"
    frames = [("TIT2", simple(tags["title"])), ("TPE1", simple(separator.join(tags["artists"]))),
              ("TALB", simple(tags["album"])), ("TPE2", simple(tags["album_artist"])),
              ("TRCK", simple(tags["track"])), ("TPOS", simple(tags["disc"])),
              ("TCON", simple(separator.join(tags["genres"]))),
              ("TCOM", simple(tags["composer"])), ("TSRC", simple(tags["isrc"])),
              ("TBPM", simple(tags["bpm"]))]
    date = tags["date"]
    if version == 4:
        frames.append(("TDRC", simple(date)))
    else:
        frames += [("TYER", simple(date[:4])), ("TDAT", simple(date[8:10] + date[5:7]))]
    for name, value in tags["user"].items():
        frames.append(("TXXX", b"\0" + name.encode() + b"\0" + value.encode()))
    frames.append(("COMM", b"\0eng\0" + tags["comment"].encode()))
    if tags["lyrics"]:
        frames.append(("USLT", b"\0eng\0" + tags["lyrics"].encode()))
    if art:
        mime = "png" if art.startswith(b"\x89PNG") else "jpeg"
        # Encoding, media type, type 3 (front cover), an empty description.
        kind = {"png": b"PNG", "jpeg": b"JPG"}[mime] if version == 2 else b"image/" + mime.encode() + b"\0"
        frames.append(("APIC", b"\0" + kind + b"\3\0" + art))
    body = b""
    for name, data in frames:
        if version == 2:
            body += NAMES_V2[name].encode() + len(data).to_bytes(3, "big") + data
            continue
        flags = b"\0\0"
        if version == 4 and unsynchronised:
            # The unsynchronisation and data length flags of the frame (2.4, section 4.1.2).
            data = id3._synchsafe(len(data)) + data.replace(b"\xff", b"\xff\0")
            flags = b"\0\3"
        size = id3._synchsafe(len(data)) if version == 4 else len(data).to_bytes(4, "big")
        body += name.encode() + size + flags + data
    if version == 3 and unsynchronised:
        body = body.replace(b"\xff", b"\xff\0")
    body += bytes((0, 1024, 2048, 4096)[int(chance.random() * 4)])
    return b"ID3" + bytes([version, 0, 0x80 if unsynchronised else 0]) + id3._synchsafe(len(body)) + body


def _ape(tags, art):
    items = [("Title", tags["title"].encode()), ("Artist", "\0".join(tags["artists"]).encode()),
             ("Album", tags["album"].encode()), ("Track", tags["track"].encode()),
             ("Year", tags["date"].encode()), ("Genre", "\0".join(tags["genres"]).encode())]
    items += [(name.upper().replace(" ", "_"), value.encode()) for name, value in tags["user"].items()]
    body = b"".join(
        struct.pack("<II", len(value), 0) + name.encode() + b"\0" + value for name, value in items)
    if art:
        value = b"Cover Art (Front).jpg\0" + art
        body += struct.pack("<II", len(value), 2) + b"Cover Art (Front)\0" + value
    count = len(items) + bool(art)

    def ends(flags):
        return b"APETAGEX" + struct.pack("<IIII", 2000, len(body) + 32, count, flags) + bytes(8)

    return ends(0xA0000000) + body + ends(0x80000000)
