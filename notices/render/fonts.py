"""Says which signs no installed font has, before a letter finds out.

Asks fontconfig, which Pango takes its fonts from, once in a process.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import unicodedata
from functools import lru_cache

from notices.render.errors import RenderError

# Blanks, marks of direction and controls draw nothing, so no font needs them.
_UNDRAWN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def missing_glyphs(text: str) -> set[str]:
    """Return the signs of a text that no installed font can draw.

    :raises RenderError: ``no_fontconfig``.
    """
    return {sign for sign in set(text) if not _is_drawn(sign)}


@lru_cache(maxsize=20_000)
def _is_drawn(sign: str) -> bool:
    if unicodedata.category(sign) in _UNDRAWN or 0xFE00 <= ord(sign) <= 0xFE0F:
        return True
    library, signs = _installed()
    return bool(library.FcCharSetHasChar(signs, ord(sign)))


@lru_cache(maxsize=1)
def _installed() -> tuple[ctypes.CDLL, int]:
    """Return fontconfig and its set of all signs of all fonts, kept for good."""
    name = ctypes.util.find_library("fontconfig") or "libfontconfig.so.1"
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise RenderError(
            "no_fontconfig", "The library fontconfig is missing. Install Pango."
        ) from error
    pointer = ctypes.c_void_p
    for call in ("FcPatternCreate", "FcObjectSetCreate", "FcCharSetCreate"):
        getattr(library, call).restype = pointer
    library.FcFontList.restype = ctypes.POINTER(_FontSet)
    library.FcFontList.argtypes = [pointer, pointer, pointer]
    library.FcObjectSetAdd.argtypes = [pointer, ctypes.c_char_p]
    library.FcPatternGetCharSet.argtypes = [
        pointer,
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.POINTER(pointer),
    ]
    library.FcCharSetMerge.argtypes = [pointer, pointer, pointer]
    library.FcCharSetHasChar.argtypes = [pointer, ctypes.c_uint32]
    objects = library.FcObjectSetCreate()
    library.FcObjectSetAdd(objects, b"charset")
    found = library.FcFontList(None, library.FcPatternCreate(), objects)
    signs: int = library.FcCharSetCreate()
    for at in range(found.contents.count):
        own = pointer()
        pattern = found.contents.fonts[at]
        if library.FcPatternGetCharSet(pattern, b"charset", 0, ctypes.byref(own)) == 0:
            library.FcCharSetMerge(signs, own, None)
    return library, signs


class _FontSet(ctypes.Structure):
    """What fontconfig answers with: so many patterns, and where they stand."""

    _fields_ = [
        ("count", ctypes.c_int),
        ("room", ctypes.c_int),
        ("fonts", ctypes.POINTER(ctypes.c_void_p)),
    ]
