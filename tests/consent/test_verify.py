"""A year of consents is walked, and whatever was changed in it is found and named."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from consent import root_copies, root_signing, roots
from consent.actions import rebuild_states
from consent.details import DETAILS
from consent.ledger import hash_of, record_many
from consent.models import (
    ConsentDetail,
    ConsentEvent,
    ConsentRoot,
    ConsentState,
    ConsentSubject,
)
from consent.told import Told
from consent.verify import Walked, faults
from customers.models import Customer

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 1, 1)


@pytest.fixture(autouse=True)
def file(settings: Any, tmp_path: Path) -> Path:
    settings.LEDGER_FILE = str(tmp_path / "off" / "roots.jsonl")
    return Path(settings.LEDGER_FILE)


def told(customer: Customer, day: int, state: str, **facts: Any) -> Told:
    return Told(
        customer_id=customer.pk,
        subject="e_delivery",
        state=state,
        method="web",
        effective_on=FIRST + dt.timedelta(days=day),
        **facts,
    )


def full(customer: Customer, day: int) -> Told:
    """Return a consent that fills every column."""
    return told(
        customer,
        day,
        "granted",
        effective_at=dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC),
        valid_until=dt.date(2030, 1, 1),
        basis="esign_consent",
        jurisdiction="US-PA",
        language="en",
        categories=["bills"],
        disclosure_ref="e-bills/en/1",
        rendered_sha256=b"\1" * 32,
        hwsw_version=1,
        ui_version="1",
        actor="ann",
        evidence={"code": 3},
        address="alice@example.com",
        ip="203.0.113.9",
        user_agent="Lynx",
        url="https://example.com/c",
        words=f"Yes, on day {day}.",
        more={"code": "KESTREL"},
    )


@pytest.fixture
def alice() -> Customer:
    """Return Alice, with a year of her and eight others, sealed month by month."""
    people = [
        Customer.objects.create(number=f"C{number:02}", name="Somebody")
        for number in range(9)
    ]
    for month in range(12):
        day = 30 * month
        record_many(
            told(one, day, state, evidence={"file": f"{month}.csv"})
            for one in people[1:]
            for state in ("served", "granted" if month % 3 else "withdrawn")
        )
        record_many([full(people[0], day)])
        roots.make_root(
            now=dt.datetime.combine(FIRST, dt.time(1), dt.UTC) + dt.timedelta(days=day)
        )
    record_many([told(people[0], 360, "offered")])
    root_copies.copy_roots()
    return people[0]


def found() -> list[str]:
    return [str(fault) for fault in faults(Walked())]


def tamper(statement: str, *parameters: object) -> None:
    """Run SQL as somebody may who rules the database: no trigger, no key stops it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, parameters)
        assert cursor.rowcount == 1
        cursor.execute("SET session_replication_role = origin")


def test_a_year_that_nobody_touched_holds(alice: Customer, capsys: Any) -> None:
    call_command("verify_consent")
    assert "Every link holds: 9 chains, 205 events" in capsys.readouterr().out

    call_command("verify_consent", json=True)
    report = json.loads(capsys.readouterr().out)
    assert report == {
        "ok": True,
        "chains": 9,
        "events": 205,
        "erased": 0,
        "unrooted": 1,
        "roots": 12,
        "faults": 0,
        "first": None,
        "shown": [],
    }


# SQL for another value of a column: by its name where a CHECK knows only some words,
# else by its type, mostly one byte or one step from what it holds.
OTHER = {
    "subject": "'sms'",
    "state": "'refused'",
    "method": "'agent'",
    "basis": "'contract'",
    "seq": "{0} + 100",
    "after_event": "{0} - 1",
    "bytea": "set_byte({0}, 3, get_byte({0}, 3) # 1)",
    "uuid": "gen_random_uuid()",
    "jsonb": "{0} || '{{\"x\": 1}}'",
    "ARRAY": "{0} || 'offers'::varchar",
    "date": "{0} + 1",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
    "bigint": "{0} + 5000",
    "integer": "{0} + 1",
    "smallint": "{0} + 1",
    "character varying": "overlay({0} placing 'z' from 1)",
}


def _types(table: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_name = %s",
            [table],
        )
        return dict(cursor.fetchall())


def test_one_byte_changed_in_any_column_is_found(alice: Customer) -> None:
    event = ConsentEvent.objects.of(alice)[5]
    one_of = {
        ConsentEvent: f"id = {event.pk}",
        ConsentDetail: f"event_id = {event.pk}",
        ConsentSubject: f"customer_id = {alice.pk}",
        ConsentState: f"customer_id = {alice.pk}",
        ConsentRoot: f"id = {ConsentRoot.objects.all()[5].pk}",
    }
    # The number of such a row says nothing.
    meaningless = {"consent_consentstate.id"}
    assert found() == []
    unseen, tried = [], 0

    for model, where in one_of.items():
        table = model._meta.db_table
        for column, kind in _types(table).items():
            changed = OTHER.get(column) or OTHER[kind]
            with transaction.atomic():
                tamper(
                    f"UPDATE {table} SET {column} = {changed.format(column)} "
                    f"WHERE {where}"
                )
                tried += 1
                if found() == []:
                    unseen.append(f"{table}.{column}")
                transaction.set_rollback(True)

    assert set(unseen) == meaningless
    assert tried > 50


