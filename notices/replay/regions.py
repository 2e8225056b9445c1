"""Parts of a page that stand on their own: the window, the slip.

A box placed absolutely on the page itself takes no room among the others, and they none
in it: what stands in it depends on its own markup and words alone. So it is laid out
once for each number of lines of its blocks, whatever the rest of the letter does, and
all letters with the same markup there share it.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from notices.replay.marks import CLOSE, CODE_ATTRIBUTE, NUMBER_END, OPEN
from notices.replay.weasy import Box, Style

_VALUE = re.compile(f"{OPEN}\\d+{NUMBER_END}[^{CLOSE}]*{CLOSE}")
_CODE = re.compile(f'{CODE_ATTRIBUTE}="\\d+"|src="data:[^"]*"')


def region_in(path: tuple[Box, ...]) -> tuple[Box, ...]:
    """Return the path to the region that the last box stands in, empty if in none."""
    for at, box in enumerate(path, 1):
        if box.style["position"] != "static":
            return path[:at] if _stands_alone(box) else ()
    return ()


def signature(path: tuple[Box, ...]) -> str:
    """Return what a region shares with all that are laid out alike: its markup.

    With one style sheet for all, the markup and the elements around it say how it is
    styled; our sheets ask for nothing beside it.
    """
    *around, region = path
    source = ElementTree.tostring(region.element, encoding="unicode")
    tail = len(region.element.tail or "")
    source = source[: len(source) - tail] if tail else source
    tags = [
        f"<{box.element_tag} {sorted(box.element.items())}>"
        for box in around
        if box.element is not None
    ]
    # Of a slip in a letter without a table above it, the values have other numbers.
    return "".join(tags) + _CODE.sub("", _VALUE.sub(OPEN + CLOSE, source))


def _stands_alone(box: Box) -> bool:
    """Whether a box that is no part of the flow has its place from the page alone."""
    style = box.style
    return (
        style["position"] == "absolute"
        and box.element is not None
        and style["z_index"] == "auto"
        and (style["top"] != "auto" or style["bottom"] != "auto")
        and (style["left"] != "auto" or style["right"] != "auto")
        and _is_bare(style)
    )


def _is_bare(style: Style) -> bool:
    """Whether nothing is seen of a box itself, but what stands in it."""
    return not (
        style["background_color"].alpha
        or style["background_image"][0][0] != "none"
        or style["outline_width"]
        or any(
            style[f"border_{side}_width"] for side in ("top", "right", "bottom", "left")
        )
    )
