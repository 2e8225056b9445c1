"""A filled letter is taken apart into its shape and its values."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders

from notices.render.liquid_text import parse
from notices.replay.marks import Apart, marked, parts_of, taken_apart, unmarked

PAGE = (
    "<html><head><title>{{ subject }}</title></head><body>"
    '<p title="{{ customer.name }}">Dear <bdi>{{ customer.name }}</bdi>,</p>'
    "{% if total > 3 %}<p>more</p>{% endif %}"
    '<img src="{{ slip.code }}" alt="{{ url }}">'
    "{% for line in lines %}<p>{{ line }} of {{ brand.name }}</p>{% endfor %}"
    "</body></html>"
)


def filled(**values: object) -> Apart:
    known = {
        "subject": "About your bill",
        "customer": {"name": "Anna"},
        "total": 1,
        "slip": {"code": "BCD 1"},
        "url": "https://a.example/1",
        "lines": ["one"],
        "brand": {"name": "Northwind"},
    }
    return taken_apart(parse(marked(PAGE), html=True).fill({**known, **values}))


def test_letters_that_differ_in_values_alone_have_one_shape() -> None:
    anna = filled()
    ben = filled(
        customer={"name": "Ben & Søn <x>"},
        subject="Another",
        slip={"code": "BCD 2"},
        url="https://a.example/2",
        lines=["two"],
    )

    assert anna.shape == ben.shape
    assert list(ben.values) == ["Ben & Søn <x>", "BCD 2", "two"]


def test_branches_rows_brands_and_empty_values_make_shapes() -> None:
    others = [
        filled(total=4),
        filled(lines=["one", "two"]),
        filled(brand={"name": "Southwind"}),
        filled(lines=[""]),
    ]

    assert len({filled().shape, *(other.shape for other in others)}) == 5


def test_the_page_is_put_together_again_with_numbered_values() -> None:
    apart = filled(customer={"name": "Ben & Søn <x>"})

    page = apart.page(lambda payload: f"data:{payload}")

    assert "Dear <bdi>Ben &amp; Søn &lt;x&gt;</bdi>," in unmarked(page)
    assert 'data-code="1" src="data:BCD 1"' in page
    assert "<title></title>" in page


def test_a_marked_text_is_words_and_numbers_in_turn() -> None:
    page = filled().page(str)
    text = page[page.rindex("<p>") + 3 : page.rindex("</p>")]

    assert parts_of(text) == [2, " of Northwind"]
    assert unmarked(text) == "one of Northwind"


def test_blanks_that_a_page_would_swallow_are_noticed() -> None:
    assert filled().is_plain
    assert filled(slip={"code": "BCD\n002"}).is_plain
    for name in (" Anna", "Anna ", "An  na", "An\tna", "An\nna"):
        assert not filled(customer={"name": name}).is_plain


def test_no_style_sheet_of_letters_prints_what_is_left_out_of_a_shape() -> None:
    source = Path(str(finders.find("letter.css"))).read_text(encoding="utf-8")

    assert "attr(" not in source
