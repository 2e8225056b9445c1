"""Every address is public by being listed, or needs a log-in; GET changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.urls import public, staff
from customers.models import Hold
from notices.intake.providers import HOOKS
from notices.models import Announcement, Notice, Reply
from notices.states import State
from tests.browser import scene
from tests.factories import PASSWORD, make_user

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
# What a visit may write: the session, when somebody logged in, and the log of looking
# itself, which would be worth nothing if looking did not write it.
WRITTEN_BY_VISITS = {"django_session", "auth_user", "customers_accessentry"}


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


def _own_routes() -> list[str]:
    return [one.name for one in staff if isinstance(one, URLPattern) and one.name]


def _address(name: str, **known: object) -> str:
    pattern = next(one for one in staff if getattr(one, "name", "") == name)
    wanted = pattern.pattern.converters
    known = {"language": "en", "reason": "LATE", "code": "US"} | known
    return reverse(name, kwargs={key: known.get(key, 1) for key in wanted})


@pytest.mark.django_db
@pytest.mark.parametrize("name", _own_routes())
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_a_stranger_is_sent_to_the_log_in(name: str, method: str) -> None:
    address = _address(name, pk=1, reference="ABC", number=1)

    answer = getattr(Client(), method)(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{reverse('login')}?next=")


@pytest.mark.django_db
def test_a_stranger_learns_nothing_from_an_address_that_is_not_there() -> None:
    answer = Client().get("/customers/1/secrets/")

    assert answer.status_code == 404
    assert b"Log out" not in answer.content


def fingerprint() -> dict[str, str]:
    """Return a hash of every table a visit may not touch."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if table in WRITTEN_BY_VISITS:
                continue
            cursor.execute(
                f"SELECT string_agg(line, chr(10)) FROM (SELECT t::text AS line "
                f'FROM "{table}" AS t ORDER BY 1) AS lines'
            )
            found[table] = hashlib.sha256(
                (cursor.fetchone()[0] or "").encode()
            ).hexdigest()
    return found


@pytest.mark.django_db
def test_nothing_changes_when_every_page_is_only_looked_at() -> None:
    scene.build()
    client = Client()
    assert client.login(username="ada", password=PASSWORD)
    before = fingerprint()

    for name in sorted(set(_own_routes()) - POST_ONLY):
        for known in _examples():
            for method in (client.get, client.head):
                assert method(_address(name, **known)).status_code in {
                    200,
                    286,
                    302,
                    404,
                }

    assert fingerprint() == before


def _examples() -> list[dict[str, object]]:
    """Return ids and references to try each address with: one message a state."""
    found = []
    for state in State:
        notice = Notice.objects.filter(
            state=state, stream__campaign__isnull=False
        ).select_related("stream__campaign")[0]
        found.append({"pk": notice.pk, "reference": notice.reference, "number": 1})
        found.append(
            {
                "pk": notice.stream.campaign.pk,
                "reference": notice.reference,
                "number": 1,
            }
        )
    others = [
        *Announcement.objects.values_list("pk", flat=True),
        *Reply.objects.values_list("pk", flat=True),
    ]
    return found + [{"pk": pk, "reference": "ABC", "number": 1} for pk in others]


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(POST_ONLY))
@pytest.mark.parametrize("method", ["get", "head"])
def test_what_changes_something_cannot_be_opened_as_a_page(
    name: str, method: str
) -> None:
    client = Client()
    client.force_login(make_user())

    answer = getattr(client, method)(_address(name, pk=1, reference="ABC"))

    assert answer.status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(POST_ONLY))
def test_a_change_without_the_csrf_token_is_refused_with_advice(name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())

    answer = client.post(_address(name, pk=1, reference="ABC"))

    assert answer.status_code == 403
    assert "Nothing was changed." in answer.content.decode()
    assert not Hold.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(FOR_SOME))
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_only_look_is_not_led_to_a_change(name: str, method: str) -> None:
    client = Client()
    client.force_login(make_user())

    assert getattr(client, method)(_address(name)).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(POST_ONLY - {"logout"}))
def test_who_may_only_look_changes_nothing(name: str) -> None:
    scene.build()
    client = Client()
    client.force_login(make_user("vic"))
    before = fingerprint()

    for known in _examples():
        assert client.post(_address(name, **known)).status_code == 403

    assert fingerprint() == before


@pytest.mark.django_db
def test_who_may_only_look_sees_no_buttons_but_all_facts() -> None:
    scene.build()
    client = Client()
    client.force_login(make_user("vic"))

    for name in sorted(set(_own_routes()) - POST_ONLY - FOR_SOME):
        page = client.get(_address(name, **_examples()[0])).content.decode()
        forms = page.count('method="post"')
        # The log-out stands twice, for wide windows and for phones.
        assert forms in {0, 2}, name


def test_the_public_block_is_as_short_as_it_says() -> None:
    names = [getattr(one, "name", "") for one in public]

    assert set(names) == {"paper", "login", "read"} | ANNOUNCED | PROBES | HOOKED | OWN
