"""What machines ask: /healthz, /readyz and /metrics."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from notices import health, heartbeats
from notices.models import ProviderLane
from tests.factories import NOW, make_notice


@pytest.fixture(autouse=True)
def plain(settings: Any) -> None:
    """Have no token, no proxy and no debugging, whatever the machine has."""
    settings.METRICS_TOKEN = ""
    settings.DEBUG = settings.BEHIND_PROXY = settings.HTTPS = False


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a Redis that answers."""
    monkeypatch.setattr(health, "broker_answers", lambda: True)


def test_a_process_that_lives_says_so_without_a_database() -> None:
    # The test may not touch the database, and neither does the probe.
    answer = Client().get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_a_probe_on_the_machine_is_not_sent_to_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert Client().get("/healthz").status_code == 200
    assert Client().get("/login/").status_code == 301


@pytest.mark.django_db
@pytest.mark.usefixtures("broker")
def test_a_house_with_all_it_needs_is_ready() -> None:
    answer = Client().get("/readyz")

    assert (answer.status_code, answer.content) == (200, b"ready\n")


@pytest.mark.django_db
def test_without_redis_it_is_not_ready_and_does_not_say_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "broker_answers", lambda: False)

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"not ready\n")


@pytest.mark.django_db
@pytest.mark.usefixtures("broker")
def test_with_a_migration_missing_it_is_not_ready() -> None:
    with connection.cursor() as cursor:
        # The newest of each room: nothing that was applied stands on them.
        cursor.execute(
            "DELETE FROM django_migrations WHERE id IN"
            " (SELECT max(id) FROM django_migrations GROUP BY app)"
        )

    assert Client().get("/readyz").status_code == 503


@pytest.mark.usefixtures("broker")
def test_without_its_database_it_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away(*_: object) -> None:
        raise OperationalError("connection refused by db.internal")

    monkeypatch.setattr("notices.views.probes.MigrationExecutor", away)

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"not ready\n")


def test_a_redis_that_is_not_there_does_not_answer(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert not health.broker_answers()


# Who may read the figures ----------------------------------------------------

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.mark.django_db
@pytest.mark.usefixtures("broker")
@pytest.mark.parametrize(
    ("token", "given", "from_", "status"),
    [
        ("", None, {}, 200),
        ("", None, ELSEWHERE, 404),
        ("", "Bearer ", ELSEWHERE, 404),
        ("secret", None, {}, 404),
        ("secret", "Bearer wrong", ELSEWHERE, 404),
        ("secret", "secret", ELSEWHERE, 404),
        ("secret", "Bearer secret", ELSEWHERE, 200),
        ("secret", "Bearer sécret", ELSEWHERE, 404),
    ],
)
def test_figures_are_for_the_token_or_for_this_machine(
    settings: Any, token: str, given: str | None, from_: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = token
    headers = {"Authorization": given} if given is not None else {}

    answer = Client().get("/metrics", headers=headers, **from_)

    assert answer.status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("setting", ["BEHIND_PROXY", "HTTPS"])
def test_behind_a_proxy_nobody_is_this_machine(settings: Any, setting: str) -> None:
    setattr(settings, setting, True)

    assert Client().get("/metrics", secure=True).status_code == 404


@pytest.mark.django_db
def test_a_proxy_that_names_itself_is_noticed() -> None:
    answer = Client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})

    assert answer.status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("broker")
def test_figures_tell_how_the_house_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    make_notice(state="unknown")
    make_notice(not_before=NOW.replace(minute=0, hour=9), lane=2)
    ProviderLane.objects.create(
        name="sandbox", refilled_at=NOW, failures=3, failing_since=NOW, per_second=2
    )
    heartbeats.note_ring(now=NOW.replace(hour=9))
    heartbeats.note_worker(
        name="celery@one", queues=["email"], hears_broker=True, now=NOW
    )

    text = Client().get("/metrics").content.decode()

    found = {
        (one.name, *sorted(one.labels.values())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }
    assert found["duly_notices_unknown",] == 1
    assert found["duly_outbound_stopped",] == 0
    assert found["duly_broker_up",] == 1
    assert found["duly_beat_seconds",] == 3600
    assert found["duly_oldest_due_seconds", "bulk", "email"] == 3600
    assert found["duly_worker_seen_seconds", "celery@one"] == 0
    assert found["duly_watch_level", "clock"] == 2
    assert found["duly_lane_open", "sandbox"] == 0
    assert found["duly_lane_stopped", "sandbox"] == 0
    assert found["duly_lane_failures", "sandbox"] == 3
    assert found["duly_lane_waiting", "sandbox"] == 1
    assert found["duly_lane_per_second", "sandbox"] == 2
