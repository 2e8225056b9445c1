"""Logos: what is taken, and what is not opened."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, ImageFile, PngImagePlugin

from notices.logo import LONGEST_SIDE, LogoError, clean_logo


def picture(size=(300, 100), kind="PNG", mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, "teal").save(out, kind, **options)
    return out.getvalue()


def read(png):
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


@pytest.mark.parametrize("upload", [picture(), picture(kind="JPEG")])
def test_png_and_jpeg_become_a_png_of_ours(upload):
    image = read(clean_logo(upload))

    assert (image.format, image.size, image.mode) == ("PNG", (300, 100), "RGB")


def test_a_large_picture_is_drawn_smaller():
    assert read(clean_logo(picture((2400, 800)))).size == (LONGEST_SIDE, 200)


def test_what_is_transparent_becomes_paper():
    clear = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(clear, "PNG")
    assert read(clean_logo(clear.getvalue())).getpixel((5, 5)) == (255, 255, 255)


def test_nothing_written_into_the_picture_survives():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "secret-place", zip=False)
    upload = picture(pnginfo=notes) + b"<script>secret-script</script>PK\x03\x04"
    assert b"secret-place" in upload

    cleaned = clean_logo(upload)

    assert b"secret" not in cleaned
    assert read(cleaned).info == {}


def bomb():
    """Return a PNG of a few bytes that says it has 40,000 x 40,000 pixels."""
    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)

    def chunk(kind, body):
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)

    data = zlib.compress(b"\0" * 1_000_000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
LINK = b'<?xml version="1.0"?><svg><image href="file:///etc/passwd"/></svg>'


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (bomb(), "broken|too many"),
        (picture((6000, 5000)), "6000 x 5000"),
        (picture()[:60], "broken"),
        (picture(kind="JPEG")[:200], "broken"),
        (SVG, "PNG or JPEG"),
        (LINK, "PNG or JPEG"),
        (b"GIF89a" + SVG, "PNG or JPEG"),
        (b"\x89PNG\r\n\x1a\n" + SVG, "broken"),
        (b"\xff\xd8\xff" + LINK, "broken"),
        (b"", "PNG or JPEG"),
        (b"\x89PNG" + b"x" * 5_000_001, "5 MB"),
    ],
)
def test_hostile_and_broken_pictures_are_refused(upload, words):
    with pytest.raises(LogoError, match=words):
        clean_logo(upload)


def test_half_a_picture_is_refused_whatever_else_pillow_was_told(monkeypatch):
    # WeasyPrint tells it so, for the whole process.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)

    for half in (picture()[:60], picture((300, 300), "JPEG")[:700]):
        with pytest.raises(LogoError, match="broken"):
            clean_logo(half)

    assert ImageFile.LOAD_TRUNCATED_IMAGES
