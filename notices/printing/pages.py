"""Single letters of a run file: cut out, and known again by a fingerprint of their own.

The fingerprint of a letter is the SHA-256 over, for each of its pages in order: the
four numbers of its media box; its content stream, decompressed; and for every picture
or form that the stream draws, in the order of drawing, what that is made of,
decompressed where it is compressed without loss, and with what it draws in turn. That
is all that was put on the paper, and none of how a library happens to compress, number
or arrange it: a letter cut out of its run, and a run saved anew by another library,
have the same fingerprints. The fonts belong to the run; the SHA-256 of the file holds
them.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pikepdf

_DRAWS = re.compile(rb"/([^\s/<>\[\]()]+)\s+Do\b")
_DEEPEST = 8


def fingerprints(pdf: bytes, letters: Iterable[tuple[int, int]]) -> Iterator[bytes]:
    """Yield the fingerprint of each letter, given by its first page from 1 and its
    number of pages."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = document.pages
        known: dict[Any, bytes] = {}
        for first, number in letters:
            digest = hashlib.sha256()
            for page in pages[first - 1 : first - 1 + number]:
                digest.update(_page(page, known))
            yield digest.digest()


def cut_out(pdf: bytes, first: int, number: int) -> bytes:
    """Return one letter of a run as a PDF of its own; the same bytes each time."""
    held = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document, pikepdf.new() as letter:
        letter.pages.extend(document.pages[first - 1 : first - 1 + number])
        letter.remove_unreferenced_resources()
        letter.save(held, deterministic_id=True)
    return held.getvalue()


def _page(page: pikepdf.Page, known: dict[Any, bytes]) -> bytes:
    digest = hashlib.sha256()
    box = " ".join(f"{float(edge):.3f}" for edge in page.mediabox)
    digest.update(f"page {box}\n".encode())
    content = b"\n".join(part.read_bytes() for part in _parts(page))
    _drawing(digest, content, page.obj.get("/Resources"), known, 0)
    return digest.digest()


def _parts(page: pikepdf.Page) -> list[Any]:
    content = page.obj.get("/Contents")
    if content is None:
        return []
    return list(content) if isinstance(content, pikepdf.Array) else [content]


def _drawing(
    digest: Any, content: bytes, resources: Any, known: dict[Any, bytes], depth: int
) -> None:
    """Add a content stream and all that it draws."""
    digest.update(b"stream %d\n" % len(content))
    digest.update(content)
    objects: Any = resources.get("/XObject") if resources is not None else None
    for name in _DRAWS.findall(content) if objects is not None else ():
        drawn = objects.get("/" + name.decode("latin-1"))
        if drawn is not None and depth < _DEEPEST:
            digest.update(_object(drawn, known, depth + 1))


def _object(drawn: Any, known: dict[Any, bytes], depth: int) -> bytes:
    """Return the fingerprint of a picture or form; letters may share one."""
    key = drawn.objgen
    if key not in known:
        digest = hashlib.sha256()
        try:
            content = drawn.read_bytes()
        except pikepdf.PdfError:
            content = drawn.read_raw_bytes()  # a photograph
        if drawn.get("/Subtype") == "/Form":
            _drawing(digest, content, drawn.get("/Resources"), known, depth)
        else:
            digest.update(b"picture %d\n" % len(content))
            digest.update(content)
        known[key] = digest.digest()
    return known[key]
