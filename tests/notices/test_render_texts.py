"""Text messages, call scripts and the starter texts as a whole."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from notices.models import TemplateVersion
from notices.render import PhoneDestination, RenderError, compile_version
from notices.sms import measure
from notices.starter import AUTHOR, install_starters, starters
from tests.factories import make_template
from tests.notices.writing import (
    BRAND,
    STARTERS,
    html_of,
    make_facts,
    make_invoice_facts,
    starter,
    written,
)

KEYS = ("upcoming", "friendly", "reminder", "call", "formal", "final")
CHANNELS = ("email", "letter", "sms", "call")
WRITTEN = [(key, "email") for key in KEYS]
THREATS = re.compile(
    r"\b(court|legal action|bailiff|lawyer|solicitor|debt collect|credit score"
    r"|immediately|failure to|demand|debtor|delinquent|valued customer)|!",
    re.IGNORECASE,
)


def test_a_firm_with_typographic_signs_in_its_name_can_send_texts():
    for name in ("Bob’s Energy", "«Северный ветер»"):
        facts = make_facts("sms", brand=replace(BRAND, name=name))

        assert "STOP" in starter("friendly", facts).text


def test_signs_are_made_plain_only_where_that_saves_something():
    facts = make_facts("sms", duties=frozenset())

    assert written("Please pay – thank you.", facts).text == "Please pay - thank you."
    assert written("您好，请付款：“谢谢”。", facts).text == "您好，请付款：“谢谢”。"


def test_there_is_a_text_for_every_step_and_channel():
    wanted = {(key, channel, "en") for key in KEYS for channel in CHANNELS}

    assert wanted <= set(STARTERS)


@pytest.mark.parametrize("key", KEYS)
def test_a_text_message_names_the_firm_first_and_offers_stop(key):
    late = -5 if key == "upcoming" else 14

    text = starter(key, make_facts("sms", make_invoice_facts(late=late))).text

    assert text.startswith("Northwind Energy: ")
    assert text.endswith("Reply STOP to opt out.")
    assert "£120.50" in text
    assert BRAND.phone in text
    assert measure(text).encoding == "gsm7"
    assert measure(text).segments <= 2


def test_without_the_duty_a_text_message_says_nothing_of_stop():
    assert "STOP" not in starter("final", make_facts("sms", duties=frozenset())).text


@pytest.mark.parametrize(
    "body",
    [
        "{{ brand.name }}: please pay {{ total }}.",
        "Please pay {{ total }}. {{ brand.name }}. Reply STOP to opt out.",
    ],
)
def test_a_text_message_that_misses_its_duty_is_not_made(body):
    with pytest.raises(RenderError, match="C-10442") as refusal:
        written(body, make_facts("sms"), subject="")

    assert refusal.value.code == "obligation_unmet"


@pytest.mark.parametrize("duty", ["MARK_AS_COURTESY_COPY", "REG_F_OPT_OUT_TEXT", "NEW"])
def test_a_duty_nobody_can_fulfil_stops_the_message(duty):
    with pytest.raises(RenderError, match=duty):
        starter("final", make_facts(duties=frozenset({duty})))


def test_a_text_message_too_long_for_the_networks_is_refused():
    with pytest.raises(RenderError, match="needs 7 segments"):
        written("long " * 200, make_facts("sms", duties=frozenset()), subject="")


def test_typographic_signs_do_not_make_a_text_message_dear():
    facts = make_facts("sms", make_invoice_facts(currency="PLN"), duties=frozenset())

    text = written("“Hello” – {{ total }}…", facts, subject="").text

    assert text == '"Hello" - PLN 120.50...'


def test_a_call_needs_a_number():
    with pytest.raises(RenderError, match="has no phone number"):
        starter("call", make_facts("call", destination=PhoneDestination("")))


@pytest.mark.parametrize("key", KEYS)
def test_a_call_script_checks_who_speaks_before_it_names_the_bill(key):
    text = starter(key, make_facts("call")).text

    order = [
        "Ask for: Anna Nowak",
        "customer number, or the first line",
        "IBAN",
        "Note one",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


@pytest.mark.parametrize(("key", "channel"), WRITTEN)
def test_a_written_reminder_has_every_part_it_owes_its_reader(key, channel):
    late = -5 if key == "upcoming" else 14
    facts = make_facts(channel, make_invoice_facts(1, late=late, paid="20.00"))

    text = starter(key, facts).text

    for part in (
        "£100.50 of £120.50",
        "R-2026-0001",
        "Please pay by: ",
        "IBAN: GB33 BUKB 2020 1555 5555 55",
        "Reference: R-2026-0001",
        "Phone: +44 113 496 0000 (Monday to Friday, 9:00 to 17:00)",
        "E-mail: help@northwind.example",
        "Postal address: Northwind Energy, 1 High Street, Leeds, LS1 4AP",
        "If you have paid in the last few days, thank you: please ignore this",
        "records can be wrong",
        "Jane Hill, Billing",
    ):
        assert part in text


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("channel", CHANNELS)
def test_no_starter_text_threatens_or_shouts(key, channel):
    version = STARTERS[key, channel, "en"]

    words = re.sub(r"\{%.*?%\}", "", f"{version.subject}\n{version.body}")
    assert not THREATS.search(words)


def test_consequences_and_the_word_final_come_with_the_last_step_alone():
    for (key, _, language), version in STARTERS.items():
        said = re.search(r"\bfinal\b|What happens next", version.subject + version.body)
        assert key == "final" or language != "en" or not said


def test_one_invoice_and_several_are_named_rightly():
    one = starter("reminder", make_facts()).text
    two = starter(
        "reminder",
        make_facts("email", make_invoice_facts(1), make_invoice_facts(2, late=1)),
    ).text

    assert "The invoice\n" in one
    assert "part of which" not in one
    assert "The invoices\n" in two
    assert "part of which was due on 22 May 2026" in two
    assert "(1 day late)" in two
    assert "Reference: C-10442" in two


def test_only_amount_and_date_are_bold():
    page = html_of(starter("formal", make_facts()))

    assert re.findall(r"<strong[^>]*>([^<]*)</strong>", page) == [
        "£120.50",
        "10 June 2026",
    ]


def test_a_firm_without_iban_asks_to_be_called():
    facts = make_facts(brand=replace(BRAND, iban=""))

    text = starter("reminder", facts).text

    assert "IBAN" not in text
    assert "Please call +44 113 496 0000 or see https://northwind.example" in text


def test_a_customer_without_a_name_is_greeted_all_the_same():
    assert starter("reminder", make_facts(name="")).text.startswith("Good day,")


def test_an_american_reads_american_dates():
    facts = make_facts("sms", make_invoice_facts(currency="USD"), country="US")

    assert "$120.50, due May 22, 2026" in starter("formal", facts).text


@pytest.mark.django_db
def test_installing_the_starters_twice_adds_nothing():
    first, second = install_starters(["en"]), install_starters(["en"])

    count = len(list(starters(["en"])))
    assert (first.new, first.unchanged) == (count, 0)
    assert (second.new, second.unchanged) == (0, count)


@pytest.mark.django_db
def test_a_changed_starter_becomes_a_new_version_and_the_old_one_stays():
    old = make_template(
        key="final", channel="sms", body="What it said last year.", created_by=AUTHOR
    )

    install_starters(["en"])

    versions = TemplateVersion.objects.filter(key="final", channel="sms")
    assert sorted(versions.values_list("version", flat=True)) == [1, 2]
    assert versions.get(version=1).body == old.body


@pytest.mark.django_db
def test_a_wording_of_the_firm_stays_the_current_one():
    own = make_template(key="final", channel="sms", created_by="jane")

    install_starters(["en"])

    assert TemplateVersion.objects.current().get(key="final", channel="sms") == own


@pytest.mark.django_db
def test_what_staff_retired_is_not_published_again():
    old = make_template(key="final", channel="sms", body="Old.", created_by=AUTHOR)
    TemplateVersion.objects.filter(pk=old.pk).update(state="retired")

    install_starters(["en"])

    assert not TemplateVersion.objects.current().filter(key="final", channel="sms")


@pytest.mark.django_db
def test_a_forgotten_draft_keeps_no_correction_away():
    make_template(key="final", channel="sms", body="Old.", created_by=AUTHOR)
    make_template(
        key="final", channel="sms", version=2, state="draft", created_by="jane"
    )

    install_starters(["en"])

    current = TemplateVersion.objects.current().get(key="final", channel="sms")
    assert (current.version, current.created_by) == (3, AUTHOR)


@pytest.mark.django_db
def test_a_wording_of_the_firm_for_one_channel_is_never_retired_by_ours():
    own = make_template(key="reminder", channel="email", created_by="before")

    install_starters(["en"])

    own.refresh_from_db()
    assert own.state == "approved"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"body": "Another."},
        {"subject": "Another"},
        {"kind": "final"},
        {"state": "draft"},
    ],
)
def test_the_database_refuses_to_change_approved_words(change):
    version = make_template()

    with pytest.raises(IntegrityError, match="its words stand"), atomic():
        TemplateVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(IntegrityError, match="was approved and stays"), atomic():
        version.delete()

    TemplateVersion.objects.filter(pk=version.pk).update(state="retired")


def test_every_starter_compiles():
    compiled = [compile_version(each.as_version()) for each in starters()]

    assert len(compiled) > 500
    assert all(one.text for one in compiled)
