"""How addresses and phone numbers are written one way, or refused with a code."""

from __future__ import annotations

import csv
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers import phone
from customers.contact import (
    ContactError,
    PostalAddress,
    normalise_email,
    normalise_phone,
    read_phone,
)

CONTACTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "contacts.csv"


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Ann@Example.COM", "ann@example.com"),
        (" ann@example.com\u200b", "ann@example.com"),
        ("mailto:ann@example.com", "ann@example.com"),
        ("a.b+bill@sub.example.co.uk", "a.b+bill@sub.example.co.uk"),
        ("o'neill@example.com", "o'neill@example.com"),
        ("ann@müller.example.com", "ann@xn--mller-kva.example.com"),
    ],
)
def test_an_email_address_has_one_normal_form(written, normal):
    assert normalise_email(written) == normal
    assert normalise_email(normal) == normal


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "email_missing"),
        ("ann", "email_invalid"),
        ("ann@", "email_invalid"),
        ("ann@localhost", "email_invalid"),
        ("ann@printer.local", "email_invalid"),
        ("a..b@example.com", "email_invalid"),
        (".a@example.com", "email_invalid"),
        ("ann@exa mple.com", "email_invalid"),
        ("ann@example.com\nBcc: x@example.com", "email_several"),
        ("ann@-example.com", "email_invalid"),
        ("a@example.com; b@example.com", "email_several"),
        ("Ann <ann@example.com>", "email_with_name"),
        ("jürgen@example.com", "email_not_ascii"),
        ("a" * 65 + "@example.com", "email_invalid"),
        ("a@" + "b." * 130 + "com", "email_invalid"),
    ],
)
def test_what_is_no_email_address_is_refused_with_a_code(written, code):
    with pytest.raises(ContactError) as refused:
        normalise_email(written)

    assert refused.value.code == code


@given(st.emails())
def test_any_address_is_either_refused_or_normal_for_good(written):
    try:
        normal = normalise_email(written)
    except ContactError:
        return
    assert normalise_email(normal) == normal
    assert normal.isascii()
    assert not any(c.isspace() for c in normal)


def test_a_million_signs_are_refused_at_once():
    with pytest.raises(ContactError):
        normalise_email("a-" * 500_000)


@pytest.mark.parametrize(
    ("written", "country", "e164", "kind"),
    [
        ("+14155550100", "US", "+14155550100", "either"),
        ("(415) 555-0100", "US", "+14155550100", "either"),
        ("1-415-555-0100", "US", "+14155550100", "either"),
        ("+447700900002", "GB", "+447700900002", "mobile"),
        ("07700 900002", "GB", "+447700900002", "mobile"),
        ("01632 960002", "gb", "+441632960002", "landline"),
        ("0171/3920001", "DE", "+491713920001", "mobile"),
        ("0049 171 3920001", "DE", "+491713920001", "mobile"),
        ("06 39 98 00 05", "FR", "+33639980005", "mobile"),
        ("+33 (0)1 99 00 12 09", "", "+33199001209", "landline"),
        ("06 1234 5678", "IT", "+390612345678", "landline"),
        ("+48 22 123 45 67", "", "+48221234567", "landline"),
        ("\u202a+491713920001\u202c", "", "+491713920001", "mobile"),
    ],
)
def test_a_phone_number_has_one_normal_form(written, country, e164, kind):
    assert read_phone(written, country) == phone.Phone(e164, kind)
    assert normalise_phone(e164, "") == e164


@pytest.mark.parametrize(
    ("written", "country", "code"),
    [
        ("", "GB", "phone_missing"),
        ("07700 900002", "", "phone_no_country"),
        ("+4477001234", "GB", "phone_invalid"),
        ("123", "GB", "phone_invalid"),
        ("+447700900002 ext 5", "GB", "phone_with_extension"),
        ("ring the bell", "GB", "phone_invalid"),
        ("+44770090000212345678901234567890123456789", "GB", "phone_invalid"),
        ("+999123456789", "", "phone_no_country"),
    ],
)
def test_what_is_no_phone_number_is_refused_with_a_code(written, country, code):
    with pytest.raises(ContactError) as refused:
        normalise_phone(written, country)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("number", "country"),
    [("+917700112233", "IN"), ("+2348021234567", "NG"), ("+447797123456", "JE")],
)
def test_a_number_is_known_by_its_country_code_not_its_look(number, country):
    assert phonenumbers.region_code_for_number(phonenumbers.parse(number)) == country
    assert read_phone(number, "GB").kind == "mobile"


_REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
_TYPES = [0, 1, 2, 3, 4, 6, 7, 10]


@st.composite
def _dialled(draw):
    """A number near a real one of some country, in some way of writing it."""
    region = draw(st.sampled_from(_REGIONS))
    kind = draw(st.sampled_from(_TYPES))
    example = phonenumbers.example_number_for_type(region, kind)
    if example is None:
        example = phonenumbers.example_number(region)
    national = phonenumbers.national_significant_number(example)
    tail = draw(st.text("0123456789", min_size=1, max_size=4))
    national = national[: -len(tail)] + tail
    code = str(example.country_code)
    front = draw(st.sampled_from([f"+{code}", "0", "", "1", code, f"00{code}"]))
    return f"{front}{national}", region


