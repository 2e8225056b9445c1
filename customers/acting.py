"""Tells the database who is at work, for the entries its triggers write (AuditEntry).

Said anew before each statement that touches a watched table, inside its transaction:
a pooled connection never carries one person's name into another's work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest

WATCHED = (
    "customers_customer",
    "customers_contactpoint",
    "customers_postaladdress",
    "customers_legalhold",
    "consent_contactpolicy",
    "consent_suppression",
    "consent_rulepack",
    "consent_disclosure",
    "notices_brand",
    "notices_templateversion",
    "notices_answerlimits",
    "notices_survey",
    "notices_surveyquestion",
    "campaigns_cutover",
    "campaigns_accessreview",
)
_CHANGES = re.compile(
    rf"\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(?:{'|'.join(WATCHED)})\b", re.I
)
_SAY = "SELECT set_config('duly.actor', %s, true)"

_actor: ContextVar[str] = ContextVar("duly_actor", default="")


def who(request: HttpRequest) -> str:
    """Return by what name the person behind a request is noted."""
    return request.user.get_username()


@contextmanager
def acting_as(who: str) -> Iterator[None]:
    """Have what is changed within be known as ``who``'s work."""
    token = _actor.set(who[:150])
    try:
        with connection.execute_wrapper(_say_who):
            yield
    finally:
        _actor.reset(token)


def _say_who(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
) -> Any:
    if not isinstance(sql, str) or not _CHANGES.match(sql):
        return execute(sql, params, many, context)
    if connection.in_atomic_block:
        context["cursor"].cursor.execute(_SAY, [_actor.get()])
        return execute(sql, params, many, context)
    with transaction.atomic():
        context["cursor"].cursor.execute(_SAY, [_actor.get()])
        return execute(sql, params, many, context)
