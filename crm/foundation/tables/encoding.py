"""Detects a file's encoding: byte-order mark, then strict UTF-8, then a guess."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.foundation.tables.encoding_names import shown

CHUNK = 1 << 24

LARGEST_SAMPLE = 60_000
CUT_LETTER = re.compile("[\udcc2-\udcdf]|[\udce0-\udcef][\udc80-\udcbf]?|[\udcf0-\udcf4][\udc80-\udcbf]{0,2}")
"""The beginning of a letter of UTF-8 without its end, in text that was decoded by `surrogateescape`."""

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Detected:
    encoding: str
    sure: bool = True
    """False where another encoding may be meant: somebody has to look at the text."""
    sample: str = ""
    """Of a guess: the first words that it is by."""


@dataclass(frozen=True)
class BadByte:
    offset: int
    line: int
    value: int

    def refusal(self, encoding: str) -> Invalid:
        return Invalid(
            tr(
                "The file is not {encoding}: byte 0x{byte:02X} at position {offset:,}, on line "
                "{line:,}, is not valid there. Save it again as UTF-8, or choose another encoding.",
                encoding=shown(encoding),
                byte=self.value,
                offset=self.offset,
                line=self.line,
            ),
            "encoding",
        )


def detect(path: Path) -> Detected:
    """The file's encoding. Raises Invalid, naming byte and line, where it looks like UTF-8 or UTF-16 but is not
    valid."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            check(path, encoding)
            return Detected(encoding)
    wide = _utf_16_without_mark(head)
    if wide:
        check(path, wide)
        return Detected(wide)
    bad = first_bad_byte(path, "utf-8")
    if bad is None:
        return Detected("utf-8")
    sample = _lines_with_high_bytes(path)
    if _is_damaged_utf_8(sample):
        raise bad.refusal("utf-8")
    from crm.foundation.tables.encoding_guess import guess  # its patterns take as long to compile as a file to read

    found = guess(sample)
    return Detected(found.encoding, found.sure, found.sample)


def check(path: Path, encoding: str) -> None:
    bad = first_bad_byte(path, encoding)
    if bad:
        raise bad.refusal(encoding.removesuffix("-sig"))


def first_bad_byte(path: Path, encoding: str) -> BadByte | None:
    """The first byte that strict decoding refuses, None where there is none. Reads the file in pieces."""
    if encoding in ("utf-8", "utf-8-sig") and _is_utf_8(path):
        return None
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


def _is_utf_8(path: Path) -> bool:
    """Whether the file is UTF-8, as Polars sees in a fifth of the time that decoding takes. May be False of one whose
    lines are so long that a piece ends within a letter."""
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            piece += file.readline(CHUNK)  # no letter goes over a line's end
            try:
                pl.Series([piece]).cast(pl.String)
            except pl.exceptions.ComputeError:
                return False
    return True


def to_utf_8(path: Path, encoding: str, target: Path, *, whole: bool) -> None:
    """Write the file, or without `whole` its first 16 million characters, as UTF-8 without a byte-order mark. Raises
    Invalid at the first byte that cannot be decoded."""
    check(path, encoding)
    with path.open("r", encoding=encoding, newline="") as source, target.open("w", encoding="utf-8", newline="") as out:
        while piece := source.read(CHUNK):
            out.write(piece.removeprefix("\ufeff"))
            if not whole:
                return


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
    """The different lines that hold bytes above 127, up to `LARGEST_SAMPLE`."""
    found: dict[bytes, None] = {}
    size = 0
    with path.open("rb") as file:
        for line in file:
            if not line.isascii() and line not in found:
                found[line[: 1 << 14]] = None
                size += len(line)
                if size > LARGEST_SAMPLE:
                    break
    return b"".join(found)


def _is_damaged_utf_8(sample: bytes) -> bool:
    """Whether it is UTF-8 with an error in it, not another encoding: valid sequences outnumber invalid bytes, or what
    is invalid is the beginning of a letter and no sense in any other encoding."""
    text = sample.decode("utf-8", "surrogateescape")
    cut = CUT_LETTER.findall(text)
    invalid = sum("\udc80" <= letter <= "\udcff" for letter in text)
    whole = sum(letter > "\x7f" for letter in text) - invalid
    if whole > invalid:
        return True
    if invalid != sum(map(len, cut)):
        return False
    from crm.foundation.tables.encoding_guess import makes_sense

    is_most_of_a_letter = len(cut) == 1 and len(cut[0]) > 1
    return whole == invalid or is_most_of_a_letter or not makes_sense(sample)
