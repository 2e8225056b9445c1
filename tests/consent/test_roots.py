"""Roots are made once a day, copied off the database, and rewritten by nobody."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from campaigns.guards import seal_consents
from consent import root_copies, root_signing, roots
from consent.models import ConsentRoot, RootCopy
from notices import health
from notices.watch import Level
from notices.watches import watches
from tests.factories import NOW, make_consent, make_customer

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def file(settings: Any, tmp_path: Path) -> Path:
    settings.LEDGER_FILE = str(tmp_path / "off" / "roots.jsonl")
    return Path(settings.LEDGER_FILE)


def ledger_watch(now: dt.datetime) -> Any:
    found = watches(health.facts(now=now), now)
    return next(one for one in found if one.key == "ledger")


def test_a_day_gets_one_root_over_what_is_new() -> None:
    make_consent(make_customer())
    first = roots.make_root(now=NOW)
    assert first is not None

    assert roots.make_root(now=NOW + dt.timedelta(hours=1)) is None
    quiet = roots.make_root(now=NOW + DAY)
    make_consent(make_customer())
    third = roots.make_root(now=NOW + 2 * DAY)

    assert quiet is not None and third is not None
    assert quiet.size == 0
    assert third.size >= 1
    assert third.after_event == quiet.last_event == first.last_event
    assert third.previous == root_signing.fingerprint(quiet)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_consentroot SET size = 0",
        "DELETE FROM consent_consentroot",
        "TRUNCATE consent_consentroot CASCADE",
    ],
)
def test_the_database_refuses_to_rewrite_roots(statement: str) -> None:
    roots.make_root(now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with (
        pytest.raises(DatabaseError, match=r"append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_each_root_is_copied_once(file: Path) -> None:
    roots.seal(now=NOW)
    roots.seal(now=NOW)
    roots.seal(now=NOW + DAY)

    kept = list(ConsentRoot.objects.all())
    assert file.read_bytes() == b"".join(map(root_copies.line_of, kept))
    assert RootCopy.objects.count() == len(kept) == 2


def test_a_copy_that_fails_is_an_alarm_until_it_succeeds(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.parent.write_text("a file where the folder should be")
    roots.seal(now=NOW)
    assert "were not copied" in caplog.text
    later = NOW + dt.timedelta(minutes=26)
    assert ledger_watch(NOW).level is Level.GREEN
    assert ledger_watch(later).level is Level.RED

    file.parent.unlink()
    roots.seal(now=later)

    assert ledger_watch(later).level is Level.GREEN
    assert len(file.read_bytes().splitlines()) == 1


def test_the_file_of_another_history_is_not_written_to(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"day":"2026-01-01"}\n')
    roots.make_root(now=NOW)

    with pytest.raises(root_copies.CopyFault, match="is no root of this database"):
        root_copies.copy_roots()

    assert len(file.read_bytes().splitlines()) == 1
    assert not RootCopy.objects.exists()


def test_what_waits_too_long_for_a_root_is_an_alarm() -> None:
    event = make_consent(make_customer())

    soon = event.recorded_at + dt.timedelta(hours=25)
    assert ledger_watch(soon).level is Level.GREEN
    assert ledger_watch(soon + dt.timedelta(hours=2)).level is Level.RED
    roots.seal(now=soon)
    assert ledger_watch(soon).level is Level.GREEN


def test_the_pass_of_the_scheduler_seals_the_day() -> None:
    seal_consents(now=NOW)
    seal_consents(now=NOW + dt.timedelta(minutes=1))

    assert ConsentRoot.objects.get().day == NOW.date()
