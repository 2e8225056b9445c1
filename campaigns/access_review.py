"""Once a quarter somebody looks at who may log in, what they may do and what they did.

Confirming it writes down who looked, when, and the numbers that stood there. It takes
nobody's rights away: that is done where logins are kept, before confirming.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Lower

from campaigns.groups import ROOMS
from campaigns.models import AccessReview
from campaigns.quarters import Quarter, last_quarter
from customers import spreadsheets
from customers.models import AccessEntry

What = AccessEntry.What
# Asking for a person's data is neither: taking the file is written down by itself.
READ = frozenset(
    {What.MESSAGE, What.REPLY, What.INVOICE, What.EVIDENCE, What.ANSWER, What.BANK}
)
TAKEN = frozenset(
    {
        What.SOURCE,
        What.PRINT_FILE,
        What.ADDRESS_LIST,
        What.CONSENTS,
        What.ANSWER_FILE,
        What.ANSWER_LIST,
        What.EXPORT,
        What.LOG,
    }
)


@dataclass(frozen=True, slots=True)
class Done:
    """What one name did in a quarter by the access log."""

    reads: int = 0
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Holder:
    """One login: what it may do and what was done with it.

    ``rights`` are those held beside the groups. ``user_id`` is None for a name in the
    log that no login has any more.
    """

    name: str
    user_id: int | None
    is_active: bool
    is_administrator: bool
    groups: tuple[str, ...]
    rights: tuple[str, ...]
    last_login: dt.datetime | None
    has_logged_in: bool
    done: Done


@dataclass(frozen=True, slots=True)
class Held:
    """A group somebody is in, and what it may do."""

    name: str
    rights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """What is looked at of a quarter."""

    quarter: Quarter
    holders: Sequence[Holder]
    groups: Sequence[Held]

    @property
    def people(self) -> int:
        """How many may log in."""
        return sum(one.is_active for one in self.holders)

    @property
    def silent(self) -> int:
        """How many of those have not logged in since the quarter began."""
        return sum(one.is_active and not one.has_logged_in for one in self.holders)

    @property
    def reads(self) -> int:
        """How many documents were read."""
        return sum(one.done.reads for one in self.holders)

    @property
    def taken(self) -> int:
        """How many files and lists were taken out."""
        return sum(one.done.taken for one in self.holders)


def due(day: dt.date) -> Quarter | None:
    """Return the quarter nobody has looked at yet, the last that is over on ``day``;
    None where there is none, or nobody could log in yet while it ran."""
    quarter = last_quarter(day)
    if AccessReview.objects.filter(begins_on=quarter.begins_on).exists():
        return None
    # In UTC: who was made in the last hours of a quarter makes no difference.
    there = User.objects.filter(date_joined__date__lt=quarter.ends_before)
    return quarter if there.exists() else None


def review(quarter: Quarter, zone: str) -> Review:
    """Return who could log in and what was done in a quarter of the firm's: eight
    questions, however many there are."""
    begins = _midnight(quarter.begins_on, zone)
    done = _done(begins, _midnight(quarter.ends_before, zone))
    users = list(
        User.objects.prefetch_related("groups", "user_permissions__content_type")
        .annotate(lower=Lower("username"))
        .order_by("-is_active", "lower")
    )
    holders = [
        _holder(user, begins, done.pop(user.get_username(), Done())) for user in users
    ]
    # A name that no login has any more, and what a command did.
    gone = [
        Holder(name, None, False, False, (), (), None, False, did)
        for name, did in sorted(done.items())
    ]
    shown = [one for one in holders if one.is_active or one.done != Done()]
    return Review(quarter, [*shown, *gone], _groups())


def _midnight(day: dt.date, zone: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone))


def _done(begins: dt.datetime, ends: dt.datetime) -> dict[str, Done]:
    rows = (
        AccessEntry.objects.filter(at__gte=begins, at__lt=ends)
        .order_by()
        .values("who")
        .annotate(
            reads=Count("pk", filter=Q(what__in=READ)),
            taken=Count("pk", filter=Q(what__in=TAKEN)),
        )
    )
    return {row["who"]: Done(row["reads"], row["taken"]) for row in rows}


def _holder(user: User, begins: dt.datetime, done: Done) -> Holder:
    return Holder(
        name=user.get_username(),
        user_id=user.pk,
        is_active=user.is_active,
        is_administrator=user.is_superuser,
        groups=tuple(sorted(group.name for group in user.groups.all())),
        rights=_named(user.user_permissions.all()),
        last_login=user.last_login,
        has_logged_in=user.last_login is not None and user.last_login >= begins,
        done=done,
    )


def _groups() -> list[Held]:
    """Return the groups somebody is in who may log in."""
    groups = (
        Group.objects.filter(user__is_active=True)
        .distinct()
        .order_by("name")
        .prefetch_related("permissions__content_type")
    )
    return [Held(one.name, _named(one.permissions.all())) for one in groups]


def _named(permissions: Iterable[Permission]) -> tuple[str, ...]:
    """Return rights in words, those to change something first."""
    found = [
        (
            one.codename.startswith("view_"),
            one.name
            if one.content_type.app_label in ROOMS
            else f"Settings: {one.name}",
        )
        for one in permissions
    ]
    return tuple(name for _, name in sorted(found))


@transaction.atomic
def confirm(*, quarter: Quarter, by: str, zone: str, now: dt.datetime) -> bool:
    """Write down that ``by`` has looked, with the numbers as they stand; False where
    the quarter was looked at already, which stays as it is."""
    found = review(quarter, zone)
    _, is_new = AccessReview.objects.get_or_create(
        begins_on=quarter.begins_on,
        defaults={
            "people": found.people,
            "silent": found.silent,
            "reads": found.reads,
            "taken": found.taken,
            "confirmed_by": by,
            "confirmed_at": now,
        },
    )
    return is_new


HEAD = (
    "login",
    "may log in",
    "administrator",
    "groups",
    "rights beside them",
    "last log-in (UTC)",
    "documents read",
    "files taken",
)


def as_csv(found: Review) -> Iterator[bytes]:
    """Yield the logins of a review as a file for a spreadsheet."""
    return spreadsheets.as_csv(HEAD, map(_cells, found.holders))


def _cells(one: Holder) -> tuple[str, ...]:
    last = one.last_login
    return (
        one.name,
        "yes" if one.is_active else "no",
        "yes" if one.is_administrator else "no",
        ", ".join(one.groups),
        ", ".join(one.rights),
        last.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S") if last else "never",
        str(one.done.reads),
        str(one.done.taken),
    )
