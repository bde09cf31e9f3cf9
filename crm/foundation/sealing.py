"""Encrypts secrets that the product needs in plain text again, such as those of webhooks, with a key beside the store.

Whoever gets the database, or a backup of it, reads none of them: no backup holds `secret.key`. Each is bound to its
purpose `of` (AES-GCM's associated data), so that one copied into another row does not open there.
"""

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm.foundation.durable import sync_folder
from crm.foundation.errors import CrmError
from crm.foundation.language import tr

KEY_FILE = "secret.key"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = "s1"
"""The prefix of a sealed text: the version of its format."""


class Unreadable(CrmError):
    """A sealed secret cannot be opened: the key is missing or another, or the text was altered."""


def seal(folder: Path, secret: bytes, *, of: str) -> str:
    """Encrypt a secret; the text opens only with this store's key, and only for the same purpose `of`.

    `folder` is the store's (`tx.folder`). Its key is made here if there is none.
    """
    key = _key(folder) or _make_key(folder)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, secret, of.encode())
    return f"{_FORMAT}.{_key_id(key)}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(folder: Path, sealed: str, *, of: str) -> bytes:
    """Decrypt a secret. Raises Unreadable where the key is missing or another, or the purpose `of` is another."""
    key = _key(folder)
    text_format, _, rest = sealed.partition(".")
    key_id, _, text = rest.partition(".")
    if key is None or (text_format == _FORMAT and key_id != _key_id(key)):
        raise Unreadable(
            tr(
                "The {of} was encrypted with a key that is not here: put {key_file} back into the "
                "store's folder. Without that file this secret has to be made anew.",
                of=of,
                key_file=KEY_FILE,
            )
        )
    try:
        packed = base64.urlsafe_b64decode(text)
        return AESGCM(key).decrypt(packed[:_NONCE_BYTES], packed[_NONCE_BYTES:], of.encode())
    except (InvalidTag, ValueError, binascii.Error):
        raise Unreadable(tr("The {of} is damaged in the store. It has to be made anew.", of=of)) from None


def _key(folder: Path) -> bytes | None:
    path = folder / KEY_FILE
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    # Never replaced by a new one: all that is sealed would be lost.
    if len(key) != _KEY_BYTES:
        raise Unreadable(
            tr("{key_file} in the store's folder is damaged. Put it back from where it is kept.", key_file=KEY_FILE)
        )
    return key


def _make_key(folder: Path) -> bytes:
    """Make a key that only the product's account may read; of two processes that do so at once, both get the
    first's."""
    path, unfinished = folder / KEY_FILE, folder / f"{KEY_FILE}.{secrets.token_hex(8)}"
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)  # atomic, and never over an existing key
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
    sync_folder(folder)
    return path.read_bytes()  # another process may have been first


def _key_id(key: bytes) -> str:
    """An identifier of the key that does not reveal it."""
    return hashlib.sha256(b"name of " + key).hexdigest()[:8]
