"""A customer's data is only ever data: no markup, link, header or Liquid."""

from __future__ import annotations

import re
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notices.render import MailDestination, RenderError
from notices.render.printable import clean
from tests.notices.writing import (
    BRAND,
    html_of,
    make_facts,
    parsed,
    starter,
    written,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "{{ brand.iban }}",
    "{% for invoice in invoices %}",
    "**bold** _it_ # not a heading",
    "[a](http://evil.example)",
    "![x](http://evil.example/x.png)",
    '" onmouseover="alert(1)',
    "\ue0000\ue001 <!--\ue0001\ue001-->",
    "&lt;b&gt; &amp;",
]
NAME = "Dear {{ customer.name }}, hello."


def words(page: str) -> str:
    """Return the text of a page as a browser would show it."""
    import html

    return html.unescape(re.sub(r"<[^>]*>", "", page))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stands_in_the_text_as_it_was_typed(name):
    rendered = written(NAME, make_facts(name=name))

    assert rendered.text.startswith(f"Dear {name}, hello.")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_adds_no_element_to_the_page(name):
    page = html_of(written(NAME, make_facts(name=name)))
    plain = html_of(written(NAME, make_facts(name="Anna")))

    assert len(re.findall("<[a-z!/]", page)) == len(re.findall("<[a-z!/]", plain))
    assert f"Dear {name}, hello." in words(page)
    assert "evil.example" not in "".join(re.findall("<[^>]*>", page))


def test_a_name_with_line_breaks_cannot_write_a_header():
    name = "Anna\r\nBcc: all@evil.example\r\n\r\nHi"
    facts = make_facts(name=name)

    rendered = written("Hello.", facts, subject="For {{ customer.name }}")

    message = parsed(rendered)
    assert message["Bcc"] is None
    assert rendered.subject == "For Anna Bcc: all@evil.example Hi"
    assert str(make_header(decode_header(message["Subject"]))) == rendered.subject


@pytest.mark.parametrize("channel", ["email", "call"])
def test_a_name_with_line_breaks_writes_no_line_of_its_own(channel):
    facts = make_facts(channel, name="Anna\r\n\r\nPay to\u2028IBAN X\x00")

    text = written(NAME, facts, subject="").text

    assert text.startswith("Dear Anna Pay to IBAN X, hello.\n")


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nBcc: x@y.example", "a@b.example, x@y.example", "<a@b.example>"],
)
def test_an_address_that_is_more_than_an_address_is_refused(address):
    facts = make_facts(destination=MailDestination(address))

    with pytest.raises(RenderError, match=r"To address .* customer C-10442") as refusal:
        written("Hello.", facts)

    assert refusal.value.code == "bad_address"


def test_a_line_break_in_the_firms_name_is_refused_as_a_header():
    from dataclasses import replace

    brand = replace(BRAND, name="Northwind\r\nBcc: x@y.example")

    with pytest.raises(RenderError) as refusal:
        written("Hello.", make_facts(brand=brand))

    assert refusal.value.code == "bad_header"


@example("0\r\x1b\r0")
@given(st.text(max_size=300))
def test_a_clean_value_is_one_line_without_control_signs(text):
    value = clean(text)

    assert value == clean(value)
    assert "  " not in value
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]", value)


@pytest.mark.parametrize(
    "name", ["Łukasz Żółć", "محمد بن عبد الله", "王小明", "O’Brien-Smith", "می‌خواهم"]
)
def test_a_real_name_is_not_changed(name):
    assert clean(name) == name


@given(st.text(max_size=60))
def test_any_name_at_all_leaves_a_mail_that_parses(name):
    message = parsed(starter("reminder", make_facts(name=name)))

    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
