"""Letters set by replay look as the full way makes them; the rest goes that way."""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal

import pypdfium2
import pytest
import zxingcpp
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from notices.render import Facts, RenderError, compile_version, render
from notices.render.compiled import CompiledTemplate
from notices.render.run import Printed
from notices.replay import engine, proof, trust, weasy
from notices.replay.engine import Replay
from notices.replay.pages import code_operators
from notices.replay.proof import compared
from notices.replay.run import PrintedLetters, print_letters
from notices.replay.trust import Trust
from notices.samples import sample_facts
from tests.notices.papers import GERMAN, pages
from tests.notices.writing import STARTERS, make_facts, make_invoice_facts

NAMES = st.text(
    alphabet="ABDKMÉŁÖŞabdefgiklmnoprstuvyzäéłöşß'-", min_size=2, max_size=22
).filter(lambda name: name.strip("'-") == name)
SUMS = st.decimals(min_value="1.00", max_value="99999.99", places=2)


def letter_facts(
    name: str = "Anna Nowak", *sums: Decimal, number: str = "C-10442"
) -> Facts:
    """Return the facts of a letter with two codes on it."""
    invoices = [
        make_invoice_facts(at + 1, amount=str(amount), currency="EUR")
        for at, amount in enumerate(sums or (Decimal("120.50"),))
    ]
    facts = make_facts("letter", *invoices, name=name, country="DE")
    return replace(
        facts,
        brand=replace(GERMAN, slip="epc"),
        customer=replace(facts.customer, number=number),
        answer_url=f"https://bills.example/r/{number}",
        answer_code=f"{number[-5:]}-9XW4B",
    )


def text(key: str = "reminder") -> CompiledTemplate:
    """Return a shipped text as a letter."""
    return compile_version(STARTERS[key, "letter", "en"], "letter")


@pytest.fixture(scope="module")
def one_trust() -> Trust:
    """What all tests of this file have laid out so far."""
    return Trust(Replay())


@pytest.fixture
def proven(one_trust: Trust, monkeypatch: pytest.MonkeyPatch) -> Trust:
    """Trust that proves a text with one sample, at its first letter."""
    monkeypatch.setattr(trust, "CASES", {"typical": ""})
    monkeypatch.setattr(trust, "WORTH_PROVING", 0)
    return one_trust


def file_of(printed: PrintedLetters, *, duplex: bool = False) -> bytes:
    """Return the file of all letters that were set."""
    good = [at for at, one in enumerate(printed.outcomes) if isinstance(one, Printed)]
    return printed.file(good, title="A run", duplex=duplex)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    key=st.sampled_from(["reminder", "friendly", "formal"]),
    name=st.lists(NAMES, min_size=1, max_size=4).map(" ".join),
    sums=st.lists(SUMS, min_size=1, max_size=3),
)
def test_random_customers_get_the_letter_of_the_full_way(
    proven: Trust, key: str, name: str, sums: list[Decimal]
) -> None:
    facts = letter_facts(name, *sums)

    printed = print_letters([(text(key), facts)], proven)

    try:
        full = render(text(key), facts)
    except RenderError as error:
        assert str(printed.outcomes[0]) == str(error)
        return
    assert not compared(full.body, file_of(printed)), name
    assert printed.ways.replayed == 1
    told = printed.outcomes[0]
    assert isinstance(told, Printed)
    assert told.text == full.text


@pytest.mark.parametrize("key", ["change-amount", "plan-confirmed", "event"])
def test_texts_of_other_kinds_are_replayed_as_well(proven: Trust, key: str) -> None:
    compiled = text(key)
    facts = sample_facts(compiled.kind.key, "letter")
    other = replace(facts, customer=replace(facts.customer, name="Ben Kowalczyk"))

    printed = print_letters([(compiled, facts), (compiled, other)], proven)

    assert printed.ways.replayed == 2
    full = render(compiled, other)
    assert not compared(full.body, printed.file([1], title="x", duplex=False))


def test_the_second_letter_of_a_shape_is_not_laid_out(proven: Trust) -> None:
    print_letters([(text(), letter_facts("Anna Nowak"))], proven)
    before = proven.replay.counts.laid_out

    print_letters([(text(), letter_facts("Kim Berg", number="C-20000"))], proven)

    assert proven.replay.counts.laid_out == before


