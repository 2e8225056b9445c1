"""The e-mail as it goes on the wire."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from notices.render import MailDestination, RenderError
from notices.render.facts import Attachment
from tests.notices.writing import (
    BRAND,
    NOW,
    html_of,
    make_facts,
    make_invoice_facts,
    parsed,
    starter,
    written,
)


def test_the_same_facts_give_the_same_bytes():
    assert starter("final", make_facts()).body == starter("final", make_facts()).body


def test_a_mail_reads_back_with_its_headers():
    message = parsed(starter("reminder", make_facts()))

    assert str(message["From"]) == "Northwind Energy <bills@northwind.example>"
    assert str(message["To"]) == "anna@example.org"
    assert str(message["Reply-To"]) == "help@northwind.example"
    assert str(message["Subject"]) == "Reminder: £120.50 is still to pay"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Duly-Notice"] == "7QK2M9XW4BTD"
    assert message["Date"].datetime == NOW
    assert not message.defects


def test_a_repeat_an_hour_later_has_the_same_message_id():
    first = make_facts()
    again = replace(first, now=NOW + dt.timedelta(hours=1))

    ids = {parsed(starter("formal", facts))["Message-ID"] for facts in (first, again)}

    assert ids == {"<7QK2M9XW4BTD.1@northwind.example>"}


def test_lines_end_in_crlf_and_are_short_enough_for_mail():
    invoices = [make_invoice_facts(n, paid="20") for n in range(40)]

    body = starter("formal", make_facts("email", *invoices)).body

    assert body.count(b"\n") == body.count(b"\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 998
    # Longer lines would have to be encoded, at twice the time and half again the size.
    assert body.count(b"Content-Transfer-Encoding: 8bit") == 2


def test_a_very_long_name_still_makes_lines_short_enough_for_mail():
    body = starter("formal", make_facts(name="長" * 300)).body

    assert max(map(len, body.split(b"\r\n"))) <= 998
    assert "長" * 300 in starter("formal", make_facts(name="長" * 300)).text


def test_the_text_part_is_what_staff_are_shown():
    rendered = starter("reminder", make_facts())

    part = parsed(rendered).get_body(("plain",))

    assert part is not None
    assert part.get_content().replace("\r\n", "\n") == rendered.text


def test_the_page_says_its_language_and_direction_and_hides_a_preheader():
    page = html_of(starter("reminder", make_facts()))

    assert '<html lang="en" dir="ltr"' in page
    assert 'class="preheader"' in page
    assert "We have not yet seen your payment of £120.50" in page.split("</div>")[0]
    assert "prefers-color-scheme: dark" in page


def test_no_liquid_and_no_token_is_left_in_a_message():
    rendered = starter("friendly", make_facts())

    for text in (rendered.subject, rendered.text, html_of(rendered)):
        assert not set(text) & {"\ue000", "\ue001"}
        assert "{{" not in text
        assert "{%" not in text


def test_nothing_in_the_page_is_fetched_from_anywhere():
    page = html_of(starter("friendly", make_facts()))

    for word in ("<img", "src=", "url(", "<link", "<script", "@import"):
        assert word not in page


def test_an_optional_mail_tells_how_to_stop_and_says_so_in_a_header():
    rendered = starter("friendly", make_facts())

    address = "mailto:help@northwind.example?subject=stop%207QK2M9XW4BTD"
    assert parsed(rendered)["List-Unsubscribe"] == f"<{address}>"
    assert "we will send no more" in rendered.text
    assert "we will send no more" in html_of(rendered)


def test_a_required_mail_offers_paper_and_withdrawal_instead():
    duties = frozenset({"ARCHIVE_DOCUMENT_HASH", "PAPER_COPY_AND_WITHDRAW_LINK"})

    rendered = starter("formal", make_facts(duties=duties))

    assert "withdraw your consent" in rendered.text
    assert "we will send no more" not in rendered.text
    assert parsed(rendered)["List-Unsubscribe"] is None


def test_without_a_reply_address_answers_go_to_the_sender():
    facts = make_facts(brand=replace(BRAND, reply_to=""))

    assert str(parsed(starter("formal", facts))["Reply-To"]) == BRAND.email_from


def test_without_https_an_answer_stops_and_no_click():
    facts = replace(make_facts(), unsubscribe_url="http://127.0.0.1:8000/u/7")

    message = parsed(starter("friendly", facts))

    assert message["List-Unsubscribe"].startswith("<mailto:")
    assert message["List-Unsubscribe-Post"] is None


def test_one_click_and_files_come_with_the_facts():
    file = Attachment("visit.ics", "text/calendar; method=PUBLISH", b"BEGIN:VCALENDAR")
    facts = replace(
        make_facts(), unsubscribe_url="https://n.example/u/7", attachments=(file,)
    )

    message = parsed(starter("friendly", facts))

    assert message["List-Unsubscribe"].startswith("<https://n.example/u/7>, <mailto:")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_filename() for part in message.iter_attachments()] == ["visit.ics"]
    assert message.get_body(("plain",)) is not None


def test_a_customer_without_address_is_named_in_the_error():
    with pytest.raises(RenderError, match="C-10442 has no e-mail address"):
        written("Hello.", make_facts(destination=MailDestination("")))


@pytest.mark.parametrize(
    ("colour", "ink"), [("#FFE000", "#15212B"), ("#0B5A68", "#FFFFFF")]
)
def test_the_firms_name_can_be_read_on_the_firms_colour(colour, ink):
    page = html_of(starter("formal", make_facts(brand=replace(BRAND, colour=colour))))

    assert f"background-color: {colour}" in page
    assert f"color: {ink}" in page
