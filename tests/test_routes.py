"""Every address is public by being listed, or needs a log-in.

That looking changes nothing is in tests/test_looking.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.urls import public, staff
from customers.models import Hold
from notices.intake.providers import HOOKS
from tests.factories import make_user

# The stock admin brings a log-in of its own, which shows nothing of ours.
ANNOUNCED = {
    "announcement-json",
    "announcement-rss",
    "announcement-banner",
    "announcement-page",
    "announcement-page-in",
}
# For machines: whether it lives, whether it is ready, and figures for a token.
PROBES = {"healthz", "readyz", "metrics"}
# Each proves its caller itself (tests/notices/intake/test_hooks.py).
HOOKED = {hook.name for hook in HOOKS}
# A customer's own pages: the token is the key (tests/pages).
OWN = {
    *("answer", "answer-kind", "answer-detail", "answer-receipt", "answer-scanned"),
    *("consent", "consent-scanned", "consent-receipt"),
    *("consent-receipt-pdf", "consent-receipt-json"),
    *("code", "preferences", "preferences-part", "confirm", "stop", "fresh-link"),
    *("bill-copy", "own-data", "own-copy"),
    "cut-off",
}
PUBLIC = {"login", "admin:login", "paper", "read"} | ANNOUNCED | PROBES | HOOKED | OWN
POST_ONLY = {
    "logout",
    "call-next",
    "call-take",
    "call-keep",
    "call-back",
    "call-outcome",
    "call-undo",
    "call-done",
    "customer-export",
    "customer-keep",
    "campaign-start",
    "campaign-law",
    "rule-approve",
    "rule-set-aside",
    "campaign-pause",
    "campaign-plan",
    "campaign-unplan",
    "campaign-resume",
    "health-lane",
    "hold-place",
    "hold-lift",
    "plan-handled",
    "notice-resolve",
    "notice-decide",
    "notice-read",
    "announcement-text-remove",
    "announcement-withdraw",
    "print-open",
    "print-close",
    "print-again",
    "print-file-again",
    "answer-done",
    "answer-plan",
    "reply-done",
    "reply-customer",
}
# Pages that lead to a change, which only those may open who may make it.
FOR_SOME = {
    "access-review",
    "consent-by-phone",
    "campaign-new",
    "cutover",
    "health-stop",
    "health-release",
    "health-adopt",
    "held-decide",
    "rules",
    "rules-new",
    "rule-pack",
    "rule-change",
    "customer-erase",
}


def _routes(
    patterns: list[Any], space: str = ""
) -> Iterator[tuple[str, URLPattern | URLResolver]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _routes(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name or pattern.pattern}", pattern


def test_only_listed_addresses_open_without_a_log_in() -> None:
    open_to_strangers = {
        name
        for name, pattern in _routes(get_resolver().url_patterns)
        if not getattr(pattern.callback, "login_required", True)
    }

    assert open_to_strangers == PUBLIC


def own_routes() -> list[str]:
    """Return the names of the addresses of staff."""
    return [one.name for one in staff if isinstance(one, URLPattern) and one.name]


def address_of(name: str, **known: object) -> str:
    """Return an address of staff; what it needs and ``known`` lacks is a 1."""
    pattern = next(one for one in staff if getattr(one, "name", "") == name)
    wanted = pattern.pattern.converters
    known = {"language": "en", "reason": "LATE", "code": "US"} | known
    return reverse(name, kwargs={key: known.get(key, 1) for key in wanted})


@pytest.mark.django_db
@pytest.mark.parametrize("name", own_routes())
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_a_stranger_is_sent_to_the_log_in(name: str, method: str) -> None:
    address = address_of(name, pk=1, reference="ABC", number=1)

    answer = getattr(Client(), method)(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{reverse('login')}?next=")


@pytest.mark.django_db
def test_a_stranger_learns_nothing_from_an_address_that_is_not_there() -> None:
    answer = Client().get("/customers/1/secrets/")

    assert answer.status_code == 404
    assert b"Log out" not in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(POST_ONLY))
@pytest.mark.parametrize("method", ["get", "head"])
def test_what_changes_something_cannot_be_opened_as_a_page(
    name: str, method: str
) -> None:
    client = Client()
    client.force_login(make_user())

    answer = getattr(client, method)(address_of(name, pk=1, reference="ABC"))

    assert answer.status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(POST_ONLY))
def test_a_change_without_the_csrf_token_is_refused_with_advice(name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())

    answer = client.post(address_of(name, pk=1, reference="ABC"))

    assert answer.status_code == 403
    assert "Nothing was changed." in answer.content.decode()
    assert not Hold.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(FOR_SOME))
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_only_look_is_not_led_to_a_change(name: str, method: str) -> None:
    client = Client()
    client.force_login(make_user())

    assert getattr(client, method)(address_of(name)).status_code == 403


def test_the_public_block_is_as_short_as_it_says() -> None:
    names = [getattr(one, "name", "") for one in public]

    assert set(names) == {"paper", "login", "read"} | ANNOUNCED | PROBES | HOOKED | OWN
