"""What must hold of boxes for a value to change nothing but the words of its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from notices.replay import weasy
from notices.replay.breaking import BREAK
from notices.replay.weasy import Box, Style


class Unprovable(Exception):
    """A shape whose letters can only be laid out in full; the words say why."""


def require_apart(path: tuple[Box, ...]) -> None:
    """Refuse hidden words that others have to make room for."""
    if not any(box.is_absolutely_positioned() for box in path):
        raise Unprovable("Hidden words take room.")


def require_fixed(path: tuple[Box, ...]) -> None:
    """Refuse boxes whose size or look may come from the words in them."""
    for box in path:
        style = box.style
        table = box.get_wrapped_table() if getattr(box, "is_table_wrapper", 0) else box
        if weasy.is_table(table):
            if style is not table.style:
                style = table.style
            if style["table_layout"] != "fixed" or style["width"] == "auto":
                raise Unprovable("The columns of a table are as wide as its words.")
        elif weasy.shrinks(box):
            raise Unprovable("A box is as wide as its words.")
        if box.is_running():
            raise Unprovable("A value stands in a running element.")
        clipped = box.style["overflow"] != "visible" and box.element_tag != "html"
        if clipped or box.style["opacity"] != 1 or box.style["transform"]:
            raise Unprovable("A block is clipped, turned or seen through.")


_PLAIN_LINE = {
    "direction": ("ltr",),
    "text_overflow": ("clip",),
}
_PLAIN_WORDS = {
    "text_transform": ("none",),
    "hyphens": ("manual", "none"),
    "word_break": ("normal",),
    "white_space": ("normal", "nowrap"),
    "direction": ("ltr",),
    "unicode_bidi": ("normal", "isolate"),
    "visibility": ("visible",),
}
_EDGES = ("padding", "margin", "border")


def require_plain(line: Box, texts: Sequence[Box]) -> None:
    """Refuse lines on which more than words stands."""
    _require_style(line, _PLAIN_LINE)
    if line.style["text_indent"].value:
        raise Unprovable("The first line is indented.")
    for box in weasy.walk(line):
        if box is not line:
            _require_level(box)
    for text in texts:
        if text.text != BREAK:
            _require_style(text, _PLAIN_WORDS)
        if text.style["text_decoration_line"] != "none":
            raise Unprovable("Words are underlined.")


def _require_level(box: Box) -> None:
    """Refuse what is not words, or does not stand on the line as they do."""
    if not (weasy.is_text(box) or weasy.is_inline(box)):
        raise Unprovable("Something stands between the words.")
    if box.style["vertical_align"] != "baseline":
        raise Unprovable("Words stand higher or lower.")
    if box.style["position"] != "static":
        raise Unprovable("Words are moved.")
    if weasy.is_inline(box):
        _require_bare(box)


def _require_style(box: Box, allowed: Mapping[str, tuple[str, ...]]) -> None:
    for name, values in allowed.items():
        if box.style[name] not in values:
            raise Unprovable(f"The style {name} is {box.style[name]}.")


def _require_bare(box: Box) -> None:
    style = box.style
    for side in ("top", "right", "bottom", "left"):
        sizes = (
            style[f"padding_{side}"].value,
            style[f"margin_{side}"].value if style[f"margin_{side}"] != "auto" else 0,
            style[f"border_{side}_width"],
        )
        if any(sizes):
            raise Unprovable("Words have an edge of their own.")
    if style["background_color"].alpha or style["background_image"][0][0] != "none":
        raise Unprovable("Words have a ground of their own.")


_ALIGNS = {
    "start": "left",
    "left": "left",
    "end": "right",
    "right": "right",
    "center": "center",
}


def align_of(style: Style) -> str:
    align, last = style["text_align_all"], style["text_align_last"]
    if align not in _ALIGNS or last not in ("auto", align):
        raise Unprovable("The lines are justified.")
    return _ALIGNS[align]
