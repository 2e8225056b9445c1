"""A person's data as a file holds all that is held of them, and nothing of others."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models

from customers.exporting import write_person
from customers.holdings import holdings, rooms
from customers.models import AccessEntry, Customer
from notices.models import Notice
from notices.states import State
from tests.customers.holding import (
    EMAIL,
    MOBILE,
    NAME,
    NUMBER,
    STREET,
    WORDS,
    make_mina,
)
from tests.factories import NOW, make_alice, make_notice, make_sent_copy

pytestmark = pytest.mark.django_db


def _archive(customer: Customer) -> zipfile.ZipFile:
    held = io.BytesIO()
    write_person(customer, held, now=NOW)
    return zipfile.ZipFile(held)


def _rows(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def test_every_table_that_holds_something_is_in_it() -> None:
    mina = make_mina()
    archive = _archive(mina)

    for holding in holdings():
        if holding.is_exported:
            rows = _rows(archive, holding.file)
            assert len(rows) == holding.rows(mina).count(), holding.table
    assert archive.testzip() is None


def test_it_gives_every_column_but_those_that_are_named() -> None:
    mina = make_mina()
    archive = _archive(mina)

    (profile,) = _rows(archive, "profile.json")
    assert profile["name"] == NAME
    assert {row["value"] for row in _rows(archive, "contact_points.json")} >= {
        EMAIL,
        MOBILE,
    }
    (address,) = _rows(archive, "postal_address.json")
    assert address["line1"] == STREET
    assert _rows(archive, "holds.json")[0]["note"] == WORDS
    assert _rows(archive, "calls.json")[0]["note"] == WORDS
    assert _rows(archive, "consent_details.json")[-1]["words"] == WORDS
    assert len(_rows(archive, "stopped_addresses.json")) == 1
    assert "token_hash" not in _rows(archive, "links.json")[0]
    assert "who" not in _rows(archive, "access_log.json")[0]
    assert _rows(archive, "answers.json")[0]["text"] == WORDS
    assert _rows(archive, "answers.json")[0]["facts"]["new"] == {"line1": STREET}
    assert _rows(archive, "samples.json")[0]["address"] == EMAIL
    assert "code_hash" not in _rows(archive, "samples.json")[0]
    assert _rows(archive, "parts_of_plans.json")[0]["amount"] == "120.000"


def test_messages_are_there_byte_for_byte() -> None:
    mina = make_mina()
    sent = Notice.objects.filter(customer=mina, sent_copy__isnull=False).first()
    archive = _archive(mina)

    assert sent is not None
    mail = archive.read(f"messages/{sent.reference}.eml")
    assert f"Dear {NAME}".encode() in mail
    names = archive.namelist()
    assert any(name.startswith("invoices/") for name in names)
    (told,) = [name for name in names if name.startswith("answers/")]
    assert told.endswith(".pdf")
    assert archive.read(told) == WORDS.encode()


def test_a_damaged_copy_is_told_and_the_rest_is_there() -> None:
    mina = make_mina()
    broken = make_notice(mina, state=State.SENT)
    copy = make_sent_copy(broken, b"the words")
    copy.sha256 = b"x" * 32
    copy.save()
    archive = _archive(mina)

    told = archive.read(f"messages/{broken.reference}-missing.txt").decode()
    assert "does not match its SHA-256" in told


def test_the_history_of_consents_comes_with_its_verification() -> None:
    archive = _archive(make_mina())

    result = _rows(archive, "consent_verification.json")
    assert result["verified"] is True
    assert result["events"] == len(_rows(archive, "consents.json")) > 0


def test_nothing_of_others_is_in_it() -> None:
    alice = make_alice()
    make_sent_copy(make_notice(alice, state=State.SENT), b"Dear Alice")
    archive = _archive(make_mina())

    for name in archive.namelist():
        assert b"alice" not in archive.read(name).lower().replace(b"malice", b"")


def test_the_readme_says_in_plain_words_what_is_where() -> None:
    text = _archive(make_mina()).read("README.txt").decode()

    assert f"customer {NUMBER}" in text
    assert "contact_points.json" in text
    assert "{" not in text


class _Nowhere(io.RawIOBase):
    """A file that cannot seek, such as a pipe."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)


def test_memory_stays_flat_over_many_messages() -> None:
    mina = make_mina()

    def peak() -> int:
        tracemalloc.start()
        write_person(mina, _Nowhere(), now=NOW)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak()
    few = peak()
    body = b"Dear Mina " * 20_000  # 200 kB each
    for _ in range(40):
        make_sent_copy(make_notice(mina, state=State.SENT), body)
    many = peak()

    assert many - few < 3_000_000


def test_the_command_writes_a_file_for_its_owner_alone_and_is_logged(
    tmp_path: Path,
) -> None:
    mina = make_mina()
    out = StringIO()
    file = tmp_path / "mina.zip"

    call_command("export_person", NUMBER, to=file, json=True, stdout=out)

    told = json.loads(out.getvalue())
    assert told["bytes"] == file.stat().st_size
    assert told["rows"]["profile.json"] == 1
    assert file.stat().st_mode & 0o777 == 0o600
    assert zipfile.ZipFile(file).testzip() is None
    entry = AccessEntry.objects.filter(what="export").get()
    assert entry.whose == mina.pk


def test_the_command_leaves_nothing_half_written(tmp_path: Path) -> None:
    make_mina()

    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_person", NUMBER, to=tmp_path / "not there" / "x.zip")
    with pytest.raises(CommandError, match="There is no customer X"):
        call_command("export_person", "X", to=tmp_path / "x.zip")

    assert list(tmp_path.iterdir()) == []


def test_each_file_of_rows_has_a_name_of_its_own() -> None:
    names = [holding.file for holding in holdings()]

    assert len(names) == len(set(names))


def test_what_is_left_out_is_there_to_be_left_out() -> None:
    for holding in holdings():
        names = {one.name for one in holding.model._meta.concrete_fields}
        assert holding.leaves_out <= names, holding.table
        assert set(holding.blanks) <= names, holding.table


def test_whose_leads_to_a_customer() -> None:
    for holding in holdings():
        if holding.whose:
            assert isinstance(holding.rows(Customer(pk=0)), models.QuerySet)
    assert {room.name for room in rooms()} <= set(apps.app_configs)
