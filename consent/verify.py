"""Walks the whole history and says where it is not what it was.

Chains, the details they commit to, the states that follow from them, and the roots over
all of it, in the database and in the file off it. Reads only, in flat memory.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from consent import chain, root_copies, root_signing, roots
from consent.details import DETAILS, commitments_of
from consent.models import ConsentDetail, ConsentEvent, ConsentRoot, ConsentSubject
from consent.projection import out_of_line
from consent.streaming import streamed
from customers.models import Customer
from customers.vault import VaultError

_EVENT = ("id", *(name for name in chain.FIELDS if name != "customer"), "prev_hash")
_HISTORY = f"""
    SELECT event.customer_id, customer.number, customer.erased_at, event.hash,
        event.{", event.".join(_EVENT)},
        subject.ref, subject.salt, detail.event_id, detail.{", detail.".join(DETAILS)}
    FROM consent_consentevent AS event
    LEFT JOIN customers_customer AS customer ON customer.id = event.customer_id
    LEFT JOIN consent_consentsubject AS subject
        ON subject.ref = event.salt_ref AND subject.customer_id = event.customer_id
    LEFT JOIN consent_consentdetail AS detail ON detail.event_id = event.id
"""  # noqa: S608 - names of our own
_OF_ALL = f"{_HISTORY} ORDER BY event.customer_id, event.seq"
_OF_ONE = f"{_HISTORY} WHERE event.customer_id = %s ORDER BY event.seq"
_NAMES = (
    "customer",
    "number",
    "erased_at",
    "hash",
    *_EVENT,
    "ref",
    "salt",
    "detail",
    *DETAILS,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; ``event`` is the place in the customer's chain."""

    what: str
    customer: str = ""
    event: int | None = None

    def __str__(self) -> str:
        if not self.customer:
            return self.what
        place = f", event {self.event}" if self.event is not None else ""
        return f"Customer {self.customer}{place}: {self.what}"


@dataclass(slots=True)
class Walked:
    """What was walked. ``erased`` events are of persons who were erased, or hold
    commitments nobody can open any more;
    ``unrooted`` ones came after the last root."""

    chains: int = 0
    events: int = 0
    erased: int = 0
    unrooted: int = 0
    roots: int = 0

    def as_dict(self) -> dict[str, int]:
        """Return the figures by name."""
        return asdict(self)


def faults(walked: Walked, *, path: Path | None = None) -> Iterator[Fault]:
    """Yield what is wrong, chain by chain, then states, then roots; count on the way.

    ``path`` is the file of roots, ``settings.LEDGER_FILE`` unless given.
    """
    yield from _chains(walked)
    yield from _states()
    yield from _roots(walked)
    yield from _copies(path or Path(settings.LEDGER_FILE))


# Chains ----------------------------------------------------------------------


def faults_of(customer: Customer) -> Iterator[Fault]:
    """Yield what is wrong with the chain of one customer and its details."""
    return _chains(Walked(), customer.pk)


def _chains(walked: Walked, only: int | None = None) -> Iterator[Fault]:
    customer: int | None = None
    last: dict[str, Any] = {}
    rows = streamed(_OF_ALL) if only is None else streamed(_OF_ONE, [only])
    for row in rows:
        event = dict(zip(_NAMES, row, strict=True))
        if event["customer"] != customer:
            customer = event["customer"]
            walked.chains += 1
            last = {"seq": 0, "hash": chain.GENESIS, "id": 0}
        walked.events += 1
        for what in (*_link_faults(event, last), *_detail_faults(event, walked)):
            yield Fault(what, str(event["number"] or f"#{customer}"), event["seq"])
        last = event


def _link_faults(event: Mapping[str, Any], last: Mapping[str, Any]) -> Iterator[str]:
    if event["seq"] != last["seq"] + 1:
        yield f"event {last['seq'] + 1} is missing before it."
    elif bytes(event["prev_hash"]) != bytes(last["hash"]):
        yield "it does not follow the event before it."
    if event["id"] <= last["id"]:
        yield "it is numbered before the event it follows."
    if not _is_unchanged(event):
        yield "it is not what was recorded."


