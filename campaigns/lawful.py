"""What law says to a campaign before it starts: periods it breaks, rules in doubt.

Asks which customers it reaches where, in a handful of queries whatever their number,
and consent.law what holds for them. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from babel import Locale
from django.db.models import Case, Count, F, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Left, NullIf

from campaigns.models import Campaign
from consent.law import Rule, Rules, earliest
from consent.lawbook import lawbook
from consent.rule_kinds import CHANGES
from consent.rulings import not_gone_on_with
from customers.calendars import BankDays, ScheduleError, bank_days
from customers.models import Customer
from customers.querysets import CustomerQuerySet
from customers.regions import region_of
from notices.kinds import KINDS
from notices.models import Channel, Document, Notice

# The rules that stand behind each channel; what goes on paper is bound by none of them.
USED_BY_CHANNEL = {
    Channel.SMS: (
        "hours",
        "sms_24h",
        "sms_7d",
        "dunning_7d",
        "sms_number_provided_ok",
        "stop_scope",
    ),
    Channel.CALL: ("hours",),
}
# Where a notice of a change has its day; one of no sort of change has none.
DAY_OF = {"paperless": "paperless.first_ebill_on"}


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """Something that is to change for the customers, and from when."""

    kind: str
    effective_on: dt.date

    @property
    def words(self) -> str:
        """What changes, for staff."""
        return CHANGES[self.kind]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Customers of one sort in one place."""

    rules: Rules
    customers: int


@dataclass(slots=True)
class Period:
    """How long before a change the customers of one country must be told.

    ``first_on`` is the earliest lawful day of the change when they are told on the day
    that was asked about; the longest period of the country counts.
    """

    change: Change
    country: str
    first_on: dt.date
    rules: list[Rule] = field(default_factory=list)
    customers: int = 0

    @property
    def is_broken(self) -> bool:
        """Whether the change would come before the customers had their time."""
        return self.change.effective_on < self.first_on

    @property
    def place(self) -> str:
        """The country in English."""
        if not self.country:
            return "Country not known"
        return str(Locale("en").territories.get(self.country, self.country))

    @property
    def longest(self) -> str:
        """The period, such as "30 days"."""
        return max(self.rules, key=lambda one: one.value.length).words


@dataclass(frozen=True, slots=True)
class Lawful:
    """The answer: all notice periods by country, and the rules in doubt."""

    periods: tuple[Period, ...] = ()
    doubtful: tuple[Rule, ...] = ()

    @property
    def broken(self) -> tuple[Period, ...]:
        """The periods the campaign would break: it may not start."""
        return tuple(one for one in self.periods if one.is_broken)


def matter_of(campaign: Campaign) -> str:
    """Return what the audit log of rules calls a campaign."""
    return f"campaign:{campaign.pk}"


def look(campaign: Campaign, told_on: dt.date) -> Lawful:
    """Return what law says to a campaign whose customers are told on a day."""
    changes = changes_of(campaign, told_on)
    used = {
        name
        for step in campaign.ladder.steps.all()
        for channel in step.channels
        for name in USED_BY_CHANNEL.get(Channel(channel), ())
    }
    used |= {f"notice_days.{one.kind}" for one in changes}
    if not used:
        return Lawful()
    crowds = _crowds(_audience(campaign, told_on), told_on)
    rules = {rule for crowd in crowds for rule in crowd.rules.grounds_of(used)}
    doubtful = sorted(
        (rule for rule in rules if rule.doubt(told_on)),
        key=lambda one: (one.pack, one.name, one.person),
    )
    return Lawful(
        periods=tuple(
            period for change in changes for period in _periods(change, crowds, told_on)
        ),
        doubtful=tuple(doubtful),
    )


def unaccepted(campaign: Campaign, found: Lawful, today: dt.date) -> list[Rule]:
    """Return the rules in doubt that nobody has gone on with yet."""
    if not found.doubtful:
        return []
    return not_gone_on_with(matter_of(campaign), found.doubtful, today=today)


