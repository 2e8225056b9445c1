"""The print room's pages: what waits, a run until it is posted, what came back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from notices.management.commands import print_run
from notices.models import Notice, PrintRun, Stream
from notices.printing import daily
from notices.printing.posting import mark_posted
from notices.printing.runs import begin_closing, open_run
from notices.starter import install_starters
from notices.states import State
from tests.factories import (
    NOW,
    TODAY,
    make_consent,
    make_customer,
    make_user,
    pay,
)
from tests.notices.printing import close, make_letter, make_print_stream, printed

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream() -> Stream:
    """Return a running stream that allows letters, with the shipped texts."""
    install_starters(["en"])
    return make_print_stream()


@pytest.fixture
def quiet_bell(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Collect the runs that workers are woken for, and wake none."""
    rung: list[int] = []
    monkeypatch.setattr("notices.printing.runs.ring", lambda pk: rung.append(pk))
    yield rung


def page(client: Client, name: str, **where: Any) -> str:
    return client.get(reverse(name, kwargs=where)).content.decode()


def test_an_empty_print_room_says_so(staff: Client) -> None:
    assert "Nothing to print." in page(staff, "print-room")


def test_the_button_counts_what_it_takes(staff: Client, stream: Stream) -> None:
    for _ in range(3):
        make_letter(stream)

    shown = page(staff, "print-room")

    assert "Make a print run of 3 letters" in shown
    assert stream.brand.name in shown


def test_a_run_from_the_button_to_the_post(
    staff: Client,
    stream: Stream,
    quiet_bell: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:
    letter = make_letter(stream)
    staff.post(reverse("print-open", args=[stream.brand.pk]), {"channel": "letter"})
    run = PrintRun.objects.get()
    assert "At least 1 sheet." in page(staff, "print-run", pk=run.pk)

    with django_capture_on_commit_callbacks(execute=True):
        staff.post(reverse("print-close", args=[run.pk]))
    assert quiet_bell == [run.pk]
    close(run)
    shown = page(staff, "print-run", pk=run.pk)
    assert run.files.get().name in shown
    assert "Mark as posted" in shown
    answer = staff.post(
        reverse("print-posted", args=[run.pk]), {"posted_on": TODAY.isoformat()}
    )

    assert answer.status_code == 302
    letter.refresh_from_db()
    assert letter.state == State.SENT
    assert "Posted" in page(staff, "notice", reference=letter.reference)
    assert run.events.filter(verb="posted", by="sam").exists()


def test_the_file_is_served_byte_for_byte(staff: Client, stream: Stream) -> None:
    make_letter(stream)
    run = printed(stream.brand)
    file = run.files.get()

    answer = staff.get(reverse("print-file", args=[run.pk, 1]))

    assert answer.content == bytes(file.body)
    assert file.name in answer["Content-Disposition"]


def test_what_was_taken_out_is_shown_with_its_reason(
    staff: Client, stream: Stream
) -> None:
    make_letter(stream)
    paid = make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW)
    invoice = paid.items.get().invoice
    pay(invoice, invoice.amount)
    close(run)

    shown = page(staff, "print-run", pk=run.pk)

    assert paid.reference in shown
    assert "paid, nothing is owed" in shown


def test_a_wrong_day_of_posting_is_explained(staff: Client, stream: Stream) -> None:
    make_letter(stream)
    run = printed(stream.brand)

    answer = staff.post(
        reverse("print-posted", args=[run.pk]), {"posted_on": "2026-03-11"}
    )

    assert answer.status_code == 422
    assert "That day has not come yet" in answer.content.decode()


def test_cancelling_is_asked_about_first(staff: Client, stream: Stream) -> None:
    letter = make_letter(stream)
    run = printed(stream.brand)

    asked = page(staff, "print-cancel", pk=run.pk)
    assert "Only when no letter of it was posted" in asked
    staff.post(reverse("print-cancel", args=[run.pk]))

    letter.refresh_from_db()
    assert letter.state == State.SCHEDULED
    assert staff.get(reverse("print-file", args=[run.pk, 1])).status_code == 404


def test_a_reprint_is_the_stored_letter_and_is_noted(
    staff: Client, stream: Stream
) -> None:
    letter = make_letter(stream)
    run = printed(stream.brand)
    source = staff.get(reverse("notice-source", args=[letter.reference])).content

    answer = staff.post(reverse("print-again", args=[run.pk]), {"sequence": "1"})
    whole = staff.post(reverse("print-file-again", args=[run.pk, 1]))

    assert answer.content == source
    assert whole.content == bytes(run.files.get().body)
    assert run.events.filter(verb="reprinted", by="sam").count() == 2
    assert letter.reference in page(staff, "print-run", pk=run.pk)


