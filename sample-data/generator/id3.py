"""Writes ID3 tags: v1 and v1.1, v2.3 (UTF-16) and v2.4 (UTF-8).

Sources: id3.org, "ID3 tag version 2.3.0" and "ID3 tag version 2.4.0 - Main
Structure" and "- Native Frames". Only what the samples need is here.
"""

# The ID3v1 genre list, as far as the samples name it.
GENRES_V1 = {
    "Blues": 0, "Country": 2, "Dance": 3, "Jazz": 8, "Metal": 9, "Pop": 13, "Rock": 17,
    "Ambient": 26, "Classical": 32, "Punk": 43, "Gospel": 38, "Folk": 80, "Latin": 86,
    "Celtic": 88, "Bluegrass": 89, "Chamber Music": 104, "Samba": 114,
}


def v2(tags, version=4, cover=b"", padding=0):
    """Returns an ID3v2 tag of the given minor version for a tag dictionary.

    Several artists or genres are separated by NUL in v2.4, as its standard
    says, and by " / " in v2.3, as players of that time did.
    """
    frames = []

    def text(name, value):
        if value:
            frames.append((name, _text(str(value), version)))

    separator = "\0" if version == 4 else " / "
    genres = tags.get("genres", [])
    if version == 3 and tags.get("numeric_genre"):
        genre = "".join(f"({GENRES_V1[name]})" for name in genres)
    else:
        genre = separator.join(genres)
    text("TIT2", tags.get("title"))
    text("TPE1", separator.join(tags.get("artists", [])))
    text("TALB", tags.get("album"))
    text("TPE2", tags.get("album_artist"))
    text("TRCK", tags.get("track"))
    text("TPOS", tags.get("disc"))
    text("TCON", genre)
    text("TCOM", tags.get("composer"))
    text("TSRC", tags.get("isrc"))
    text("TCMP", "1" if tags.get("compilation") else "")
    date = tags.get("date", "")
    if version == 4:
        text("TDRC", date)
    else:
        text("TYER", date[:4])
        # TDAT is DDMM; v2.3 has no frame for a whole date.
        text("TDAT", date[8:10] + date[5:7] if len(date) == 10 else "")
    if cover:
        # Encoding, media type, picture type 3 (front cover), empty description.
        frames.append(("APIC", b"\0image/png\0\x03\0" + cover))

    body = b"".join(
        name.encode() + (_synchsafe(len(data)) if version == 4 else len(data).to_bytes(4, "big"))
        + b"\0\0" + data
        for name, data in frames
    ) + bytes(padding)
    return b"ID3" + bytes([version, 0, 0]) + _synchsafe(len(body)) + body


def v1(tags):
    """Returns the 128 bytes of an ID3v1.1 tag, or v1 when there is no track."""

    def field(value, size):
        return value.encode("latin-1", "replace")[:size].ljust(size, b"\0")

    number = int(str(tags.get("track") or "0").split("/")[0])
    comment = field("", 28) + bytes([0, number]) if number else field("Spindle sample", 30)
    genre = GENRES_V1.get((tags.get("genres") or [""])[0], 255)
    return (
        b"TAG" + field(tags.get("title", ""), 30) + field(", ".join(tags.get("artists", [])), 30)
        + field(tags.get("album", ""), 30) + field(tags.get("date", "")[:4], 4)
        + comment + bytes([genre])
    )


def _text(value, version):
    if version == 4:
        return b"\x03" + value.encode()
    return b"\x01\xff\xfe" + value.encode("utf-16-le")


def _synchsafe(number):
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