@given(_dialled())
def test_the_short_way_agrees_with_the_library(dialled):
    written, country = dialled
    short = written if written[0] == "+" else phone._dialled_abroad(written, country)
    found = phone._from_tables(short) if phone._E164.fullmatch(short) else None
    if found is None or found.e164.startswith(tuple(f[0] for f in phone._FICTION)):
        return

    number = phonenumbers.parse(written, country)

    assert phonenumbers.is_valid_number(number)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    kind = phone._KINDS.get(phonenumbers.number_type(number), "other")
    assert found == phone.Phone(e164, kind)


@given(st.text(max_size=20), st.sampled_from(["", "GB", "US", "XX"]))
def test_any_text_is_a_number_or_is_refused(written, country):
    try:
        e164 = normalise_phone(written, country)
    except ContactError as refused:
        assert refused.code.startswith("phone_")
    else:
        assert normalise_phone(e164, "") == e164


def test_every_shared_contact_is_accepted():
    if not CONTACTS.exists():
        pytest.skip("The shared data (../shared/data) is not on this machine.")
    with CONTACTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["email"]:
                assert normalise_email(row["email"]) == row["email"]
            if row["mobile"]:
                mobile = read_phone(row["mobile"], row["country"])
                assert mobile.e164 == row["mobile"]
                assert mobile.kind in ("mobile", "either")
            if row["landline"]:
                assert read_phone(row["landline"], "").e164 == row["landline"]


LEEDS = ["Řehoř Čížek", "12 Mill Lane", "Leeds", "ls14ap"]


def test_a_british_postcode_is_written_as_the_post_wants_it():
    address = PostalAddress.parse(LEEDS, "GB")

    assert address.postcode == "LS1 4AP"
    assert address.lines == ("Řehoř Čížek", "12 Mill Lane", "Leeds", "LS1 4AP")
    assert PostalAddress.parse(address.lines, "GB") == address


@pytest.mark.parametrize(
    ("lines", "country", "postcode"),
    [
        (["Käthe Größmann", "Am Mühlbach 11a", "97070 Würzburg"], "DE", "97070"),
        (["J. Müller", "Weg 5", "40212 Düsseldorf", "Deutschland"], "DE", "40212"),
        (["Grace Okafor", "9 Elm Street", "Burlington, VT 05401"], "US", "05401"),
        (["Grace Okafor", "9 Elm Street", "Burlington, VT 05401-1234"], "US", None),
        (["Noël L'Hôpital", "3 avenue Foch", "67000 Strasbourg"], "FR", "67000"),
        (["Paweł Żółkiewski", "ul. Długa 4/2", "00-238 Warszawa"], "PL", "00-238"),
        (["Řehoř Čížek", "Dlouhá 1", "110 00 Praha 1"], "CZ", "110 00"),
        (["陳大文", "皇后大道中 1 號", "香港"], "HK", ""),
    ],
)
def test_an_address_keeps_the_rules_of_its_country(lines, country, postcode):
    address = PostalAddress.parse(lines, country)

    assert address.postcode == (postcode if postcode is not None else "05401-1234")
    assert len(address.lines) == 3


@pytest.mark.parametrize(
    ("lines", "country", "code"),
    [
        (LEEDS, "", "address_no_country"),
        (["Ann", "Leeds LS1 4AP"], "GB", "address_too_few_lines"),
        (["Ann", *"abcdef", "Leeds", "LS1 4AP"], "GB", "address_too_many_lines"),
        (["Ann", "Mill Lane 12", "Leeds"], "GB", "address_postcode_missing"),
        (["Ann", "Am Bach 1", "Würzburg"], "DE", "address_postcode_missing"),
        (
            ["=Ann", "12 Mill Lane", "Leeds LS1 4AP"],
            "GB",
            "address_bad_first_character",
        ),
        (["Ann", "…", "Leeds LS1 4AP"], "GB", "address_no_letter_or_digit"),
        (["Ann", "No fixed abode", "Leeds LS1 4AP"], "GB", "address_no_fixed_address"),
        (["Ann", "x" * 71, "Leeds LS1 4AP"], "GB", "address_line_too_long"),
        (["Ann", "12\x07Mill", "Leeds LS1 4AP"], "GB", "address_bad_character"),
    ],
)
def test_what_no_letter_can_reach_is_refused_with_a_code(lines, country, code):
    with pytest.raises(ContactError) as refused:
        PostalAddress.parse(lines, country)

    assert refused.value.code == code


@given(st.lists(st.text(max_size=12), max_size=9), st.sampled_from(["GB", "AE", "QQ"]))
def test_any_lines_are_an_address_or_are_refused(lines, country):
    try:
        address = PostalAddress.parse(lines, country)
    except ContactError as refused:
        assert refused.code.startswith("address_")
    else:
        assert PostalAddress.parse(address.lines, country) == address
        assert 3 <= len(address.lines) <= 7
