"""Looking changes nothing, and who may only look changes nothing at all.

PostgreSQL itself counts what a transaction writes, table by table: a row written as it
was, or written and taken away again, is counted too. One scene serves all tests here;
each is rolled back to it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from notices.models import Announcement, Notice, Reply
from notices.states import State
from tests.browser import scene
from tests.factories import make_user
from tests.test_routes import FOR_SOME, POST_ONLY, address_of, own_routes
from tests.writes import rows_written

pytestmark = pytest.mark.django_db

# What a visit may write: the session, and the log of looking itself, which would be
# worth nothing if looking did not write it.
WRITTEN_BY_VISITS = {"django_session", "customers_accessentry"}
ANSWERS = {200, 286, 302, 404}


@pytest.fixture(scope="module", autouse=True)
def _scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Write the scene once, and take it away after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        scene.build()
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def examples(
    _scene: None, django_db_blocker: DjangoDbBlocker
) -> list[dict[str, object]]:
    """Return ids and references to try each address with: one message a state."""
    with django_db_blocker.unblock():
        return _examples()


def _examples() -> list[dict[str, object]]:
    found = []
    for state in State:
        notice = Notice.objects.filter(
            state=state, stream__campaign__isnull=False
        ).select_related("stream__campaign")[0]
        for pk in (notice.pk, notice.stream.campaign.pk):
            found.append({"pk": pk, "reference": notice.reference, "number": 1})
    others = [
        *Announcement.objects.values_list("pk", flat=True),
        *Reply.objects.values_list("pk", flat=True),
    ]
    return found + [{"pk": pk, "reference": "ABC", "number": 1} for pk in others]


def addresses(name: str, examples: list[dict[str, object]]) -> list[str]:
    """Return what an address becomes with the examples, each once."""
    return list(dict.fromkeys(address_of(name, **known) for known in examples))


def looked() -> dict[str, int]:
    """Return what was written so far, but for what a visit may write."""
    return rows_written(besides=WRITTEN_BY_VISITS)


def client_of(user: User) -> Client:
    """Return a browser in which somebody is logged in, which is noted with them."""
    client = Client()
    client.force_login(user)
    return client


def test_a_row_written_as_it_was_is_counted() -> None:
    before = looked()

    user = User.objects.get(username="ada")
    user.save()

    after = looked()
    assert {
        table: n - before[table] for table, n in after.items() if n != before[table]
    }
    assert after["auth_user"] == before["auth_user"] + 1


@pytest.mark.parametrize("name", sorted(set(own_routes()) - POST_ONLY))
def test_nothing_changes_when_a_page_is_only_looked_at(
    name: str, examples: list[dict[str, object]]
) -> None:
    client = client_of(User.objects.get(username="ada"))
    before = looked()

    for address in addresses(name, examples):
        for method in (client.get, client.head):
            assert method(address).status_code in ANSWERS

    assert looked() == before


@pytest.mark.parametrize("name", sorted(POST_ONLY - {"logout"}))
def test_who_may_only_look_changes_nothing(
    name: str, examples: list[dict[str, object]]
) -> None:
    client = client_of(make_user("vic"))
    before = looked()

    for address in addresses(name, examples):
        assert client.post(address).status_code == 403

    assert looked() == before


@pytest.mark.parametrize("name", sorted(set(own_routes()) - POST_ONLY - FOR_SOME))
def test_who_may_only_look_sees_no_buttons_but_all_facts(
    name: str, examples: list[dict[str, object]]
) -> None:
    client = client_of(make_user("vic"))

    page = client.get(address_of(name, **examples[0])).content.decode()

    # The log-out stands twice, for wide windows and for phones.
    assert page.count('method="post"') in {0, 2}
