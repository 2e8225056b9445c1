"""The same ledger as a live campaign gives the same notices as a replay of it."""

from __future__ import annotations

import csv
import datetime as dt
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from campaigns import ladder_file
from campaigns.actions import create_campaign, start_campaign, tick
from campaigns.ladders import save_ladder
from campaigns.models import Decision
from notices import render
from notices.actions import send_all_due
from notices.models import Channel, Notice, SandboxMessage
from notices.render import letter
from notices.render.compiled import CompiledTemplate
from notices.render.facts import Facts
from notices.render.rendered import Rendered
from notices.render.values import Values
from notices.starter import install_starters
from notices.states import State
from tests.campaigns.playing import noon
from tests.factories import make_brand, make_policy

PROFILE = Path(settings.BASE_DIR) / "tests" / "data" / "ledger_profile.json"
FIRST = dt.date(2012, 1, 1)
# The first quarter holds every step by every channel it ever takes (which is asked
# below); the whole two years were compared by hand with LIVE_UNTIL (see the README's
# figures).
LAST = dt.date.fromisoformat(os.environ.get("LIVE_UNTIL", "2012-03-31"))


@pytest.fixture
def each_text_printed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the first letter of each text; the others are found to look like it.

    What is asked here is who gets which step by which channel on which day, and a
    letter takes longer to be set than all the rest of its way.
    """
    printed: dict[tuple[str, str | None], Rendered] = {}

    def once(compiled: CompiledTemplate, facts: Facts, values: Values) -> Rendered:
        text = (compiled.language, compiled.html)
        if text not in printed:
            printed[text] = letter.render_letter(compiled, facts, values)
        return printed[text]

    monkeypatch.setitem(render._RENDERERS, Channel.LETTER, once)


@pytest.mark.django_db
@pytest.mark.usefixtures("paper_in_sandbox", "without_law", "each_text_printed_once")
def test_a_live_campaign_sends_what_replay_says(shared_data: Path) -> None:
    for kind, name in (("customers", "contacts.csv"), ("invoices", "ledger.csv")):
        call_command("import", kind, shared_data / name, profile=PROFILE, verbosity=0)
    install_starters(["en"])
    ladder = save_ladder(
        spec=ladder_file.load(shared_data / "ladders" / "household.json")
    )
    campaign = create_campaign(
        name="Household",
        ladder=ladder,
        brand=make_brand(time_zone="UTC"),
        policy=make_policy(),
        due_from=dt.date(2011, 1, 1),
        send_from=dt.time(0),
    )
    start_campaign(campaign=campaign, by="test", now=noon(FIRST))

    for day in range((LAST - FIRST).days + 1):
        now = noon(FIRST + dt.timedelta(days=day))
        tick(now=now, ring=False)
        send_all_due(now=now)

    assert live_rows() == expected_rows(shared_data / "expected" / "household.csv")
    assert not Notice.objects.exclude(state=State.DELIVERED).exists()
    assert sorted(SandboxMessage.objects.values_list("reference", flat=True)) == sorted(
        Notice.objects.values_list("reference", flat=True)
    )


def test_the_days_played_hold_every_step_by_every_channel(shared_data: Path) -> None:
    with (shared_data / "expected" / "household.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))

    ways = {(row["step"], row["channel"]) for row in rows}
    played = [row for row in rows if row["date"] <= LAST.isoformat()]
    assert {(row["step"], row["channel"]) for row in played} == ways


def live_rows() -> list[tuple[str, ...]]:
    """Return what the campaign sent, in the columns of a replay."""
    sent = Decision.objects.filter(outcome="sent").values_list(
        "decided_on",
        "enrolment__customer__number",
        "enrolment__invoice__number",
        "step__key",
        "channel",
    )
    return sorted((str(day), *rest) for day, *rest in sent)


def expected_rows(path: Path) -> list[tuple[str, ...]]:
    """Return the rows of the expected answer up to the last day played."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    return sorted(tuple(row) for row in rows if row[0] <= LAST.isoformat())
