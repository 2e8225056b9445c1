"""Where lines of the log go, without people's addresses and the keys of their links.

They are taken out where a record is made, and not in one handler: what Celery, gunicorn
or a library logs, the text of an exception and its trace go the same way. Knows no
Django.
"""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any

# Where Django tells of answers from 400 on; those of 500 and more are errors.
REFUSALS = "django.request"
# Behind these stands a token or a code that opens somebody's own pages.
_DOORS = "r|R|c|C|p|a|u|d|read"
_SUBSTITUTES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Four signs are enough to tell two links apart, and open nothing.
    (
        re.compile(
            rf"(?<![\w/])((?:https?://[^\s/\"']+)?/(?:{_DOORS})/)([\w~.:=-]{{4}})[\w~.:=%-]+"
        ),
        r"\1\2…",
    ),
    # What was searched for, or where a form sends somebody: names and addresses.
    (
        re.compile(r"([?&](?:q|who|token|code|email|phone|number|next)=)[^&\s\"']+"),
        r"\1…",
    ),
    (
        re.compile(
            r"[\w.!#+~-]+(?:'[\w.+-]+)*(?:@|%40)(?:[\w-]+\.)+[^\W\d_]{2,}", re.I
        ),
        "[e-mail]",
    ),
    # PostgreSQL shows the row that a constraint refused, names and all.
    (re.compile(r"(Failing row contains) \(.*\)"), r"\1 (…)"),
    (re.compile(r"(Key \([^)]*\))=\(.*\)"), r"\1=(…)"),
    # +44 7700 900123, 0044…, 07700 900123, (555) 010-0123: seven digits at least.
    (re.compile(r"(?<![\w+])\+\d(?:[ ()./-]{0,2}\d){6,14}(?!\d)"), "[phone]"),
    (re.compile(r"(?:%2B)\d(?:(?:%20|[ -])?\d){6,14}(?!\d)", re.I), "[phone]"),
    (re.compile(r"(?<![\w.:,+/-])0\d(?:[ ()/-]?\d){7,13}(?![\w.:-])"), "[phone]"),
    (re.compile(r"(?<![\w.-])\(?\d{3}\)?[ -]\d{3}-\d{4}(?![\w.-])"), "[phone]"),
)


def redacted(text: str) -> str:
    """Return a text without e-mail addresses, phone numbers and keys of links."""
    for pattern, instead in _SUBSTITUTES:
        text = pattern.sub(instead, text)
    return text


def to_console(level: str) -> dict[str, Any]:
    """Return the setting by which every line from ``level`` on goes to the console."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "{levelname} {name}: {message}", "style": "{"}
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "loggers": {
            # What matters of these, rendering turns into an error that names the
            # customer.
            "weasyprint": {"handlers": ["nowhere"], "propagate": False},
            "fontTools": {"handlers": ["nowhere"], "propagate": False},
            # It tells every command that it is there.
            "pikepdf": {"level": "WARNING"},
            # On DEBUG they write down addresses, numbers and whole messages.
            "urllib3": {"level": "INFO"},
            "botocore": {"level": "INFO"},
        },
        "root": {"handlers": ["console"], "level": level},
    }


def install() -> None:
    """Have every record made from now on go without them; safe to repeat."""
    if not isinstance(logging.getLogRecordFactory(), _Factory):
        logging.setLogRecordFactory(_Factory(logging.getLogRecordFactory()))


class _Factory:
    """Makes records as the factory before it does, and takes out what is personal."""

    def __init__(self, made_by: Any) -> None:
        self._made_by = made_by

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self._made_by(*args, **kwargs)
        try:
            said = record.getMessage()
        except (TypeError, ValueError, KeyError):
            # A faulty call: logging itself says so, and shows its arguments.
            said = f"{record.msg!r} with {record.args!r}"
        record.msg, record.args = redacted(said), None
        if record.name == REFUSALS and record.levelno < logging.ERROR:
            # A page that was refused (403, 404) is no fault of ours: one line.
            record.exc_info = None
        if record.exc_info and record.exc_info[0] is not None:
            # Every formatter takes this text where it stands already.
            record.exc_text = redacted(
                "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            )
        if record.stack_info:
            record.stack_info = redacted(record.stack_info)
        return record
