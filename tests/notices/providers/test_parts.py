"""Stored bytes taken apart for interfaces of fields, and put into ASCII for SES."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.render.facts import Attachment
from notices.senders.errors import scrubbed
from notices.senders.http import retry_after
from notices.senders.parts import NotInParts, as_seven_bit, parts_of
from tests.notices.providers.sending import written

# What a text may be made of; line ends are CRLF on the wire and LF again after it.
WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"),
    max_size=1200,
)


@given(text=WORDS, html=WORDS)
def test_parts_say_what_was_written(text: str, html: str) -> None:
    parts = parts_of(written(text=text, html=html))

    assert (parts.text, parts.html) == (text, html)


@given(text=WORDS, body=st.binary(max_size=300))
def test_ascii_says_what_was_written(text: str, body: bytes) -> None:
    file = Attachment("a.pdf", "application/pdf", body)

    ascii_ = as_seven_bit(written(text=text, files=(file,)))

    assert ascii_.isascii()
    assert max(map(len, ascii_.split(b"\r\n"))) <= 998
    assert b"\n" not in ascii_.replace(b"\r\n", b"")
    parts = parts_of(ascii_)
    assert parts.text == text
    assert [one.body for one in parts.files] == [body]


def test_headers_keep_their_order_and_words() -> None:
    parts = parts_of(written())

    assert list(parts.headers) == [
        "Message-ID",
        "X-Duly-Notice",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Auto-Submitted",
        "Content-Language",
    ]
    assert parts.sender == '"Stadtwerk Köln & Söhne" <bills@example.org>' or (
        parts.sender == "Stadtwerk Köln & Söhne <bills@example.org>"
    )


def test_headers_in_ascii_are_those_of_the_stored_message() -> None:
    stored = message_from_bytes(written(), policy=policy.compat32)
    sent = message_from_bytes(as_seven_bit(written()), policy=policy.compat32)

    assert sent.items() == stored.items()


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n",
        b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\nx",
    ],
)
def test_what_fields_cannot_say_is_refused(body: bytes) -> None:
    with pytest.raises(NotInParts):
        parts_of(body)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120.0),
        (
            {
                "Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT",
                "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            30.0,
        ),
        (
            {
                "Retry-After": "Wed, 21 Oct 2026 07:27:00 GMT",
                "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            0.0,
        ),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_without_a_clock(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    "words",
    [
        "'anna@example.com' is bad",
        "<anna@example.com>",
        "The 'To' number +447700900123 is not valid",
        "The number 07700 900 123 is not valid",
    ],
)
def test_what_staff_are_told_holds_no_address(words: str) -> None:
    told = scrubbed(words)

    assert "anna" not in told and "900" not in told and "…" in told
