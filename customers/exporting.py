"""A person's data as an archive: JSON from every table, and every message as it went.

Written piece by piece, so that ten years of letters need no more memory than one.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from django.core.serializers.json import DjangoJSONEncoder

from customers.holdings import holdings, rooms
from customers.models import Customer

_encode = DjangoJSONEncoder(ensure_ascii=False, indent=1).encode


@dataclass(frozen=True, slots=True)
class Exported:
    """What an archive holds: rows by file of JSON, and how many other files."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0


def write_person(customer: Customer, out: IO[bytes], *, now: dt.datetime) -> Exported:
    """Write all that is held of a person as a ZIP archive; ``out`` need not seek."""
    rows: dict[str, int] = {}
    others = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for holding in holdings():
            if holding.is_exported:
                count = _Count()
                rows_of = count.counted(holding.exported(customer))
                _put(archive, holding.file, _as_list(rows_of), now)
                rows[holding.file] = count.rows
        for room in rooms():
            for name, pieces in room.files(customer) if room.files else ():
                _put(archive, name, pieces, now)
                others += 1
        _put(archive, "README.txt", [_readme(customer, rows, others, now)], now)
    return Exported(rows, others)


class _Count:
    """Counts what passes by."""

    def __init__(self) -> None:
        self.rows = 0

    def counted(self, rows: Iterable[object]) -> Iterator[object]:
        for row in rows:
            self.rows += 1
            yield row


def _as_list(rows: Iterable[object]) -> Iterator[bytes]:
    between = "["
    for row in rows:
        yield (between + _encode(row)).encode()
        between = ",\n"
    yield b"]" if between != "[" else b"[]"


def _put(
    archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes], now: dt.datetime
) -> None:
    info = zipfile.ZipInfo(name, now.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as entry:
        for piece in pieces:
            entry.write(piece)


_README = """\
What this archive is
====================

All that is kept about customer {number} in Duly, the system that writes to customers
about their bills, as it stood on {on} UTC.

Every file that ends in .json is a list, which any text editor shows. Amounts are in the
currency that stands beside them. Times are in UTC.

{files}

messages/ has every message as it went out: .eml for e-mails (any mail program opens
them), .pdf for letters, .txt for texts and what was said on the telephone. invoices/
has the copies of invoices. {others} such files are in this archive.

consent_verification.json says whether the history of what was agreed to is unbroken:
each entry is sealed over the one before it, so that nothing can be changed or left out
afterwards without a trace.

decisions_with_reasons.json says for each reminder that was considered why it was sent
or not. No person was needed for those decisions; who wants one looked at by a person
need only ask.

What is missing: names of the firm's staff, the secrets of links, and what is only kept
as a fingerprint that nobody can turn back.
"""


def _readme(
    customer: Customer, rows: dict[str, int], others: int, now: dt.datetime
) -> bytes:
    titles = [
        f"{holding.file:32} {rows[holding.file]:>6}  {holding.title}"
        for holding in holdings()
        if holding.is_exported
    ]
    return _README.format(
        number=customer.number,
        on=now.astimezone(dt.UTC).strftime("%d %B %Y, %H:%M"),
        files="\n".join(titles),
        others=others,
    ).encode()
