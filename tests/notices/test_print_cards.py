"""Runs of postcards: cards as they were previewed, two sides on one sheet."""

from __future__ import annotations

import io

import pypdfium2
import pytest

from notices.about import write_about
from notices.facts import load_facts
from notices.models import Brand, Notice, PrintRun, Stream, TemplateVersion
from notices.printing.pages import cut_out, fingerprints
from notices.printing.runs import open_run
from notices.render import compile_version, render
from notices.replay.run import print_letters
from notices.samples import sample_facts
from notices.starter import install_starters, starters
from notices.states import State
from tests.factories import NOW, make_customer, make_notice
from tests.notices.papers import POINTS_PER_MM
from tests.notices.printing import address, close, make_print_stream, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream() -> Stream:
    """Return a running stream that allows paper, with the shipped texts."""
    install_starters(["en"])
    return make_print_stream()


def make_card(stream: Stream, name: str = "Anna Nowak") -> Notice:
    """Return a due postcard in the shipped words."""
    customer = make_customer(email=None, e_delivery=False, name=name)
    address(customer)
    about = sample_facts("paperless", "postcard", language="en").about
    return make_notice(
        customer,
        stream=stream,
        channel="postcard",
        template=TemplateVersion.objects.get(
            key="paperless-postcard", channel="postcard", language="en"
        ),
        about=write_about(dict(about)),
        invoices=[],
        kind="change_notice",
        dunning=False,
    )


def printed_cards(brand: Brand) -> PrintRun:
    """Return a closed run of the due cards."""
    return close(open_run(brand=brand, now=NOW, channel="postcard", by="ada"))


def sizes(pdf: bytes) -> list[tuple[int, int]]:
    """Return the size of each page in whole millimetres."""
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        return [
            (round(width / POINTS_PER_MM), round(height / POINTS_PER_MM))
            for width, height in (page.get_size() for page in document)
        ]


@pytest.mark.parametrize("duplex", [True, False])
def test_a_postcard_leaves_the_print_room_as_a_card(
    stream: Stream, duplex: bool
) -> None:
    stream.brand.duplex = duplex
    stream.brand.save(update_fields=["duplex"])
    for name in ("Anna Nowak", "Bo Berg"):
        make_card(stream, name)

    run = printed_cards(stream.brand)

    file = run.files.get()
    assert sizes(bytes(file.body)) == [(148, 105)] * 4
    assert (file.part, file.letters, file.pages, file.sheets) == ("card", 2, 4, 2)
    assert [item.first_page for item in run.items.all()] == [1, 3]
    pages = texts(bytes(file.body))
    assert ["Nowak" in page or "Berg" in page for page in pages][::2] == [True, True]


def test_a_card_of_a_run_is_the_card_that_was_previewed(stream: Stream) -> None:
    card = make_card(stream)
    facts = load_facts([card.pk], NOW)[card.pk]
    alone = render(compile_version(card.template, "postcard"), facts)

    file = printed_cards(stream.brand).files.get()

    body = cut_out(bytes(file.body), 1, 2)
    assert texts(body) == texts(alone.body)
    assert sizes(body) == sizes(alone.body)
    assert list(fingerprints(body, [(1, 2)])) == [bytes(file.items.get().sha256)]


def test_a_card_that_cannot_be_set_is_held_and_the_rest_goes(stream: Stream) -> None:
    good = make_card(stream)
    endless = make_card(stream, name="WOLFESCHLEGELSTEIN " * 15)

    run = printed_cards(stream.brand)

    good.refresh_from_db()
    endless.refresh_from_db()
    assert (good.state, run.letters) == (State.PRINTING, 1)
    assert (endless.state, endless.reason) == (State.HELD, "too_long")


def test_cards_are_never_replayed_as_letters():
    asked = []

    class Eager:
        """Would replay whatever it is given."""

        def set(self, *letter):
            asked.append(letter)

    version = next(
        one.as_version() for one in starters(["en"]) if one.key == "paperless-postcard"
    )
    facts = sample_facts("paperless", "postcard", language="en")

    run = print_letters([(compile_version(version, "postcard"), facts)], Eager())

    assert not asked
    assert sizes(run.file([0], title="", duplex=True)) == [(148, 105)] * 2
