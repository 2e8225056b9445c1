"""``manage.py replay``: the files it reads and writes, and how it says no.

No test here may touch a database: pytest refuses it, and so proves the promise.
"""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command

PROFILE = Path(__file__).parent / "data" / "ledger_profile.json"
LADDER = {
    "key": "short",
    "name": "Short",
    "bank_days": "weekends",
    "min_gap_days": 3,
    "group": "customer",
    "steps": [
        {"key": "mail", "offset_days": 1, "kind": "formal", "channels": ["email"]},
        {"key": "post", "offset_days": 8, "kind": "formal", "channels": ["letter"]},
    ],
}
LEDGER = [
    "customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,"
    "Disputed,SettledDate",
    "alice,1/5/2012,20,1/1/2012,2/1/2012,10.00,No,2/20/2012",
    "alice,3/5/2012,100,1/1/2012,2/1/2012,10.00,No,",
    "bob,,3,1/1/2012,2/1/2012,10.00,Yes,",
]
CONTACTS = [
    "number,kind,name,language,country,timezone,email,mobile,landline,address_line1,"
    "address_line2,city,postcode,sms_permission_on",
    "alice,consumer,Alice,en,GB,Europe/London,alice@example.com,,,1 High St,,London,"
    "E1 6AN,",
    "bob,consumer,Bob,en,GB,Europe/London,bob@example.com,,,2 High St,,London,E1 6AN,",
]
ROWS = (
    "date,customer,invoices,step,channel\n"
    "2012-02-02,alice,100;20,mail,email\n"
    "2012-02-09,alice,100;20,post,letter\n"
)


class Desk:
    """A folder with a small ledger, and the command run on it."""

    def __init__(self, folder):
        self.folder = folder
        self.ledger = self.put("ledger.csv", LEDGER)
        self.contacts = self.put("contacts.csv", CONTACTS)
        self.ladder = self.put("ladder.json", [json.dumps(LADDER)])
        self.out = folder / "out.csv"
        self.stderr = StringIO()

    def put(self, name, lines):
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def run(self, *more, first="2012-01-01", last="2012-12-31"):
        stdout = StringIO()
        call_command(
            "replay",
            str(self.ledger),
            f"--profile={PROFILE}",
            f"--contacts={self.contacts}",
            f"--ladder={self.ladder}",
            f"--from={first}",
            f"--to={last}",
            f"--out={self.out}",
            *more,
            stdout=stdout,
            stderr=self.stderr,
        )
        return stdout.getvalue()

    def written(self):
        return self.out.read_bytes().decode()


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_the_notices_are_written_row_by_row(desk):
    desk.run()

    assert desk.written() == ROWS


def test_the_answer_in_json_counts_what_went_and_what_did_not(desk):
    answer = json.loads(desk.run("--json"))

    assert answer.pop("seconds") >= 0
    assert answer == {
        "notices": 2,
        "by_step": {"mail": 1, "post": 1},
        "by_channel": {"email": 1, "letter": 1},
        "suppressed": {},
    }


def test_the_answer_in_words_says_the_same(desk):
    words = desk.run()

    assert "the ladder would have sent 2 notices" in words
    assert "By step: mail 1, post 1." in words
    assert "Steps closed unsent: none." in words


def test_days_on_which_the_engine_was_off_are_left_out(desk):
    desk.run("--down=2012-02-01..2012-02-06", "--down=2012-02-10..2012-02-12")

    assert "\n2012-02-07,alice,100;20,mail,email\n2012-02-13," in desk.written()


def test_the_earliest_consent_of_a_customer_counts(desk):
    swapped = [LEDGER[0], LEDGER[2], LEDGER[1].replace("2/20/2012", ""), LEDGER[3]]
    desk.ledger = desk.put("swapped.csv", swapped)

    desk.run()

    assert desk.written() == ROWS


def test_the_contacts_give_the_consent_where_the_ledger_is_silent(desk):
    desk.ledger = desk.put("silent.csv", [LEDGER[0], LEDGER[1].replace("1/5/2012", "")])
    desk.contacts = desk.put(
        "consents.csv",
        [CONTACTS[0] + ",e_delivery_consent_on", CONTACTS[1] + ",2012-02-03"],
    )

    answer = json.loads(desk.run("--json"))

    assert answer["suppressed"] == {"no_channel": 1}
    assert answer["by_step"] == {"post": 1}


def test_a_customer_who_is_not_in_the_contacts_is_named(desk):
    desk.contacts = desk.put("bob.csv", [CONTACTS[0], CONTACTS[2]])

    answer = json.loads(desk.run("--json"))

    assert answer["suppressed"] == {"no_channel": 4}
    assert "never reached: 1 customers, alice" in desk.stderr.getvalue()


def test_an_invoice_due_before_it_was_issued_waits_for_its_issue(desk):
    late = LEDGER[1].replace("1/1/2012", "2/6/2012")
    desk.ledger = desk.put("late.csv", [LEDGER[0], late])

    desk.run()

    assert "2012-02-06,alice,20,mail,email\n" in desk.written()


def test_a_ledger_may_be_a_workbook(desk):
    path = desk.folder / "ledger.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(LEDGER):
            sheet.write_row(number, 0, line.split(","))
    desk.ledger = path

    desk.run()

    assert desk.written() == ROWS