def test_the_first_broken_link_is_named(alice: Customer, capsys: Any) -> None:
    event = ConsentEvent.objects.of(alice)[5]
    tamper(f"UPDATE consent_consentevent SET actor = 'eve' WHERE id = {event.pk}")

    with pytest.raises(SystemExit) as ended:
        call_command("verify_consent")

    assert ended.value.code == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Customer C00, event 6: it is not what was recorded."
    with pytest.raises(SystemExit):
        call_command("verify_consent", json=True)
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["faults"]) == (False, 1)
    assert report["first"] == {
        "customer": "C00",
        "event": 6,
        "what": "it is not what was recorded.",
    }


def test_a_change_that_is_hashed_anew_breaks_the_link_behind_it(
    alice: Customer,
) -> None:
    event = ConsentEvent.objects.of(alice)[5]
    forged = {**vars(event), "actor": "eve"}
    tamper(
        "UPDATE consent_consentevent SET actor = 'eve', hash = %s WHERE id = %s",
        hash_of(forged, bytes(event.prev_hash)),
        event.pk,
    )

    assert found()[0] == (
        "Customer C00, event 7: it does not follow the event before it."
    )


def test_an_event_cut_out_of_the_middle_is_missed(alice: Customer) -> None:
    event = ConsentEvent.objects.of(alice)[5]
    tamper(f"DELETE FROM consent_consentevent WHERE id = {event.pk}")

    assert found()[0] == "Customer C00, event 7: event 6 is missing before it."


def test_a_last_event_cut_off_is_missed_by_its_root(alice: Customer) -> None:
    """Even by whoever puts everything else in order behind it."""
    other = Customer.objects.get(number="C07")
    event = ConsentEvent.objects.of(other).last()
    assert event is not None
    tamper(f"DELETE FROM consent_consentevent WHERE id = {event.pk}")
    rebuild_states([other.pk])

    last = ConsentRoot.objects.last()
    assert last is not None
    assert found() == [
        f"The root of {last.day}: it covers 17 events, and 16 are there."
    ]


def test_details_thrown_away_are_no_erasure(alice: Customer) -> None:
    event = ConsentEvent.objects.of(alice)[5]
    ConsentDetail.objects.filter(event=event).delete()

    assert found() == [
        "Customer C00, event 6: its details are missing, though the person was not "
        "erased."
    ]


def test_an_erasure_that_left_details_behind_is_named(alice: Customer) -> None:
    ConsentSubject.objects.all().delete()

    assert "it has details, and no salt to check them by." in found()[0]


def test_details_cannot_change_places(alice: Customer) -> None:
    one, other = ConsentEvent.objects.of(alice)[4:6]
    names = ", ".join(DETAILS)
    tamper(
        f"UPDATE consent_consentdetail AS kept SET ({names}) = (SELECT {names} "
        f"FROM consent_consentdetail WHERE event_id = {other.pk}) "
        f"WHERE kept.event_id = {one.pk}"
    )

    assert found() == ["Customer C00, event 5: its details are not what was recorded."]


def test_a_root_made_anew_does_not_match_the_file(
    alice: Customer, file: Path, settings: Any
) -> None:
    """Whoever rules the database and the signing key still has the file to rewrite."""
    last = ConsentRoot.objects.last()
    assert last is not None
    lines = file.read_bytes().splitlines(keepends=True)
    assert len(lines) == 12
    assert lines[-1] == root_copies.line_of(last)

    last.size += 1
    key = root_signing.signing_key(settings.LEDGER_KEY)
    tamper(
        "UPDATE consent_consentroot SET size = %s, signature = %s WHERE id = %s",
        last.size,
        key.sign(root_signing.statement(last)),
        last.pk,
    )

    assert f"Line 12 of {file} is not the root in the database." in found()


def test_a_root_taken_away_is_missed(alice: Customer, file: Path) -> None:
    last = ConsentRoot.objects.last()
    assert last is not None
    tamper(f"DELETE FROM consent_consentroot WHERE id = {last.pk}")

    assert found() == [f"Line 12 of {file} is not the root in the database."]


def test_a_file_that_is_gone_is_said(alice: Customer, file: Path) -> None:
    file.unlink()

    assert found()[0].startswith(f"The root of {FIRST} is not in {file}.")


def test_roots_of_a_former_key_verify_while_it_is_named(
    alice: Customer, settings: Any
) -> None:
    former, settings.LEDGER_KEY = settings.LEDGER_KEY, "another one"
    assert "does not bear this house's signature" in found()[0]

    settings.LEDGER_KEY_FALLBACKS = [former]

    assert found() == []
