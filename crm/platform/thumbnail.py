"""Makes a picture small: checks the picture's size by its header, decodes it, writes its pixels. Runs in a sandbox for
crm.platform.pictures; little besides Pillow is imported for it."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
DAMAGED = later("This picture is damaged, so that it cannot be shown. Download it to see what can be saved of it.")

Image.MAX_IMAGE_PIXELS = None  # measured here, against the setting


def work(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    try:
        with Image.open(request["path"], formats=FORMATS) as picture:
            _refuse_too_large(picture, request["megapixels"])
            _small(picture, request["side"]).save(folder / "small", request["format"], quality=80)
    except (Invalid, MemoryError):  # the sandbox reports memory as such; below it would count as damage
        raise
    except Exception as damage:  # decoders raise whatever a hostile file leads them to
        raise Invalid(tr(DAMAGED), "file") from damage
    return {"file": "small"}


def _refuse_too_large(picture: Image.Image, megapixels: int) -> None:
    width, height = picture.size
    if width * height > megapixels * 1_000_000:
        raise Invalid(
            tr(
                "This picture is {width:,} × {height:,} pixels; up to {megapixels:,} megapixels are "
                "shown here (CRM_PICTURE_MEGAPIXELS). Download it to see it.",
                width=width,
                height=height,
                megapixels=megapixels,
            ),
            "file",
        )


def _small(picture: Image.Image, side: int) -> Image.Image:
    """The first frame, rotated as its EXIF data says, as a new picture without any metadata."""
    # A JPEG decodes at a fraction of its size at once; the second, better resampling then starts from a small picture.
    picture.draft("RGB", (2 * side, 2 * side))
    picture.thumbnail((2 * side, 2 * side), Image.Resampling.BOX)
    turned = ImageOps.exif_transpose(picture)
    pixels = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    pixels.thumbnail((side, side))
    bare = Image.new(pixels.mode, pixels.size)
    bare.paste(pixels)
    return bare
