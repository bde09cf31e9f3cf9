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
from crm.foundation.sandbox import Busy, Limits, Sandbox
from crm.platform import files
from crm.store import Store, modes
from crm.store.uploads import ARRIVING

FOLDER = "thumbnails"
MADE, REFUSED = ".webp", ".txt"
TRIED_AGAIN = 86_400
"""Seconds that a reason is valid: the machine may have been busy, or a limit may have changed since."""

MAKING = Sandbox("crm.platform.thumbnail", at_once=2)
_LOCKS = [threading.Lock() for _ in range(16)]
"""Requests for the same picture wait for the first to make it."""
WAITING = threading.BoundedSemaphore(16)
"""Fewer than the threads that serve requests, so that many pictures at once hold up nothing else."""
TOO_MANY = "Too many pictures are being made small at once. Try again in a moment."


def thumbnail(store: Store, sha256: str) -> Path:
    """The thumbnail of an upload. Raises Invalid, with the reason, where it cannot be shown, Unavailable where too many
    are being made. Takes a second the first time: call it outside a transaction."""
    found = _kept(store, sha256)
    if found:
        return found
    if not WAITING.acquire(blocking=False):
        raise Unavailable(TOO_MANY)
    try:
        with _LOCKS[int(sha256[:2], 16) % len(_LOCKS)]:
            return _kept(store, sha256) or _made(store, sha256)
    finally:
        WAITING.release()


def forget(store: Store, sha256: str) -> None:
    """Delete the thumbnail of an upload; call it after the upload is deleted."""
    for suffix in (MADE, REFUSED):
        (store.folder / FOLDER / f"{sha256}{suffix}").unlink(missing_ok=True)


def sweep(store: Store, held: Collection[str]) -> None:
    """Delete the thumbnails whose uploads no longer exist; `held` are the hashes that do."""
    for path in (store.folder / FOLDER).glob("*"):
        if path.stem not in held:
            path.unlink(missing_ok=True)


def _kept(store: Store, sha256: str) -> Path | None:
    made, refused = (store.folder / FOLDER / f"{sha256}{suffix}" for suffix in (MADE, REFUSED))
    if made.is_file():
        return made
    if refused.is_file() and refused.stat().st_mtime > time.time() - TRIED_AGAIN:
        raise Invalid(refused.read_text(encoding="utf-8"), "file")
    return None


def _made(store: Store, sha256: str) -> Path:
    upload = files.folder(store) / sha256
    given = settings.load()
    limits = Limits(
        memory=(128 + 12 * given.picture_megapixels) * 2**20,
        output=16 * 2**20,
        seconds=given.picture_seconds,
        processor_seconds=given.picture_seconds,
    )
    request = {"path": str(upload), "megapixels": given.picture_megapixels}
    with tempfile.TemporaryDirectory(dir=upload.parent, prefix=ARRIVING) as name:
        try:
            answer = MAKING.run(request, Path(name), limits)
        except Busy:
            raise Unavailable(TOO_MANY) from None
        except (Invalid, sandbox.Stopped) as refusal:
            reason = str(refusal) if isinstance(refusal, Invalid) else f"Decoding this picture {refusal}."
            refused = Path(name) / "reason"
            refused.write_text(reason, encoding="utf-8")
            _keep(store, refused, upload, f"{sha256}{REFUSED}")
            raise Invalid(reason, "file") from refusal
        return _keep(store, Path(name) / answer["file"], upload, f"{sha256}{MADE}")


def _keep(store: Store, made: Path, upload: Path, name: str) -> Path:
    kept = modes.make_folder(store.folder / FOLDER) / name
    made.replace(kept)
    if not upload.exists():  # erased meanwhile, perhaps after `forget` found nothing here
        kept.unlink(missing_ok=True)
    return kept
