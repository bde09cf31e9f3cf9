"""Guesses the encoding of bytes that are not UTF-8, by what each encoding would make of them: words in the letters of a
language, and punctuation where it belongs."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

SURE = 0.8
"""The share of plausible letters and signs, less the implausible ones, from which a guess is taken without a
question."""

WESTERN = (
    "áâãàçéêíóôõúü",  # Portuguese
    "áéíóúüñïç",  # Spanish, Catalan
    "àâæçéèêëîïôœùûüÿ",  # French
    "äöüß",  # German
    "àèéìíòóùú",  # Italian
    "åäöæøé",  # Danish, Finnish, Norwegian, Swedish
    "éëïóöüè",  # Dutch
)
ICELANDIC = ("áéíóúýþæöð",)
CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîșțşţ", "čćđšž", "äöüß")
TURKISH = ("çğıiöşüâîû",)
BALTIC = ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")
CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўђјљњћџѓќѕ"
GREEK = "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ"

LETTER = r"(?:(?![ªºµ¹²³¼½¾])[^\W\d_]|[\u0300-\u036f\u0591-\u05c7\u0610-\u065f\u0e31-\u0e4e])"
WORD = re.compile(f"{LETTER}+")
TOKEN = re.compile(rf"[A-Za-z]*(?:(?=[^\x00-\x7f]){LETTER})(?:[A-Za-z]|{LETTER})*|[^\x00-\x7f]")

OPENING, CLOSING = "‘“„«¿¡‚", "”»"
BETWEEN_LETTERS = "’´‘"
DASHES = "–—"
BESIDE_DIGITS = "€£¥ªº°²³¹¼½¾×÷±·•®©™…§¶%\u00a0‰"


@dataclass(frozen=True)
class Candidate:
    encoding: str
    is_word: Callable[[str], bool]
    vowels: str = ""
    """Of an alphabet whose letters another encoding would read as letters too: the vowels tell which are words."""
    vowel_share: float = 0.0
    common: bool = False
    """Whether it is so common among files of this product that nobody need be asked."""


@dataclass(frozen=True)
class Guess:
    encoding: str
    sure: bool
    sample: str
    """The first words with letters beyond ASCII, as the encoding reads them."""


def guess(sample: bytes) -> Guess:
    """The encoding that makes the most sense of the bytes above 127; of equals, the more common one."""
    western = _readings(sample, (each for each in CANDIDATES if each.common))
    found = _best(western)
    if found and found.share >= SURE:
        # The most common one needs no proof; an old one does, since any few bytes are some word in it.
        rivals = {each.words for each in western if each.share >= found.share}
        return Guess(found.candidate.encoding, found is western[0] or len(rivals) == 1, found.words)
    found = _best(_readings(sample, CANDIDATES))
    if found is None or found.share <= 0:
        return Guess("cp1252", False, sample.decode("cp1252", "replace")[:40].strip())
    return Guess(found.candidate.encoding, False, found.words)


def makes_sense(sample: bytes) -> bool:
    """Whether some encoding reads more sense than nonsense in the bytes above 127."""
    found = _best(_readings(sample, CANDIDATES))
    return found is not None and found.share > 0


@dataclass(frozen=True)
class _Reading:
    candidate: Candidate
    share: float
    natural: float
    words: str


def _readings(sample: bytes, candidates: Iterable[Candidate]) -> list[_Reading]:
    return [found for each in candidates if (found := _read(sample, each))]


def _best(readings: list[_Reading]) -> _Reading | None:
    return max(readings, key=lambda found: (round(found.share, 2), found.natural), default=None)


def _read(sample: bytes, candidate: Candidate) -> _Reading | None:
    """What the encoding makes of the bytes; None where it cannot decode them."""
    try:
        text = sample.decode(candidate.encoding)
    except UnicodeDecodeError:
        return None
    good = bad = 0
    words: list[str] = []
    letters: Counter[str] = Counter()
    for (token, before, after), times in Counter(_tokens(text)).items():
        weight = sum(letter > "\x7f" for letter in token) * times
        is_word = WORD.fullmatch(token) is not None
        if candidate.is_word(token) if is_word else _is_plausible_sign(before, token, after):
            good += weight
            letters.update(token.lower())
            if is_word and len(words) < 3:
                words.append(token)
        else:
            bad += weight
    if not good + bad:
        return None
    share_of_vowels = sum(letters[vowel] for vowel in candidate.vowels) / max(letters.total(), 1)
    natural = -abs(share_of_vowels - candidate.vowel_share) if candidate.vowels else 0.0
    return _Reading(candidate, (good - bad) / (good + bad), natural, " ".join(words))


def _tokens(text: str) -> Iterator[tuple[str, str, str]]:
    """Each word with letters beyond ASCII, and each such sign with the characters before and after it."""
    for found in TOKEN.finditer(text):
        token = found[0]
        if WORD.match(token):
            yield token, "", ""
        else:
            before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
            yield token, before or " ", after or " "


def _has_plausible_case(word: str) -> bool:
    """Whether accented letters keep to a word's case: lower case not before a capital; a capital first, or among
    capitals."""
    for place, letter in enumerate(word):
        if letter > "\x7f" and letter.islower() and word[place + 1 : place + 2].isupper():
            return False
        is_inside = place > 0 and letter > "\x7f" and letter.isupper()
        if is_inside and (word[place - 1].islower() or any(each.islower() for each in word[place:])):
            return False
    return True


def _is_plausible_sign(before: str, sign: str, after: str) -> bool:
    """Whether a sign stands where such signs do: an apostrophe after a letter, an opening quote before one."""
    if sign in BETWEEN_LETTERS and before.isalnum():
        return True
    if sign in OPENING:
        return not before.isalnum() and not after.isspace()
    if sign in CLOSING:
        return not before.isspace() and not after.isalnum()
    if sign in DASHES:
        return before.isspace() == after.isspace()
    return sign in BESIDE_DIGITS and not (before.isalpha() and after.isalpha() and sign != "…")


def _latin(*alphabets: str) -> Callable[[str], bool]:
    """Words of a Latin alphabet, of which no more than two accented letters stand together."""
    words = re.compile("|".join(f"(?:[a-z]*[{letters}]{{1,2}}(?![{letters}]))+[a-z]*" for letters in alphabets))
    return lambda word: bool(words.fullmatch(word.lower().replace("i\u0307", "i"))) and _has_plausible_case(word)


def _of(letters: str) -> Callable[[str], bool]:
    words = re.compile(f"[{letters}]+")
    return lambda word: bool(words.fullmatch(word.lower())) and _has_plausible_case(word)


def _of_frequent(letters: str, encoding: str, first: int, last: int) -> Callable[[str], bool]:
    """Words of the signs that an encoding has among its frequent ones: between two lead bytes."""
    kana = re.compile("[\u3040-\u30ffー々]")
    words = _of(letters)

    def is_word(word: str) -> bool:
        frequent = kana.sub("", word).encode(encoding, "replace")
        return words(word) and all(first <= lead <= last for lead in frequent[::2])

    return is_word


_RUSSIAN = {"is_word": _of(CYRILLIC), "vowels": "аеиоуыэюяёіїє", "vowel_share": 0.43}
_GREEK = {"is_word": _of(GREEK), "vowels": "αεηιουωάέήίόύώϊϋΐΰ", "vowel_share": 0.5}
_HAN = "\u4e00-\u9fff"

CANDIDATES = (
    Candidate("cp1252", _latin(*WESTERN), common=True),
    Candidate("cp850", _latin(*WESTERN), common=True),
    Candidate("mac-roman", _latin(*WESTERN), common=True),
    Candidate("cp1254", _latin(*TURKISH)),
    Candidate("cp1250", _latin(*CENTRAL)),
    Candidate("iso8859-2", _latin(*CENTRAL)),
    Candidate("cp852", _latin(*CENTRAL)),
    Candidate("cp1257", _latin(*BALTIC)),
    Candidate("cp1252", _latin(*WESTERN, *ICELANDIC)),
    Candidate("cp857", _latin(*TURKISH)),
    Candidate("cp1251", **_RUSSIAN),  # type: ignore[arg-type]
    Candidate("koi8-r", **_RUSSIAN),  # type: ignore[arg-type]
    Candidate("cp866", **_RUSSIAN),  # type: ignore[arg-type]
    Candidate("iso8859-5", **_RUSSIAN),  # type: ignore[arg-type]
    Candidate("mac-cyrillic", **_RUSSIAN),  # type: ignore[arg-type]
    Candidate("cp1253", **_GREEK),  # type: ignore[arg-type]
    Candidate("cp1255", _of("\u0590-\u05ff"), "אויה", 0.36),
    Candidate("cp1256", _of("\u0600-\u06ff"), "اوي", 0.3),
    Candidate("cp874", _of("\u0e00-\u0e7f")),
    Candidate("cp932", _of_frequent(f"\u3040-\u30ffー々{_HAN}", "cp932", 0x88, 0x98)),
    Candidate("cp949", _of_frequent("가-힣", "euc-kr", 0xB0, 0xC8)),
    Candidate("gb18030", _of_frequent(_HAN, "gb2312", 0xB0, 0xD7)),
    Candidate("big5", _of_frequent(_HAN, "big5", 0xA4, 0xC6)),
)
"""The most common first: of two that read the bytes equally well the first is taken."""
