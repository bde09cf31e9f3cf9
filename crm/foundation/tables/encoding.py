"""Detects a file's encoding: byte-order mark, then strict UTF-8, then a guess among legacy encodings."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from crm.foundation.errors import Invalid

CHUNK = 1 << 24

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

SINGLE_BYTE = ("cp1252", "cp850", "mac-roman")

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", *SINGLE_BYTE)
"""The encodings that a person may choose."""

# Accented letters that are frequent, and rare, in the languages of our users' files.
COMMON = "áâãàçéêíóôõúüñäöß"
RARE = "èëìîïòùûøåæœ"


@dataclass(frozen=True)
class BadByte:
    offset: int
    line: int
    value: int

    def refusal(self, encoding: str) -> Invalid:
        return Invalid(
            f"The file is not {encoding.upper()}: byte 0x{self.value:02X} at position {self.offset:,}, on line "
            f"{self.line:,}, is not valid there. Save it again as UTF-8, or choose another encoding.",
            "encoding",
        )


def detect(path: Path) -> str:
    """The file's encoding. Raises Invalid, naming byte and line, where it looks like UTF-8 or UTF-16 but is not
    valid."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            check(path, encoding)
            return encoding
    wide = _utf_16_without_mark(head)
    if wide:
        check(path, wide)
        return wide
    bad = first_bad_byte(path, "utf-8")
    if bad is None:
        return "utf-8"
    sample = _lines_with_high_bytes(path)
    if _is_damaged_utf_8(sample):
        raise bad.refusal("utf-8")
    return guess(sample)


def check(path: Path, encoding: str) -> None:
    bad = first_bad_byte(path, encoding)
    if bad:
        raise bad.refusal(encoding.removesuffix("-sig"))


def first_bad_byte(path: Path, encoding: str) -> BadByte | None:
    """The first byte that strict decoding refuses, None where there is none. Reads the file in pieces."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = lines = 0
    with path.open("rb") as file:
        while True:
            piece = file.read(CHUNK)
            undecoded, _ = decoder.getstate()
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                # Positions are of the decoder's buffer, which begins with bytes held over from the piece before.
                start = max(error.start, 0)
                before = bytes(error.object[:start]).decode(encoding, "replace").count("\n")
                return BadByte(offset - len(undecoded) + start, lines + before + 1, error.object[start])
            if not piece:
                return None
            lines += text.count("\n")
            offset += len(piece)


def to_utf_8(path: Path, encoding: str, target: Path, *, whole: bool) -> None:
    """Write the file, or without `whole` its first 16 million characters, as UTF-8 without a byte-order mark. Raises
    Invalid at the first byte that cannot be decoded."""
    check(path, encoding)
    with path.open("r", encoding=encoding, newline="") as source, target.open("w", encoding="utf-8", newline="") as out:
        while piece := source.read(CHUNK):
            out.write(piece.removeprefix("\ufeff"))
            if not whole:
                return


def guess(sample: bytes) -> str:
    """The single-byte encoding that decodes the bytes above 127 to the most plausible letters.

    An accented letter scores for an encoding where it could stand between its neighbours (São, ÃO), and against it
    where it could not (SÒo, aÇ).
    """
    readable = {name: text for name in SINGLE_BYTE if (text := _decoded(sample, name)) is not None}
    return max(readable, key=lambda name: _plausibility(readable[name]), default="cp1252")


def _decoded(sample: bytes, encoding: str) -> str | None:
    try:
        return sample.decode(encoding)
    except UnicodeDecodeError:
        return None


def _plausibility(text: str) -> int:
    score = 0
    for before, letter, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if letter < "\x80":
            continue
        weight = 3 if letter.lower() in COMMON else 1 if letter.lower() in RARE else 0
        score += weight if weight and _is_plausible(before, letter, after) else -3
    return score


def _is_plausible(before: str, letter: str, after: str) -> bool:
    """Whether an accented letter fits its neighbours: lower case not before a capital; a capital first or among
    capitals."""
    if letter.islower():
        return not after.isupper()
    return not after.islower() or not before.isalpha()


def _utf_16_without_mark(head: bytes) -> str | None:
    """The byte order of UTF-16 without a mark, None where it is not: in Western text every other byte is NUL."""
    half = len(head) // 2
    if half < 2:
        return None
    if head[1::2].count(0) > 0.6 * half and head[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if head[0::2].count(0) > 0.6 * half and head[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return None


def _lines_with_high_bytes(path: Path) -> bytes:
    """The lines that hold bytes above 127, up to 200 kB."""
    found: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                found.append(line[: 1 << 16])
                size += len(found[-1])
                if size > 200_000:
                    break
    return b"".join(found)


def _is_damaged_utf_8(sample: bytes) -> bool:
    """Whether valid UTF-8 sequences outnumber invalid bytes: then it is UTF-8 with an error in it, not another
    encoding."""
    text = sample.decode("utf-8", "surrogateescape")
    stray = sum("\udc80" <= letter <= "\udcff" for letter in text)
    whole = sum(letter > "\x7f" for letter in text) - stray
    return whole > stray
