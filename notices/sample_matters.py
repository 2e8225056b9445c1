"""What the invented notices are about: a change, a promise, a visit and the like.

Each made for one subject out of the invented world of a language; notices.samples puts
them beside customer, firm and invoices. Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from notices.fields import Account, Subject
from notices.kinds import NoticeKind

TODAY = dt.date(2026, 6, 5)  # a Friday


def about_of(notice: NoticeKind, case: str, world: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts a notice of that kind has of its own, by field."""
    about: dict[str, Any] = {}
    for subject in notice.subjects - {Subject.DEBT}:
        for name, value in _ABOUT[subject](notice.key, case, world).items():
            about[name if name == "instalments" else f"{subject.value}.{name}"] = value
    if notice.key == "paperless":
        about["reply_by"] = dt.date(2026, 7, 20)
    if about:
        about["currency"] = world["place"]["currency"]
    return about


def _sum(case: str, usual: str) -> Decimal:
    """Return the usual sum, or one that no table was drawn for."""
    return Decimal("9876543210.98" if case == "huge_sums" else usual)


def _change(kind: str, case: str, world: Mapping[str, Any]) -> dict[str, Any]:
    words = world["change"]
    own = words[kind]
    every = case == "every_clause"
    old, new = own.get("old", ""), own.get("new", "")
    if kind == "bank_details":
        old, new = Account(old), Account(new)
    elif kind == "amount":
        old, new = Decimal("42.00"), _sum(case, "46.50")
    return {
        "old": old,
        "new": new,
        "effective_on": dt.date(2026, 9, 1),
        "reason": own["reason"],
        "who": words["who"],
        "to_do": words["to_do"] if kind in {"payment_address", "bank_details"} else "",
        "is_optional": every or kind == "bill_date",
        "costs_more": every or kind in {"amount", "minimum_payment"},
        "changes_terms": every or kind == "terms",
    }


def _paperless(kind: str, case: str, world: Mapping[str, Any]) -> dict[str, Any]:
    every = case == "every_clause"
    words = world["paperless"]
    # What has stopped was announced a quarter of a year before.
    back = dt.timedelta(days=90 if kind == "paperless_stopped" else 0)
    return {
        "documents": words["documents"],
        "reason": words["reason"],
        "first_notice_on": TODAY - back,
        "reminder_on": dt.date(2026, 7, 6) - back,
        "last_paper_on": dt.date(2026, 8, 3) - back,
        "first_ebill_on": dt.date(2026, 9, 1) - back,
        "is_optional": not every,
        "paper_fee": Decimal("1.50") if every else "",
        "has_fee": every,
        "opt_in_phone": world["brand"]["phone"],
        "changes_terms": every,
    }


def _details(kind: str, case: str, world: Mapping[str, Any]) -> dict[str, Any]:
    return {**world["details"], "changed_on": TODAY - dt.timedelta(days=1)}


def _promise(kind: str, case: str, world: Mapping[str, Any]) -> dict[str, Any]:
    broken = kind == "promise_broken"
    made_on = TODAY - dt.timedelta(days=9 if broken else 1)
    return {
        "amount": _sum(case, "100.00"),
        "made_on": made_on,
        "due_on": TODAY + dt.timedelta(days=-2 if broken else 10),
    }


def _plan(kind: str, case: str, world: Mapping[str, Any]) -> dict[str, Any]:
    part = _sum(case, "100.00")
    days = (dt.date(2026, 7, 1), dt.date(2026, 8, 3), dt.date(2026, 9, 1))
    return {
        "total": part * len(days),
        "count": len(days),
        "first_on": days[0],
        "last_on": days[-1],
        "instalments": [
            {"number": number, "due_on": day, "amount": part}
            for number, day in enumerate(days, 1)
        ],
    }


def _payment(kind: str, case: str, world: Mapping[str, Any]) -> dict[str, Any]:
    usual = "20.50" if kind == "part_payment" else "120.50"
    return {
        "amount": _sum(case, usual),
        "received_on": TODAY - dt.timedelta(days=1),
    }


def _correction(kind: str, case: str, world: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sent_on": TODAY - dt.timedelta(days=3),
        "wrong": Decimal("184.20"),
        "right": _sum(case, "148.20") if kind == "correction" else Decimal("0.00"),
        "reason": "" if case == "one_invoice" else world["correction"]["reason"],
    }


def _visit(kind: str, case: str, world: Mapping[str, Any]) -> dict[str, Any]:
    zone = ZoneInfo(world["place"]["time_zone"])
    starts_at = dt.datetime(
        2026, 6, 18, 13 if kind == "appointment" else 18, tzinfo=zone
    )
    return {
        **world["visit"][kind],
        "starts_at": starts_at,
        "ends_at": starts_at + dt.timedelta(hours=2),
        "rebook_by": dt.date(2026, 6, 16),
    }


_ABOUT = {
    Subject.CHANGE: _change,
    Subject.PAPERLESS: _paperless,
    Subject.DETAILS: _details,
    Subject.PROMISE: _promise,
    Subject.PLAN: _plan,
    Subject.PAYMENT: _payment,
    Subject.CORRECTION: _correction,
    Subject.VISIT: _visit,
}
