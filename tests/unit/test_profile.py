"""What a profile may say, and what the cells of a row then mean."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.imports.profile import Profile
from customers.imports.refused import FileRefused

LEDGER_PROFILE = Path(__file__).resolve().parents[1] / "data" / "ledger_profile.json"
INVOICE = {
    "number": "R1",
    "customer": "C1",
    "issued_on": "2026-01-02",
    "due_on": "2026-02-01",
    "amount": "55.94",
    "currency": "EUR",
}


def invoices(**stated):
    return Profile.from_dict({"invoices": stated}).section("invoices")


def customers(**stated):
    return Profile.from_dict({"customers": stated}).section("customers")


def codes(errors):
    return [(error.field, error.code) for error in errors]


def test_the_ledger_profile_is_read():
    section = Profile.load(LEDGER_PROFILE).section("invoices")
    listed = (
        "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,"
        "InvoiceAmount,Disputed,SettledDate,PaperlessBill,DaysToSettle,DaysLate"
    )

    headings = listed.split(",")
    places = section.match(headings)

    assert {field: headings[at] for field, at in places.items()} == {
        "number": "invoiceNumber",
        "customer": "customerID",
        "issued_on": "InvoiceDate",
        "due_on": "DueDate",
        "amount": "InvoiceAmount",
        "disputed": "Disputed",
        "paid_on": "SettledDate",
        "e_delivery_consent_on": "PaperlessDate",
    }


@pytest.mark.parametrize(
    ("stated", "named"),
    [
        ({"invoice": {}}, "'invoice'"),
        ({"invoices": {"colums": {}}}, "'colums'"),
        ({"invoices": {"columns": {"nummer": "X"}}}, "'nummer'"),
        ({"invoices": {"values": {"nummer": {}}}}, "'nummer'"),
        ({"invoices": {"defaults": {"currency": "EURO"}}}, "currency"),
        ({"invoices": {"date_formats": ["%d.%m"]}}, "'%d.%m'"),
        ({"invoices": {"date_formats": "%d.%m.%Y"}}, "date_formats"),
        ({"invoices": {"decimal": "·"}}, "decimal"),
        ({"invoices": {"decimal": ",", "thousands": ","}}, "thousands"),
        ({"invoices": {"delimiter": ";;"}}, "delimiter"),
        ({"invoices": {"encoding": "cp9999"}}, "'cp9999'"),
        ({"invoices": {"sheet": 1}}, "sheet"),
        ({"invoices": []}, "invoices"),
        ([], "object"),
    ],
)
def test_what_a_profile_does_not_know_is_refused_by_name(stated, named):
    with pytest.raises(FileRefused) as refused:
        Profile.from_dict(stated)

    assert refused.value.code == "bad_profile"
    assert named in refused.value.sentence


def test_a_profile_that_is_no_json_is_refused(tmp_path):
    path = tmp_path / "profile.json"
    path.write_text("{", encoding="utf-8")

    with pytest.raises(FileRefused) as refused:
        Profile.load(path)

    assert refused.value.code == "profile_unreadable"


def test_a_profile_may_begin_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "profile.json"
    path.write_text(json.dumps({"invoices": {"decimal": ","}}), encoding="utf-8-sig")

    assert Profile.load(path).section("invoices").manner.decimal == ","


def test_headings_that_say_the_field_match_by_themselves():
    headings = ["Number", "Name", "TimeZone", "E-Mail", "zip", "Remarks"]

    places = customers().match(headings)

    assert places == {
        "number": 0,
        "name": 1,
        "time_zone": 2,
        "email": 3,
        "postcode": 4,
    }


def test_a_column_the_profile_names_is_not_taken_for_another_field():
    section = customers(columns={"name": "number", "number": "id"})

    assert section.match(["id", "number"]) == {"number": 0, "name": 1}


def test_a_missing_column_is_named_with_the_headings_found():
    with pytest.raises(FileRefused) as refused:
        invoices(columns={"amount": "Betrag"}).match(["number", "customer", "Datum"])

    assert refused.value.code == "missing_column"
    sentence = str(refused.value)
    assert "'issued_on'" in sentence
    assert "number, customer, Datum" in sentence


def test_a_named_column_must_be_there_even_if_the_field_is_optional():
    headings = ["number", "customer", "issued_on", "due_on", "amount", "currency"]

    with pytest.raises(FileRefused, match="'Settled'"):
        invoices(columns={"paid_on": "Settled"}).match(headings)


def test_a_heading_that_stands_twice_is_refused():
    with pytest.raises(FileRefused) as refused:
        customers().match(["number", "name", "Name"])

    assert refused.value.code == "column_twice"


def test_a_row_is_converted_to_typed_values():
    section = invoices(
        date_formats=["%d.%m.%Y", "%m/%d/%Y"],
        decimal=",",
        thousands=".",
        values={"disputed": {"Ja": "yes", "Nein": "no"}},
    )
    row = {
        **INVOICE,
        "issued_on": "02.01.2026",
        "due_on": "2/28/2026",
        "amount": "1.055,94 €",
        "disputed": "ja",
        "paid_on": "",
    }

    values, errors = section.convert(row)

    assert errors == []
    assert values == {
        "number": "R1",
        "customer": "C1",
        "issued_on": dt.date(2026, 1, 2),
        "due_on": dt.date(2026, 2, 28),
        "amount": Decimal("1055.94"),
        "currency": "EUR",
        "disputed": True,
        "paid_on": None,
    }


def test_dates_fall_back_to_iso():
    values, errors = invoices(date_formats=["%m/%d/%Y"]).convert(INVOICE)

    assert errors == []
    assert values["issued_on"] == dt.date(2026, 1, 2)


def test_a_default_fills_an_absent_column_and_an_empty_cell():
    section = invoices(defaults={"currency": "CZK"})
    without = {name: cell for name, cell in INVOICE.items() if name != "currency"}

    assert section.convert(without)[0]["currency"] == "CZK"
    assert section.convert({**INVOICE, "currency": " "})[0]["currency"] == "CZK"
    assert section.convert(INVOICE)[0]["currency"] == "EUR"


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("number", "", "blank"),
        ("number", "x" * 65, "too_long"),
        ("issued_on", "2026-13-01", "bad_date"),
        ("issued_on", "0026-01-02", "date_out_of_range"),
        ("issued_on", 46024.0, "bad_date"),
        ("due_on", "2026-01-01", "due_before_issue"),
        ("amount", "", "blank"),
        ("amount", "12,50", "bad_amount"),
        ("amount", "12.505", "too_many_decimals"),
        ("amount", "0.00", "amount_not_positive"),
        ("amount", "(12.50)", "amount_not_positive"),
        ("amount", "$12.50", "other_currency"),
        ("amount", True, "bad_amount"),
        ("currency", "Euro", "unknown_currency"),
        ("disputed", "perhaps", "bad_flag"),
    ],
)
def test_an_unclear_invoice_cell_is_named_with_a_code(field, cell, code):
    _, errors = invoices().convert({**INVOICE, field: cell})

    assert codes(errors) == [(field, code)]
    assert errors[0].sentence.endswith(".")


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("kind", "alien", "unknown_kind"),
        ("language", "German please", "bad_language"),
        ("language", "xx", "bad_language"),
        ("language", "und", "bad_language"),
        ("country", "Germany", "unknown_country"),
        ("time_zone", "Mars/Base", "unknown_time_zone"),
        ("email", "nobody", "email_invalid"),
        ("mobile", "01632 960002", "phone_not_mobile"),
        ("mobile", "12", "phone_invalid"),
        ("landline", "1", "phone_invalid"),
        ("sms_permission_on", "yes", "bad_date"),
        ("postcode", "x" * 21, "too_long"),
    ],
)
def test_an_unclear_customer_cell_is_named_with_a_code(field, cell, code):
    row = {"number": "C1", "name": "Ann", "country": "GB", field: cell}

    _, errors = customers().convert(row)

    assert codes(errors) == [(field, code)]


def test_all_faults_of_a_row_are_named_at_once():
    row = {**INVOICE, "issued_on": "x", "amount": "y", "currency": "z"}

    assert len(invoices().convert(row)[1]) == 3


def test_a_phone_number_is_read_by_the_country_of_its_row():
    row = {"number": "C1", "name": "Ann", "mobile": "07700 900002", "country": "uk"}

    values, errors = customers().convert(row)

    assert errors == []
    assert values["mobile"] == "+447700900002"
    assert values["country"] == "GB"


def test_an_empty_cell_states_no_fact_but_takes_an_address_away():
    row = {"number": "C1", "name": "Ann", "language": "", "email": " ", "mobile": ""}

    values, _ = customers().convert(row)

    assert values["language"] is None
    assert values["email"] == ""
    assert "landline" not in values


def test_a_number_typed_in_a_spreadsheet_never_carries_a_binary_fraction():
    values, errors = invoices().convert(
        {**INVOICE, "number": 611365.0, "amount": 0.1 + 0.2}
    )

    assert errors == []
    assert values["number"] == "611365"
    assert values["amount"] == Decimal("0.30")


def test_a_line_break_inside_a_cell_becomes_a_blank():
    row = {"number": "C1", "name": "Ann\r\nMaria\u200e  Doe\x00"}

    assert customers().convert(row)[0]["name"] == "Ann Maria Doe"


def test_a_payment_names_a_customer_or_an_invoice():
    section = Profile.from_dict({}).section("payments")
    row = {
        "reference": "P1",
        "customer": "",
        "invoice": "",
        "amount": "5",
        "currency": "EUR",
        "received_on": "2026-01-01",
    }

    assert codes(section.convert(row)[1]) == [("customer", "blank")]
    assert section.convert({**row, "invoice": "R1"})[1] == []
    with pytest.raises(FileRefused, match="customer or invoice"):
        section.match(["reference", "amount", "currency", "received_on"])


cells = st.one_of(
    st.text(max_size=20),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@given(st.dictionaries(st.sampled_from(list(INVOICE)), cells, min_size=1))
def test_no_cell_whatever_brings_an_import_down(odd):
    values, errors = invoices().convert({**INVOICE, **odd})

    if not errors:
        assert isinstance(values["amount"], Decimal)
        assert values["amount"] > 0
