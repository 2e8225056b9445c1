"""A reply is cut down to what the customer wrote, in the ways mail programs quote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.inbound import classify
from notices.intake.quoted import LONGEST, own_words, text_of_html

OURS = "Your bill is late. Reply STOP to stop these messages."
QUOTES = {
    "gmail": f"On Tue, 10 Mar 2026 10:00, Northwind <b@n.example> wrote:\n\n> {OURS}",
    "folded": f"On Tue, 10 Mar 2026, Northwind Energy\n<b@n.example> wrote:\n> {OURS}",
    "german": f"Am 10.03.2026 um 10:00 schrieb Northwind <b@n.example>:\n> {OURS}",
    "french": f"Le 10 mars 2026 à 10:00, Northwind <b@n.example> a écrit :\n> {OURS}",
    "polish": f"W dniu 10.03.2026 o 10:00, Northwind pisze:\n> {OURS}",
    "czech": f"Dne 10. 3. 2026 v 10:00 Northwind <b@n.example> napsal(a):\n> {OURS}",
    "russian": f"10.03.2026 10:00, Northwind пишет:\n> {OURS}",
    "chinese": f"Northwind <b@n.example> 于2026年3月10日周二 10:00写道：\n> {OURS}",
    "arabic": f"في الثلاثاء، 10 مارس 2026 في 10:00 ص تمت كتابة ما يلي بواسطة Northwind <b@n.example>:\u202c\u200f\n> {OURS}",  # noqa: E501
    "arabic apple": f"في 10 مارس 2026، الساعة 10:00، كتب Northwind:\n> {OURS}",
    "arabic head": f"من: Northwind\nتاريخ الإرسال: الثلاثاء\nإلى: A\n{OURS}",
    "unmarked": f"On 10 March 2026 10:00, Northwind <b@n.example> wrote:\n{OURS}",
    "outlook": f"-----Original Message-----\nFrom: Northwind\n{OURS}",
    "outlook rule": f"________________________________\nFrom: Northwind\n{OURS}",
    "outlook head": f"From: Northwind <b@n.example>\nSent: Tue 10:00\nTo: A\n{OURS}",
    "german head": f"Von: Northwind\nGesendet: Dienstag, 10. März\nAn: A\n{OURS}",
    "signature": f"-- \nAlice\n{OURS}",
    "phone": f"Sent from my iPhone\n\n> {OURS}",
}


@pytest.mark.parametrize("name", QUOTES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_we_wrote_is_cut_off(name: str, end: str) -> None:
    text = f"I pay on Friday.\n\n{QUOTES[name]}\n".replace("\n", end)

    assert own_words(text) == "I pay on Friday."
    assert classify(own_words(text)).kind == "other"


def test_words_below_a_quote_are_theirs_too() -> None:
    text = f"{QUOTES['gmail']}\n> more of it\n\nPlease stop writing to me.\n"

    assert own_words(text) == "Please stop writing to me."


def test_words_between_quotes_are_theirs() -> None:
    assert own_words("> You owe 5\nNo.\n> Since May\nNo.") == "No.\nNo."


def test_what_only_looks_like_a_quote_stays() -> None:
    text = "My neighbour wrote:\nthe bill was his. From: him, Date: May."

    assert own_words(text) == text


@given(st.text(max_size=400))
def test_whatever_comes_is_cut_without_a_fault(text: str) -> None:
    cut = own_words(text)

    assert len(cut) <= LONGEST
    assert "\x00" not in cut
    cut.encode()


@pytest.mark.parametrize(
    "text",
    [
        "a " * 100_000 + "wrote:",
        "@" * 20_000 + "\nwrote:",
        "<" * 50_000,
        "From: x\n" * 5_000,
        "--" * 10_000,
    ],
)
def test_long_nonsense_takes_no_time(text: str) -> None:
    import time

    start = time.perf_counter()
    own_words(text)
    text_of_html(text)

    assert time.perf_counter() - start < 1


@given(st.text(alphabet="<>/abp!-\"'= \n&;", max_size=200))
def test_broken_markup_breaks_nothing(text: str) -> None:
    text_of_html(text)


def test_html_gives_its_words_without_what_it_quotes() -> None:
    html = (
        "<html><head><title>x</title></head><body>Hello<br>I&nbsp;paid &amp; more"
        "<div>yesterday</div><blockquote>STOP<blockquote>more</blockquote>text"
        "</blockquote><script>x()</script></body></html>"
    )

    assert text_of_html(html) == "Hello\nI paid & more\nyesterday"