def test_a_returned_letter_is_noted_by_its_code(staff: Client, stream: Stream) -> None:
    letter = make_letter(stream)
    mark_posted(run=printed(stream.brand), posted_on=TODAY, now=NOW)

    answer = staff.post(
        reverse("print-returned"),
        {"code": letter.reference.lower(), "reason": "moved away"},
        follow=True,
    )
    wrong = staff.post(reverse("print-returned"), {"code": "nonsense"})

    shown = answer.content.decode()
    assert "came back. The address is marked" in shown
    assert "moved away" in shown
    assert (wrong.status_code, "is no reference" in wrong.content.decode()) == (
        422,
        True,
    )
    assert "Came back" in page(staff, "notice", reference=letter.reference)


def test_a_letter_in_a_run_shows_what_was_printed(
    staff: Client, stream: Stream
) -> None:
    letter = make_letter(stream)
    run = printed(stream.brand)

    shown = page(staff, "notice", reference=letter.reference)

    assert "These are the very bytes that were printed." in shown
    assert run.name in shown
    picture = staff.get(reverse("notice-page", args=[letter.reference, 1]))
    assert picture.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "name",
    ["print-file", "print-manifest-csv", "print-manifest-json", "paper-accounts"],
)
def test_taking_files_out_needs_the_right_to_export(
    stream: Stream, noon: None, name: str
) -> None:
    make_letter(stream)
    run = printed(stream.brand)
    where = {"print-file": [run.pk, 1], "paper-accounts": []}.get(name, [run.pk])
    for rights, expected in (
        ([], 403),
        (["notices.run_print"], 403),
        (["notices.export_print"], 200),
    ):
        client = Client()
        client.force_login(make_user(may=rights))

        assert client.get(reverse(name, args=where)).status_code == expected


@pytest.mark.parametrize("name", ["print-again", "print-file-again"])
@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        ([], 403),
        (["notices.run_print"], 403),
        (["notices.export_print"], 403),
        (["notices.run_print", "notices.export_print"], 200),
    ],
)
def test_printing_again_needs_the_rights_to_run_and_to_export(
    stream: Stream, noon: None, name: str, rights: list[str], expected: int
) -> None:
    make_letter(stream)
    run = printed(stream.brand)
    client = Client()
    client.force_login(make_user(may=rights))
    where = [run.pk, 1] if name == "print-file-again" else [run.pk]

    answer = client.post(reverse(name, args=where), {"sequence": "1"})

    assert answer.status_code == expected
    assert run.events.filter(verb="reprinted").exists() is (expected == 200)


def test_who_may_only_look_sees_runs_but_no_names_of_files_to_take(
    viewer: Client, stream: Stream
) -> None:
    make_letter(stream)
    run = printed(stream.brand)

    shown = page(viewer, "print-run", pk=run.pk)

    assert "may look, but not download" in shown
    assert "Mark as posted" not in shown
    assert reverse("print-file", args=[run.pk, 1]) not in shown


def test_the_accounts_still_on_paper_are_exactly_those_without_consent(
    staff: Client,
) -> None:
    make_customer(number="E1", e_delivery=True)
    make_customer(number="P1", e_delivery=False)
    withdrew = make_customer(number="P2", name="=1+1")
    make_consent(withdrew, state="withdrawn", on=TODAY)
    later = make_customer(number="P3", e_delivery=False)
    make_consent(later, on=TODAY.replace(day=11))
    make_customer(number="X1", e_delivery=False, account_status="closed")

    answer = staff.get(reverse("paper-accounts"))
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").split()  # type: ignore[attr-defined]

    text = "\n".join(lines)
    assert [n for n in ("E1", "P1", "P2", "P3", "X1") if n in text] == [
        "P1",
        "P2",
        "P3",
    ]
    assert ",'=1+1," in text


# manage.py print_run -----------------------------------------------------------------


def run_command(capsys: Any, stream: Stream, folder: Path, **more: Any) -> Any:
    call_command("print_run", brand=stream.brand.key, to=folder, json=True, **more)
    return json.loads(capsys.readouterr().out)


def test_the_command_prints_what_is_due_into_a_folder(
    stream: Stream, tmp_path: Path, capsys: Any, noon: None
) -> None:
    make_letter(stream)

    told = run_command(capsys, stream, tmp_path)
    again = run_command(capsys, stream, tmp_path)

    assert told["letters"] == 1
    assert sorted(told["files"]) == sorted(map(str, tmp_path.iterdir()))
    assert again == {
        "run": None, "number": None, "letters": 0, "pages": 0, "sheets": 0,
        "pulled": 0, "files": [],
    }  # fmt: skip
    assert Notice.objects.get().state == State.PRINTING


