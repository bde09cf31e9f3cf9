"""Thumbnails of uploaded pictures, made once per content and stored under its hash beside the store.

They are made in a sandbox, of pictures up to a size, and hold pixels only: no location, camera or name. Where none can
be made the reason is stored instead; the picture itself is then offered only as a download. A missing thumbnail is made
again from its upload, so backups leave them out; it is deleted with the upload.
"""

import tempfile
import threading
import time
from collections.abc import Collection
from pathlib import Path

from crm.foundation import sandbox, settings
from crm.foundation.errors import Invalid, Unavailable
from crm.foundation.language import ENGLISH, current, later, tr
from crm.foundation.sandbox import Busy, Limits, Sandbox
from crm.platform import files
from crm.store import Store, modes
from crm.store.uploads import ARRIVING

FOLDER = "thumbnails"
SIDE = 256
"""Pixels of a side. Shown at 44 in lists, on screens of any density, and larger on cards."""
REDRAWN = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""The beginnings of PNG and JPEG."""
MADE, REFUSED = ".webp", ".txt"
RETRY_AFTER = 86_400
"""Seconds that a reason is valid: the machine may have been busy, or a limit may have changed since."""

MAKING = Sandbox("crm.platform.thumbnail", at_once=2)
_LOCKS = [threading.Lock() for _ in range(16)]
"""Requests for the same picture wait for the first to make it."""
WAITING = threading.BoundedSemaphore(16)
"""Fewer than the threads that serve requests, so that many pictures at once hold up nothing else."""
TOO_MANY = later("Too many pictures are being made small at once. Try again in a moment.")


def thumbnail(store: Store, sha256: str) -> Path:
    """The thumbnail of an upload. Raises Invalid, with the reason, where it cannot be shown, Unavailable where too many
    are being made. Takes a second the first time: call it outside a transaction."""
    found = _cached(store, sha256)
    if found:
        return found
    # Refused at once, not queued: each request that waits holds a thread.
    if not WAITING.acquire(blocking=False):
        raise Unavailable(tr(TOO_MANY))
    try:
        with _LOCKS[int(sha256[:2], 16) % len(_LOCKS)]:
            # Looked up again: another request may have made it while this one waited for the lock.
            return _cached(store, sha256) or _make(store, sha256)
    finally:
        WAITING.release()


def forget(store: Store, sha256: str) -> None:
    """Delete the thumbnail of an upload; call it after the upload is deleted."""
    for path in (store.folder / FOLDER).glob(f"{sha256}.*"):
        path.unlink(missing_ok=True)


def sweep(store: Store, existing: Collection[str]) -> None:
    """Delete the thumbnails whose uploads no longer exist; `held` are the hashes that do."""
    for path in (store.folder / FOLDER).glob("*"):
        if path.name.partition(".")[0] not in existing:
            path.unlink(missing_ok=True)


def _cached(store: Store, sha256: str) -> Path | None:
    made, refused = (store.folder / FOLDER / name for name in (f"{sha256}{MADE}", _name_of_reason(sha256)))
    if made.is_file():
        return made
    if refused.is_file() and refused.stat().st_mtime > time.time() - RETRY_AFTER:
        raise Invalid(refused.read_text(encoding="utf-8"), "file")
    return None


def _name_of_reason(sha256: str) -> str:
    """The reason is stored in each language that it was asked for in."""
    return f"{sha256}{REFUSED}" if current() == ENGLISH else f"{sha256}.{current()}{REFUSED}"


def _make(store: Store, sha256: str) -> Path:
    upload = files.folder(store) / sha256
    # Named as an unfinished upload, so that the next start clears what a killed process leaves.
    with tempfile.TemporaryDirectory(dir=upload.parent, prefix=ARRIVING) as name:
        try:
            made = _small(upload, Path(name), SIDE, "WEBP")
        except Busy:  # not stored as the reason: there may be room at the next try
            raise Unavailable(tr(TOO_MANY)) from None
        except (Invalid, sandbox.Stopped) as refusal:
            reason = str(refusal) if isinstance(refusal, Invalid) else tr("Decoding this picture {what}.", what=refusal)
            refused = Path(name) / "reason"
            refused.write_text(reason, encoding="utf-8")
            _store_unless_erased(store, refused, upload, _name_of_reason(sha256))
            raise Invalid(reason, "file") from refusal
        return _store_unless_erased(store, made, upload, f"{sha256}{MADE}")


def _small(path: Path, folder: Path, side: int, form: str) -> Path:
    """The picture drawn anew in the sandbox, no side longer than `side` pixels, in a file of the folder."""
    config = settings.load()
    limits = Limits(
        memory=(128 + 12 * config.picture_megapixels) * 2**20,
        output=16 * 2**20,
        seconds=config.picture_seconds,
        processor_seconds=config.picture_seconds,
    )
    request = {"path": str(path), "megapixels": config.picture_megapixels, "side": side, "format": form}
    answer = MAKING.run(request, folder, limits)
    return folder / str(answer["file"])


def redrawn(store: Store, content: bytes, side: int) -> bytes:
    """An uploaded PNG or JPEG as a PNG that holds pixels only, no side longer than `side`. Raises Invalid for anything
    else, also for SVG, which can hold scripts; Unavailable where too many are being made. Takes a second: call it
    outside a transaction."""
    if not content.startswith(REDRAWN):
        raise Invalid(tr("This is no PNG or JPEG picture. Save it as one of these, and choose it again."), "logo")
    with tempfile.TemporaryDirectory(dir=files.folder(store), prefix=ARRIVING) as name:
        given = Path(name) / "given"
        given.write_bytes(content)
        try:
            return _small(given, Path(name), side, "PNG").read_bytes()
        except Busy:
            raise Unavailable(tr(TOO_MANY)) from None
        except (Invalid, sandbox.Stopped) as refusal:
            most = settings.load().picture_megapixels
            raise Invalid(
                tr(
                    "This picture is damaged, or larger than {limit} megapixels (CRM_PICTURE_MEGAPIXELS). "
                    "Save it anew, and choose it again.",
                    limit=most,
                ),
                "logo",
            ) from refusal


def _store_unless_erased(store: Store, source: Path, upload: Path, name: str) -> Path:
    target = modes.make_folder(store.folder / FOLDER) / name
    source.replace(target)
    if not upload.exists():  # erased meanwhile, perhaps after `forget` found nothing here
        target.unlink(missing_ok=True)
    return target
