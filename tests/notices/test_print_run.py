"""Print runs: gathered in order, asked again, on paper once, sent when posted."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
import uuid
from typing import Any

import pikepdf
import pytest
from django.db import IntegrityError, connection, transaction

from customers.models import PostalAddress
from customers.sealed import ring as keys
from notices import dispatch
from notices.actions import due_work, ring, send_all_due, set_stream_state
from notices.claims import sweep
from notices.history import histories
from notices.messages import message_of
from notices.models import (
    Attempt,
    Notice,
    PrintEvent,
    PrintFile,
    PrintItem,
    PrintRun,
    SentCopy,
    Stream,
)
from notices.printing import closing, manifest, storing
from notices.printing.folder import write_run
from notices.printing.forecast import estimate, waiting
from notices.printing.pages import fingerprints
from notices.printing.posting import cancel_run, mark_posted, take_back_posting
from notices.printing.returns import WrongCode, mark_returned
from notices.printing.runs import (
    NothingToPrint,
    PrintRunError,
    begin_closing,
    note_reprint,
    open_run,
)
from notices.render import RenderError
from notices.starter import install_starters
from notices.states import State
from tests.factories import NOW, TODAY, pay
from tests.notices.printing import close, make_letter, make_print_stream, printed, texts

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def stream() -> Stream:
    """Return a running stream that allows letters, with the shipped texts."""
    install_starters(["en"])
    return make_print_stream()


def state_of(notice: Notice) -> str:
    notice.refresh_from_db()
    return notice.state


# Gathering ---------------------------------------------------------------------------


def test_letters_wait_for_the_print_room(stream: Stream) -> None:
    letter = make_letter(stream)

    send_all_due(now=NOW)
    dispatch.drain(stream_id=stream.pk, channel="letter", clock=lambda: NOW)

    assert state_of(letter) == State.SCHEDULED
    assert due_work(NOW) == {}
    assert [(one.brand, one.ready) for one in waiting(NOW)] == [(stream.brand, 1)]


def test_a_run_gathers_the_due_letters_of_one_firm(stream: Stream) -> None:
    make_letter(stream)
    make_letter(stream, not_before=NOW + DAY)
    make_letter(make_print_stream())
    make_letter(make_print_stream(brand=stream.brand, state=Stream.State.PAUSED))

    run = open_run(brand=stream.brand, now=NOW, by="ada")

    assert run.items.count() == 1
    assert waiting(NOW)[0].brand != stream.brand


def test_a_letter_is_in_one_run_only(stream: Stream) -> None:
    letter = make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW)

    with pytest.raises(NothingToPrint):
        open_run(brand=stream.brand, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        PrintItem.objects.create(run=run, notice=letter, place="")

    assert PrintRun.objects.count() == 1


def test_runs_are_numbered_firm_by_firm(stream: Stream) -> None:
    other = make_print_stream()
    numbers = []
    for where in (stream, stream, other):
        make_letter(where)
        numbers.append(open_run(brand=where.brand, now=NOW).number)

    assert numbers == [1, 2, 1]


def test_what_the_firms_day_is_closed_for_stays(stream: Stream) -> None:
    stream.bank_days = "weekends"
    stream.save(update_fields=["bank_days"])
    make_letter(stream)
    saturday = NOW + 4 * DAY

    with pytest.raises(NothingToPrint):
        open_run(brand=stream.brand, now=saturday)

    assert [(one.ready, one.later) for one in waiting(saturday)] == [(0, 1)]


def test_the_estimate_learns_from_earlier_letters(stream: Stream) -> None:
    make_letter(stream, invoices=40)
    first = open_run(brand=stream.brand, now=NOW)
    assert estimate(first).is_guess
    close(first)
    make_letter(stream)

    learnt = estimate(open_run(brand=stream.brand, now=NOW))

    assert not learnt.is_guess
    assert (learnt.pages, learnt.sheets) == (first.pages, first.sheets)
    assert learnt.pages > 1


# Closing -----------------------------------------------------------------------------


def test_a_closed_run_has_its_letters_in_post_code_order(stream: Stream) -> None:
    for code in ("YO1 7HH", "AB1 2CD", "LS1 4AP"):
        make_letter(stream, postcode=code)

    run = printed(stream.brand)

    assert (run.state, run.letters, run.pulled) == (PrintRun.State.CLOSED, 3, 0)
    order = [item.place.split()[0] for item in run.items.order_by("sequence")]
    assert order == ["AB1", "LS1", "YO1"]


def test_letters_abroad_come_last_whatever_the_database_sorts_by(
    stream: Stream,
) -> None:
    # A collation of people passes over signs such as the space in front of those at
    # home, and would have 10115 Berlin among them.
    for code, country in (("SW1A 1AA", "GB"), ("10115", "DE"), ("AB1 2CD", "")):
        letter = make_letter(stream, postcode=code)
        PostalAddress.objects.filter(customer=letter.customer).update(country=country)

    run = printed(stream.brand)

    order = [item.place[:3] for item in run.items.order_by("sequence")]
    assert order == [" AB", " SW", "DE "]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT collation_name FROM information_schema.columns "
            "WHERE table_name = 'notices_printitem' AND column_name = 'place'"
        )
        assert cursor.fetchone() == ("C",)


def test_every_letter_stands_on_the_pages_the_manifest_says(stream: Stream) -> None:
    letters = [make_letter(stream, invoices=count) for count in (1, 30, 2)]

    run = printed(stream.brand)

    for file in run.files.all():
        pages = texts(bytes(file.body))
        for item in file.items.all():
            assert item.first_page is not None
            first = pages[item.first_page - 1]
            assert item.notice.reference in first
            assert "Page 1 of" in first
            last = pages[item.first_page + item.pages - 2]
            number = re.search(r"Page (\d+) of (\d+)", last)
            assert number is not None
            assert number[1] == number[2]
    assert sum(file.letters for file in run.files.all()) == len(letters)


def test_in_duplex_every_letter_begins_on_the_front_of_a_sheet(stream: Stream) -> None:
    for _ in range(3):
        make_letter(stream)

    run = printed(stream.brand)

    assert all(item.first_page % 2 == 1 for item in run.items.all())  # type: ignore[operator]
    file = run.files.get()
    assert len(texts(bytes(file.body))) == run.sheets * 2
    assert run.sheets_saved == run.pages - run.sheets
    assert run.pages + run.blanks == run.sheets * 2


def test_single_sided_printing_has_no_empty_pages(stream: Stream) -> None:
    stream.brand.duplex = False
    stream.brand.save(update_fields=["duplex"])
    make_letter(stream)

    run = printed(stream.brand)

    assert len(texts(bytes(run.files.get().body))) == run.pages == run.sheets


@pytest.mark.parametrize("duplex", [True, False])
def test_a_run_keeps_to_its_sides_when_the_firm_turns_to_others(
    stream: Stream, duplex: bool
) -> None:
    # A slip on the last of two pages: duplex has an empty back in between.
    brand = stream.brand
    brand.duplex, brand.slip = duplex, "plain"
    brand.save(update_fields=["duplex", "slip"])
    make_letter(stream, invoices=3)
    run = open_run(brand=brand, now=NOW)
    brand.duplex = not duplex
    brand.save(update_fields=["duplex"])

    close(run)

    item = run.items.get()
    pages = texts(bytes(run.files.get().body))
    empty = [not page.strip() for page in pages]
    assert (item.pages, len(pages)) == ((3, 4) if duplex else (2, 2))
    # Two are printed either way: an empty back saves nothing.
    assert (run_now(run).pages, run_now(run).sheets_saved) == (2, 0)
    assert (item.blanks, run_now(run).blanks) == ((1, 2) if duplex else (0, 0))
    assert empty == ([False, True, False, True] if duplex else [False, False])


def run_now(run: PrintRun) -> PrintRun:
    return PrintRun.objects.get(pk=run.pk)


def test_each_weight_class_has_a_file_of_its_own(stream: Stream) -> None:
    make_letter(stream)
    make_letter(stream, invoices=200)

    run = printed(stream.brand)

    assert {file.part for file in run.files.all()} >= {"20g"}
    assert run.files.count() == 2
    day = f"{TODAY:%Y%m%d}"
    assert run.files.all()[0].name.startswith(f"{stream.brand.key}-run0001-{day}-")
    assert {item.sequence for item in run.items.all()} == {1, 2}


def test_who_paid_a_minute_before_the_closing_is_taken_out(stream: Stream) -> None:
    kept, paid = make_letter(stream), make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW)
    invoice = paid.items.get().invoice
    pay(invoice, invoice.amount)

    close(run)

    assert state_of(kept) == State.PRINTING
    assert (state_of(paid), paid.reason) == (State.SUPPRESSED, "ACCT_NOTHING_DUE")
    assert (run.letters, run.pulled) == (1, 1)
    item = run.items.get(notice=paid)
    assert (item.state, item.reason) == ("pulled", "ACCT_NOTHING_DUE")


def test_who_pays_while_the_letters_are_set_is_not_in_the_file(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, paid = make_letter(stream), make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW)
    real = closing.print_letters

    def slow(letters: Any) -> Any:
        found = real(letters)
        if Notice.objects.get(pk=paid.pk).state == State.CLAIMED:
            invoice = paid.items.get().invoice
            pay(invoice, invoice.amount)
        return found

    monkeypatch.setattr(closing, "print_letters", slow)
    close(run)

    assert (state_of(kept), state_of(paid)) == (State.PRINTING, State.SUPPRESSED)
    file = run.files.get()
    assert paid.reference not in "".join(texts(bytes(file.body)))
    assert file.letters == 1


def test_a_part_payment_while_the_letters_are_set_is_on_the_letter(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW)
    real, calls = closing.print_letters, []

    def slow(letters: Any) -> Any:
        found = real(letters)
        if not calls:
            invoice = letter.items.get().invoice
            pay(invoice, invoice.amount / 4)
        calls.append(1)
        return found

    monkeypatch.setattr(closing, "print_letters", slow)
    close(run)

    assert state_of(letter) == State.PRINTING
    assert "90.00" in "".join(texts(bytes(run.files.get().body)))
    assert run.letters == 1


def test_a_letter_that_cannot_be_set_is_held_and_named_and_the_rest_goes(
    stream: Stream,
) -> None:
    good = make_letter(stream)
    endless = make_letter(stream, name="WOLFESCHLEGELSTEIN " * 15)

    run = printed(stream.brand)

    assert state_of(good) == State.PRINTING
    assert (state_of(endless), endless.reason) == (State.HELD, "address_too_long")
    assert run.items.get(notice=endless).reason == "address_too_long"
    assert run.letters == 1


def test_one_sign_without_a_font_spoils_one_letter_only(stream: Stream) -> None:
    good = make_letter(stream)
    strange = make_letter(stream, name="Anna \U0010fffd")

    printed(stream.brand)

    assert (state_of(strange), strange.reason) == (State.HELD, "glyph_missing")
    assert state_of(good) == State.PRINTING


def test_a_campaign_paused_while_its_letters_are_set_prints_nothing(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW)
    real = closing.print_letters

    def slow(letters: Any) -> Any:
        found = real(letters)
        set_stream_state(stream=stream, state=Stream.State.PAUSED)
        return found

    monkeypatch.setattr(closing, "print_letters", slow)
    close(run)

    assert (state_of(letter), run.letters) == (State.SCHEDULED, 0)
    assert run.items.get().reason == "print_stream_stopped"
    assert not PrintFile.objects.exists()


def test_a_paused_campaign_prints_nothing_more(stream: Stream) -> None:
    letter = make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW)
    set_stream_state(stream=stream, state=Stream.State.PAUSED)

    close(run)

    assert state_of(letter) == State.SCHEDULED
    assert run.state == PrintRun.State.CANCELLED
    assert run.items.get().reason == "print_stream_stopped"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "point",
    ["_ask", "print_letters", "_hold_faulty", "bundles_of", "_store_items", "_finish"],
)
def test_an_interrupted_close_goes_on_and_prints_nothing_twice(
    stream: Stream, monkeypatch: pytest.MonkeyPatch, point: str, after: bool
) -> None:
    letters = [make_letter(stream) for _ in range(4)]
    run = open_run(brand=stream.brand, now=NOW)
    monkeypatch.setattr(closing, "FILE_SIZE", 2)
    module = storing if point == "_store_items" else closing
    real, calls = getattr(module, point), []

    def dies(*args: Any) -> Any:
        calls.append(1)
        dying = len(calls) == (1 if point == "_finish" else 2)
        if dying and not after:
            raise KeyboardInterrupt
        found = real(*args)
        if dying:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(module, point, dies)
    with pytest.raises(KeyboardInterrupt):
        close(run)
    monkeypatch.setattr(module, point, real)
    Notice.objects.filter(state=State.CLAIMED).update(lease_until=NOW - 999 * DAY)
    sweep()
    run.refresh_from_db()
    closing.close_some(run_id=run.pk, clock=lambda: NOW)

    run.refresh_from_db()
    assert (run.state, run.letters) == (PrintRun.State.CLOSED, 4)
    on_paper = "".join(
        page for file in run.files.all() for page in texts(bytes(file.body))
    )
    for letter in letters:
        assert state_of(letter) == State.PRINTING
        assert letter.attempts.count() == 1
        assert on_paper.count(f"Reference {letter.reference}") <= 1
        assert letter.reference in on_paper
    assert sorted(run.items.values_list("sequence", flat=True)) == [1, 2, 3, 4]


def test_two_workers_may_close_the_same_run(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW)
    monkeypatch.setattr(closing, "FILE_SIZE", 2)
    real, nested = closing.print_letters, []

    def meanwhile(letters: Any) -> Any:
        if not nested:
            nested.append(1)
            left = closing.close_some(run_id=run.pk, clock=lambda: NOW)
            assert left is closing.Left.OTHERS
        return real(letters)

    monkeypatch.setattr(closing, "print_letters", meanwhile)
    close(run)

    assert (run.state, run.letters, run.files.count()) == (PrintRun.State.CLOSED, 4, 2)
    assert Attempt.objects.count() == 4


def test_what_there_was_no_time_for_is_printed_the_next_time(stream: Stream) -> None:
    for _ in range(3):
        make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW)
    begin_closing(run=run, now=NOW, ring_workers=False)

    left = closing.close_some(run_id=run.pk, clock=lambda: NOW, seconds=0.01)

    assert left is closing.Left.WORK
    run.refresh_from_db()
    assert run.letters == 1
    left = closing.close_some(run_id=run.pk, clock=lambda: NOW)
    assert left is closing.Left.NOTHING
    run.refresh_from_db()
    assert run.letters == 3


def test_every_tick_rings_for_a_run_that_is_being_closed(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW)
    begin_closing(run=run, now=NOW, ring_workers=False)
    rung = []
    monkeypatch.setattr(
        "celery.app.base.Celery.send_task",
        lambda self, name, args=(), **options: rung.append(
            (name, args, options["queue"])
        ),
    )

    ring(now=NOW)

    assert ("notices.tasks.close_print_run", (run.pk,), "letter") in rung


def test_a_letter_in_a_run_counts_for_the_caps_of_other_channels(
    stream: Stream,
) -> None:
    letter = make_letter(stream)
    printed(stream.brand)
    state_of(letter)

    for days in (0, 6, 8, 60):
        now = NOW + days * DAY
        found = histories([letter.customer_id], [], now)
        assert found[letter.customer_id].dunning == [now]


# Posting, cancelling -----------------------------------------------------------------


def test_letters_are_sent_when_the_run_is_marked_as_posted(stream: Stream) -> None:
    letter = make_letter(stream)
    run = printed(stream.brand)
    assert letter.attempts.get().result == Attempt.Result.UNKNOWN

    mark_posted(run=run, posted_on=TODAY, now=NOW + dt.timedelta(hours=3), by="ada")

    assert state_of(letter) == State.SENT
    assert letter.sent_at == NOW + dt.timedelta(hours=3)
    attempt = letter.attempts.get()
    assert (attempt.result, attempt.provider) == (Attempt.Result.ACCEPTED, "print")
    assert attempt.provider_reference == f"{run.name}#1"


def test_posting_yesterday_counts_from_yesterday(stream: Stream) -> None:
    letter = make_letter(stream)
    run = printed(stream.brand)

    mark_posted(run=run, posted_on=TODAY, now=NOW + 2 * DAY)

    state_of(letter)
    assert letter.sent_at is not None
    assert letter.sent_at.date() == TODAY


@pytest.mark.parametrize(
    ("days", "says"), [(1, "not come yet"), (-1, "after that day")]
)
def test_a_day_of_posting_that_cannot_be_is_refused(
    stream: Stream, days: int, says: str
) -> None:
    make_letter(stream)
    run = printed(stream.brand)

    with pytest.raises(PrintRunError, match=says):
        mark_posted(run=run, posted_on=TODAY + days * DAY, now=NOW)


def test_only_a_closed_run_can_be_posted(stream: Stream) -> None:
    make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW)

    with pytest.raises(PrintRunError, match="ready to post"):
        mark_posted(run=run, posted_on=TODAY, now=NOW)


def test_a_cancelled_run_puts_its_letters_back_into_line(stream: Stream) -> None:
    letter = make_letter(stream)
    run = printed(stream.brand)

    cancel_run(run=run, now=NOW, by="ada")

    assert state_of(letter) == State.SCHEDULED
    assert letter.attempts.get().result == Attempt.Result.TRY_LATER
    again = printed(stream.brand)
    assert again.items.get().notice_id == letter.pk
    assert [one.number for one in letter.attempts.all()] == [1, 2]


def test_a_posted_run_cannot_be_cancelled(stream: Stream) -> None:
    letter = make_letter(stream)
    run = mark_posted(run=printed(stream.brand), posted_on=TODAY, now=NOW)

    with pytest.raises(PrintRunError, match="cannot be cancelled"):
        cancel_run(run=run, now=NOW)

    assert state_of(letter) == State.SENT


def test_a_reprint_is_noted_with_who_and_when(stream: Stream) -> None:
    make_letter(stream)
    run = printed(stream.brand)

    note_reprint(run=run, what="letter 1", now=NOW, by="adam")

    event = run.events.get(verb=PrintEvent.Verb.REPRINTED)
    assert (event.by, event.at, event.what) == ("adam", NOW, "letter 1")


def test_nothing_of_a_cancelled_run_is_printed_again(stream: Stream) -> None:
    make_letter(stream)
    run = cancel_run(run=printed(stream.brand), now=NOW)

    with pytest.raises(PrintRunError, match="could send them twice"):
        note_reprint(run=run, what="letter 1", now=NOW)


# Evidence ----------------------------------------------------------------------------


def test_the_message_of_a_printed_letter_is_cut_out_of_its_run(stream: Stream) -> None:
    letters = [make_letter(stream) for _ in range(3)]
    run = printed(stream.brand)

    for letter in letters:
        state_of(letter)
        message = message_of(letter, NOW)
        text = "".join(texts(message.body))
        assert message.is_stored
        assert letter.reference in text
        assert not any(
            other.reference in text for other in letters if other is not letter
        )
        assert message.body == message_of(letter, NOW).body
    assert not SentCopy.objects.exists()
    assert run.letters == 3


def test_a_file_that_was_changed_is_told(stream: Stream) -> None:
    letter = make_letter(stream)
    run = printed(stream.brand)
    file = run.files.get()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE notices_printfile DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE notices_printfile SET body = %s",
            [keys().seal(bytes(file.body) + b" ", "notices_printfile.body")],
        )
    state_of(letter)

    with pytest.raises(RenderError, match="changed after it was printed"):
        message_of(letter, NOW)


def test_the_database_keeps_files_as_they_are(stream: Stream) -> None:
    make_letter(stream)
    run = printed(stream.brand)

    with pytest.raises(IntegrityError), transaction.atomic():
        PrintFile.objects.filter(run=run).update(name="other.pdf")


def test_a_letters_fingerprint_outlives_how_its_file_is_written(stream: Stream) -> None:
    for count in (1, 30, 2):
        make_letter(stream, invoices=count)
    run = printed(stream.brand)
    file = run.files.order_by("number")[0]
    items = list(file.items.order_by("sequence"))
    spans = [(item.first_page or 0, item.pages) for item in items]

    kept = [bytes(item.sha256) for item in items]

    assert len(set(kept)) == len(kept)
    assert list(fingerprints(bytes(file.body), spans)) == kept
    with pikepdf.open(io.BytesIO(bytes(file.body))) as document:
        held = io.BytesIO()
        document.save(held, compress_streams=False, linearize=True)
    assert held.getvalue() != bytes(file.body)
    assert list(fingerprints(held.getvalue(), spans)) == kept
    for item, digest in zip(items, kept, strict=True):
        alone = message_of(Notice.objects.get(pk=item.notice_id), NOW).body
        assert list(fingerprints(alone, [(1, item.pages)])) == [digest]


def test_a_changed_page_has_another_fingerprint(stream: Stream) -> None:
    make_letter(stream)
    file = printed(stream.brand).files.get()
    item = file.items.get()
    with pikepdf.open(io.BytesIO(bytes(file.body))) as document:
        page = document.pages[0]
        page.contents_add(b" 0 0 10 10 re f ")
        held = io.BytesIO()
        document.save(held)

    changed = list(fingerprints(held.getvalue(), [(1, item.pages)]))

    assert changed != [bytes(item.sha256)]


def test_the_manifest_names_every_letter_once(stream: Stream) -> None:
    make_letter(stream, name='=HYPERLINK("http://x")')
    make_letter(stream)
    run = printed(stream.brand)

    told = json.loads(manifest.as_json(run))
    lines = list(csv.DictReader(io.StringIO(manifest.as_csv(run).decode("utf-8-sig"))))

    assert told["letters"] == len(told["items"]) == len(lines) == 2
    assert [line["reference"] for line in lines] == [
        item["reference"] for item in told["items"]
    ]
    assert told["files"][0]["sha256"] == bytes(run.files.get().sha256).hex()
    assert not any(line["address"].startswith("=") for line in lines)
    assert {line["country"] for line in lines} == {"GB"}


def test_the_manifest_counts_printed_pages_and_empty_ones_apart(stream: Stream) -> None:
    stream.brand.slip = "plain"
    stream.brand.save(update_fields=["slip"])
    for count in (1, 3, 30):
        make_letter(stream, invoices=count)

    run = printed(stream.brand)

    told = json.loads(manifest.as_json(run))
    for file in run.files.all():
        inside = texts(bytes(file.body))
        for one in told["items"]:
            if one["file"] != file.name:
                continue
            first = one["first_page"] - 1
            sides = inside[first : first + one["pages"] + one["blank_pages"]]
            empty = sum(not side.strip() for side in sides)
            assert (len(sides), empty) == (one["sheets"] * 2, one["blank_pages"])
    assert told["pages"] == sum(one["pages"] for one in told["items"])
    assert told["blank_pages"] == sum(one["blank_pages"] for one in told["items"])


def test_a_posting_by_mistake_is_taken_back(stream: Stream) -> None:
    letters = [make_letter(stream) for _ in range(2)]
    run = printed(stream.brand)
    run = mark_posted(run=run, posted_on=TODAY, now=NOW)

    run = take_back_posting(run=run, now=NOW + dt.timedelta(hours=2), by="ada")

    assert (run.state, run.posted_on) == (PrintRun.State.CLOSED, None)
    for letter in letters:
        letter.refresh_from_db()
        assert (letter.state, letter.sent_at) == (State.PRINTING, None)
        attempt = letter.attempts.get()
        assert (attempt.result, attempt.finished_at) == ("unknown", None)
    assert run.events.first().verb == "unposted"  # type: ignore[union-attr]
    # And it may be posted, truly this time, or cancelled.
    again = mark_posted(run=run, posted_on=TODAY, now=NOW + dt.timedelta(hours=3))
    assert again.state == PrintRun.State.POSTED
    assert state_of(letters[0]) == State.SENT


def test_a_posting_is_taken_back_on_the_same_day_only(stream: Stream) -> None:
    make_letter(stream)
    run = mark_posted(run=printed(stream.brand), posted_on=TODAY, now=NOW)

    with pytest.raises(PrintRunError, match="24 hours"):
        take_back_posting(run=run, now=NOW + dt.timedelta(hours=25))


def test_a_posting_of_which_a_letter_came_back_stands(stream: Stream) -> None:
    letters = [make_letter(stream) for _ in range(2)]
    run = mark_posted(run=printed(stream.brand), posted_on=TODAY, now=NOW)
    mark_returned(code=letters[0].reference, now=NOW)

    with pytest.raises(PrintRunError, match="come back"):
        take_back_posting(run=run, now=NOW)

    assert state_of(letters[1]) == State.SENT


def test_only_what_is_posted_is_taken_back_and_twice_is_once(stream: Stream) -> None:
    make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW)
    with pytest.raises(PrintRunError, match="not marked"):
        take_back_posting(run=run, now=NOW)
    run = mark_posted(run=close(run), posted_on=TODAY, now=NOW)
    take_back_posting(run=run, now=NOW)

    take_back_posting(run=run, now=NOW)

    assert run.events.filter(verb="unposted").count() == 1


def test_a_claim_takes_a_file_s_worth_in_order_and_never_the_same_letter_again(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = [make_letter(stream, postcode=f"LS{at} 1AA") for at in (3, 1, 2)]
    run = begin_closing(
        run=open_run(brand=stream.brand, now=NOW), now=NOW, ring_workers=False
    )
    monkeypatch.setattr(closing, "FILE_SIZE", 2)

    first, second, third = (
        set(closing._claim(run, NOW, uuid.uuid4())) for _ in range(3)
    )

    assert first == {letters[1].pk, letters[2].pk}
    assert (second, third) == ({letters[0].pk}, set())


def test_the_folder_holds_the_files_and_the_manifests(
    stream: Stream, tmp_path: Any
) -> None:
    make_letter(stream)
    run = printed(stream.brand)

    paths = write_run(run, tmp_path)

    assert sorted(tmp_path.iterdir()) == sorted(paths)
    file = run.files.get()
    stored = (tmp_path / file.name).read_bytes()
    assert hashlib.sha256(stored).digest() == bytes(file.sha256)
    assert paths[-1].name == f"{run.name}-manifest.json"


# Returned mail -----------------------------------------------------------------------


@pytest.fixture
def posted(stream: Stream) -> Notice:
    """Return a letter that was posted."""
    letter = make_letter(stream)
    mark_posted(run=printed(stream.brand), posted_on=TODAY, now=NOW)
    letter.refresh_from_db()
    return letter


def test_a_returned_letter_fails_and_marks_the_address(posted: Notice) -> None:
    returned = mark_returned(
        code=posted.reference, reason="moved away", now=NOW + 9 * DAY, by="ada"
    )

    assert (returned.is_new, returned.address_marked) == (True, True)
    assert (state_of(posted), posted.reason) == (State.FAILED, "returned")
    address = PostalAddress.objects.get(customer=posted.customer)
    assert address.state == PostalAddress.State.RETURNED
    item = posted.print_items.get()
    assert (item.returned_on, item.return_reason) == (TODAY + 9 * DAY, "moved away")


def test_a_letter_scanned_twice_came_back_once(posted: Notice) -> None:
    mark_returned(code=posted.reference, now=NOW)

    again = mark_returned(code=posted.reference, now=NOW + DAY)

    assert not again.is_new
    assert posted.delivery_events.count() == 1
    assert posted.print_items.get().returned_on == TODAY


def test_a_new_address_is_not_marked_by_an_old_letter(posted: Notice) -> None:
    PostalAddress.objects.filter(customer=posted.customer).update(line1="2 New Road")

    returned = mark_returned(code=posted.reference, now=NOW)

    assert not returned.address_marked
    address = PostalAddress.objects.get(customer=posted.customer)
    assert address.state == PostalAddress.State.OK


def _misread(reference: str) -> str:
    worn = reference.replace("0", "o").replace("1", "l").lower()
    return f" {worn[:4]}-{worn[4:8]} {worn[8:]} "


def test_a_code_is_understood_as_people_type_it(posted: Notice) -> None:
    assert mark_returned(code=_misread(posted.reference), now=NOW).is_new


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "is no reference"),
        ("12", "is no reference"),
        ("ZZZZZZZZZZZZ", "has the code"),
    ],
)
def test_a_wrong_code_is_explained(posted: Notice, code: str, says: str) -> None:
    with pytest.raises(WrongCode, match=says):
        mark_returned(code=code, now=NOW)

    assert state_of(posted) == State.SENT


def test_what_was_not_posted_cannot_come_back(stream: Stream) -> None:
    letter = make_letter(stream)
    printed(stream.brand)

    with pytest.raises(WrongCode, match="not marked as posted"):
        mark_returned(code=letter.reference, now=NOW)