def _is_unchanged(event: Mapping[str, Any]) -> bool:
    if event["schema_version"] != chain.SCHEMA_VERSION:
        return False
    try:
        fields = {
            **event,
            "evidence": json.loads(event["evidence"]),
            "commitments": json.loads(event["commitments"]),
        }
        own = chain.event_hash(fields, bytes(event["prev_hash"]))
    except ValueError:
        return False
    return own == bytes(event["hash"])


def _detail_faults(event: Mapping[str, Any], walked: Walked) -> Iterator[str]:
    """Hold the details against the commitments; of the erased there must be none."""
    if event["ref"] is None:
        if event["detail"] is not None:
            yield "it has details, and no salt to check them by."
        elif event["salt_ref"] is not None or event["erased_at"] is not None:
            walked.erased += 1
        return
    if event["detail"] is None:
        yield "its details are missing, though the person was not erased."
        return
    try:
        salt = _opened(ConsentSubject, "salt", event["salt"])
        details = {
            name: _opened(ConsentDetail, name, event[name])
            for name in DETAILS
            if event[name] is not None
        }
    except VaultError as error:
        yield f"its details cannot be opened: {error}"
        return
    told = commitments_of(details, event["record_id"], salt)
    if told != json.loads(event["commitments"]):
        yield "its details are not what was recorded."


def _opened(model: Any, name: str, sealed: bytes) -> Any:
    return model._meta.get_field(name).from_db_value(sealed, None, None)


# States ----------------------------------------------------------------------


def _states() -> Iterator[Fault]:
    for customer, subject in out_of_line():
        number = Customer.objects.filter(pk=customer).values_list("number", flat=True)
        yield Fault(
            f"where its consent “{subject}” stands does not follow from the history.",
            number.first() or f"#{customer}",
        )


# Roots -----------------------------------------------------------------------


def _roots(walked: Walked) -> Iterator[Fault]:
    previous, after, day = root_signing.NOTHING, 0, dt.date.min
    for root in ConsentRoot.objects.order_by("pk").iterator():
        walked.roots += 1
        for what in _root_faults(root, previous, after, day):
            yield Fault(f"The root of {root.day}: {what}")
        previous, after, day = root_signing.fingerprint(root), root.last_event, root.day
    walked.unrooted = ConsentEvent.objects.filter(pk__gt=after).count()


def _root_faults(
    root: ConsentRoot, previous: bytes, after: int, day: dt.date
) -> Iterator[str]:
    if not root_signing.is_signed(root):
        yield (
            "it does not bear this house's signature. If LEDGER_KEY was changed, name "
            "the former one in LEDGER_KEY_FALLBACKS."
        )
    if (bytes(root.previous), root.after_event) != (previous, after) or root.day <= day:
        yield "it does not follow the root before it; one is missing or was changed."
    tree = roots.tree_of(root.after_event, root.last_event)
    if tree.size != root.size:
        yield f"it covers {root.size} events, and {tree.size} are there."
    elif tree.root() != bytes(root.root):
        yield "the events it covers are not what they were."


def _copies(path: Path) -> Iterator[Fault]:
    """Hold the file against the database: the same lines in the same order."""
    kept = ConsentRoot.objects.order_by("pk").iterator()
    try:
        for number, line in enumerate(root_copies.lines(path), start=1):
            root = next(kept, None)
            if root is None or root_copies.line_of(root) != line:
                yield Fault(f"Line {number} of {path} is not the root in the database.")
                return
    except root_copies.CopyFault as error:
        yield Fault(str(error))
        return
    for root in kept:
        yield Fault(
            f"The root of {root.day} is not in {path}. Give the file the workers "
            "write, or let the next pass of the scheduler copy it."
        )
        return
