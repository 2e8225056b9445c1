"""Changing the key that seals: everything follows, and nothing is lost on the way."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from customers import reseal
from customers.checks import check_keys
from customers.models import ContactPoint, Customer, PostalAddress
from customers.vault import new_key
from notices.copies import unpack
from notices.models import PrintFile, Reply, SentCopy
from notices.printing.folder import body_of
from notices.starter import install_starters
from tests.factories import (
    make_address,
    make_contact_point,
    make_customer,
    make_notice,
    make_reply,
    make_sent_copy,
)
from tests.notices.printing import make_letter, make_print_stream, printed

pytestmark = pytest.mark.django_db

OLD, NEW = f"old:{new_key()}", f"new:{new_key()}"
BOTH = f"{NEW},{OLD}"


@pytest.fixture(autouse=True)
def keys(settings: Any) -> Any:
    settings.FIELD_KEYS = OLD
    return settings


def rotate(**options: Any) -> dict[str, Any]:
    said = StringIO()
    call_command("rotate_keys", "--json", stdout=said, **options)
    return json.loads(said.getvalue())


def test_everything_follows_to_the_newest_key(keys: Any) -> None:
    install_starters(["en"])
    alice = make_customer(email="alice@example.com", mobile="+447700900123")
    make_address(alice)
    make_sent_copy(make_notice(alice), b"Dear Alice")
    make_reply(alice)
    stream = make_print_stream()
    make_letter(stream)
    printed(stream.brand)
    keys.FIELD_KEYS = BOTH

    report = rotate(batch=2)

    assert report["newest"] == "new"
    assert report["may_be_dropped"] == ["old"]
    assert report["columns"]["customers_contactpoint.value"] == {"new": 2}
    assert all({*counts} <= {"new"} for counts in report["columns"].values())
    # The old key is really not needed any more.
    keys.FIELD_KEYS = NEW
    assert list(Customer.objects.reached_at("email", "alice@example.com")) == [alice]
    assert PostalAddress.objects.get(customer=alice).line1 == "1 High Street"
    assert unpack(SentCopy.objects.get()) == b"Dear Alice"
    assert Reply.objects.get().text == "I paid last week."
    assert body_of(PrintFile.objects.get()).startswith(b"%PDF")
    assert rotate()["resealed"] == 0


def test_before_it_is_rotated_both_keys_open_and_find(keys: Any) -> None:
    alice = make_customer(email="alice@example.com")
    keys.FIELD_KEYS = BOTH
    bob = make_customer(email="bob@example.com")

    found = Customer.objects.reached_at

    assert found("email", "alice@example.com").get() == alice
    assert found("email", "bob@example.com").get() == bob


def test_broken_off_it_goes_on_where_it_stopped(
    keys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = make_customer(email=None)
    for n in range(5):
        make_contact_point(alice, value=f"a{n}@example.com", is_primary=not n)
    keys.FIELD_KEYS = BOTH
    monkeypatch.setattr(reseal, "_write", broken_after(reseal._write, batches=1))

    with pytest.raises(RuntimeError):
        rotate(batch=2)
    value = next(one for one in reseal.tables() if one.name == "customers_contactpoint")
    assert reseal.rows_by_key(value, value.columns[0]) == {"new": 2, "old": 3}
    monkeypatch.undo()

    assert rotate(batch=2)["columns"]["customers_contactpoint.value"] == {"new": 5}


def broken_after(real: Any, *, batches: int) -> Any:
    left = [batches]

    def write(*facts: Any) -> Any:
        if not left[0]:
            raise RuntimeError("killed")
        left[0] -= 1
        return real(*facts)

    return write


def test_an_address_that_came_to_stand_twice_is_named_and_left(keys: Any) -> None:
    alice = make_customer(email="alice@example.com")
    keys.FIELD_KEYS = BOTH
    make_contact_point(alice, value="alice@example.com", is_primary=False)
    make_customer(email="bob@example.com")

    report = rotate()

    assert report["doubles"] == 1
    assert report["may_be_dropped"] == []
    assert report["columns"]["customers_contactpoint.value"] == {"new": 2, "old": 1}
    ContactPoint.objects.filter(customer=alice, is_primary=False).delete()
    assert rotate()["may_be_dropped"] == ["old"]


def test_a_key_taken_away_too_early_is_named_and_nothing_else_stops(
    keys: Any, capsys: Any
) -> None:
    make_customer(email="alice@example.com")
    keys.FIELD_KEYS = f"third:{new_key()}"
    make_customer(email="bob@example.com")

    with pytest.raises(
        CommandError, match=r"customers_contactpoint\.value \(1 under old"
    ):
        rotate()


def test_the_check_of_migrate_names_the_missing_key(keys: Any) -> None:
    make_customer(email="alice@example.com")
    assert check_keys(databases=["default"]) == []
    assert check_keys(databases=None) == []

    keys.FIELD_KEYS = NEW

    [error] = check_keys(databases=["default"])
    assert "customers_contactpoint.value" in error.msg
    assert "sealed with old" in error.msg


def test_with_one_key_there_is_nothing_to_do() -> None:
    make_customer(email="alice@example.com")

    report = rotate()

    assert (report["resealed"], report["may_be_dropped"]) == (0, [])


def test_a_stored_print_file_is_changed_by_nothing_else(keys: Any) -> None:
    install_starters(["en"])
    stream = make_print_stream()
    make_letter(stream)
    printed(stream.brand)

    for change in ({"body": b"other"}, {"sha256": bytes(32)}):
        with pytest.raises(Exception, match="it stands"), transaction.atomic():
            PrintFile.objects.update(**change)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('duly.resealing', 'on', true)")
    with pytest.raises(Exception, match="it stands"), transaction.atomic():
        PrintFile.objects.update(sha256=bytes(32))


def test_rows_that_stood_plain_are_sealed_once_and_opened_again() -> None:
    """What migrations do, in both directions, and again after they were broken off."""
    make_reply(text="I paid.")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notices_reply SET text = 'Plain.', subject = ''")
    columns = ("notices_reply", "id", "text", "subject", "sender")

    for _ in range(2):
        reseal.seal_rows(*columns)
    reply = Reply.objects.get()
    assert (reply.text, reply.subject, reply.sender) == (
        "Plain.",
        "",
        "alice@example.com",
    )

    reseal.open_rows(*columns)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, sender FROM notices_reply")
        assert cursor.fetchone() == (b"Plain.", b"alice@example.com")


def test_it_says_in_words_what_it_did(keys: Any) -> None:
    make_customer(email="alice@example.com")
    keys.FIELD_KEYS = BOTH
    said = StringIO()

    call_command("rotate_keys", stdout=said)

    assert "Sealed 1 rows anew under new." in said.getvalue()
    assert "customers_contactpoint.value  new: 1" in said.getvalue()
    assert "Nothing stands under old any more: it may be dropped." in said.getvalue()
