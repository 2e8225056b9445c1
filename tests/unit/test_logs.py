"""No line of the log holds an address, a phone number or the key of a link."""

from __future__ import annotations

import io
import logging

import pytest

from config import logs

TOKEN = "7qk2m9xw4btd0123456789abcd"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("mail to alice@example.com bounced", "mail to [e-mail] bounced"),
        ("<Alice.O'Late+tag@mail.example.co.uk>", "<[e-mail]>"),
        ("to=alice%40example.com&x=1", "to=[e-mail]&x=1"),
        ("text to +447700900123 failed", "text to [phone] failed"),
        ("text to +44 (0)7700 900-123.", "text to [phone]."),
        ("called 07700 900123", "called [phone]"),
        ("called (555) 010-0199 twice", "called [phone] twice"),
        ("To=%2B447700900123&From=x", "To=[phone]&From=x"),
        (f"GET /r/{TOKEN} HTTP/1.1", "GET /r/7qk2… HTTP/1.1"),
        (f"GET /p/{TOKEN}?a=1", "GET /p/7qk2…?a=1"),
        (f"https://bills.example.com/u/{TOKEN}", "https://bills.example.com/u/7qk2…"),
        (f"GET /d/{TOKEN}:1tAbC:sig-x_y/ ", "GET /d/7qk2…/ "),
        (
            "DETAIL:  Failing row contains (1, Alice Late).",
            "DETAIL:  Failing row contains (…).",
        ),
        (
            "Key (kind, value)=(email, x) already exists",
            "Key (kind, value)=(…) already exists",
        ),
        ("GET /customers/?q=Alice+Late&page=2", "GET /customers/?q=…&page=2"),
    ],
)
def test_what_is_personal_is_taken_out(said: str, kept: str) -> None:
    assert logs.redacted(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "3 of 5 notices of stream 12 sent in 0.0421 s",
        "Notice 7QK2M9XW4BTD is held: no_address",
        "2026-11-22 09:00:00,123 and 2026-11-22T09:00:00+00:00",
        "pid 12345678, 0x7f3a2b1c, port 5432, 0.123456789",
        "Task campaigns.tasks.tick[6f1c2a30-8a5e-4c1d-9b7e-0a1b2c3d4e5f] succeeded",
        "GET /customers/12345678/ HTTP/1.1",
        'File "/app/notices/wire.py", line 120, in send',
        "sha256 0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ],
)
def test_what_is_not_stays_readable(said: str) -> None:
    assert logs.redacted(said) == said


def _logged(write: object) -> str:
    held = io.StringIO()
    handler = logging.StreamHandler(held)
    log = logging.getLogger("duly.test")
    log.addHandler(handler)
    try:
        write(log)  # type: ignore[operator]
    finally:
        log.removeHandler(handler)
    return held.getvalue()


def test_arguments_exceptions_and_their_causes_go_without_addresses() -> None:
    def write(log: logging.Logger) -> None:
        try:
            try:
                raise KeyError("alice@example.com")
            except KeyError as error:
                raise ValueError("no route to +447700900123") from error
        except ValueError:
            log.exception("Sending to %s failed", "alice@example.com")

    told = _logged(write)

    assert "alice" not in told
    assert "7700900123" not in told
    assert "Sending to [e-mail] failed" in told
    assert "ValueError: no route to [phone]" in told
    assert "KeyError: '[e-mail]'" in told


def test_a_page_that_is_refused_is_one_line() -> None:
    held = io.StringIO()
    refusals = logging.getLogger(logs.REFUSALS)
    handler = logging.StreamHandler(held)
    refusals.addHandler(handler)
    for level, said in ((logging.WARNING, "Forbidden"), (logging.ERROR, "Broken")):
        try:
            raise PermissionError("not theirs")
        except PermissionError:
            refusals.log(level, "%s: /customers/1/erase/", said, exc_info=True)
    refusals.removeHandler(handler)

    first, *rest = held.getvalue().splitlines()
    assert first == "Forbidden: /customers/1/erase/"
    assert rest[:2] == [
        "Broken: /customers/1/erase/",
        "Traceback (most recent call last):",
    ]


def test_a_faulty_call_shows_no_address_either() -> None:
    told = _logged(lambda log: log.error("%d sent", "alice@example.com"))

    assert "alice" not in told
    assert "%d sent" in told


def test_celery_and_gunicorn_lines_go_the_same_way() -> None:
    access = {"r": f"GET /c/{TOKEN} HTTP/1.1", "s": "200"}
    celery = {"name": "notices.tasks.drain", "exc": "SendError('alice@example.com')"}

    told = _logged(lambda log: log.info("%(r)s %(s)s", access))
    told += _logged(lambda log: log.error("Task %(name)s raised: %(exc)s", celery))

    assert TOKEN not in told
    assert "alice" not in told
    assert "/c/7qk2… HTTP/1.1 200" in told
    assert "notices.tasks.drain" in told


def test_installing_twice_changes_nothing() -> None:
    before = logging.getLogRecordFactory()

    logs.install()

    assert logging.getLogRecordFactory() is before
