#!/usr/bin/env python3
"""A made-up music library with names as people give them, for judging search.

Songs come in the order of popularity. Words are drawn from Debian's word lists of a dozen languages,
each list in an order of its own by Zipf's law, behind the words that song titles really have most;
names of artists from the same lists. About one song in nine is in a script without spaces.
The same seed and size give the same library.
"""

import bisect
import itertools
import json
import random
import re
import sys
import unicodedata

DICT = "/usr/share/dict"
# Language, share, word list, the words that its titles have most.
LATIN = [
    ("en", 52, f"{DICT}/american-english",
     "the of in love me you my a to i night heart and on your it is for baby time life like one world go "
     "don't be no all we with girl man dance day up down away good blue home let's never light dream "
     "dreams song come what can't i'm back summer rain way sun moon black fire eyes last wild boy star "
     "sweet river street little red long again heaven forever tonight blues gone city lonely hey more"),
    ("es", 9, f"{DICT}/spanish", "de la el amor mi que no te en tu y un vida corazón sin noche se una los yo me es por para con más"),
    ("fr", 7, f"{DICT}/french", "la le de l'amour les je du et mon à est toi pas une moi un ma c'est vie des dans coeur l'été en nuit"),
    ("de", 6, f"{DICT}/ngerman", "die der ich du und in das nacht mein liebe ein im dich nicht mit von welt für auf über schön kleine weg"),
    ("pt", 5, f"{DICT}/portuguese", "de do amor o a da e meu não você coração que um na saudade mais vida uma no noite são sem eu te"),
    ("it", 4, f"{DICT}/italian", "di la e il amore che non mi per un è te una del notte sole mare tu cuore più io con l'amore sei"),
    ("pl", 2, f"{DICT}/polish", "w na nie i się to z dla mnie miłość noc świat mój jak tak o moja już dzień"),
    ("sv", 2, f"{DICT}/swedish", "i en jag du och på det är för natt kärlek min den vi av till så mig från hjärta"),
    ("uk", 2, f"{DICT}/ukrainian", "на я не в і ти моя любов ніч мій як де пісня для до серце"),
]
JAPANESE, KOREAN, THAI, CHINESE = 5, 3, 1, 2


class Zipf:
    """Draws from a list, the n-th with a weight of 1/(n + 3)."""

    def __init__(self, values):
        self.values = values
        self.sums = list(itertools.accumulate(1 / (n + 3) for n in range(len(values))))

    def draw(self, choose):
        return self.values[bisect.bisect(self.sums, choose.random() * self.sums[-1])]


def read(path, pattern, count, choose, encoding="utf-8", cut=None):
    with open(path, encoding=encoding, errors="replace") as lines:
        words = {cut(line) if cut else line.strip() for line in lines}
    words = sorted(word for word in words if word and re.fullmatch(pattern, word))
    choose.shuffle(words)
    return words[:count]


def kana(text):
    """Hepburn, roughly: what a sort name has."""
    table = dict(zip("あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをんがぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽっー",
                     "a i u e o ka ki ku ke ko sa shi su se so ta chi tsu te to na ni nu ne no ha hi fu he ho ma mi mu me mo ya yu yo ra ri ru re ro wa o n ga gi gu ge go za ji zu ze zo da ji zu de do ba bi bu be bo pa pi pu pe po".split() + ["", ""]))
    small = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo"}
    result = ""
    for letter in text:
        if letter in small:
            result = result[:-1] + small[letter]
        else:
            result += table.get(letter, "")
    return result.title()