@pytest.mark.parametrize("point", ["begin_closing", "close_some", "write_run"])
def test_a_command_that_was_killed_is_finished_by_the_next(
    stream: Stream,
    tmp_path: Path,
    capsys: Any,
    noon: None,
    monkeypatch: pytest.MonkeyPatch,
    point: str,
) -> None:
    make_letter(stream)
    where = print_run if point == "write_run" else daily

    def dies(*args: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(where, point, dies)
        with pytest.raises(KeyboardInterrupt):
            run_command(capsys, stream, tmp_path)
    told = run_command(capsys, stream, tmp_path)

    assert (told["number"], told["letters"]) == (1, 1)
    assert sorted(told["files"]) == sorted(map(str, tmp_path.iterdir()))
    written = PrintRun.objects.get().events.get(verb="written")
    assert (written.by, written.what) == ("manage.py print_run", str(tmp_path))
    assert run_command(capsys, stream, tmp_path)["run"] is None


def test_the_command_leaves_the_runs_of_the_print_room_alone(
    stream: Stream, tmp_path: Path, capsys: Any, noon: None
) -> None:
    make_letter(stream)
    printed(stream.brand)
    make_letter(stream)
    open_run(brand=stream.brand, now=NOW, by="ada")

    assert run_command(capsys, stream, tmp_path)["run"] is None


def test_the_command_leaves_a_run_that_staff_are_closing_alone(
    stream: Stream, tmp_path: Path, capsys: Any, noon: None
) -> None:
    make_letter(stream)
    run = open_run(brand=stream.brand, now=NOW, by="ada")
    begin_closing(run=run, now=NOW, by="ada", ring_workers=False)

    assert run_command(capsys, stream, tmp_path)["run"] is None

    run.refresh_from_db()
    assert run.state == PrintRun.State.CLOSING


def test_the_command_writes_a_run_once_more(
    stream: Stream, tmp_path: Path, capsys: Any, noon: None
) -> None:
    make_letter(stream)
    first = run_command(capsys, stream, tmp_path / "a")

    second = run_command(capsys, stream, tmp_path / "b", again=first["number"])

    for one, other in zip(first["files"], second["files"], strict=True):
        assert Path(one).read_bytes() == Path(other).read_bytes()


def test_the_command_names_the_firms_there_are(stream: Stream, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=stream.brand.key):
        call_command("print_run", brand="nobody", to=tmp_path)


def posted_run(stream: Stream) -> PrintRun:
    return mark_posted(run=printed(stream.brand), posted_on=TODAY, now=NOW)


def test_a_posting_by_mistake_is_asked_about_and_taken_back(
    staff: Client, stream: Stream
) -> None:
    letter = make_letter(stream)
    run = posted_run(stream)
    assert "It was not posted after all" in page(staff, "print-run", pk=run.pk)
    assert "Only when none of its 1 letter" in page(staff, "print-unposted", pk=run.pk)

    answer = staff.post(reverse("print-unposted", args=[run.pk]), follow=True)

    assert "is not posted. Its letters lie in the house." in answer.content.decode()
    letter.refresh_from_db()
    assert letter.state == "printing"
    assert "not posted after all" not in page(staff, "print-run", pk=run.pk)


def test_taking_back_a_posting_needs_the_right_to_run_the_print_room(
    viewer: Client, stream: Stream
) -> None:
    make_letter(stream)
    run = posted_run(stream)

    answer = viewer.post(reverse("print-unposted", args=[run.pk]))

    assert answer.status_code == 403
    assert "not posted after all" not in page(viewer, "print-run", pk=run.pk)
    run.refresh_from_db()
    assert run.state == "posted"


def test_a_letter_says_where_it_stands_on_its_way_through_the_print_room(
    staff: Client, stream: Stream
) -> None:
    letter = make_letter(stream)
    where = {"reference": letter.reference}
    assert "Waits to be printed" in page(staff, "notice", **where)

    run = open_run(brand=stream.brand, now=NOW)
    gathered = page(staff, "notice", **where)
    assert "has gathered it; nothing of it is printed yet" in gathered
    assert f">{run.name}</a>" in gathered

    close(run)
    shown = page(staff, "notice", **where)
    assert "Printed</span>" in shown or "Printed<" in shown
    assert f'It is in print run <a href="/printing/{run.pk}/">{run.name}</a>' in shown
    assert "The message, as it was printed" in shown
    assert "Printed, not posted yet" in shown
    assert "anded over" not in shown
    assert "Not known" not in shown
