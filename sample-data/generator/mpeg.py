"""MPEG audio frames: finding them, measuring them and making silent ones.

Covers what Spindle's samples need: Layer III of MPEG-1 (ISO/IEC 11172-3) and
of the half-rate MPEG-2 (ISO/IEC 13818-3), and the tags around the audio.
"""

import hashlib
from dataclasses import dataclass

_BITRATES_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


@dataclass(frozen=True)
class Frame:
    """One Layer III frame; `size` counts its four header bytes too."""

    offset: int
    size: int
    samples: int
    sample_rate: int
    bitrate_kbps: int
    channels: int


@dataclass(frozen=True)
class Measure:
    """What counting the frames of one audio part tells."""

    frames: int  # without the Xing/Info frame, which carries no sound
    duration_ms: int
    sample_rate: int
    channels: int
    bitrates_kbps: tuple
    header: str  # "Xing", "Info" or "" when the encoder wrote none
    trailing_bytes: int  # bytes after the last whole frame


def audio_range(data):
    """Returns (start, end) of the audio part: the bytes between the tags."""
    start, end = 0, len(data)
    while data[start:start + 3] == b"ID3" and end - start >= 10:
        size = data[start + 6:start + 10]
        length = size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]
        footer = 10 if data[start + 5] & 0x10 else 0
        start += 10 + length + footer
    start = min(start, end)
    while True:
        if end - start >= 128 and data[end - 128:end - 125] == b"TAG":
            end -= 128
        elif end - start >= 32 and data[end - 32:end - 24] == b"APETAGEX":
            # The size field counts items and footer; bit 31 tells of a header (APEv2).
            length = int.from_bytes(data[end - 20:end - 16], "little")
            header = 32 if data[end - 9] & 0x80 else 0
            end -= min(length + header, end - start)
        elif end - start >= 15 and data[end - 9:end] == b"LYRICS200":
            end -= min(int(data[end - 15:end - 9]) + 15, end - start)
        else:
            return start, end


def song_id(data):
    """The lowercase hex SHA-256 of a file's audio part."""
    start, end = audio_range(data)
    return hashlib.sha256(data[start:end]).hexdigest()


def frame_at(data, offset):
    """Reads the frame header at `offset`; None when there is no Layer III frame."""
    if offset + 4 > len(data) or data[offset] != 0xFF or data[offset + 1] & 0xE0 != 0xE0:
        return None
    version = data[offset + 1] >> 3 & 3  # 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
    layer = data[offset + 1] >> 1 & 3
    bitrate_index, rate_index = data[offset + 2] >> 4, data[offset + 2] >> 2 & 3
    if version == 1 or layer != 1 or bitrate_index in (0, 15) or rate_index == 3:
        return None
    bitrate = (_BITRATES_MPEG1 if version == 3 else _BITRATES_MPEG2)[bitrate_index]
    rate = _SAMPLE_RATES[version][rate_index]
    samples = 1152 if version == 3 else 576
    size = samples // 8 * bitrate * 1000 // rate + (data[offset + 2] >> 1 & 1)
    channels = 1 if data[offset + 3] >> 6 == 3 else 2
    return Frame(offset, size, samples, rate, bitrate, channels)


def measure(audio):
    """Counts the whole frames of an audio part that begins with a frame."""
    frames, offset = [], 0
    while (frame := frame_at(audio, offset)) and offset + frame.size <= len(audio):
        frames.append(frame)
        offset += frame.size
    if not frames:
        raise ValueError("no MPEG frame at the start of the audio")
    header = ""
    opening = audio[:frames[0].size]
    for mark in (b"Xing", b"Info"):
        if mark in opening[:64]:
            header = mark.decode()
            frames = frames[1:]
    samples = sum(frame.samples for frame in frames)
    rate = frames[0].sample_rate
    return Measure(
        frames=len(frames),
        duration_ms=(samples * 1000 + rate // 2) // rate,
        sample_rate=rate,
        channels=frames[0].channels,
        bitrates_kbps=tuple(sorted({frame.bitrate_kbps for frame in frames})),
        header=header,
        trailing_bytes=len(audio) - offset,
    )


SILENT_FRAME_MS = 1152 * 1000 / 44100


def silent_audio(payload, frames):
    """Makes `frames` valid silent frames that carry `payload` unheard.

    MPEG-1 Layer III, 44.1 kHz, mono, 32 kbit/s: 104 bytes a frame. With all
    side information zero there is no main data, so every byte behind it is
    ancillary data, which decoders skip; the payload makes the hash unique.
    """
    header = b"\xff\xfb\x10\xc4"
    side_information = bytes(17)
    room = 104 - len(header) - len(side_information)
    frame = header + side_information + payload[:room].ljust(room, b"\0")
    return frame * frames