class Names:
    def __init__(self, seed):
        choose = self.choose = random.Random(seed)
        self.languages, shares = [], []
        for code, share, path, common in LATIN:
            pattern = r"[^\W\d_]{2,14}" if code != "en" else r"[a-z]{2,14}"
            words = read(path, pattern, 30_000, choose)
            words = [word if code == "de" else word.lower() for word in words]
            self.languages.append((code, Zipf(common.split() + words)))
            shares.append(share)
        self.people = {code: [word.capitalize() for word in zipf.values[30:6030]]
                       for code, zipf in self.languages}
        given = read(f"{DICT}/american-english", r"[A-Z][a-z]{2,11}", 9_000, choose)
        self.people["en"] = given
        pairs = []
        with open("/usr/share/skk/SKK-JISYO.L", encoding="euc_jp", errors="replace") as lines:
            for line in lines:
                match = re.match(r"([ぁ-んー]{2,8}) /([\u3400-\u9fff]{1,4})[;/]", line)
                if match:
                    pairs.append((match[2], match[1]))
        pairs.sort()
        choose.shuffle(pairs)
        self.readings = dict(pairs[:25_000])
        self.japanese = Zipf(["恋", "夜", "夢", "愛", "花", "空", "君", "雨", "桜", "月", "星", "海", "風", "涙", "春"]
                             + [word for word, _ in pairs[:25_000]])
        self.kanji = Zipf([word for word, _ in pairs[:25_000] if len(word) >= 2])
        self.katakana = Zipf([unicodedata.normalize("NFC", "".join(chr(ord(c) + 96) if c != "ー" else c for c in kana_))
                              for _, kana_ in pairs[25_000:35_000]])
        self.korean = Zipf("사랑 밤 너 나의 그대 마음 눈물 이별 하늘 꿈 노래".split()
                           + read("/usr/share/hunspell/ko.dic", r"[가-힣]{2,5}", 20_000, choose,
                                  cut=lambda line: unicodedata.normalize("NFC", line.split("/")[0].strip())))
        self.thai = Zipf("รัก ใจ คน เธอ ฉัน ไม่ คิดถึง".split()
                         + read("/usr/share/hunspell/th_TH.dic", r"[\u0e00-\u0e7f]{3,12}", 12_000, choose,
                                cut=lambda line: line.split("/")[0].strip()))
        self.kinds = list(range(len(self.languages))) + ["ja", "ko", "th", "zh"]
        self.shares = shares + [JAPANESE, KOREAN, THAI, CHINESE]

    def kind(self):
        return self.choose.choices(self.kinds, self.shares)[0]

    def artist(self, kind):
        """Name and sort name."""
        choose = self.choose
        if kind == "ja":
            if choose.random() < 0.5:
                a, b = self.kanji.draw(choose), self.kanji.draw(choose)
                return a[:2] + b[:2], f"{kana(self.readings.get(a, 'あ'))}, {kana(self.readings.get(b, 'い'))}"
            return self.katakana.draw(choose), None
        if kind == "zh":
            return self.kanji.draw(choose)[:3], None
        if kind == "ko":
            return self.korean.draw(choose), None
        if kind == "th":
            return self.thai.draw(choose), None
        code, zipf = self.languages[kind]
        given = self.people[code]
        form = choose.random()
        if form < 0.5:
            first, last = choose.choice(self.people["en" if choose.random() < 0.3 else code]), choose.choice(given)
            return f"{first} {last}", f"{last}, {first}"
        if form < 0.62:
            return f"The {zipf.draw(choose).capitalize()}s", None
        if form < 0.8:
            return zipf.draw(choose).capitalize() + choose.choice(["", "", "x", "a", "o"]), None
        if form < 0.86:
            return f"{choose.choice(given)} {choose.choice('&+')} {choose.choice(given)}", None
        return f"{zipf.draw(choose).capitalize()} {zipf.draw(choose).capitalize()}", None

    def title(self, kind):
        choose = self.choose
        if kind in ("ja", "zh"):
            count = choose.choices([1, 2, 3], [3, 5, 2])[0]
            parts = [self.japanese.draw(choose) for _ in range(count)]
            if kind == "ja":
                if choose.random() < 0.25:
                    parts.append(self.katakana.draw(choose))
                return choose.choice(["の", "", "", "と"]).join(parts)
            return "".join(parts)
        if kind == "ko":
            return " ".join(self.korean.draw(choose) for _ in range(choose.choice([1, 2, 2, 3])))
        if kind == "th":
            return "".join(self.thai.draw(choose) for _ in range(choose.choice([1, 2, 3])))
        _, zipf = self.languages[kind]
        words = [zipf.draw(choose) for _ in range(choose.choices([1, 2, 3, 4, 5, 6], [12, 25, 28, 20, 10, 5])[0])]
        words = [word for word, after in zip(words, words[1:] + [""]) if word != after]
        title = " ".join(word[:1].upper() + word[1:] for word in words)
        extra = choose.random()
        if extra < 0.03:
            title += choose.choice([" (Live)", " (Remastered)", " (Acoustic)", " - Radio Edit"])
        elif extra < 0.04:
            title += f", Pt. {choose.randint(1, 3)}"
        elif extra < 0.05:
            title += f" {choose.randint(1, 99)}"
        return title


GENRES = "Rock|Pop|Hip Hop|Jazz|Folk|House|Techno|Punk|Metal|Soul|Classical|Reggae|Blues|Country|Ambient|Salsa|J-Pop|K-Pop|Death Metal|Indie Rock".split("|")


def songs(count, seed=7):
    """The songs, most popular first: dicts of title, artists, sorts, album, year, genre, label."""
    names = Names(seed)
    choose = names.choose
    # Popular artists have more songs than others, up to hundreds.
    artists = []
    for number in range(max(20, count // 14)):
        kind = names.kind()
        artists.append((kind, *names.artist(kind), choose.choice(GENRES), {}))
    labels = [names.artist(0)[0] + choose.choice([" Records", " Music", ""]) for _ in range(max(5, count // 2000))]
    for number in range(count):
        index = min(int(len(artists) * choose.random() ** 1.7), len(artists) - 1)
        kind, artist, sort, genre, albums = artists[index]
        album_number = choose.randrange(1 + len(albums) + (len(albums) == 0))
        if album_number >= len(albums) or (len(albums) < 30 and choose.random() < 0.12):
            album_number = len(albums)
            albums[album_number] = (names.title(kind), choose.randint(1960, 2026), choose.choice(labels))
        album, year, label = albums[album_number]
        title = names.title(kind)
        credited, sorts = [artist], [sort or artist]
        if choose.random() < 0.06:
            _, guest, guest_sort, _, _ = choose.choice(artists)
            if guest != artist:
                credited.append(guest)
                sorts.append(guest_sort or guest)
        yield {"title": title, "artists": credited, "sorts": sorts, "album": album,
               "album_artist": artist, "year": year, "genre": genre, "label": label}


if __name__ == "__main__":
    for song in songs(int(sys.argv[1])):
        print(json.dumps(song, ensure_ascii=False))
