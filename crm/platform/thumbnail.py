"""Making a picture small: measure it by its header, decode it, write what it shows. Done in a sandbox for
crm.platform.pictures; little besides Pillow is imported for it."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from crm.foundation.errors import Invalid

SIDE = 256
"""Pixels: shown at 44, on screens of any density, and as a card's picture."""
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
DAMAGED = "This picture is damaged, so that it cannot be shown. Download it to see what can be saved of it."

Image.MAX_IMAGE_PIXELS = None  # measured here, against the setting


def work(asked: dict[str, Any], folder: Path) -> dict[str, Any]:
    try:
        with Image.open(asked["path"], formats=FORMATS) as picture:
            _refuse_too_large(picture, asked["megapixels"])
            _small(picture).save(folder / "small", "WEBP", quality=80)
    except (Invalid, MemoryError):
        raise
    except Exception as damage:  # decoders raise whatever a hostile file leads them to
        raise Invalid(DAMAGED, "file") from damage
    return {"file": "small"}


def _refuse_too_large(picture: Image.Image, megapixels: int) -> None:
    width, height = picture.size
    if width * height > megapixels * 1_000_000:
        raise Invalid(
            f"This picture is {width:,} × {height:,} pixels; up to {megapixels:,} megapixels are shown here "
            "(CRM_PICTURE_MEGAPIXELS). Download it to see it.",
            "file",
        )


def _small(picture: Image.Image) -> Image.Image:
    """The first frame, turned as its camera said; a new picture, which holds none of what stood beside the pixels."""
    picture.draft("RGB", (2 * SIDE, 2 * SIDE))
    picture.thumbnail((2 * SIDE, 2 * SIDE), Image.Resampling.BOX)
    turned = ImageOps.exif_transpose(picture)
    pixels = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    pixels.thumbnail((SIDE, SIDE))
    bare = Image.new(pixels.mode, pixels.size)
    bare.paste(pixels)
    return bare
