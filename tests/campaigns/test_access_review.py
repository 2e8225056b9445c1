"""Once a quarter somebody looks at who may log in; that they did is kept."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, connection, transaction
from django.test import Client

from campaigns import access_review
from campaigns.access_review import READ, TAKEN
from campaigns.models import AccessReview
from campaigns.quarters import last_quarter
from customers.models import AccessEntry, AuditEntry
from tests.factories import NOW, TODAY, make_alice, make_user

pytestmark = pytest.mark.django_db

ADDRESS = "/access-review/"
RIGHT = "campaigns.add_accessreview"
QUARTER = last_quarter(TODAY)  # October to December 2025
IN_IT = dt.datetime(2025, 11, 5, 9, tzinfo=dt.UTC)


@pytest.fixture
def dora(noon: None) -> Client:
    """Return a browser in which Dora is logged in, who may confirm reviews."""
    client = Client()
    client.force_login(make_user("dora", may=[RIGHT, "customers.view_accessentry"]))
    User.objects.update(date_joined=IN_IT)
    return client


def shown(client: Client, address: str = ADDRESS) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def looked(who: str, what: str, at: dt.datetime = IN_IT) -> None:
    AccessEntry.objects.create(who=who, what=what, which="X", at=at)


def confirm(client: Client, quarter: str = "2025-10-01") -> str:
    answer = client.post(ADDRESS, {"quarter": quarter}, follow=True)
    return answer.content.decode()


def test_everything_the_log_knows_is_read_or_taken_or_asked_for() -> None:
    assert READ | TAKEN | {"export_asked"} == set(AccessEntry.What.values)
    assert not READ & TAKEN


def test_a_quarter_that_is_over_is_a_task_for_who_holds_the_right(
    dora: Client, viewer: Client
) -> None:
    task = "Look at who may log in: October to December 2025"
    assert task in shown(dora, "/")
    assert task not in shown(viewer, "/")

    confirm(dora)
    assert task not in shown(dora, "/")


def test_a_house_that_is_newer_than_the_quarter_has_nothing_to_look_at(
    dora: Client,
) -> None:
    User.objects.update(date_joined=NOW)
    assert access_review.due(TODAY) is None
    page = shown(dora)
    assert "Nobody could log in yet in that quarter" in page
    assert "I have looked" not in page


def test_the_page_lists_each_login_with_its_rights_and_what_it_did(
    dora: Client,
) -> None:
    agent = make_user("aron", may=["notices.make_calls"])
    agent.groups.add(Group.objects.get(name="Agents"))
    User.objects.filter(pk=agent.pk).update(last_login=IN_IT)
    looked("aron", "message")
    looked("aron", "bank")
    looked("aron", "answer_list")
    looked("aron", "message", IN_IT - dt.timedelta(days=60))
    looked("aron", "message", NOW)
    looked("old-name", "export")

    found = access_review.review(QUARTER, "Europe/London")

    by_name = {one.name: one for one in found.holders}
    aron = by_name["aron"]
    assert aron.groups == ("Agents",)
    assert "Can make calls and note what came of them" in aron.rights
    assert (aron.done.reads, aron.done.taken, aron.has_logged_in) == (2, 1, True)
    assert by_name["old-name"].user_id is None
    assert (found.reads, found.taken) == (2, 2)
    assert found.people == 2
    page = shown(dora)
    for words in ("aron", "Agents", "No login of this name", "What the groups may do"):
        assert words in page
    assert "who=aron&amp;since=2025-10-01&amp;until=2025-12-31" in page


def test_who_left_is_shown_only_for_what_they_did_and_is_no_login(
    dora: Client,
) -> None:
    for name in ("gone", "gone-quietly"):
        make_user(name)
    User.objects.filter(username__startswith="gone").update(is_active=False)
    looked("gone", "message")

    page = shown(dora)

    assert "May not log in any more" in page
    assert "gone-quietly" not in page
    assert access_review.review(QUARTER, "UTC").people == 1


def test_only_who_may_keep_logins_is_led_to_them(dora: Client) -> None:
    assert "/admin/auth/user/" not in shown(dora)

    admin = Client()
    admin.force_login(make_user("root", is_superuser=True))
    page = shown(admin)
    assert f"/auth/user/{User.objects.get(username='dora').pk}/change/" in page
    assert "Everything: an administrator" in page


def test_confirming_keeps_who_when_and_what_stood_there(dora: Client) -> None:
    looked("dora", "message")
    looked("dora", "export")
    make_user("idle")

    said = confirm(dora)

    (kept,) = AccessReview.objects.all()
    assert (kept.begins_on, kept.confirmed_by, kept.confirmed_at) == (
        dt.date(2025, 10, 1),
        "dora",
        NOW,
    )
    silent = User.objects.filter(last_login__isnull=True).count()
    assert (kept.people, kept.silent, kept.reads, kept.taken) == (2, silent, 1, 1)
    assert "The review of October to December 2025 is noted." in said
    assert "I have looked" not in said
    (entry,) = AuditEntry.objects.filter(what="campaigns_accessreview")
    assert (entry.who, entry.verb, entry.after["reads"]) == ("dora", "insert", 1)


def test_a_review_confirmed_twice_is_one(dora: Client) -> None:
    confirm(dora)
    make_user("later")
    assert "was noted already" in confirm(dora)
    assert AccessReview.objects.get().people == 1


@pytest.mark.parametrize("quarter", ["2026-01-01", "", "soon"])
def test_the_page_of_another_quarter_confirms_nothing(
    dora: Client, quarter: str
) -> None:
    assert "It is another quarter." in confirm(dora, quarter)
    assert not AccessReview.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_the_right_nobody_looks_or_confirms(
    viewer: Client, method: str
) -> None:
    asked = {"quarter": "2025-10-01"}
    assert getattr(viewer, method)(ADDRESS, asked).status_code == 403
    assert viewer.get("/access-review.csv").status_code == 403
    others = Client()
    rights = ["customers.view_accessentry", "customers.erase_person"]
    others.force_login(make_user("eve", may=rights))
    assert getattr(others, method)(ADDRESS, asked).status_code == 403
    assert not AccessReview.objects.exists()


def test_looking_confirms_nothing(dora: Client) -> None:
    make_alice()
    dora.get(f"{ADDRESS}?quarter=2025-10-01")
    dora.head(ADDRESS)
    assert not AccessReview.objects.exists()


def test_the_file_has_each_login_and_runs_no_formula(dora: Client) -> None:
    make_user("=cmd()")
    answer = dora.get("/access-review.csv")
    body = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]

    rows = {row["login"]: row for row in csv.DictReader(io.StringIO(body))}
    assert set(rows) == {"dora", "'=cmd()"}
    assert rows["'=cmd()"]["last log-in (UTC)"] == "never"
    assert AccessEntry.objects.get().which == "access review 2025-10-01"


def test_many_logins_cost_no_more_questions_than_one(
    dora: Client, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(5):
        make_user(may=["notices.make_calls"]).groups.add(
            Group.objects.get(name="Agents")
        )
    with django_assert_num_queries(8):
        access_review.review(QUARTER, "UTC")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE campaigns_accessreview SET reads = 0",
        "DELETE FROM campaigns_accessreview",
        "TRUNCATE campaigns_accessreview",
    ],
)
def test_the_database_refuses_to_rewrite_a_review(statement: str) -> None:
    access_review.confirm(quarter=QUARTER, by="dora", zone="UTC", now=NOW)
    with (
        pytest.raises(DatabaseError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
