"""Each private call of WeasyPrint does what replay takes it for."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pydyf
import pytest
import weasyprint
from weasyprint import CSS, HTML

from notices.render.press import Fetcher, fonts
from notices.replay import weasy
from notices.replay.ink import add_fonts, painted, painted_alone
from notices.replay.shaping import Shaper, Unprintable, style_key
from notices.replay.weasy import Setting, Tree

CSS_SOURCE = (
    "@page { size: 400px 300px; margin: 0 } p { width: 150px; margin: 0 }"
    "body { font: 16px 'Noto Sans'; margin: 0 } .up { position: absolute; top: 9px }"
)
PAGE = "<p id=a>Dear <b>Anna</b>, thank you for it.</p><div class=up>up</div>"


def setting() -> Setting:
    """Return a small page."""
    return Setting(fonts(), [CSS(string=CSS_SOURCE, font_config=fonts())], Fetcher())


def tree(page: str = PAGE) -> Tree:
    """Return the boxes of a page."""
    return weasy.tree_of(page, setting())


def lines_in(found: Tree) -> list[Any]:
    """Return the lines of a tree."""
    return [box for box in found.boxes() if weasy.is_line(box)]


def test_the_weasyprint_that_replay_was_proven_with_is_installed() -> None:
    assert weasy.is_known()
    assert weasyprint.__version__.startswith("70.")


def test_before_the_layout_a_block_is_one_line_of_words_by_style() -> None:
    line = lines_in(tree())[0]

    assert [text.text for text in weasy.texts_of(line)] == [
        "Dear ",
        "Anna",
        ", thank you for it.",
    ]


def test_what_is_set_on_a_box_stands_on_its_pieces_after_the_layout() -> None:
    found = tree()
    line = lines_in(found)[0]
    line.mine = 7
    for number, text in enumerate(weasy.texts_of(line)):
        text.mine = number

    page = found.laid_out()[0]

    laid = [box for box in weasy.walk(page._page_box) if getattr(box, "mine", 0) == 7]
    assert len(laid) == 2
    assert [text.mine for each in laid for text in weasy.texts_of(each)] == [0, 1, 2, 2]


def test_a_layout_is_the_one_of_the_full_way() -> None:
    page = tree().laid_out()[0]
    document = HTML(string=PAGE).render(
        stylesheets=setting().styles, font_config=fonts()
    )

    def places(box: Any) -> list[tuple[str, float, float]]:
        return [
            (each.text, each.position_x, each.position_y + each.baseline)
            for each in weasy.walk(box)
            if weasy.is_text(each)
        ]

    assert places(page._page_box) == places(document.pages[0]._page_box)
    assert "up" in [words for words, _, _ in places(page._page_box)]


def test_a_line_breaks_again_with_other_words() -> None:
    found = tree()
    line = lines_in(found)[0]
    line.mine = 7
    page = found.laid_out()[0]
    container = next(
        box
        for box in weasy.walk(page._page_box)
        if getattr(box, "children", ()) and getattr(box.children[0], "mine", 0) == 7
    )
    weasy.texts_of(line)[1].text = "Maximiliana Featherstonehaugh"

    lines = found.break_again(line, container)

    said = ["".join(t.text for t in weasy.texts_of(each)).strip() for each in lines]
    assert said == ["Dear Maximiliana", "Featherstonehaugh,", "thank you for it."]


def test_a_line_without_children_is_not_painted() -> None:
    found = tree()
    line = lines_in(found)[0]
    line.mine = 7
    page = found.laid_out()[0]
    full = painted(page)
    for box in weasy.walk(page._page_box):
        if getattr(box, "mine", 0) == 7:
            box.children = ()

    bare = painted(page)

    assert bare.is_simple
    assert bare.name != full.name
    assert len(bare.content) < len(full.content)
    assert {sign for used in bare.fonts for sign in used.glyphs.values()} == {"u", "p"}


def test_what_is_placed_on_the_page_is_painted_alone() -> None:
    found = tree()
    page = found.laid_out()[0]
    placed = next(
        box
        for box in weasy.walk(page._page_box)
        if box.is_absolutely_positioned()
        and weasy.is_text(
            weasy.texts_of(
                next(each for each in weasy.walk(box) if weasy.is_line(each))
            )[0]
        )
    )

    alone = painted_alone(page, placed)
    placed.children = ()

    assert {sign for used in alone.fonts for sign in used.glyphs.values()} == {"u", "p"}
    assert painted_alone(page, placed).is_empty
    assert not painted(page).is_empty


def test_a_tree_that_let_go_still_breaks_lines() -> None:
    found = tree()
    line = lines_in(found)[0]
    line.mine = 7
    page = found.laid_out()[0]
    container = next(
        box
        for box in weasy.walk(page._page_box)
        if getattr(box, "children", ()) and getattr(box.children[0], "mine", 0) == 7
    )
    before = len(found.break_again(line, container))

    found.forget()

    assert len(found.break_again(line, container)) == before


def test_harfbuzz_writes_what_pango_writes() -> None:
    style = weasy.texts_of(lines_in(tree())[0])[0].style
    shaper = Shaper(style)

    assert shaper._harfbuzz is not None
    for said in ("AVATAR, To. Ty", "office fly fjord", "£1,234.50", "Şahin & Łukasz"):
        assert shaper._harfbuzz.shape(said) == shaper.by_pango(said)


def test_the_operators_of_words_are_those_that_weasyprint_draws() -> None:
    document = HTML(string="<p>AVATAR, To. Ty</p>").render(
        stylesheets=setting().styles, font_config=fonts()
    )
    with pikepdf.open(io.BytesIO(document.write_pdf())) as pdf:
        drawn = pdf.pages[0].Contents.read_bytes().decode("latin-1")
    found = weasy.tree_of("<p>AVATAR, To. Ty</p>", setting())
    shaper = Shaper(weasy.texts_of(lines_in(found)[0])[0].style)

    shown = drawn[drawn.index("[<") : drawn.index("TJ")]
    # WeasyPrint writes a distance of nothing where there is a fraction of one.
    own = shown.replace(">0<", "").replace(">0]", ">]").replace(" ", "")
    assert shaper("AVATAR, To. Ty").operators == own + "TJ"
    assert shaper.set_font in drawn


@pytest.mark.parametrize("said", ["محمد", "漢字", "\U000e0041x", "a\nb"])
def test_words_that_need_more_than_one_font_in_a_row_are_refused(said: str) -> None:
    shaper = Shaper(weasy.texts_of(lines_in(tree())[0])[0].style)

    with pytest.raises(Unprintable):
        shaper(said)


def test_styles_that_look_alike_share_a_shaper() -> None:
    line = lines_in(tree("<p>one <i>two</i> <span>three</span> <b>four</b></p>"))[0]
    keys = [style_key(text.style) for text in weasy.texts_of(line)]

    assert keys[0] == keys[3]
    assert len(set(keys)) == 3


def test_a_font_in_a_file_holds_the_glyphs_it_is_asked_for_and_stays_whole() -> None:
    page = tree().laid_out()[0]
    used = painted(page).fonts
    before = [len(each.font.file_content) for each in used]
    pdf = pydyf.PDF()

    names = add_fonts(pdf, used)

    assert sorted(names) == sorted(each.font.hash for each in used)
    assert [len(each.font.file_content) for each in used] == before