def test_a_letter_with_more_rows_is_laid_out_once(proven: Trust) -> None:
    rows = [Decimal(10 + number) for number in range(5)]
    # The first letter of a text brings its proof with it.
    print_letters([(text(), letter_facts("Anna Nowak"))], proven)
    before = proven.replay.counts.laid_out

    for name in ("Anna Nowak", "Kim Berg"):
        print_letters([(text(), letter_facts(name, *rows))], proven)

    assert proven.replay.counts.laid_out == before + 1


def test_a_slip_that_takes_more_lines_is_laid_out_once_for_all_shapes(
    proven: Trust,
) -> None:
    long = "Maximiliana Clementine Featherstonehaugh"
    two, three = ([Decimal(20 + at) for at in range(rows)] for rows in (2, 3))
    print_letters([(text(), letter_facts("Anna Nowak", *two))], proven)
    print_letters([(text(), letter_facts(long, *two))], proven)
    print_letters([(text(), letter_facts("Anna Nowak", *three))], proven)
    before = proven.replay.counts.laid_out

    printed = print_letters([(text(), letter_facts(long, *three))], proven)

    assert printed.ways.replayed == 1
    assert proven.replay.counts.laid_out == before
    full = render(text(), letter_facts(long, *three))
    assert not compared(full.body, file_of(printed))


