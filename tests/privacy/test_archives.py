"""Archives are looked into; one that cannot be unpacked keeps nobody from being erased."""

import io
import zipfile

import pytest

from crm.privacy.erasing import imported, terms
from tests.privacy.conftest import EMAIL

HEAD, DIRECTORY = b"PK\x03\x04", b"PK\x01\x02"


def packed(text: str, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr("one.txt", text)
    return target.getvalue()


def altered(raw: bytes, of_head: int, of_directory: int, value: int) -> bytes:
    """With one byte of the member's two headers set."""
    changed = bytearray(raw)
    changed[raw.index(HEAD) + of_head] = value
    changed[raw.index(DIRECTORY) + of_directory] = value
    return bytes(changed)


SOUND = packed("nothing here " * 9)
LOCKED = {
    "with a password": altered(SOUND, 6, 8, 1),
    "packed in an unknown way": altered(SOUND, 8, 10, 99),
    "damaged within": SOUND[:40] + b"\xff\xff\xff" + SOUND[43:],
    "cut off": SOUND[:30] + SOUND[-22:],
}


@pytest.mark.parametrize("raw", LOCKED.values(), ids=LOCKED)
def test_an_archive_that_cannot_be_unpacked_names_nobody(tmp_path, raw):
    path = tmp_path / "archive"
    path.write_bytes(raw)
    assert not imported.holds(path, terms.of({EMAIL}, set()))


def test_a_person_is_found_beside_and_within_what_is_packed(tmp_path):
    path = tmp_path / "archive"
    for raw in (packed(f"ask {EMAIL} now"), f"name,email\nLia,{EMAIL}\n".encode() + SOUND):
        path.write_bytes(raw)
        assert imported.holds(path, terms.of({EMAIL}, set()))


def test_what_unpacks_without_end_is_not_unpacked(tmp_path):
    path = tmp_path / "archive"
    path.write_bytes(packed("\0" * 2**26 + EMAIL))
    assert path.stat().st_size * imported.UNPACKED < 2**26
    assert not imported.holds(path, terms.of({EMAIL}, set()))
