"""Erases a person: what law has the firm keep stays without them, the rest goes.

Every room says what that is (customers.holdings). One transaction; a second time
changes nothing. Whoever was erased is written down under a print of their number, in
the database and off it, so that neither an import nor a restored backup brings them
back.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from customers import erasure_file
from customers.erased import number_print
from customers.holdings import CHUNK, known_by, rooms
from customers.models import ContactPoint, Customer, Erasure, PostalAddress

log = logging.getLogger(__name__)

NAME = "Erased"


class ErasureRefused(Exception):
    """Somebody cannot be erased yet; ``reasons`` say what must happen first."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure changed: rows by table, and only those that really changed."""

    customer_id: int
    changed: dict[str, int]

    @property
    def total(self) -> int:
        """How many rows changed."""
        return sum(self.changed.values())


def hinders(customer: Customer) -> list[str]:
    """Return why somebody cannot be erased yet, a sentence each; none: they can."""
    return [
        reason
        for room in rooms()
        if room.hinders is not None
        for reason in room.hinders(customer)
    ]


@transaction.atomic
def erase_person(
    *, customer: Customer, asked_by: str, now: dt.datetime, approved_by: str = ""
) -> Erased:
    """Erase a person, and write down that they were.

    :raises ErasureRefused: something is owed, in dispute, under way, or on legal hold.
    """
    # As whoever writes to a customer does: nobody composes or imports meanwhile.
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    reasons = hinders(locked)
    if reasons:
        raise ErasureRefused(reasons)
    mark = number_print(locked.number)
    is_first = locked.erased_at is None
    changed = _wipe(locked, now)
    if is_first:
        Erasure.objects.create(
            number_print=mark,
            whose=locked.pk,
            at=now,
            asked_by=asked_by,
            approved_by=approved_by,
            changed=changed,
        )
    # After the commit, or a restored backup would erase somebody who was not.
    transaction.on_commit(_keep_off_the_database)
    return Erased(locked.pk, changed)


def _keep_off_the_database() -> None:
    try:
        erasure_file.write_missing()
    except OSError as error:
        log.error(
            "The erasure stands in the database, but not yet in %s: %s. It is tried "
            "again with every pass.",
            erasure_file.path(),
            error.strerror,
        )


def _wipe(customer: Customer, now: dt.datetime) -> dict[str, int]:
    """Let go of everything that goes; return how many rows of which table changed."""
    known_by(customer)  # before anything of it is gone
    changed: Counter[str] = Counter()
    for room in rooms():
        if room.erases is not None:
            changed.update(room.erases(customer))
    changed["django_admin_log"] = _forget_in_settings(customer)
    for room in rooms():
        for holding in room.holdings:
            changed[holding.table] += holding.erase(customer)
    changed["customers_customer"] = _without_a_name(customer, now)
    return {table: rows for table, rows in sorted(changed.items()) if rows}


def _without_a_name(customer: Customer, now: dt.datetime) -> int:
    """Leave a row that nobody is named in; 0 when it was left before."""
    nameless = Customer.objects.filter(pk=customer.pk, erased_at__isnull=True)
    return nameless.update(
        number=f"erased-{customer.pk}",
        name=NAME,
        time_zone="",
        status=Customer.Status.CEASE_CONTACT,
        account_status=Customer.AccountStatus.CLOSED,
        erased_at=now,
        updated_at=now,
    )


def _forget_in_settings(customer: Customer) -> int:
    """Take names and addresses out of what the settings noted of changes by hand."""
    of_person = {
        Customer: [str(customer.pk)],
        ContactPoint: [str(one.pk) for one in customer.contact_points.all()],
        PostalAddress: [
            str(pk)
            for pk in PostalAddress.objects.filter(customer=customer).values_list(
                "pk", flat=True
            )
        ],
    }
    return sum(
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=keys
        )
        .exclude(object_repr=NAME, change_message="")
        .update(object_repr=NAME, change_message="")
        for model, keys in of_person.items()
    )


# After a restore -------------------------------------------------------------


def replay_erasures(*, now: dt.datetime, files: Iterable[Path] = ()) -> list[Erased]:
    """Erase again whoever the file says was erased and this database has forgotten.

    What would hinder an erasure does not hinder this one: it was weighed then.
    ``files`` are further copies of the file, from other machines of the house.

    :raises LedgerDamaged: a file cannot be read.
    """
    forgotten = _forgotten(files)
    if not forgotten:
        return []
    done = []
    for mark, pk in _found_again(forgotten).items():
        done.append(_again(forgotten[mark], pk, now))
    log.warning(
        "This database had forgotten %s erasures: %s people were erased again.",
        len(forgotten),
        sum(one.total > 0 for one in done),
    )
    return done


def _forgotten(files: Iterable[Path]) -> dict[bytes, erasure_file.Line]:
    told = {
        line.number_print: line
        for file in (erasure_file.path(), *files)
        for line in erasure_file.lines(file)
    }
    if not told:
        return {}
    known = Erasure.objects.filter(number_print__in=list(told))
    for mark in known.values_list("number_print", flat=True):
        told.pop(bytes(mark))
    return told


def _found_again(
    forgotten: dict[bytes, erasure_file.Line],
) -> dict[bytes, int | None]:
    """Return the customer behind each print; None where the database has none."""
    found: dict[bytes, int | None] = dict.fromkeys(forgotten)
    numbers = Customer.objects.filter(
        pk__in=[line.whose for line in forgotten.values()]
    ).values_list("pk", "number")
    for pk, number in numbers:
        if number_print(number) in found:
            found[number_print(number)] = pk
    if None in found.values():
        # A backup of another make may number its rows anew: every number is asked.
        everybody = Customer.objects.values_list("pk", "number")
        for pk, number in everybody.iterator(chunk_size=20 * CHUNK):
            mark = number_print(number)
            if mark in found:
                found[mark] = pk
    return found


@transaction.atomic
def _again(line: erasure_file.Line, pk: int | None, now: dt.datetime) -> Erased:
    changed: dict[str, int] = {}
    if pk is not None:
        changed = _wipe(Customer.objects.select_for_update().get(pk=pk), now)
    # Even where there is nobody: an import shall not bring them back.
    Erasure.objects.create(
        number_print=line.number_print,
        whose=pk if pk is not None else line.whose,
        at=line.at,
        asked_by=line.asked_by,
        approved_by=line.approved_by,
        changed=changed,
    )
    return Erased(pk or line.whose, changed)