def changes_of(campaign: Campaign, told_on: dt.date) -> list[Change]:
    """Return what changes for the customers of a campaign, the earliest day of each.

    Papers that go along and apply from a later day are new terms; notices in line may
    tell of any change.
    """
    found: dict[str, dt.date] = {}
    for kind, day in [*_papers(campaign, told_on), *_told(campaign)]:
        found[kind] = min(day, found.get(kind, day))
    return sorted(Change(kind, day) for kind, day in found.items())


def _papers(campaign: Campaign, told_on: dt.date) -> Iterable[tuple[str, dt.date]]:
    chosen = campaign.stream.documents.values("key")
    newest = (
        Document.objects.filter(key__in=chosen)
        .order_by("key", "language", "-version")
        .distinct("key", "language")
    )
    for day in newest.values_list("effective_on", flat=True):
        if day > told_on:
            yield "terms", day


def _told(campaign: Campaign) -> Iterable[tuple[str, dt.date]]:
    """Yield the changes that notices in line tell of: one query."""
    kinds = [key for key, kind in KINDS.items() if kind.binds and key in CHANGES]
    days = [
        When(template__kind=kind, then=KeyTextTransform(path, "about"))
        for kind, path in DAY_OF.items()
    ]
    rows = (
        Notice.objects.not_yet_written()
        .filter(stream=campaign.stream_id, template__kind__in=kinds)
        .annotate(
            day=Case(*days, default=KeyTextTransform("change.effective_on", "about"))
        )
        .exclude(day=None)
        .values_list("template__kind", "day")
        .order_by()
        .distinct()
    )
    for kind, day in rows:
        yield kind, dt.date.fromisoformat(day)


def _audience(campaign: Campaign, day: dt.date) -> CustomerQuerySet:
    """Return the customers a campaign reaches, enrolled or with a notice in line."""
    billed = campaign.audience(day).values("customer")
    told = Notice.objects.not_yet_written().filter(stream=campaign.stream_id)
    return Customer.objects.filter(pk__in=billed.union(told.values("customer")))


def _crowds(customers: CustomerQuerySet, on: dt.date) -> list[Crowd]:
    """Return the customers by the rules that hold for them: one query.

    Regions are told from ZIP codes only where they make a difference.
    """
    country = Coalesce(
        NullIf(F("country"), Value("")), F("postal_address__country"), Value("")
    )
    zips = Case(
        When(
            land="US",
            region="",
            then=Coalesce(Left("postal_address__postcode", 5), Value("")),
        ),
        default=Value(""),
    )
    rows = (
        customers.annotate(land=country)
        .annotate(zip=zips)
        .values_list("land", "region", "zip", "kind")
        .order_by()
        .annotate(number=Count("pk"))
    )
    counted: dict[tuple[str, str, str], int] = defaultdict(int)
    for land, region, code, kind, number in rows:
        counted[land, region or region_of(land, code), kind] += number
    book = lawbook()
    return [
        Crowd(book.rules(*sort, on), number) for sort, number in sorted(counted.items())
    ]


def _periods(
    change: Change, crowds: Sequence[Crowd], told_on: dt.date
) -> Iterable[Period]:
    """Return the notice periods of a change, one a country."""
    found: dict[str, Period] = {}
    for crowd in crowds:
        days = crowd.rules.notice_days(change.kind)
        if days is None:
            continue
        country = crowd.rules.country
        first_on = earliest(told_on, days, _working_days(country))
        period = found.setdefault(country, Period(change, country, first_on))
        period.first_on = max(period.first_on, first_on)
        period.customers += crowd.customers
        grounds = crowd.rules.grounds_of([f"notice_days.{change.kind}"])
        period.rules += [one for one in grounds if one not in period.rules]
    return found.values()


def _working_days(country: str) -> BankDays:
    """Return the working days of a country, Monday to Friday where none are known."""
    try:
        return bank_days(country or "weekends")
    except ScheduleError:
        return bank_days("weekends")