def test_a_code_that_says_something_else_is_noticed(
    proven: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = letter_facts(number="C-77777")
    print_letters([(text(), facts)], proven)
    monkeypatch.setattr(
        engine, "code_operators", lambda spot, said: code_operators(spot, said[::-1])
    )
    printed = print_letters([(text(), facts)], proven)

    difference = compared(render(text(), facts).body, file_of(printed))

    assert difference.what.endswith("a code says something else")


def test_a_letter_takes_little_room_in_a_file(proven: Trust) -> None:
    letters = [(text(), letter_facts(f"Kim Berg{at}")) for at in range(40)]

    alone = len(file_of(print_letters(letters[:1], proven)))
    more = len(file_of(print_letters(letters, proven))) - alone

    assert more / 39 < 2_300


def test_what_replay_does_not_set_stands_in_its_place(proven: Trust) -> None:
    names = ["Anna Nowak", "محمد الأنصاري", "Kim Berg", "王小明"]
    letters = [
        (text(), letter_facts(name, number=f"C-1000{at}"))
        for at, name in enumerate(names)
    ]

    printed = print_letters(letters, proven)

    assert (printed.ways.replayed, printed.ways.in_full) == (2, 2)
    for duplex in (False, True):
        found = pages(file_of(printed, duplex=duplex))
        told = [one for one in printed.outcomes if isinstance(one, Printed)]
        start = 0
        for at, one in enumerate(told):
            assert f"C-1000{at}" in found[start]
            start += one.pages + (one.pages % 2 if duplex else 0)
        assert start == len(found)


def test_a_letter_that_cannot_be_set_is_refused_in_the_same_words(
    proven: Trust,
) -> None:
    missing = letter_facts("Anna \U000e0041 \U0001fadf")
    narrow = letter_facts(" ".join(["FEATHERSTONEHAUGH"] * 20))
    nobody = letter_facts("")

    for facts in (missing, narrow, nobody):
        with pytest.raises(RenderError) as refused:
            render(text(), facts)

        printed = print_letters([(text(), facts)], proven)

        assert str(printed.outcomes[0]) == str(refused.value)
        assert facts.customer.number in str(printed.outcomes[0])
        assert printed.ways.refused == 1


def test_a_letter_with_enclosures_goes_the_full_way(proven: Trust) -> None:
    facts = letter_facts()
    with_paper = replace(facts, enclosures=(render(text("event"), sample()).body,))

    printed = print_letters([(text(), with_paper)], proven)

    assert printed.ways.in_full == 1


def sample() -> Facts:
    """Return the facts of a letter that is short."""
    return sample_facts("event", "letter")


def test_the_same_letters_give_the_same_bytes_whatever_came_before(
    proven: Trust,
) -> None:
    letters = [
        (text(), letter_facts(name, number=f"C-{at}"))
        for at, name in enumerate(("Anna Nowak", "Łukasz Şahin", "Kim Berg"))
    ]
    first = file_of(print_letters(letters, proven))
    print_letters([(text(), letter_facts("Zoë Quartz-Ñandú"))], proven)

    fresh = Trust(Replay())
    fresh.prove(*letters[2])

    assert file_of(print_letters(letters, proven)) == first
    assert file_of(print_letters(letters, fresh)) == first


def test_the_codes_of_a_replayed_letter_are_read(proven: Trust) -> None:
    printed = print_letters([(text(), letter_facts(number="C-77777"))], proven)

    assert printed.ways.replayed == 1
    said = []
    for page in pypdfium2.PdfDocument(file_of(printed)):
        picture = page.render(scale=4).to_pil().convert("L")
        said += [code.text for code in zxingcpp.read_barcodes(picture)]
    assert "HTTPS://BILLS.EXAMPLE/R/C-77777" in said
    assert any(code.startswith("BCD\n002\n1\nSCT") for code in said)


def test_every_letter_of_a_duplex_run_begins_on_a_front(proven: Trust) -> None:
    letters = [(text(), letter_facts(number=f"C-3000{at}")) for at in range(3)]
    printed = print_letters(letters, proven)

    found = pages(file_of(printed, duplex=True))

    starts = [at for at, page in enumerate(found) if "Customer number" in page]
    assert len(starts) == 3
    assert all(start % 2 == 0 for start in starts)
    assert len(found) % 2 == 0


def test_few_letters_of_an_unproven_text_go_the_full_way() -> None:
    printed = print_letters([(text(), letter_facts())], Trust(Replay()))

    assert printed.ways.in_full == 1


def test_another_weasyprint_switches_replay_off_not_the_product(
    proven: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weasy.weasyprint, "__version__", "71.0")

    printed = print_letters([(text(), letter_facts())], proven)

    assert printed.ways.in_full == 1


def test_a_text_whose_samples_differ_is_not_replayed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(trust, "CASES", {"typical": ""})
    monkeypatch.setattr(trust, "WORTH_PROVING", 0)
    monkeypatch.setattr(trust, "compared", lambda *_: proof.Difference("page 1: off"))

    printed = print_letters([(text(), letter_facts())], Trust(Replay()))

    assert printed.ways.in_full == 1
    assert "reminder (en) stays off" in caplog.text


def test_a_sampled_letter_that_differs_ends_the_trust_in_its_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own = Trust(Replay())
    monkeypatch.setattr(trust, "CASES", {"typical": ""})
    assert own.prove(text(), letter_facts())
    sampled = replace(letter_facts(), reference="SAMPLED")
    letters = [(text(), letter_facts()), (text(), sampled), (text(), letter_facts())]
    monkeypatch.setattr(trust, "is_sampled", lambda reference: reference == "SAMPLED")
    monkeypatch.setattr(trust, "compared", lambda *_: proof.Difference("page 1: off"))

    with caplog.at_level(logging.ERROR):
        printed = print_letters(letters, own)

    assert not own.is_trusted(text(), letter_facts())
    assert printed.ways.in_full == 3
    assert "notice SAMPLED came out otherwise (page 1: off)" in caplog.text


def test_one_letter_in_two_thousand_is_sampled() -> None:
    sampled = sum(trust.is_sampled(f"R{number}") for number in range(40_000))

    assert 10 <= sampled <= 30


def test_what_is_remembered_of_words_is_bounded(
    proven: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    from notices.replay import blocks, shaping

    monkeypatch.setattr(blocks, "MOST_KNOWN", 5)
    monkeypatch.setattr(shaping, "MOST_WORDS", 50)
    for shaper in proven.replay._shapers.values():
        shaper._ready.clear()
    letters = [
        (text(), letter_facts(f"Kim {'abcdefghij'[at % 10] * (at // 10 + 1)}"))
        for at in range(12)
    ]

    printed = print_letters(letters, proven)

    assert printed.ways.replayed == 12
    shapers = proven.replay._shapers.values()
    assert all(len(shaper._ready) <= 50 for shaper in shapers)
    blocks_met, stands = [], []
    for shape in proven.replay._shapes.values():
        if not isinstance(shape, str):
            blocks_met += shape.blocks
            stands += [
                each for flow in shape.flows.values() for each in flow.part.stands
            ]
    stands += [each for part in proven.replay._regions.values() for each in part.stands]
    assert all(len(block._known) <= 64 for block in blocks_met)
    assert all(len(stand._written) <= 64 for stand in stands)
