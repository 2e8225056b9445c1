"""A file goes in as a whole or not at all; what is rejected can be mended."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from consent.imports import import_file
from consent.models import ConsentEvent
from customers.imports.profile import Profile
from customers.imports.refused import FileRefused
from customers.models import Customer, DataImport, Invoice, RejectedRow
from tests.customers.files import TODAY, counts, take, take_customers, take_invoices

pytestmark = pytest.mark.django_db


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_dry_run_says_the_same_and_changes_nothing(tmp_path):
    lines = ["C1,Alice,GB,a@example.com,", "C2,,GB,,", "C1,Alicia,,,"]
    out = tmp_path / "rejects.csv"

    tried = take_customers(tmp_path, *lines, dry_run=True, rejects_to=out)

    assert not Customer.objects.exists()
    assert not DataImport.objects.exists()
    assert len(read(out)) == 2
    assert counts(tried) == counts(take_customers(tmp_path, *lines)) == (1, 0, 0, 2)


def test_rejected_rows_are_written_whole_with_their_reasons(tmp_path):
    out = tmp_path / "rejects.csv"
    text = "number;name;country;email;Remark\nC1;Al;GB;al;=1+1\nC2;Bo;GB;;x\nC1;A;;;\n"

    take(tmp_path, "customers", text.replace("C2", "C1"), rejects_to=out)

    rows = read(out)
    assert list(rows[0]) == ["number", "name", "country", "email", "Remark", "error"]
    assert rows[0]["Remark"] == "'=1+1"
    assert rows[0]["error"].startswith("email: 'al' is not an e-mail address.")
    assert "[duplicate_in_file]" in rows[1]["error"]


def test_a_mended_file_of_rejects_can_be_fed_back(tmp_path):
    out = tmp_path / "rejects.csv"
    profile = {
        "customers": {
            "delimiter": ";",
            "encoding": "cp1250",
            "columns": {"number": "Číslo", "name": "Jméno", "mobile": "Mobil"},
        }
    }
    path = tmp_path / "file.csv"
    path.write_text("Číslo;Jméno;Mobil\n=C1;Žofie;+44 12\n", encoding="cp1250")
    section = Profile.from_dict(profile)
    import_file(
        kind="customers", path=path, profile=section, today=TODAY, rejects_to=out
    )

    mended = out.read_text(encoding="utf-8-sig").replace("+44 12", "+44 7700 900001")
    out.write_text(mended, encoding="utf-8-sig")
    figures = import_file(kind="customers", path=out, profile=section, today=TODAY)

    assert counts(figures) == (1, 0, 0, 0)
    assert Customer.objects.get().number == "=C1"
    assert Customer.objects.get().contact_points.get().value == "+447700900001"


def test_a_second_round_of_rejects_has_one_column_of_reasons(tmp_path):
    out, again = tmp_path / "rejects.csv", tmp_path / "again.csv"
    take_customers(tmp_path, "C1,Alice,GB,a,", rejects_to=out)

    import_file(
        kind="customers",
        path=out,
        profile=Profile.from_dict({}),
        today=TODAY,
        rejects_to=again,
    )

    assert out.read_bytes() == again.read_bytes()


def test_ragged_rows_are_parked_with_every_cell(tmp_path):
    out = tmp_path / "rejects.csv"

    figures = take(
        tmp_path, "customers", "number,name\nC1\nC2,Bob,x\nC3,Cy\n", rejects_to=out
    )

    assert counts(figures) == (1, 0, 0, 2)
    kept = RejectedRow.objects.get(code="too_many_cells")
    assert kept.cells == {"number": "C2", "name": "Bob", "(3)": "x"}
    assert "C2,Bob," in out.read_text(encoding="utf-8-sig")


def test_every_fault_of_a_row_is_kept_but_the_row_counts_once(tmp_path):
    Customer.objects.create(number="C1", name="Alice")

    figures = take_invoices(tmp_path, "R1,C1,soon,later,1,EUR,,")

    assert counts(figures) == (0, 0, 0, 1)
    assert RejectedRow.objects.count() == 2


def test_a_file_that_breaks_off_changes_nothing(tmp_path):
    with pytest.raises(FileRefused, match="quotation marks"):
        take_customers(tmp_path, "C1,Alice,,,", 'C2,"Bob,,,')

    assert not Customer.objects.exists()
    assert not DataImport.objects.exists()


def test_rejects_cannot_overwrite_the_file_itself(tmp_path):
    with pytest.raises(FileRefused, match="cannot go into the imported file"):
        take_customers(tmp_path, "C1,Alice,,,", rejects_to=tmp_path / "customers.csv")

    assert not Customer.objects.exists()


def test_rejects_that_cannot_be_written_change_nothing(tmp_path):
    with pytest.raises(FileRefused, match="cannot be written"):
        take_customers(
            tmp_path, "C1,Alice,,,", rejects_to=tmp_path / "none" / "out.csv"
        )

    assert not Customer.objects.exists()


def test_two_imports_of_one_kind_do_not_run_at_once(tmp_path):
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters) as other:
        other.execute(
            "SELECT pg_advisory_xact_lock(hashtext('duly import'), "
            "hashtext('customers'))"
        )
        with pytest.raises(FileRefused) as refused:
            take_customers(tmp_path, "C1,Alice,,,")

    assert refused.value.code == "already_running"
    assert counts(take_customers(tmp_path, "C1,Alice,,,")) == (1, 0, 0, 0)


def run(*arguments, capsys):
    call_command("import", *map(str, arguments), "--json")
    return json.loads(capsys.readouterr().out)


def test_the_command_prints_one_json_object(tmp_path, capsys):
    path = tmp_path / "customers.csv"
    path.write_text("id;name\nC1;Alice\nC2;\n", encoding="utf-8")
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps({"customers": {"columns": {"number": "id"}}}))

    said = run("customers", path, "--profile", profile, capsys=capsys)

    assert said.pop("seconds") >= 0
    assert said == {"rows": 2, "new": 1, "changed": 0, "unchanged": 0, "rejected": 1}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "is empty"),
        ("number,name\n", "no rows"),
        ("number;Vorname\nC1;x\n", "no column 'name'"),
        ("PK\x03\x04", "cannot? be read|not a table"),
    ],
)
def test_a_file_that_cannot_be_read_gets_one_sentence(tmp_path, content, word):
    path = tmp_path / "customers.csv"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(CommandError, match=word) as refused:
        call_command("import", "customers", str(path))

    assert str(refused.value).endswith("Nothing was changed.")
    assert "\n" not in str(refused.value)
    assert not DataImport.objects.exists()


def test_the_command_speaks_to_people_too(tmp_path, capsys):
    path = tmp_path / "customers.csv"
    path.write_text("number,name\nC1,Alice\nC2,\n", encoding="utf-8")

    call_command("import", "customers", str(path), "--dry-run")

    said = capsys.readouterr().out
    assert "2 rows of customers" in said
    assert "1 new" in said
    assert "nothing was changed" in said


def test_a_wide_import_in_several_chunks_is_one_import(tmp_path, monkeypatch):
    monkeypatch.setattr("customers.imports.stage._CHUNK", 3)
    monkeypatch.setattr("customers.imports.rejects._CHUNK", 4)
    out = tmp_path / "rejects.csv"
    lines = [f"C{at},{'' if at % 5 == 0 else 'Ann'},,," for at in range(1, 24)]

    figures = take_customers(tmp_path, *lines, rejects_to=out)

    assert counts(figures) == (19, 0, 0, 4)
    assert [row["number"] for row in read(out)] == ["C5", "C10", "C15", "C20"]


def test_nothing_of_a_rejected_row_is_taken(tmp_path):
    text = "number,name,email,sms_permission_on\nC1,Alice,bad,2020-01-01\n"

    take(tmp_path, "customers", text)

    assert not Customer.objects.exists()
    assert not ConsentEvent.objects.exists()
    assert not Invoice.objects.exists()
    assert Path(tmp_path / "customers.csv").exists()
