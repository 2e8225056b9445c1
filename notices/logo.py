"""Takes a firm's picture for its letterhead: looks at it with suspicion, draws it anew.

Only PNG and JPEG. What is kept is a PNG of our own making: none of the upload's bytes,
texts, profiles or places survives.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

MOST_BYTES = 5_000_000
MOST_PIXELS = 25_000_000
LONGEST_SIDE = 600

_FORMATS = ("PNG", "JPEG")
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class LogoError(ValueError):
    """A picture that cannot become a logo; the message is meant for staff."""


def check_size(size: int) -> None:
    """Return when a picture of so many bytes may be looked at: asked before it is read.

    :raises LogoError: it is too large.
    """
    if size > MOST_BYTES:
        raise LogoError("The picture is larger than 5 MB. Please save it smaller.")


def clean_logo(upload: bytes) -> bytes:
    """Return the picture as a PNG of at most 600 pixels a side.

    :raises LogoError: it is too large, no PNG or JPEG, or broken.
    """
    check_size(len(upload))
    if not is_picture(upload):
        raise LogoError(
            "The logo must be a PNG or JPEG picture. Export other formats, such as "
            "SVG, as PNG first."
        )
    return redrawn(upload, LONGEST_SIDE)


def is_picture(upload: bytes) -> bool:
    """Whether a file begins as a PNG or JPEG does."""
    return upload.startswith(_SIGNATURES)


def redrawn(upload: bytes, longest: int, kind: str = "PNG") -> bytes:
    """Return a picture drawn anew, at most ``longest`` pixels a side, as PNG or JPEG.

    :raises LogoError: it has too many pixels or is broken.
    """
    try:
        with warnings.catch_warnings(), _whole_pictures_only():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _redrawn(upload, longest, kind)
    except LogoError:
        raise
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
        MemoryError,
    ) as error:
        raise LogoError(
            "The picture is broken or not what it seems. Please export it again."
        ) from error


@contextmanager
def _whole_pictures_only() -> Iterator[None]:
    """Refuse half a picture: WeasyPrint tells Pillow to fill in what is missing."""
    lenient = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _redrawn(upload: bytes, longest: int, kind: str) -> bytes:
    with Image.open(io.BytesIO(upload), formats=_FORMATS) as picture:
        # The size is in the head: nothing is unpacked yet.
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise LogoError(
                f"The picture has {width} x {height} pixels, which is too many. "
                f"{longest} on the longer side are enough."
            )
        picture.draft("RGB", (longest * 2, longest * 2))
        turned = ImageOps.exif_transpose(picture)
        drawn = turned.convert("RGBA")
    drawn.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    # On white, since paper is; a fresh picture carries nothing over.
    fresh = Image.new("RGB", drawn.size, "white")
    fresh.paste(drawn, mask=drawn.getchannel("A"))
    out = io.BytesIO()
    fresh.save(out, kind, optimize=True)
    return out.getvalue()
