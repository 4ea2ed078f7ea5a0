"""Names for benchmark libraries: artists, albums and titles made of word lists."""

_ADJECTIVES = (
    "Amber Blue Broken Burning Crystal Dark Distant Early Electric Empty Faded Fallen Final "
    "Frozen Gentle Golden Green Hidden Hollow Invisible Iron Last Little Lonely Lost Lucky "
    "Midnight Morning Northern Open Pale Paper Quiet Red Restless Rusty Sacred Salt Scarlet "
    "Second Secret Shallow Silent Silver Sleeping Slow Southern Sudden Summer Sweet Tall "
    "Velvet Violet Wandering Warm White Wild Winter Wooden Young"
).split()
_NOUNS = (
    "Avenue Bells Birds Bridge Candle Carnival City Clouds Coast Country Daughter Dream "
    "Echo Engine Field Fire Flood Forest Garden Ghost Harbour Heart Hill Horizon Horse House "
    "Island Kingdom Lantern Letter Light Machine Meadow Mirror Moon Mountain Ocean Orchard "
    "Parade Path Picture Radio Rain River Road Room Rose Sailor Season Shadow Signal Sky "
    "Sparrow Stairs Star Station Stone Storm Street Sun Theatre Thunder Tide Tower Train Tree "
    "Valley Voice Wall Water Wave Wind Window Wolf"
).split()
_GIVEN = (
    "Aiko Alma Anders Anna Asha Beatriz Bruno Camille Chidi Clara Dmitri Elena Emeka Fatima "
    "Felix Gustavo Hana Ines Ivan Jonas Juan Kemal Kofi Laila Lena Liam Luca Mei Mira Nadia "
    "Noor Olga Omar Paulo Priya Rafael Rosa Samir Sofia Tariq Thandi Tomas Uma Vera Wei Yara "
    "Yuki Zoe"
).split()
_FAMILY = (
    "Abara Almeida Andersen Bauer Bianchi Castro Chen Costa Dubois Eriksen Fischer Fontaine "
    "Garcia Haddad Hansen Ito Ivanova Jansen Kaya Kim Kowalski Kumar Larsen Lindqvist Lopez "
    "Marino Mensah Moreau Nakamura Novak Okafor Olsen Park Pereira Petrov Rossi Sato Schmidt "
    "Silva Singh Sousa Suzuki Tanaka Vasquez Weber Yilmaz Zhang"
).split()
# (adjectives, nouns, joining text) of other scripts.
_SCRIPTS = (
    (
        "青い 遠い 静かな 夏の 夜の 白い 小さな 春の".split(),
        "海 空 花 風 月 道 雨 街 森 星".split(),
        "",
    ),
    (
        "Белая Тихая Дальняя Синяя Новая Зимняя".split(),
        "ночь река дорога звезда песня весна".split(),
        " ",
    ),
    (
        "푸른 조용한 먼 하얀 작은 여름".split(),
        "바다 하늘 바람 달 길 비 별 노래".split(),
        " ",
    ),
    (
        "الليل القمر البحر الطريق المطر".split(),
        "البعيد الأزرق الهادئ القديم الجديد".split(),
        " ",
    ),
    (
        "Γαλάζια Ήσυχη Παλιά Λευκή".split(),
        "θάλασσα νύχτα βροχή πόλη".split(),
        " ",
    ),
)

# Most played genre first; song i gets one by Zipf's law.
GENRES = (
    "Pop", "Rock", "Hip-Hop", "Electronic", "Latin", "R&B", "Indie", "Metal", "Punk", "Jazz",
    "Classical", "Country", "Folk", "Reggae", "Blues", "Soul", "Ambient", "Techno", "House",
    "Samba", "Reggaeton", "K-Pop", "J-Pop", "Enka", "Afrobeat", "Gospel", "Celtic", "Flamenco",
    "Tango", "Bluegrass", "Ska", "Drum and Bass", "Opera", "Choral", "Klezmer", "Fado", "Raga",
    "Highlife", "Cumbia", "Chanson",
)


def _one(random, words):
    return words[int(random.random() * len(words))]


def title(random):
    chance = random.random()
    if chance < 0.14:
        first, second, between = _one(random, _SCRIPTS)
        return _one(random, first) + between + _one(random, second)
    if chance < 0.45:
        return f"{_one(random, _ADJECTIVES)} {_one(random, _NOUNS)}"
    if chance < 0.65:
        return f"{_one(random, _NOUNS)} of the {_one(random, _ADJECTIVES)} {_one(random, _NOUNS)}"
    if chance < 0.80:
        return f"The {_one(random, _NOUNS)} and the {_one(random, _NOUNS)}"
    return f"{_one(random, _NOUNS)}, {_one(random, _ADJECTIVES)}"


def artist(random, number):
    """An artist's name; the number keeps the thousands apart."""
    chance = random.random()
    if chance < 0.55:
        name = f"{_one(random, _GIVEN)} {_one(random, _FAMILY)}"
    elif chance < 0.88:
        name = f"The {_one(random, _ADJECTIVES)} {_one(random, _NOUNS)}s"
    else:
        first, second, between = _one(random, _SCRIPTS)
        name = _one(random, first) + between + _one(random, second)
    return f"{name} {_roman(number)}" if number >= 2000 else name


def _roman(number):
    """A suffix such as MMXIV, which reads better in a name than digits."""
    text = ""
    for value, letters in ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"),
                           (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"),
                           (4, "IV"), (1, "I")):
        while number >= value:
            text, number = text + letters, number - value
    return text
