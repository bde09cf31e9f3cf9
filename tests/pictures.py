"""Pictures for tests: sound, hostile and broken."""

import io
import struct
import zlib

from PIL import Image


def jpeg(width: int = 1_000, height: int = 500) -> bytes:
    """Red above and blue below; a camera that was held on its side, with the place where it was."""
    picture = Image.new("RGB", (width, height), "red")
    picture.paste("blue", (0, height // 2, width, height))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90° clockwise
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[1] = "S"
    return _saved(picture, "JPEG", exif=exif)


def png(width: int = 1, height: int = 1) -> bytes:
    return _saved(Image.new("RGBA", (width, height), (255, 0, 0, 128)), "PNG")


def vast_png(side: int = 60_000) -> bytes:
    """Says that it is that large, and then holds ten rows: whoever decodes it has asked for the memory by then."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(10 * (1 + 3 * side)))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **how)
    return target.getvalue()
