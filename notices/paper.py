"""The sheets letters are printed on and the windows they are posted behind, as data.

All lengths are millimetres and count from the upper left corner of the first page. A
window is the part of the sheet that shows wherever the folded sheet slides to in its
envelope; what may show in some position only is left empty. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

MM = 96 / 25.4  # CSS pixels in a millimetre


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a sheet."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return where it ends to the right."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Return where it ends below."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Sheet:
    """A size of paper."""

    key: str
    width: float
    height: float
    css: str


@dataclass(frozen=True, slots=True)
class Stationery:
    """A sheet folded for an envelope, and what stands where on its first page.

    ``window`` takes the recipient and nothing else, in lines of ``line`` millimetres
    and ``size`` points. ``seen`` is all that can show through the envelope; only the
    return address may stand in it too, ending at ``return_bottom``, where the norm has
    it so. ``body_top`` is where the text begins.
    """

    key: str
    sheet: Sheet
    window: Box
    seen: Box
    line: float
    size: float
    letterhead: Box
    return_bottom: float
    reference: Box
    body_top: float
    folds: tuple[float, ...]
    punch: float

    @property
    def address(self) -> AddressField:
        """Return the room that the window has for the recipient."""
        return AddressField(self.window.width, self.window.height, self.size, self.line)


# What an address is set in when it takes more lines than its field has in usual type:
# the least that sorting machines read, at the least distance of its lines.
SMALL_TYPE = 8.0
SMALL_LINE = 3.15


@dataclass(frozen=True, slots=True)
class AddressField:
    """The room for a recipient: lines of ``line`` millimetres and ``size`` points."""

    width: float
    height: float
    size: float
    line: float

    def type_size(self, *, is_small: bool) -> float:
        """Return the points of its usual or its smaller type."""
        return min(SMALL_TYPE, self.size) if is_small else self.size

    def line_height(self, *, is_small: bool) -> float:
        """Return the millimetres of a line in its usual or its smaller type."""
        return min(SMALL_LINE, self.line) if is_small else self.line


A4 = Sheet("a4", 210, 297, "A4")
US_LETTER = Sheet("letter", 215.9, 279.4, "letter")
SHEETS = {sheet.key: sheet for sheet in (A4, US_LETTER)}

# DIN 5008:2020, fields of form B and form A: the field of 85 x 45 mm begins 20 mm from
# the left, 45 (27) mm from the top; its upper 17.7 mm hold the return address, the
# lower 27.3 mm the recipient, both from 25 mm; folds at 105 and 210 (87 and 192) mm,
# punch mark at 148.5 mm (sekretaerinnen-service.de/falzmarken, sprache-kompakt.de
# "Faltmarken", expressantworten.com on the 27.3 mm of the address zone).
DIN_B = Stationery(
    key="din_b",
    sheet=A4,
    window=Box(25, 62.7, 80, 27.3),
    seen=Box(20, 45, 85, 45),
    line=4.5,
    size=10,
    letterhead=Box(25, 10, 165, 30),
    return_bottom=60.5,
    reference=Box(118, 45, 72, 47),
    body_top=98.5,
    folds=(105, 210),
    punch=148.5,
)
DIN_A = Stationery(
    key="din_a",
    sheet=A4,
    window=Box(25, 44.7, 80, 27.3),
    seen=Box(20, 27, 85, 45),
    line=4.5,
    size=10,
    letterhead=Box(25, 8, 165, 17),
    return_bottom=42.5,
    reference=Box(118, 29, 72, 45),
    body_top=80.5,
    folds=(87, 192),
    punch=148.5,
)
# The zone that GOV.UK Notify checks letters against before they go into windowed C5
# envelopes (alphagov/notifications-template-preview, precompiled.py: address 24.6 to
# 120 mm from the left, 40 to 66.2 mm from the top, our own address right of 125 mm,
# text from 95 mm). A4 folded once, in the middle.
UK_C5 = Stationery(
    key="uk_c5",
    sheet=A4,
    window=Box(24.6, 40, 95.4, 26.2),
    seen=Box(15, 35, 105, 60),
    line=4.3,
    size=10,
    letterhead=Box(25, 8, 95, 20),
    return_bottom=33.5,
    reference=Box(125, 40, 65, 52),
    body_top=95,
    folds=(148.5,),
    punch=148.5,
)
# No standard says it; this is the DL window most British makers list: 35 x 90 mm, 20 mm
# from the left and 18 mm from the bottom of 220 x 110 mm. A4 folded in three can slide
# 11 mm up and 10 mm sideways; what shows in every position is 20 to 100 by 57 to 81 mm,
# what shows in some position 10 to 110 by 46 to 92 mm.
UK_DL = Stationery(
    key="uk_dl",
    sheet=A4,
    window=Box(20, 57, 80, 24),
    seen=Box(10, 46, 100, 46),
    line=4,
    size=9.5,
    letterhead=Box(25, 10, 85, 25),
    return_bottom=42,
    reference=Box(118, 46, 72, 46),
    body_top=97,
    folds=(99, 198),
    punch=148.5,
)
# No. 10: 4 1/8 x 9 1/2 in with a window of 1 1/8 x 4 1/2 in, 7/8 in from the left and
# 1/2 in from the bottom, and 1/8 in kept clear around the address (guide to window
# envelopes of businessenvelopes.com, citing USPS). Folded at 4 and 7 1/2 in a sheet can
# slide 1/8 in up and 1 in sideways; 1/8 in inside what always shows is 1 to 4 1/4 by
# 2 5/8 to 3 3/8 in, and what can show ends 5 3/8 in from the left and lies 2 3/8 to
# 3 5/8 in from the top.
US_10 = Stationery(
    key="us_10",
    sheet=US_LETTER,
    window=Box(25.4, 66.7, 82.5, 19),
    seen=Box(0, 60.3, 136.5, 31.8),
    line=3.8,
    size=9,
    letterhead=Box(25, 10, 88, 26),
    return_bottom=46,
    reference=Box(120, 12, 75.9, 47),
    body_top=96,
    folds=(101.6, 190.5),
    punch=139.7,
)


@dataclass(frozen=True, slots=True)
class Card:
    """A postcard lying on its long side: where sender and recipient stand.

    Right of and below the recipient the post prints its own marks.
    """

    sheet: Sheet
    recipient: Box
    sender: Box

    @property
    def address(self) -> AddressField:
        """Return the room for the recipient."""
        return AddressField(self.recipient.width, self.recipient.height, 10, 4.5)


# Recipient in the right half, the lowest 15 mm left to the sorting code and the upper
# right corner to the stamp (Royal Mail, "A guide for letter envelope design and clear
# addressing": code mark and indicia zones; USPS keeps the lowest 5/8 in for barcodes).
CARDS = {
    "a4": Card(
        Sheet("a6", 148, 105, "148mm 105mm"), Box(76, 48, 64, 40), Box(8, 8, 58, 85)
    ),
    "letter": Card(
        Sheet("6x4", 152.4, 101.6, "6in 4in"), Box(78, 46, 66, 38), Box(8, 8, 60, 82)
    ),
}
# A panel to be laid into bills or printed on them.
INSERT = Sheet("insert", 180, 80, "180mm 80mm")

STATIONERY = {each.key: each for each in (DIN_B, DIN_A, UK_C5, UK_DL, US_10)}


def stationery_for(paper: str, envelope: str) -> Stationery:
    """Return what a letter of that paper and envelope looks like.

    :raises ValueError: there is no such envelope, or the paper does not fit into it.
    """
    found = STATIONERY.get(envelope)
    if found is None:
        raise ValueError(f"There is no envelope “{envelope}”.")
    if found.sheet.key != paper:
        raise ValueError(
            "US No. 10 envelopes go with US Letter paper, all others with A4. Change "
            "the paper or the envelope."
        )
    return found


def address_field_of(paper: str, envelope: str, *, is_card: bool) -> AddressField:
    """Return the room for the recipient, on a postcard or behind a window.

    What there is no such paper or envelope for is refused elsewhere; here it has the
    room of the usual one.
    """
    if is_card:
        return CARDS.get(paper, CARDS["a4"]).address
    return STATIONERY.get(envelope, DIN_B).address
