"""Renders the scores to MP3 files: abc2midi, fluidsynth, lame, then our own tags.

Reads music.json (what to make) and scores/*.abc; writes music/ and songs.ndjson.
The same versions of the tools give the same bytes.
"""

import array
import json
import subprocess
import tempfile
import wave
from pathlib import Path

from . import cover, id3, mpeg

SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
RATE = 44100
TOOLS = ("abc2midi", "fluidsynth", "lame")


def render(root, only=None):
    """Makes every file that music.json lists, or those whose path contains `only`."""
    plan = json.loads((root / "music.json").read_text(encoding="utf-8"))
    music = root / "music"
    with tempfile.TemporaryDirectory() as scratch:
        for entry in plan["files"]:
            if only and only not in entry["path"]:
                continue
            data = file_bytes(root, entry, plan["encodings"], Path(scratch))
            target = music / entry["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            print(f"{len(data):8d} {entry['path']}", flush=True)
    if not only:
        write_songs(root)


def write_songs(root):
    """Writes songs.ndjson, the ground truth, by reading the files in music/."""
    plan = json.loads((root / "music.json").read_text(encoding="utf-8"))
    (root / "songs.ndjson").write_text(songs_ndjson(root, plan), encoding="utf-8")


def songs_ndjson(root, plan):
    """One JSON line a song; files with the same audio share a line."""
    songs = {}
    for entry in plan["files"]:
        if not entry.get("expect_song", True):
            continue
        data = (root / "music" / entry["path"]).read_bytes()
        start, end = mpeg.audio_range(data)
        identity = mpeg.song_id(data)
        path = "music/" + entry["path"]
        if identity in songs:
            songs[identity]["paths"].append(path)
            continue
        found = mpeg.measure(data[start:end])
        tags = entry.get("tags", {})
        songs[identity] = {
            "song_id": identity,
            "paths": [path],
            "title": tags.get("title"),
            "artists": tags.get("artists", []),
            "album": tags.get("album"),
            "album_artist": tags.get("album_artist"),
            "compilation": bool(tags.get("compilation")),
            "genres": tags.get("genres", []),
            "track": tags.get("track"),
            "disc": tags.get("disc"),
            "date": tags.get("date"),
            "composer": tags.get("composer"),
            "isrc": tags.get("isrc"),
            "duration_ms": found.duration_ms,
            "audio_bytes": end - start,
            "bitrate_mode": plan["encodings"][entry["encoding"]]["mode"],
            "channels": found.channels,
            "sample_rate": found.sample_rate,
            "has_cover": bool(entry.get("cover")),
            "score": entry["score"],
        }
    lines = [json.dumps(song, ensure_ascii=False) for song in songs.values()]
    return "\n".join(lines) + "\n"


def file_bytes(root, entry, encodings, scratch):
    """Returns the bytes of one file of music/, as its entry in music.json says."""
    if "text" in entry:
        return entry["text"].encode()
    if "score" not in entry:
        return b""
    arguments = encodings[entry["encoding"]]["lame"]
    audio = _audio(root / "scores" / (entry["score"] + ".abc"), arguments, scratch)
    if "cut_share" in entry:
        # Cut inside a frame: no frame of the samples is as short as 7 bytes.
        frame = mpeg.frame_at(audio, 0)
        audio = audio[:int(len(audio) * entry["cut_share"]) // frame.size * frame.size + 7]
    tags = entry.get("tags", {})
    art = cover.png(tags["album"]) if entry.get("cover") else b""
    head, tail = b"", b""
    for kind in entry.get("tag_kinds", []):
        if kind == "v1":
            tail = id3.v1(tags)
        else:
            head += id3.v2(tags, int(kind[-1]), art, entry.get("padding", 0))
    return head + audio + tail


def _audio(score, lame_arguments, scratch):
    """Renders a score once a run and encodes it with the given lame arguments."""
    wav = scratch / (score.stem + ".wav")
    if not wav.exists():
        _synthesise(score, wav, scratch)
    mp3 = scratch / "out.mp3"
    _run("lame", "--quiet", *lame_arguments, str(wav), str(mp3))
    return mp3.read_bytes()


def _synthesise(score, wav, scratch):
    midi, raw = scratch / (score.stem + ".mid"), scratch / (score.stem + ".raw")
    _run("abc2midi", str(score), "-o", str(midi))
    # One core: with several, voices are mixed in an order that may vary.
    _run("fluidsynth", "-ni", "-q", "-g", "0.5", "-r", str(RATE), "-O", "s16", "-T", "raw",
         "-o", "synth.cpu-cores=1", "-F", str(raw), str(SOUNDFONT), str(midi))
    samples = array.array("h", raw.read_bytes())
    raw.unlink()
    samples = _finish(samples)
    with wave.open(str(wav), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())


def _finish(samples):
    """Trims silence at the end, fades the last half second, raises the peak to -1 dB."""
    last = len(samples)
    while last and -120 < samples[last - 1] < 120:
        last -= 1
    samples = samples[:min(last + last % 2 + RATE // 5 * 2, len(samples))]
    fade = min(RATE, len(samples) // 2)  # stereo: half a second
    for index in range(fade):
        position = len(samples) - fade + index
        samples[position] = samples[position] * (fade - index) // fade
    peak = max(max(samples), -min(samples), 1)
    scale = 29200
    return array.array("h", [value * scale // peak for value in samples])


def _run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stdout.decode(errors='replace')[-400:]}")
