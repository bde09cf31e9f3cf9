"""Forgets imports that name the person: the whole uploaded file is deleted, and the stored rows of it.

After its import a file is of no further use; removing one line of it, in any encoding and shape, could leave what the
erasure promises to remove.
"""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import IO

from crm.foundation.language import tr
from crm.foundation.tables.encoding_guess import CANDIDATES
from crm.imports.applying import outcome_files
from crm.privacy.erasing.person import Person
from crm.privacy.erasing.terms import Terms
from crm.store import Reading, Row, Writing

PIECE = 4 * 2**20
OVERLAP = 2_000
"""Bytes that neighbouring pieces share, so that no name is cut in two and missed."""
UNPACKED = 100
"""How many times its own size an archive may unpack to: workbooks stay far below, ZIP bombs do not."""

LOCKED = (
    zipfile.BadZipFile,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
)
"""The errors of archives that have a password, are damaged, or use an unknown compression."""


def uploads(tx: Reading) -> list[Row]:
    """id, sha256 and `chosen` of the uploads that are there: the encodings that their imports were told."""
    return tx.rows(
        """
        SELECT
            upload.id,
            upload.sha256,
            list(DISTINCT import.options->>'encoding') FILTER (import.options->>'encoding' IS NOT NULL) AS chosen
        FROM base.uploads AS upload
        LEFT JOIN base.imports AS import ON import.upload_id = upload.id
        WHERE upload.sha256 <> ''
        GROUP BY upload.id, upload.sha256
        ORDER BY upload.id
        """
    )


def naming_in_files(folder: Path, uploads: list[Row], terms: Terms) -> list[int]:
    """Ids of the uploads whose content names the person. It reads files: call it outside a transaction."""
    return [
        row["id"]
        for row in uploads
        if (path := folder / "uploads" / row["sha256"]).is_file() and holds(path, terms, row["chosen"] or ())
    ]


def holds(path: Path, terms: Terms, chosen: Iterable[str] = ()) -> bool:
    """Whether the file names the person, as it is read in any encoding that is guessed, or in one of `chosen`."""
    return bool(terms) and any(terms.python.search(text) for text in _texts(path, [*chosen]))


def forget(tx: Writing, person: Person, upload_ids: list[int]) -> tuple[dict[str, int], list[str], list[int]]:
    """Forget the files and kept rows of the imports that name the person.

    ({what: how many}, hashes of files to remove from the disk, imports whose kept outcomes are to be removed).
    """
    imports = _imports(tx, person, upload_ids)
    blanked = _blank_rejects(tx, person)
    tx.run(
        """
        UPDATE base.imports SET
            sample = '{}',
            state = CASE WHEN state IN ('queued', 'running', 'planned') THEN 'cancelled' ELSE state END,
            message = CASE WHEN state IN ('queued', 'running', 'planned') THEN $why ELSE message END
        WHERE id IN (SELECT unnest($ids::BIGINT[]))
        """,
        ids=imports,
        why=tr("Its file named a person who was erased. Upload it again without them."),
    )
    files = tx.rows(
        """
        SELECT DISTINCT upload.sha256
        FROM base.uploads AS upload
        JOIN base.imports AS import ON import.upload_id = upload.id
        WHERE import.id IN (SELECT unnest($ids::BIGINT[])) AND upload.sha256 <> ''
        """,
        ids=imports,
    )
    # The rows of uploads stay, since imports name them: an empty hash says that the file is gone.
    hashes = [row["sha256"] for row in files]
    tx.run(
        """
        UPDATE base.uploads SET sha256 = ''
        WHERE sha256 IN (SELECT unnest($hashes::VARCHAR[])) AND id NOT IN (SELECT upload_id FROM base.attachments)
        """,
        hashes=hashes,
    )
    return {"imported files": len(hashes), "import_rejects": blanked}, hashes, imports


def _imports(tx: Writing, person: Person, upload_ids: list[int]) -> list[int]:
    """Those that made or changed the person, rejected a row of theirs, kept one, or were given a file that names
    them."""
    rows = tx.rows(
        f"""
        SELECT import_id AS id FROM base.import_changes
        WHERE subject_kind = 'contact' AND subject_id IN (SELECT unnest($ids::BIGINT[]))
        UNION
        SELECT import_id FROM base.import_rejects WHERE {person.terms.holding("cells")}
        UNION
        SELECT id FROM base.imports WHERE upload_id IN (SELECT unnest($upload_ids::BIGINT[]))
        """,
        ids=list(person.ids),
        **person.terms.params,
        upload_ids=upload_ids,
    )
    in_outcomes = outcome_files.mentioning(tx.folder, [*person.terms.words, *person.terms.phones])
    return sorted({row["id"] for row in rows} | set(in_outcomes))


def _blank_rejects(tx: Writing, person: Person) -> int:
    """Blank whole rejected rows, since the other cells are personal data too: where they live, what they bought."""
    return tx.run(
        f"""
        UPDATE base.import_rejects SET cells = '[]', reason = $why
        WHERE {person.terms.holding("cells")} OR {person.terms.holding("reason")}
        """,
        **person.terms.params,
        why=tr("The row named a person who was erased."),
    )


def _texts(path: Path, chosen: list[str]) -> Iterator[str]:
    """The content in overlapping pieces, in each possible encoding; of an archive also its unpacked members."""
    with path.open("rb") as file:
        yield from _pieces(file, chosen)
    if zipfile.is_zipfile(path):
        yield from _unpacked(path)


def _unpacked(path: Path) -> Iterator[str]:
    """The texts of an archive, such as a workbook. What cannot be unpacked is skipped, so that it blocks no erasure."""
    try:
        with zipfile.ZipFile(path) as archive:
            room = UNPACKED * path.stat().st_size
            for member in archive.infolist():
                room -= member.file_size
                if room >= 0:
                    yield from _member(archive, member)
    except LOCKED:
        return


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[str]:
    try:
        with archive.open(member) as file:
            yield from _pieces(file, [])
    except LOCKED:
        return


def _pieces(file: IO[bytes] | BufferedReader, chosen: list[str]) -> Iterator[str]:
    tail = b""
    while piece := file.read(PIECE):
        content = tail + piece
        yield from _readings(content, chosen)
        tail = content[-OVERLAP:]


def _readings(content: bytes, chosen: list[str]) -> Iterator[str]:
    """The content in each possible encoding; UTF-16, recognised by NUL bytes, also from an odd byte on."""
    if b"\0" in content:
        for start in (0, 1):
            even = content[start : len(content) - (len(content) - start) % 2]
            yield even.decode("utf-16-le", "replace")
            yield even.decode("utf-16-be", "replace")
    text = content.decode("utf-8", "replace")
    yield text
    # No UTF-8: one of the legacy encodings in which people's files come.
    legacy = {each.encoding: None for each in CANDIDATES} if "\ufffd" in text else {}
    for encoding in legacy | dict.fromkeys(chosen):
        yield content.decode(encoding, "replace")