def test_a_finished_file_is_replaced_and_nothing_else_stays(desk):
    desk.out.write_text("old")
    before = sorted(desk.folder.iterdir())

    desk.run()

    assert desk.written() == ROWS
    assert sorted(desk.folder.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "lines", "sentence"),
    [
        ("ledger", LEDGER[:1], r"ledger\.csv: .*no rows"),
        ("ledger", [line.replace("DueDate", "Due") for line in LEDGER], "'DueDate'"),
        (
            "ledger",
            [*LEDGER[:2], LEDGER[2].replace("2/1/2012", "2/31/2012")],
            r"ledger\.csv, row 3, column DueDate: '2/31/2012' is not a date",
        ),
        (
            "ledger",
            [*LEDGER, LEDGER[1]],
            r"ledger\.csv, row 5: invoice 20 stands in row 2 already",
        ),
        ("ledger", [*LEDGER, "alice,1/5/2012"], r"ledger\.csv, row 5: The row has 2"),
        (
            "contacts",
            [*CONTACTS, CONTACTS[1]],
            r"contacts\.csv, row 4: customer alice stands in an earlier row",
        ),
        (
            "contacts",
            [CONTACTS[0], CONTACTS[1].replace("alice@example.com", "nowhere")],
            r"contacts\.csv, row 2, column email: ",
        ),
        ("ladder", ["{"], r"ladder\.json: it is not JSON"),
        (
            "ladder",
            [json.dumps({**LADDER, "gap": 3})],
            "the ladder has a field 'gap' that is not known",
        ),
        (
            "ladder",
            [json.dumps({**LADDER, "bank_days": "Mars"})],
            "There is no bank-day calendar 'Mars'",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_nothing_changes(
    desk, name, lines, sentence
):
    desk.out.write_text("old")
    desk.put(getattr(desk, name).name, lines)
    before = sorted(desk.folder.iterdir())

    with pytest.raises(CommandError, match=sentence):
        desk.run()

    assert desk.written() == "old"
    assert sorted(desk.folder.iterdir()) == before


@pytest.mark.parametrize(
    ("first", "last", "down", "sentence"),
    [
        (
            "01.02.2012",
            "2012-12-31",
            "2012-03-01..2012-03-02",
            "--from says '01.02.2012', which",
        ),
        ("2012-01-01", "2012-02-30", "2012-03-01..2012-03-02", "'2012-02-30', which"),
        ("2012-02-01", "2012-01-31", "2012-03-01..2012-03-02", "ends before it begins"),
        ("2012-01-01", "2012-12-31", "2012-03-01", "Write the first and the last day"),
        ("2012-01-01", "2012-12-31", "2012-03-01..", "--down says '', which is no day"),
        (
            "2012-01-01",
            "2012-12-31",
            "2012-03-02..2012-03-01",
            "--down: 2012-03-02 to 2012-03-01 ends",
        ),
    ],
)
def test_days_that_cannot_be_read_are_refused(desk, first, last, down, sentence):
    with pytest.raises(CommandError, match=sentence):
        desk.run(f"--down={down}", first=first, last=last)

    assert not desk.out.exists()


def test_a_file_that_is_absent_is_named(desk):
    desk.contacts = desk.folder / "nowhere.csv"

    with pytest.raises(CommandError, match=r"nowhere\.csv cannot be read: No such"):
        desk.run()


def test_a_profile_that_is_absent_is_named(desk):
    with pytest.raises(CommandError, match=r"profile .*nowhere\.json cannot be read"):
        desk.run("--profile=nowhere.json")


@pytest.mark.parametrize("out", ["absent/out.csv", "."])
def test_an_answer_that_cannot_be_written_is_refused(desk, out):
    desk.out = desk.folder / out

    with pytest.raises(CommandError, match="--out"):
        desk.run()


def test_a_disk_that_fills_up_leaves_the_old_answer_whole(desk, monkeypatch):
    def fill_up(*_file, **_form):
        raise OSError(28, "No space left on device")

    desk.out.write_text("old")
    before = sorted(desk.folder.iterdir())
    monkeypatch.setattr("csv.writer", fill_up)

    with pytest.raises(CommandError, match="No space left on device"):
        desk.run()

    assert desk.written() == "old"
    assert sorted(desk.folder.iterdir()) == before


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_the_real_ledger_gives_the_expected_rows_byte_for_byte(
    desk, shared_data, extra
):
    desk.ledger = shared_data / "ledger.csv"
    desk.contacts = shared_data / "contacts.csv"
    desk.ladder = shared_data / "ladders" / "household.json"

    desk.run(*extra, first="2012-01-01", last="2014-01-31")

    expected = shared_data / "expected" / "household.csv"
    assert desk.out.read_bytes() == expected.read_bytes()


def test_the_real_ledger_as_statements_writes_to_a_customer_once_a_day(
    desk, shared_data
):
    desk.ledger = shared_data / "ledger.csv"
    desk.contacts = shared_data / "contacts.csv"
    desk.ladder = shared_data / "ladders" / "statement.json"

    answer = json.loads(desk.run("--json", first="2012-01-01", last="2014-01-31"))

    rows = list(csv.DictReader(StringIO(desk.written())))
    assert answer["notices"] == len(rows) == 791
    assert len({(row["date"], row["customer"]) for row in rows}) == len(rows)
