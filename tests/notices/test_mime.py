"""The bytes of an e-mail say what Django's own message says."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from email.header import decode_header, make_header
from email.message import EmailMessage, MIMEPart
from email.utils import formataddr, parseaddr

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import assume, example, given
from hypothesis import strategies as st

from notices.render.facts import Attachment
from notices.render.headers import BadMessage
from notices.render.mime import Envelope, Words, message_bytes, skeleton
from notices.render.printable import clean

WHEN = dt.datetime(2026, 6, 5, 8, 30, 15, 999_999, tzinfo=dt.UTC)
BONES = ("Northwind Energy", "bills@northwind.example", "help@northwind.example", "en")
WORDS = Words("About your bill", "Dear Anna,\n\nhello.\n", "<p>Dear Anna</p>\n")


def write(
    words: Words = WORDS,
    *attachments: Attachment,
    name: str = BONES[0],
    sender: str = BONES[1],
    recipient: str = "anna@example.org",
    can_stop: bool = False,
    url: str = "",
    reference: str = "7QK2M9XW4BTD",
) -> bytes:
    """Return the bytes of a message, most of it the usual."""
    envelope = Envelope(recipient, reference, WHEN, can_stop, url)
    return message_bytes(
        skeleton(name, sender, *BONES[2:]), envelope, words, attachments
    )


def read(body: bytes) -> EmailMessage:
    """Return the message as a mail program reads it, after what any must keep."""
    assert body.count(b"\n") == body.count(b"\r") == body.count(b"\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 998
    assert body.partition(b"\r\n\r\n")[0].isascii()
    message = email.message_from_bytes(body, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def by_django(words: Words, name: str, *attachments: Attachment) -> EmailMessage:
    """Return Django's own message of the same facts."""
    message = EmailMultiAlternatives(
        words.subject,
        words.text,
        formataddr((name, BONES[1])),
        ["anna@example.org"],
        reply_to=[BONES[2]],
    )
    message.attach_alternative(words.html, "text/html")
    for each in attachments:
        message.attach(each.filename, each.body, each.media_type)
    body = message.message().as_bytes(linesep="\r\n")
    parsed = email.message_from_bytes(body, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def part(message: EmailMessage, kind: str) -> str:
    """Return one of the two bodies, with line feeds alone."""
    found = message.get_body((kind,))
    assert isinstance(found, MIMEPart)
    assert not found.defects
    return str(found.get_content()).replace("\r\n", "\n")


def named(file: MIMEPart) -> str:
    """Return the name of a file; get_filename() takes quotes off that are its own."""
    return str(file["Content-Disposition"].params["filename"])


def sender_name(body: bytes) -> str:
    """Return the name in From.

    Read in two steps: Python 3.11 leaves blanks between the encoded words of a phrase.
    """
    name, _ = parseaddr(email.message_from_bytes(body)["From"])
    return str(make_header(decode_header(name)))


LETTERS = st.text("ab?=_<>@,;:\"'\\( é長😀\u200dŁ", max_size=90) | st.text(max_size=40)
SUBJECTS = LETTERS.map(clean)
BODIES = st.lists(
    st.text("ab =.<>&é長\t", max_size=30) | st.just("x" * 1200) | st.just("é" * 600),
    max_size=8,
).map("\n".join)


@given(SUBJECTS, SUBJECTS, BODIES, BODIES)
@example("=?utf-8?q?no?=", "=?utf-8?q?no?=", "", "")
@example("ab " * 60, "x" * 300, "From me\n.\n..\n", "=20\n=\n--=_duly_")
@example("長" * 200, 'a "b" \\c', " \n \n", "a\tb  \n")
def test_a_message_reads_as_djangos_own_does(subject, name, text, html):
    words = Words(subject.strip(), text + "\n", html + "\n")
    ours, theirs = read(write(words, name=name)), by_django(words, name)

    assert str(ours["Subject"]) == words.subject
    assert part(ours, "plain") == part(theirs, "plain") == words.text
    assert part(ours, "html") == part(theirs, "html") == words.html
    for header in ("From", "To", "Reply-To"):
        mine, other = ours[header].addresses, theirs[header].addresses
        assert [one.addr_spec for one in mine] == [one.addr_spec for one in other]
    assert sender_name(write(words, name=name)) == name


@given(
    st.lists(
        st.builds(
            Attachment,
            st.text("ab.é長 ;\"'%/\\", min_size=1, max_size=80).map(clean),
            st.sampled_from(
                ["application/pdf", "text/calendar; method=PUBLISH; charset=utf-8"]
            ),
            st.binary(max_size=300),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_attached_files_arrive_as_they_were(files):
    assume(all(each.filename for each in files))
    message = read(write(WORDS, *files))

    found = list(message.iter_attachments())

    assert message.get_content_type() == "multipart/mixed"
    assert [each.get_payload(decode=True) for each in found] == [f.body for f in files]
    assert [named(each) for each in found] == [f.filename for f in files]
    assert all(each.get_content_disposition() == "attachment" for each in found)
    assert part(message, "plain") == WORDS.text
    assert part(message, "html") == WORDS.html


def test_an_attached_invitation_is_what_django_would_attach():
    body = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    file = Attachment(
        "Zähler.ics", "text/calendar; method=PUBLISH; charset=utf-8", body
    )

    (ours,) = read(write(WORDS, file)).iter_attachments()

    assert ours.get_content_type() == "text/calendar"
    assert ours["Content-Type"].params == {"method": "PUBLISH", "charset": "utf-8"}
    assert ours.get_content() == body.decode()


@pytest.mark.parametrize(
    "media_type",
    ["multipart/mixed", "message/rfc822", "pdf", "a/b\r\nBcc: x@y.example", "a/b; c"],
)
def test_only_a_file_can_be_attached(media_type):
    with pytest.raises(BadMessage) as refusal:
        write(WORDS, Attachment("a", media_type, b""))

    assert refusal.value.code == "bad_attachment"


@pytest.mark.parametrize("sign", ["\r", "\n", "\0", "\u2028", "\x85"])
def test_no_header_takes_a_line_break(sign):
    hostile = f"a{sign}Bcc: x@y.example"
    for refused in (
        {"name": hostile},
        {"sender": f"a{sign}@b.example"},
        {"recipient": f"a@b.example{sign}"},
        {"reference": hostile},
        {"can_stop": True, "url": f"https://b.example/{sign}"},
        {"words": Words(hostile, "", "")},
    ):
        with pytest.raises(BadMessage) as refusal:
            write(**refused)
        assert refusal.value.code in {"bad_header", "bad_address"}
    with pytest.raises(BadMessage):
        write(WORDS, Attachment(hostile, "a/b", b""))


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("a.b+c'd@example.org", "a.b+c'd@example.org"),
        ("a@münchen.example", "a@xn--mnchen-3ya.example"),
        ("ä@example.org", None),
        ("a@" + "x" * 400, None),
        ("a@b@example.org", None),
        ("a@" + "ä" * 80 + ".example", None),
    ],
)
def test_an_address_is_one_that_mail_knows(address, written):
    if written is None:
        with pytest.raises(BadMessage, match="not an e-mail address"):
            write(recipient=address)
    else:
        assert str(read(write(recipient=address))["To"]) == written


def test_what_says_a_message_can_be_stopped():
    by_answer = "<mailto:help@northwind.example?subject=stop%207QK2M9XW4BTD>"
    never, answer = read(write()), read(write(can_stop=True))
    click = read(write(can_stop=True, url="https://bills.example/u/7QK2"))

    assert never["List-Unsubscribe"] is never["List-Unsubscribe-Post"] is None
    assert answer["List-Unsubscribe"] == by_answer
    assert answer["List-Unsubscribe-Post"] is None
    assert click["List-Unsubscribe"] == f"<https://bills.example/u/7QK2>, {by_answer}"
    assert click["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_link_that_is_no_https_link_is_refused():
    for url in ("http://a.example", "https://a.example/>,<b", "javascript:1"):
        with pytest.raises(BadMessage):
            write(can_stop=True, url=url)


def test_the_usual_headers():
    message = read(write())

    assert message["Message-ID"] == "<7QK2M9XW4BTD.1@northwind.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"
    assert message["X-Duly-Notice"] == "7QK2M9XW4BTD"
    assert message["Date"].datetime == WHEN.replace(microsecond=0)
    assert message["MIME-Version"] == "1.0"


@pytest.mark.parametrize(
    ("line", "encoding"),
    [
        ("a" * 998, "7bit"),
        ("é" * 499, "8bit"),
        ("a" * 999, "quoted-printable"),
        ("長" * 333, "base64"),
        ("a\0b", "quoted-printable"),
    ],
)
def test_a_body_is_encoded_only_when_mail_would_not_carry_it(line, encoding):
    text = f"short\n{line}\nshort\n"
    message = read(write(Words("", text, text)))

    assert part(message, "plain") == part(message, "html") == text
    for kind in ("plain", "html"):
        assert message.get_body((kind,))["Content-Transfer-Encoding"] == encoding


@given(st.lists(st.sampled_from([0, 1, 500, 996, 997, 998, 999, 1000]), max_size=6))
def test_no_line_is_ever_too_long_for_mail(lengths):
    text = "\n".join("a" * length for length in lengths)

    message = read(write(Words("", text, text)))

    assert part(message, "plain").rstrip("\n") == text.rstrip("\n")


def test_a_body_cannot_end_its_part():
    boundary = read(write()).get_boundary()
    text = f"a\n--{boundary}--\n--{boundary}\n"

    message = read(write(Words("", text, "b\n")))

    assert message.get_boundary() != boundary
    assert part(message, "plain") == text
    assert part(message, "html") == "b\n"


def test_half_a_character_is_refused():
    for words in (Words("a\ud800", "", ""), Words("", "a\ud800", "")):
        with pytest.raises(BadMessage, match="half a character"):
            write(words)
